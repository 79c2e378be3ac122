//! What a check is, what it may read, and how it words its findings.

use std::collections::BTreeMap;

use crate::components::desired::{Ensure, LaunchTemplate, Nodegroup, Objects};
use crate::components::observed::Observed;
use crate::config::{GpuGroup, Spec};
use crate::domain::eni::Interface;
use crate::domain::facts::{Fact, Facts, Subnet};
use crate::domain::finding::{Finding, Fix, Outcome, Severity};
use crate::domain::ids::{CheckId, ResourceId, StepId};
use crate::domain::instance::{InstanceType, lookup};
use crate::plan::model::{Plan, PlannedStep};
use crate::plan::placement::{self, Candidate, SubnetChoice};

/// Everything a check may read.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What is meant.
    pub spec: &'a Spec,
    /// What was read.
    pub facts: &'a Facts,
    /// What stands; empty while nothing could be planned.
    pub observed: &'a Observed,
    /// The plan; `None` while a choice is missing (NET-001).
    pub plan: Option<&'a Plan>,
    /// Today, `YYYY-MM-DD` in UTC: decides whether a suppression still holds.
    pub today: &'a str,
}

impl Inputs<'_> {
    /// The instance type of a group: as the API says, else from the table.
    pub fn instance(&self, group: &GpuGroup) -> Option<InstanceType> {
        lookup(self.facts, &group.instance_type)
    }

    /// The interfaces of a group under its layout.
    pub fn interfaces(&self, group: &GpuGroup) -> Vec<Interface> {
        self.instance(group).map(|kind| crate::domain::eni::interfaces(&kind, group.enis.layout)).unwrap_or_default()
    }

    /// Where a group would be placed.
    pub fn placement(&self, group: &GpuGroup) -> Option<SubnetChoice> {
        Some(placement::choose_subnet(group, self.facts, &self.instance(group)?))
    }

    /// The subnet a group stands in, with what is known of it.
    ///
    /// # Errors
    /// None is chosen, or nothing is known of it: the reason, for "cannot tell".
    pub fn chosen(&self, group: &GpuGroup) -> Result<Candidate, String> {
        let choice = self.placement(group).ok_or_else(|| unknown_type(group))?;
        let id = choice.subnet().ok_or("no subnet is chosen yet (NET-001)")?;
        let found = choice.candidates().iter().find(|candidate| candidate.id == *id).cloned();
        let subnets = &self.facts.network.subnets;
        found.ok_or_else(|| match subnets.known() {
            Some(_) => format!("{id} is not among the subnets of the cluster's VPC"),
            None => subnets.why_unknown(),
        })
    }

    /// The subnet with this id, as EC2 describes it.
    pub fn subnet(&self, id: &ResourceId) -> Option<&Subnet> {
        self.facts.network.subnets.known()?.iter().find(|subnet| subnet.id == *id)
    }

    /// Nodes of a group that run already and have taken their addresses and vCPU.
    pub fn live_nodes(&self, group: &GpuGroup) -> u32 {
        let live = self.facts.eks.nodegroups.known().and_then(|all| all.iter().find(|one| one.name == group.name));
        live.map_or(0, |one| one.sizes.1)
    }

    /// Why a step of a group that should be in the plan is not there.
    pub fn why_unplanned(&self, group: &GpuGroup) -> String {
        match (self.plan, self.chosen(group)) {
            (None, _) => "nothing could be planned yet".to_owned(),
            (Some(_), Err(why)) => why,
            (Some(_), Ok(_)) => "the plan has no step for it".to_owned(),
        }
    }

    /// The step with this id, if it is planned.
    pub fn step(&self, id: &str) -> Option<&PlannedStep> {
        self.plan?.step(&StepId::from(id))
    }

    /// The launch template planned for a group.
    pub fn template(&self, group: &GpuGroup) -> Option<&LaunchTemplate> {
        match &self.step(&format!("gpu.{}.launch-template", group.name))?.desired.ensure {
            Ensure::LaunchTemplate(template) => Some(template),
            _ => None,
        }
    }

    /// The node group planned for a group.
    pub fn nodegroup(&self, group: &GpuGroup) -> Option<&Nodegroup> {
        match &self.step(&format!("gpu.{}.nodegroup", group.name))?.desired.ensure {
            Ensure::Nodegroup(nodegroup) => Some(nodegroup),
            _ => None,
        }
    }

    /// The objects planned under a step.
    pub fn objects(&self, step: &str) -> Option<&Objects> {
        match &self.step(step)?.desired.ensure {
            Ensure::Objects(objects) => Some(objects),
            _ => None,
        }
    }
}

/// One check of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Id.
    pub id: &'static str,
    /// Weight when it fails.
    pub severity: Severity,
    /// What it demands, without a period.
    pub title: &'static str,
    /// Why it matters, for the explanation pane.
    pub details: &'static str,
    /// The check itself: one result a subject.
    pub run: fn(&Inputs<'_>) -> Vec<Said>,
}

/// A result before it carries the check's id and title.
#[derive(Debug, Clone)]
pub struct Said {
    subject: String,
    outcome: Outcome,
    severity: Option<Severity>,
    evidence: Vec<String>,
    fixes: Vec<Fix>,
}

