//! Draft to Spec: every setting that counts is read once, judged once, and every fault is told.

use std::fmt::Write as _;

use super::check;
use super::combine;
use super::draft::{Draft, Layer};
use super::field::{DefaultValue, FieldDef, parse_flag};
use super::gpu::GpuGroup;
use super::issue::Issue;
use super::secret::WITHHELD;
use super::spec::{
    ComponentChoices, FsxDelivery, KarpenterChoice, Monitoring, NamedSubnet, Owner, Sealed, Spec, Taint, VersionRule,
};
use super::{form, phrase, registry};
use crate::domain::ids::{Arn, ClusterName, Region, ResourceId};

/// Validates a draft: the Spec with its warnings, or every issue when one of them is an error.
///
/// # Errors
/// All issues, when at least one stops.
pub fn validate(draft: &Draft) -> Result<(Spec, Vec<Issue>), Vec<Issue>> {
    let mut reader = Reader { draft, issues: Vec::new() };
    reader.judge_all();
    let spec = Spec {
        cluster: ClusterName::new(reader.text("CLUSTER_NAME")),
        region: reader.value("AWS_REGION").map(Region::from),
        private_subnets: reader.subnets(["PRIVATE_SUBNET_A", "PRIVATE_SUBNET_B", "PRIVATE_SUBNET_C"]),
        components: reader.components(),
        gpu: if reader.flag("INSTALL_GPU_NODEGROUP") { vec![GpuGroup::read(&reader)] } else { Vec::new() },
        suppressions: check::suppressions(&reader.text("SUPPRESS_CHECKS")).unwrap_or_default(),
        _only_config_builds_this: Sealed,
    };
    combine::judge(&spec, draft, &mut reader.issues);
    let issues = reader.issues;
    if issues.iter().any(Issue::is_error) { Err(issues) } else { Ok((spec, issues)) }
}

/// Judges the value of one field while it is typed: an empty one is judged as unset.
pub fn check_field(def: &FieldDef, text: &str) -> Option<Issue> {
    if text.is_empty() {
        let message = format!("{} is not set. It takes {}.", def.name, def.kind.expects());
        return def.mandatory.then(|| Issue::error("CFG-004", message).about(def.name));
    }
    let fault = check::fault(def, text)?;
    Some(fault_issue(def, fault, &format!("{} is {}", def.name, phrase::quoted(text))))
}

fn fault_issue(def: &FieldDef, fault: check::Fault, subject: &str) -> Issue {
    let why = fault.why.map_or(String::new(), |why| format!("; {why}"));
    let message = format!("{subject}{why}. It takes {}.", def.kind.expects());
    let suggestion = fault.suggestion.filter(|value| !value.is_empty());
    Issue::error(fault.check, message).about(def.name).suggest(suggestion)
}

/// `NAME in .env, line 3,` or `NAME on the command line`: the subject of a message about a value.
pub(super) fn subject(draft: &Draft, name: &str) -> String {
    match (draft.provenance(name), draft.entry(name).and_then(|entry| entry.line)) {
        (Layer::File { path }, Some(line)) => format!("{name} in {}, line {line},", path.display()),
        (Layer::File { path }, None) => format!("{name} in {}", path.display()),
        (Layer::Environment, _) => format!("{name} in the environment"),
        (Layer::Flag, _) => format!("{name} on the command line"),
        (Layer::Wizard, _) => format!("{name} as entered"),
        (Layer::Default, _) => format!("{name} by default"),
    }
}

/// Reads typed values out of a draft. After [`Reader::judge_all`] a value is valid or absent.
pub(super) struct Reader<'a> {
    draft: &'a Draft,
    issues: Vec<Issue>,
}

