//! Data for programs: rendered artefacts and discovery records.

use serde_json::Value;

use crate::common::{Home, repository};

fn template(kind: &str) -> Value {
    let env = repository(&format!("tests/configs/valid/{kind}.env"));
    let ended = Home::new().simulate("default", &["render", "launch-template", "--env-file", &env]).exits(0);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{ended}"))
}

/// `LaunchTemplateData`, whether it is printed alone or inside the request.
fn data(template: &Value) -> &Value {
    template.get("LaunchTemplateData").unwrap_or(template)
}

#[test]
fn the_template_of_p5en_is_what_the_product_promises() {
    let template = template("p5en");
    let data = data(&template);
    let interfaces = data["NetworkInterfaces"].as_array().unwrap();
    assert_eq!(interfaces.len(), 16);
    for (card, interface) in interfaces.iter().enumerate() {
        assert_eq!(interface["NetworkCardIndex"], card);
        assert_eq!(interface["DeviceIndex"], i32::from(card > 0), "card {card}");
        assert_eq!(interface["InterfaceType"], if card == 0 { "efa" } else { "efa-only" }, "card {card}");
        assert_eq!(interface.get("SubnetId"), None);
        assert_eq!(interface.get("AssociatePublicIpAddress"), None);
    }
    assert_eq!(data["MetadataOptions"]["HttpTokens"], "required");
    assert_eq!(data["MetadataOptions"]["HttpPutResponseHopLimit"], 1);
    let root = &data["BlockDeviceMappings"][0];
    assert_eq!(root["DeviceName"], "/dev/xvda");
    assert_eq!((&root["Ebs"]["VolumeType"], &root["Ebs"]["Encrypted"]), (&"gp3".into(), &true.into()));
    for (member, value) in [("VolumeSize", 200), ("Iops", 16_000), ("Throughput", 1_000)] {
        assert_eq!(root["Ebs"][member], value, "{member}");
    }
}

#[test]
fn p5_and_p5e_have_32_interfaces() {
    for kind in ["p5", "p5e"] {
        let template = template(kind);
        assert_eq!(data(&template)["NetworkInterfaces"].as_array().unwrap().len(), 32, "{kind}");
    }
}

#[test]
fn discovery_is_one_record_a_resource_in_a_stable_order() {
    let home = Home::new();
    let look = || home.simulate("default", &["discover", "--output", "json"]).exits(0).records();
    let names = |records: &[Value]| -> Vec<String> {
        records.iter().map(|record| format!("{} {}", record["kind"], record["name"])).collect()
    };
    let first = names(&look());
    assert!(first.iter().any(|name| name.contains("subnet-0a41f7c92be60d835")), "{first:?}");
    assert_eq!(first, names(&look()));
}

#[test]
fn data_goes_to_stdout_and_talk_to_stderr() {
    let ended = Home::new().simulate("default", &["discover", "--output", "json"]).exits(0);
    assert!(!ended.records().is_empty());
    assert!(ended.stderr.contains("SIMULATED") && !ended.stdout.contains("SIMULATED"), "{ended}");
}
