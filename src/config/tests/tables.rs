//! `tests/configs`: every valid file loads, every invalid one says exactly what its `.expected` holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{Capacity, EnvFile, LoadOptions, Loaded, Placement, Spec, VersionRule, example, load, registry};
use crate::domain::eni::EniLayout;
use crate::domain::ids::ResourceId;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(name)
}

fn files(of: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder(of))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "env"))
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Loaded {
    load(LoadOptions { env_file: Some(path.to_owned()), named: true, ..LoadOptions::default() }).unwrap()
}

fn valid(name: &str) -> Spec {
    let (spec, issues) = read(&folder("valid").join(name)).spec().unwrap_or_else(|issues| panic!("{issues:?}"));
    assert!(issues.is_empty(), "{name}: {issues:?}");
    spec
}

/// All issues, one a line, with the bare file name in place of the path.
fn told(path: &Path) -> String {
    let loaded = read(path);
    let issues = match loaded.spec() {
        Ok((_, issues)) | Err(issues) => issues,
    };
    let bare = format!("{}/", path.parent().unwrap().display());
    let line = |issue: &crate::config::Issue| {
        let severity = if issue.is_error() { "error" } else { "warning" };
        format!("{severity}  {}\n", issue.to_string().replace(&bare, ""))
    };
    issues.iter().map(line).collect()
}

#[test]
fn each_valid_file_loads_without_a_word() {
    assert!(files("valid").len() >= 9);
    for path in files("valid") {
        assert!(read(&path).spec().is_ok(), "{}: {}", path.display(), told(&path));
        assert_eq!(told(&path), "", "{}", path.display());
    }
}

#[test]
fn each_invalid_file_says_what_is_expected_of_it() {
    let write = std::env::var_os("EKS_WIZARD_WRITE_EXPECTED").is_some();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for path in files("invalid") {
        assert!(read(&path).spec().is_err(), "{} is accepted", path.display());
        let got = told(&path);
        let beside = path.with_extension("expected");
        if write {
            fs::write(&beside, &got).unwrap();
        }
        let want = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(got, want, "{}", path.display());
        for line in got.lines() {
            *seen.entry(line.split_whitespace().nth(1).unwrap().to_owned()).or_default() += 1;
        }
    }
    let rules: Vec<String> = (1..=10).map(|number| format!("CFG-{number:03}")).collect();
    assert_eq!(seen.keys().cloned().collect::<Vec<_>>(), rules, "every rule has a file");
}

#[test]
fn messages_name_the_file_and_are_sentences() {
    for path in files("invalid") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        for line in told(&path).lines() {
            assert!(line.ends_with('.'), "{line}");
            assert!(line.contains(&name) || line.contains("by default"), "{name}: {line}");
            assert!(!line.contains("AKIA") && !line.contains("ghp_"), "{name} leaks");
        }
    }
}

#[test]
fn p5en_means_two_nodes_with_automatic_subnet_and_interfaces() {
    let spec = valid("p5en.env");
    let group = &spec.gpu[0];
    assert_eq!((spec.cluster.as_str(), group.instance_type.as_str()), ("orbit-train", "p5en.48xlarge"));
    assert_eq!((group.sizes.min, group.sizes.desired, group.sizes.max), (0, 2, 2));
    assert_eq!((group.enis.count, group.enis.layout), (None, EniLayout::PrimaryEfa));
    assert_eq!((group.volumes.root_gib, group.volumes.data_gib, group.imds_hop_limit), (200, 0, 1));
    assert_eq!((&group.capacity, &group.placement), (&Capacity::OnDemand, &Placement::Auto));
    let letters: String = group.subnets.candidates.iter().map(|of| of.letter).collect();
    assert_eq!((letters.as_str(), &group.subnets.chosen), ("ABC", &None));
    assert_eq!(group.subnets.candidates[0].variable, "GPU_SUBNET_A");
    assert!(spec.not_yet().is_empty());
}

#[test]
fn a_capacity_block_carries_its_id_and_subnet() {
    let spec = valid("reservation.env");
    let group = &spec.gpu[0];
    assert_eq!(group.capacity, Capacity::CapacityBlock { id: ResourceId::new("cr-0123456789abcdef0") });
    assert_eq!(group.subnets.chosen, Some(ResourceId::new("subnet-0c7d41e80f6b29a53")));
    assert_eq!(group.enis.count, Some(32));
}

#[test]
fn the_originals_file_keeps_its_meaning() {
    let spec = valid("original.env");
    assert!(spec.gpu.is_empty(), "GPU settings count only with INSTALL_GPU_NODEGROUP");
    let mut loaded = read(&folder("valid").join("original.env"));
    loaded.draft.set("INSTALL_GPU_NODEGROUP", "true", crate::config::Layer::Flag);
    let (spec, _) = loaded.spec().unwrap();
    let group = &spec.gpu[0];
    assert_eq!(group.drivers.nvidia, VersionRule::Exactly("550.127.05".into()));
    assert_eq!((&group.drivers.efa, group.enis.count), (&VersionRule::Latest, Some(16)));
    assert_eq!((group.volumes.data_gib, group.subnets.candidates.len()), (1000, 3));
}

