//! Each setting as it stands: what is written, where, and what it comes to.

use serde::Serialize;

use super::draft::{Draft, Entry, Layer};
use super::field::{DefaultValue, FieldDef, Kind, parse_flag};
use super::{check, phrase, registry};

/// One setting for `config show`. Holds no secret: a value that looks like one was withheld when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The variable.
    pub variable: &'static str,
    /// Heading of its section.
    pub section: &'static str,
    /// The value as it is written, before `${NAME}` is replaced.
    pub value: String,
    /// Where that stands: `default`, `.env:31`, `env`, `flag` or `you`.
    pub source: String,
    /// The value after `${NAME}` is replaced.
    pub effective: String,
    /// What that means, in words; empty when the value says it itself.
    pub meaning: String,
    /// Whether it counts, and if not, when it would.
    pub counts: bool,
    /// The condition under which it counts; `None` when it always does.
    pub counts_when: Option<String>,
    /// Weaker layers that also set it, the strongest first.
    pub overridden: Vec<Overridden>,
}

/// A value that another layer hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overridden {
    /// Where it stands.
    pub source: String,
    /// The value as it is written there.
    pub value: String,
}

/// Every setting in the order of the registry.
pub fn settings(draft: &Draft) -> Vec<Setting> {
    registry().iter().map(|def| setting(def, draft)).collect()
}

fn setting(def: &'static FieldDef, draft: &Draft) -> Setting {
    let entries = draft.entries(def.name);
    let (counting, hidden) = entries.split_last().map_or((None, [].as_slice()), |(last, rest)| (Some(last), rest));
    let effective = draft.effective(def.name);
    Setting {
        variable: def.name,
        section: def.section.title(),
        value: draft.get(def.name),
        source: counting.map_or_else(|| "default".to_owned(), Entry::source),
        meaning: meaning(def, draft, &effective),
        effective,
        counts: def.is_visible(draft),
        counts_when: def.counts_when(),
        overridden: hidden
            .iter()
            .rev()
            .map(|entry| Overridden { source: entry.source(), value: entry.text.clone() })
            .collect(),
    }
}

impl Entry {
    /// Where the value stands: `default`, `.env:31`, `env`, `flag` or `you`.
    pub fn source(&self) -> String {
        match (&self.layer, self.line) {
            (Layer::Default, _) => "default".to_owned(),
            (Layer::File { path }, Some(line)) => format!("{}:{line}", path.display()),
            (Layer::File { path }, None) => path.display().to_string(),
            (Layer::Environment, _) => "env".to_owned(),
            (Layer::Flag, _) => "flag".to_owned(),
            (Layer::Wizard, _) => "you".to_owned(),
        }
    }
}

fn meaning(def: &FieldDef, draft: &Draft, text: &str) -> String {
    if text.is_empty() {
        return unset(def);
    }
    if let Some(fault) = check::fault(def, text) {
        return format!("not valid ({})", fault.check);
    }
    let minimum = ["NVIDIA_DRIVER_VERSION", "EFA_DRIVER_VERSION"].contains(&def.name)
        && draft.effective("GPU_DRIVER_MODE") != "install";
    match &def.kind {
        Kind::Flag => if parse_flag(text) == Some(true) { "on" } else { "off" }.to_owned(),
        Kind::Integer { unit, word, .. } if *word != Some(text) => {
            text.parse().map_or_else(|_| String::new(), |value| format!("{} {unit}", phrase::number(value)))
        }
        Kind::Version(words) if minimum && words.contains(&text) => "what the AMI release carries".to_owned(),
        Kind::Version(_) if minimum => format!("at least {text}, from the AMI"),
        Kind::ArnList => match check::arns(text).count() {
            1 => "1 bucket".to_owned(),
            many => format!("{many} buckets"),
        },
        _ => String::new(),
    }
}

fn unset(def: &FieldDef) -> String {
    match (def.mandatory, def.default) {
        (true, _) => "missing (CFG-004)".to_owned(),
        (false, DefaultValue::Follows(name)) => format!("not set, as {name} is not"),
        (false, _) => "not set".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::find;

    fn file(line: u32) -> (Layer, Option<u32>) {
        (Layer::File { path: PathBuf::from(".env") }, Some(line))
    }

    fn drafted(of: &[(&str, &str, u32)]) -> Draft {
        let mut draft = Draft::default();
        for (name, text, line) in of {
            let (layer, line) = file(*line);
            draft.set_at(name, text, layer, line);
        }
        draft
    }

    fn of(draft: &Draft, name: &str) -> Setting {
        setting(find(name).unwrap(), draft)
    }

    #[test]
    fn value_source_and_meaning_stand_together() {
        let mut draft = drafted(&[
            ("PRIVATE_SUBNET_B", "subnet-12345678", 3),
            ("GPU_SUBNET", "${PRIVATE_SUBNET_B}", 9),
            ("IO2_IOPS", "20000", 11),
        ]);
        draft.set("IO2_IOPS", "30000", Layer::Flag);
        let subnet = of(&draft, "GPU_SUBNET");
        assert_eq!((subnet.value.as_str(), subnet.source.as_str()), ("${PRIVATE_SUBNET_B}", ".env:9"));
        assert_eq!((subnet.effective.as_str(), subnet.counts), ("subnet-12345678", false));
        let iops = of(&draft, "IO2_IOPS");
        assert_eq!((iops.source.as_str(), iops.meaning.as_str()), ("flag", "30,000 IOPS"));
        assert_eq!(iops.overridden, [Overridden { source: ".env:11".into(), value: "20000".into() }]);
    }

    #[test]
    fn words_and_faults_have_a_meaning() {
        let draft = drafted(&[
            ("INSTALL_EFS_CSI", "yes", 1),
            ("INSTALL_FSX_CSI", "ture", 2),
            ("NVIDIA_DRIVER_VERSION", "550.127.05", 3),
            ("S3_BUCKET_ARNS", "arn:aws:s3:::data-a,arn:aws:s3:::data-b", 4),
        ]);
        let got = |name| of(&draft, name).meaning;
        assert_eq!(got("INSTALL_EFS_CSI"), "on");
        assert_eq!(got("INSTALL_FSX_CSI"), "not valid (CFG-001)");
        assert_eq!(got("NVIDIA_DRIVER_VERSION"), "at least 550.127.05, from the AMI");
        assert_eq!(got("EFA_DRIVER_VERSION"), "what the AMI release carries");
        assert_eq!(got("S3_BUCKET_ARNS"), "2 buckets");
        assert_eq!(got("CLUSTER_NAME"), "missing (CFG-004)");
        assert_eq!(got("GPU_SUBNET_A"), "not set, as PRIVATE_SUBNET_A is not");
        assert_eq!(got("GPU_NUM_ENIS"), "");
    }

    #[test]
    fn secrets_are_withheld() {
        let draft = drafted(&[("CLUSTER_NAME", "AKIAIOSFODNN7EXAMPLE", 1)]);
        assert!(!serde_json::to_string(&settings(&draft)).unwrap().contains("AKIA"));
    }
}