impl Reader<'_> {
    fn judge_all(&mut self) {
        for def in registry() {
            if def.is_visible(self.draft) {
                self.judge(def);
            }
        }
    }

    fn judge(&mut self, def: &'static FieldDef) {
        let draft = self.draft;
        let place = draft.place(def.name);
        let subject = subject(draft, def.name);
        let of = draft.expanded(def.name);
        let entry = draft.entry(def.name);
        if entry.is_some_and(|entry| entry.text == WITHHELD && !matches!(entry.layer, Layer::File { .. })) {
            let message = format!("{subject} looks like a secret. Its value is not read.");
            self.issues.push(Issue::warning("CFG-008", message).about(def.name));
        }
        if of.cycle.is_some() {
            let message =
                format!("{subject} refers to itself, directly or through others. It takes {}.", def.kind.expects());
            self.issues.push(Issue::error("CFG-007", message).about(def.name).at(place));
            return;
        }
        if entry.is_some() {
            for other in &of.missing {
                let message = format!("{subject} refers to {other}, which neither the file nor the environment sets.");
                self.issues.push(Issue::warning("CFG-005", message).about(def.name).at(place.clone()));
            }
        }
        let inherited = entry.is_none() && matches!(def.default, DefaultValue::Follows(_));
        if of.text.is_empty() {
            if def.mandatory {
                self.issues.push(missing(draft, def));
            }
        } else if !inherited && let Some(fault) = check::fault(def, &of.text) {
            let mut shown = format!("{subject} is {}", phrase::quoted(&of.text));
            let typed = draft.get(def.name);
            if typed != of.text {
                let _ = write!(shown, ", written {}", phrase::quoted(&typed));
            }
            self.issues.push(fault_issue(def, fault, &shown).at(place));
        }
    }

    /// The value of a setting that counts and is valid.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let def = registry::find(name).filter(|def| def.is_visible(self.draft))?;
        let text = self.draft.effective(name);
        (!text.is_empty() && check::fault(def, &text).is_none()).then_some(text)
    }

    /// The value, or nothing.
    pub(super) fn text(&self, name: &str) -> String {
        self.value(name).unwrap_or_default()
    }

    /// A boolean; off when it is invalid, which is an issue by then.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(|text| parse_flag(&text)).unwrap_or(false)
    }

    /// A whole number; `None` for a word such as `auto`.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.value(name)?.parse().ok()
    }

    /// A version, or the word that lets the program choose.
    pub(super) fn version(&self, name: &str) -> VersionRule {
        match self.text(name).as_str() {
            "" | "auto" | "ami" => VersionRule::Auto,
            "latest" => VersionRule::Latest,
            version => VersionRule::Exactly(version.trim_start_matches('v').to_owned()),
        }
    }

    /// The subnets that are set, by the last letter of their variables.
    pub(super) fn subnets(&self, names: [&'static str; 3]) -> Vec<NamedSubnet> {
        let subnet = |name: &'static str| {
            let id = ResourceId::new(self.value(name)?);
            Some(NamedSubnet { letter: name.chars().next_back()?, variable: name, id })
        };
        names.into_iter().filter_map(subnet).collect()
    }

    fn owner(&self, name: &str) -> Owner {
        match self.text(name).as_str() {
            "adopt" => Owner::Adopt,
            "skip" => Owner::Skip,
            _ => Owner::Auto,
        }
    }

    fn components(&self) -> ComponentChoices {
        let taint = self.text("KARPENTER_NODEPOOL_TAINT");
        let (key, value, effect) = form::split_taint(&taint).unwrap_or_default();
        let taint = Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() };
        let manifest = self.text("FSX_CSI_DELIVERY") == "manifest";
        let delivery = if manifest { FsxDelivery::Manifest } else { FsxDelivery::Addon };
        let mut buckets: Vec<Arn> = Vec::new();
        for arn in check::arns(&self.text("S3_BUCKET_ARNS")).map(Arn::new) {
            if !buckets.contains(&arn) {
                buckets.push(arn);
            }
        }
        ComponentChoices {
            ebs_csi: self.owner("EBS_CSI"),
            metrics_server: self.owner("METRICS_SERVER"),
            metrics_server_insecure_tls: self.flag("METRICS_SERVER_INSECURE_TLS"),
            cluster_autoscaler: self.owner("CLUSTER_AUTOSCALER"),
            load_balancer_controller: self.owner("LOAD_BALANCER_CONTROLLER"),
            io2: self.number("IO2_IOPS"),
            karpenter: self
                .flag("INSTALL_KARPENTER")
                .then(|| KarpenterChoice { version: self.version("KARPENTER_VERSION"), taint }),
            efs_csi: self.flag("INSTALL_EFS_CSI"),
            fsx_csi: self.flag("INSTALL_FSX_CSI").then_some(delivery),
            s3_buckets: buckets,
            system_nodegroup: self.text("SYSTEM_NODEGROUP"),
            monitoring: Monitoring {
                dcgm_exporter: self.flag("INSTALL_DCGM_EXPORTER"),
                node_monitoring_agent: self.flag("INSTALL_NODE_MONITORING_AGENT"),
            },
        }
    }
}

/// CFG-004 for a variable; names the file in which it is missing.
fn missing(draft: &Draft, def: &FieldDef) -> Issue {
    let place = match draft.entry(def.name) {
        Some(_) => format!("{} is empty", subject(draft, def.name)),
        None => match draft.file() {
            Some(file) => format!("{} is not set in {}", def.name, file.display()),
            None => format!("{} is not set", def.name),
        },
    };
    let message = format!("{place}. It takes {}.", def.kind.expects());
    Issue::error("CFG-004", message).about(def.name).at(draft.place(def.name))
}