impl Said {
    fn new(subject: impl Into<String>, outcome: Outcome) -> Self {
        Self { subject: subject.into(), outcome, severity: None, evidence: Vec::new(), fixes: Vec::new() }
    }

    /// True now.
    pub fn pass(subject: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Pass { by: None }).evidence(evidence)
    }

    /// True once `step` is applied.
    pub fn by_plan(subject: impl Into<String>, step: &StepId, evidence: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Pass { by: Some(step.clone()) }).evidence(evidence)
    }

    /// Not true.
    pub fn fail(subject: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Fail).evidence(evidence)
    }

    /// It cannot be told.
    pub fn unknown(subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(subject, Outcome::CannotTell { why: why.into() })
    }

    /// It cannot be told, because this fact is not known.
    pub fn unread<T>(subject: impl Into<String>, fact: &Fact<T>) -> Self {
        Self::unknown(subject, fact.why_unknown())
    }

    /// It does not apply.
    pub fn not_applicable(why: impl Into<String>) -> Self {
        Self::new("", Outcome::NotApplicable { why: why.into() })
    }

    /// Weighs less or more than the check usually does.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Adds a line of evidence.
    #[must_use]
    pub fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    /// Adds lines of evidence.
    #[must_use]
    pub fn evidence_lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(lines);
        self
    }

    /// Adds a fix that sets a variable.
    #[must_use]
    pub fn set(mut self, variable: &str, value: impl Into<String>, says: impl Into<String>) -> Self {
        self.fixes.push(Fix::Set { variable: variable.to_owned(), value: value.into(), says: says.into() });
        self
    }

    /// Adds a fix that is a command for the operator.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>, says: impl Into<String>) -> Self {
        self.fixes.push(Fix::Run { command: command.into(), says: says.into() });
        self
    }

    /// Adds a fix that needs a decision.
    #[must_use]
    pub fn ask(mut self, says: impl Into<String>) -> Self {
        self.fixes.push(Fix::Ask { says: says.into() });
        self
    }

    pub(super) fn finding(self, check: &Check) -> Finding {
        Finding {
            check: CheckId::from(check.id),
            severity: self.severity.unwrap_or(check.severity),
            title: check.title.to_owned(),
            subject: self.subject,
            outcome: self.outcome,
            evidence: self.evidence,
            fixes: self.fixes,
        }
    }
}

/// Runs `check` for every GPU group, or says that there is none.
pub fn per_group(inputs: &Inputs<'_>, check: impl Fn(&GpuGroup) -> Vec<Said>) -> Vec<Said> {
    if inputs.spec.gpu.is_empty() {
        return vec![Said::not_applicable("INSTALL_GPU_NODEGROUP is off")];
    }
    inputs.spec.gpu.iter().flat_map(check).collect()
}

/// As [`per_group`], for groups whose instance type is known; of the others it cannot be told.
pub fn per_kind(inputs: &Inputs<'_>, check: impl Fn(&GpuGroup, &InstanceType) -> Vec<Said>) -> Vec<Said> {
    per_group(inputs, |group| match inputs.instance(group) {
        Some(kind) => check(group, &kind),
        None => vec![Said::unknown(&group.name, unknown_type(group))],
    })
}

/// As [`per_kind`], for groups whose subnet is chosen and known; of the others it cannot be told.
pub fn per_subnet(inputs: &Inputs<'_>, check: impl Fn(&GpuGroup, &InstanceType, &Candidate) -> Vec<Said>) -> Vec<Said> {
    per_kind(inputs, |group, kind| match inputs.chosen(group) {
        Ok(subnet) => check(group, kind, &subnet),
        Err(why) => vec![Said::unknown(&group.name, why)],
    })
}

fn unknown_type(group: &GpuGroup) -> String {
    format!("{} is not known", group.instance_type)
}

/// A taint as Kubernetes spells it, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint<'a> {
    /// Key.
    pub key: &'a str,
    /// Value; empty for none.
    pub value: &'a str,
    /// `NoSchedule`, `NoExecute`, `PreferNoSchedule`.
    pub effect: &'a str,
}

impl<'a> Taint<'a> {
    /// Parses `key=value:Effect` or `key:Effect`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (front, effect) = text.rsplit_once(':')?;
        let (key, value) = front.split_once('=').unwrap_or((front, ""));
        Some(Self { key, value, effect })
    }

    /// Whether it keeps pods away that do not tolerate it.
    pub fn repels(&self) -> bool {
        self.effect != "PreferNoSchedule"
    }
}

/// The labels a node of `nodegroup` will carry, as far as scheduling of our DaemonSets asks for them: those of the group
/// and those that kubelet and EKS add.
pub fn node_labels(nodegroup: &Nodegroup, instance_type: &str, arch: &str) -> BTreeMap<String, String> {
    let mut labels = nodegroup.labels.clone();
    for (key, value) in [
        ("node.kubernetes.io/instance-type", instance_type),
        ("kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", arch),
        ("eks.amazonaws.com/nodegroup", nodegroup.name.as_str()),
    ] {
        labels.insert(key.to_owned(), value.to_owned());
    }
    labels
}