#[test]
fn everything_on_is_valid_and_says_what_is_not_there_yet() {
    let spec = valid("everything-on.env");
    let names: Vec<&str> = spec.not_yet().into_iter().map(|(name, _)| name).collect();
    let want = [
        "INSTALL_KARPENTER",
        "INSTALL_EFS_CSI",
        "INSTALL_FSX_CSI",
        "INSTALL_S3_CSI",
        "INSTALL_DCGM_EXPORTER",
        "INSTALL_NODE_MONITORING_AGENT",
        "GPU_PROVISIONER",
        "GPU_DRIVER_MODE",
    ];
    assert_eq!(names, want);
    assert_eq!(spec.components.io2, Some(256_000));
}

#[test]
fn quoting_is_dotenvys() {
    let spec = valid("quoting.env");
    assert_eq!((spec.cluster.as_str(), spec.region.unwrap().as_str()), ("orbit-train", "us-east-2"));
    assert_eq!(spec.components.s3_buckets.len(), 2);
    assert_eq!(spec.components.system_nodegroup, "eks-utils");
    assert_eq!(spec.suppressions[0].reason, "one node's a test");
}

#[test]
fn a_spec_survives_its_recorded_form() {
    for path in files("valid") {
        let (spec, _) = read(&path).spec().unwrap();
        let recorded = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<Spec>(&recorded).unwrap(), spec);
    }
    assert!(serde_json::from_str::<crate::config::NamedSubnet>(r#"{"letter":"A","variable":"X","id":"s"}"#).is_err());
}

#[test]
fn the_committed_example_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".env.example");
    if std::env::var_os("EKS_WIZARD_WRITE_EXPECTED").is_some() {
        fs::write(&path, example()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), example());
    assert!(example().lines().all(|line| line.chars().count() <= 110));
    assert_eq!(told(&path), "");
    for def in registry() {
        assert_eq!(
            example()
                .lines()
                .filter(|line| line.trim_start_matches('#').starts_with(&format!("{}=", def.name)))
                .count(),
            1,
            "{}",
            def.name
        );
    }
}

#[test]
fn each_example_line_works_when_it_is_uncommented() {
    let text = example();
    for def in registry().iter().filter(|def| !def.mandatory) {
        let on = text.replace(&format!("#{}=", def.name), &format!("{}=", def.name));
        let (file, issues) = EnvFile::parse(Path::new("x"), &on);
        assert!(issues.is_empty() && file.get(def.name).is_some(), "{}: {issues:?}", def.name);
        let value = file.get(def.name).unwrap();
        assert!(value.starts_with("${") || crate::config::check_field(def, value).is_none(), "{} = {value}", def.name);
    }
}

#[test]
fn editing_the_example_uncomments_beside_the_comment() {
    let (mut file, _) = EnvFile::parse(Path::new("x"), &example());
    file.set("IO2_IOPS", "20000").unwrap();
    let text = file.to_string();
    assert!(text.contains("#IO2_IOPS=10000\nIO2_IOPS=20000\n"), "{text}");
}

#[test]
fn a_new_setting_joins_its_section_or_opens_one() {
    let (mut file, _) = EnvFile::parse(Path::new("x"), "CLUSTER_NAME=a # mine\nMY=1");
    file.set("AWS_REGION", "us-east-2").unwrap();
    file.set("GPU_SUBNET", "${PRIVATE_SUBNET_C}").unwrap();
    let text = file.to_string();
    assert!(text.starts_with("CLUSTER_NAME=a # mine\nAWS_REGION=us-east-2\nMY=1\n\n# --- GPU network ---"), "{text}");
    assert!(text.ends_with("-\nGPU_SUBNET=${PRIVATE_SUBNET_C}\n"), "{text}");
    assert!(file.set("AWS_REGION", "AKIAIOSFODNN7EXAMPLE").is_err());
    assert!(file.set("A B", "x").is_err());
}

#[test]
fn the_line_that_counts_is_the_one_edited() {
    let (mut file, _) = EnvFile::parse(Path::new("x"), "GPU_MAX_SIZE=1\r\n export GPU_MAX_SIZE = '2'  # last\r\n");
    file.set("GPU_MAX_SIZE", "7").unwrap();
    assert_eq!(file.to_string(), "GPU_MAX_SIZE=1\r\n export GPU_MAX_SIZE = 7  # last\r\n");
    file.unset("GPU_MAX_SIZE");
    assert_eq!(file.to_string(), "");
}
