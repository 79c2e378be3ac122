use super::*;
use crate::components::desired::{NodegroupLaunch, Val};
use crate::domain::ids::ResourceId;

fn desired() -> Nodegroup {
    Nodegroup {
        name: "gpu-compute".to_owned(),
        subnet: ResourceId::from("subnet-1"),
        node_role: Val::known("arn:role"),
        launch: NodegroupLaunch {
            template: Val::known("lt-1"),
            template_version: Val::known("1"),
            instance_types: vec!["p5en.48xlarge".to_owned()],
            ami_type: "AL2023_x86_64_NVIDIA".to_owned(),
            release: None,
            capacity_type: "ON_DEMAND".to_owned(),
        },
        sizes: (0, 2, 10),
        labels: BTreeMap::from([("nvidia.com/gpu".to_owned(), "true".to_owned())]),
        taints: vec![("nvidia.com/gpu".to_owned(), "true".to_owned(), "NO_SCHEDULE".to_owned())],
        update_strategy: "MINIMAL".to_owned(),
        repair: false,
    }
}

fn live() -> types::Nodegroup {
    let taint = types::Taint::builder().key("nvidia.com/gpu").value("true").effect(types::TaintEffect::NoSchedule);
    let update =
        types::NodegroupUpdateConfig::builder().update_strategy(types::NodegroupUpdateStrategies::Minimal).build();
    types::Nodegroup::builder()
        .nodegroup_name("gpu-compute")
        .status(types::NodegroupStatus::Active)
        .subnets("subnet-1")
        .instance_types("p5en.48xlarge")
        .ami_type(types::AmiTypes::from("AL2023_x86_64_NVIDIA"))
        .node_role("arn:role")
        .launch_template(types::LaunchTemplateSpecification::builder().id("lt-1").version("1").build())
        .scaling_config(types::NodegroupScalingConfig::builder().min_size(0).desired_size(2).max_size(10).build())
        .labels("nvidia.com/gpu", "true")
        .taints(taint.build())
        .update_config(update)
        .build()
}

fn wanted(group: &Nodegroup) -> Wanted<'_> {
    Wanted { group, role: Some("arn:role".into()), template: Some("lt-1".into()), version: "1".into() }
}

fn paths(live: &types::Nodegroup, want: &Nodegroup) -> Vec<String> {
    match compare(live, &wanted(want)) {
        Presence::Differs { changes } => changes.into_iter().map(|change| change.path).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn an_equal_group_is_the_same() {
    assert_eq!(compare(&live(), &wanted(&desired())), Presence::Same);
    assert_eq!(notes(&live(), &desired()), Vec::<String>::new());
}

#[test]
fn what_eks_cannot_change_is_incompatible_and_names_the_variable() {
    let mut other = desired();
    other.launch.instance_types = vec!["p5.48xlarge".to_owned()];
    let Presence::Incompatible { why } = compare(&live(), &wanted(&other)) else { panic!("compatible") };
    assert!(why.contains("has instance type p5en.48xlarge, not p5.48xlarge"), "{why}");
    assert!(why.contains("GPU_NODE_GROUP_NAME"), "{why}");
    let mut moved = desired();
    moved.subnet = ResourceId::from("subnet-2");
    assert!(matches!(compare(&live(), &wanted(&moved)), Presence::Incompatible { why } if why.contains("subnet")));
}

#[test]
fn a_capacity_block_names_its_type_in_the_template() {
    let mut block = desired();
    block.launch.instance_types = Vec::new();
    assert_eq!(compare(&live(), &wanted(&block)), Presence::Same);
}

#[test]
fn what_eks_can_change_differs_by_path() {
    let mut other = desired();
    other.sizes = (1, 2, 12);
    other.labels.insert("team".to_owned(), "a".to_owned());
    other.repair = true;
    let want = ["scalingConfig.minSize", "scalingConfig.maxSize", "nodeRepairConfig.enabled", "labels.team"];
    assert_eq!(paths(&live(), &other), want);
}

#[test]
fn a_new_template_version_differs_even_before_it_is_known() {
    let group = desired();
    let pending = Wanted { version: "(known after gpu.gpu-compute.launch-template.version)".into(), ..wanted(&group) };
    let Presence::Differs { changes } = compare(&live(), &pending) else { panic!("no difference") };
    assert_eq!((changes[0].path.as_str(), changes[0].have.as_deref()), ("launchTemplate.version", Some("1")));
}

#[test]
fn a_taint_too_many_counts() {
    let mut bare = desired();
    bare.taints.clear();
    assert_eq!(paths(&live(), &bare), ["taints.nvidia.com/gpu:NO_SCHEDULE"]);
}

#[test]
fn a_drifted_desired_size_is_a_note_only() {
    let mut other = desired();
    other.sizes = (0, 4, 10);
    assert_eq!(compare(&live(), &wanted(&other)), Presence::Same);
    assert_eq!(notes(&live(), &other), ["Desired size is 2, not 4: it is set at creation only and stays."]);
}

#[test]
fn a_failed_group_tells_the_issues_of_eks() {
    let issue = types::Issue::builder()
        .code(types::NodegroupIssueCode::AsgInstanceLaunchFailures)
        .message("InsufficientInstanceCapacity")
        .build();
    let mut group = live();
    group.health = Some(types::NodegroupHealth::builder().issues(issue).build());
    group.status = Some(types::NodegroupStatus::CreateFailed);
    let why = "Node group gpu-compute is CREATE_FAILED: AsgInstanceLaunchFailures: InsufficientInstanceCapacity";
    assert_eq!(settled(&group), Settled::Failed { why: why.to_owned() });
    group.status = Some(types::NodegroupStatus::Creating);
    assert!(matches!(settled(&group), Settled::Waiting { what } if what.contains("AsgInstanceLaunchFailures")));
}
