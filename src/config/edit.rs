//! Changes to an env file as a whole: all of them make sense together, or none is made.

use std::collections::BTreeSet;

use super::diff::{self, Difference};
use super::draft::Layer;
use super::file::EnvFile;
use super::issue::Issue;
use super::layers::{Loaded, unknown};
use super::{check_field, phrase, registry, secret, template};
use crate::domain::ids::CheckId;

/// A file after changes, not saved yet.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The configuration as it would be; [`EnvFile::save`] of its file makes it so.
    pub loaded: Loaded,
    /// What changes in the file.
    pub difference: Difference,
    /// Issues that remain.
    pub issues: Vec<Issue>,
    /// What was changed: variable and value.
    pub changed: Vec<(String, String)>,
}

impl Edited {
    fn new(before: &EnvFile, loaded: Loaded, changed: Vec<(String, String)>) -> Self {
        let difference = diff::between(before, &loaded.file);
        let issues = loaded.all_issues();
        Self { loaded, difference, issues, changed }
    }

    /// The changed variables whose value in the file does not count, and what counts instead.
    pub fn overridden(&self) -> Vec<(&str, Layer)> {
        let above = |name: &str| {
            let layer = self.loaded.draft.provenance(name);
            matches!(layer, Layer::Environment | Layer::Flag | Layer::Wizard).then_some(layer)
        };
        self.changed.iter().filter_map(|(name, _)| Some((name.as_str(), above(name)?))).collect()
    }

    /// The changed variables that count only under a condition which does not hold, and the condition in words.
    pub fn dormant(&self) -> Vec<(&str, String)> {
        let asleep = |name: &str| {
            let def = registry::find(name)?;
            if def.is_visible(&self.loaded.draft) { None } else { def.counts_when() }
        };
        self.changed.iter().filter_map(|(name, _)| Some((name.as_str(), asleep(name)?))).collect()
    }
}

impl Loaded {
    /// Every issue of file, flags and values.
    pub fn all_issues(&self) -> Vec<Issue> {
        match self.spec() {
            Ok((_, issues)) | Err(issues) => issues,
        }
    }

    /// The configuration with these templates set in the file.
    ///
    /// # Errors
    /// The reasons to write nothing: an unknown name, a value that looks like a secret or breaks its field's rule, or
    /// an error that the configuration did not have before. Errors that were there before do not stand in the way.
    pub fn with(&self, changes: &[(String, String)]) -> Result<Edited, Vec<Issue>> {
        let mut file = self.file.clone();
        let mut refused = Vec::new();
        for (name, text) in changes {
            if let Err(issue) = put(&mut file, name, text) {
                refused.push(issue);
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let edited = Edited::new(&self.file, self.reread(file), changes.to_vec());
        // What the file says is judged, even where the environment or a flag says something else at the moment.
        let (mut before, mut after) = (self.clone(), edited.loaded.clone());
        for (name, _) in changes {
            for layer in [Layer::Environment, Layer::Flag, Layer::Wizard] {
                before.draft.unset(name, &layer);
                after.draft.unset(name, &layer);
            }
        }
        let known: BTreeSet<_> = before.all_issues().iter().map(key).collect();
        let about = |issue: &Issue| changes.iter().any(|(name, _)| issue.variable.as_ref() == Some(name));
        let new = |issue: &Issue| issue.is_error() && (about(issue) || !known.contains(&key(issue)));
        let mut found: Vec<Issue> = after.all_issues().into_iter().filter(new).collect();
        for (name, _) in changes {
            let asleep = registry::find(name).filter(|def| !def.is_visible(&after.draft));
            found.extend(asleep.and_then(|def| check_field(def, &after.draft.effective(name))));
        }
        if found.is_empty() { Ok(edited) } else { Err(found) }
    }

    /// The configuration with the suggestion of each issue set in the file, one after the other, as long as one has a
    /// suggestion. A value of the environment or of a flag is left to the operator.
    pub fn fixed(&self) -> Edited {
        let mut now = self.clone();
        let mut tried = BTreeSet::new();
        let mut changed = Vec::new();
        loop {
            let next = now.all_issues().into_iter().filter_map(|issue| {
                let (name, value) = (issue.variable?, issue.suggestion?);
                let ours = matches!(now.draft.provenance(&name), Layer::Default | Layer::File { .. });
                (ours && !tried.contains(&(name.clone(), value.clone()))).then_some((name, value))
            });
            // A variable that others refer to goes first: its mend is theirs as well.
            let Some((name, value)) = next.min_by_key(|(name, _)| now.draft.get(name) != now.draft.effective(name))
            else {
                return Edited::new(&self.file, now, changed);
            };
            tried.insert((name.clone(), value.clone()));
            let mut file = now.file.clone();
            if put(&mut file, &name, &template::literal(&value)).is_ok() {
                now = now.reread(file);
                changed.retain(|(other, _)| *other != name);
                changed.push((name, value));
            }
        }
    }

    /// The same layers over another state of the file.
    fn reread(&self, file: EnvFile) -> Self {
        let (mut again, issues) = EnvFile::parse(file.path(), &file.to_string());
        again.seen = file.seen;
        let mut draft = self.draft.clone();
        draft.reload(&again);
        let elsewhere = self.issues.iter().filter(|issue| issue.at.is_none()).cloned();
        Self { draft, issues: issues.into_iter().chain(elsewhere).collect(), file: again }
    }
}

fn key(issue: &Issue) -> (CheckId, Option<String>) {
    (issue.check.clone(), issue.variable.clone())
}

fn put(file: &mut EnvFile, name: &str, text: &str) -> Result<(), Issue> {
    if registry::find(name).is_none() {
        let shown = phrase::quoted(name);
        return Err(Issue::error("CFG-005", format!("{shown} {}", unknown(name))).about(name));
    }
    if secret::in_assignment(name, text, true) {
        let message = format!("{name} is not written, because its value looks like a secret.");
        return Err(Issue::error("CFG-008", message).about(name));
    }
    file.set(name, text).map_err(|problem| Issue::error("CFG-007", problem.message).about(name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Draft;
    use crate::domain::finding::Severity;

    fn loaded(text: &str) -> Loaded {
        let (file, issues) = EnvFile::parse(Path::new(".env"), text);
        let mut draft = Draft::default();
        draft.reload(&file);
        Loaded { draft, file, issues }
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn refusal(text: &str, of: &[(&str, &str)]) -> Vec<String> {
        let issues = loaded(text).with(&pairs(of)).unwrap_err();
        issues.iter().map(|issue| issue.check.as_str().to_owned()).collect()
    }

    const GOOD: &str = "# mine\nCLUSTER_NAME=a # name\nAWS_REGION=us-east-2\n";

    #[test]
    fn a_valid_change_keeps_comments_and_shows_its_difference() {
        let edited = loaded(GOOD).with(&pairs(&[("CLUSTER_NAME", "b")])).unwrap();
        assert_eq!(edited.loaded.file.to_string(), GOOD.replace("=a #", "=b #"));
        assert_eq!(edited.difference.lines.iter().filter(|line| line.change != diff::Change::Kept).count(), 2);
        assert!(edited.issues.is_empty() && edited.overridden().is_empty());
    }

    #[test]
    fn one_invalid_value_refuses_all() {
        assert_eq!(refusal(GOOD, &[("CLUSTER_NAME", "b"), ("INSTALL_EFS_CSI", "maybe")]), ["CFG-001"]);
        assert_eq!(refusal(GOOD, &[("CLUSTER_NAME", "")]), ["CFG-004"]);
        assert_eq!(refusal(GOOD, &[("CLUSTER_NAM", "b")]), ["CFG-005"]);
        assert_eq!(refusal(GOOD, &[("CLUSTER_NAME", "AKIAIOSFODNN7EXAMPLE")]), ["CFG-008"]);
    }

    #[test]
    fn a_value_that_does_not_count_yet_is_judged_all_the_same() {
        assert_eq!(refusal(GOOD, &[("GPU_MAX_SIZE", "many")]), ["CFG-001"]);
        let edited = loaded(GOOD).with(&pairs(&[("GPU_MAX_SIZE", "4")])).unwrap();
        assert_eq!(edited.dormant(), [("GPU_MAX_SIZE", "INSTALL_GPU_NODEGROUP=true".to_owned())]);
    }

    #[test]
    fn a_new_combination_error_refuses_and_both_at_once_pass() {
        assert_eq!(refusal(GOOD, &[("INSTALL_S3_CSI", "true")]), ["CFG-010"]);
        let both = [("INSTALL_S3_CSI", "true"), ("S3_BUCKET_ARNS", "arn:aws:s3:::data-a")];
        assert!(loaded(GOOD).with(&pairs(&both)).is_ok());
    }

    #[test]
    fn errors_that_were_there_before_do_not_stand_in_the_way() {
        let edited = loaded("AWS_REGION=us-east-2\n").with(&pairs(&[("IO2_IOPS", "20000")])).unwrap();
        assert_eq!(edited.issues.len(), 1, "CLUSTER_NAME is still missing");
    }

    #[test]
    fn a_warning_does_not_refuse() {
        let of = [("PRIVATE_SUBNET_A", "subnet-12345678"), ("PRIVATE_SUBNET_B", "subnet-12345678")];
        let edited = loaded(GOOD).with(&pairs(&of)).unwrap();
        assert!(edited.issues.iter().all(|issue| issue.severity == Severity::Warning) && !edited.issues.is_empty());
    }

    #[test]
    fn the_file_is_judged_where_the_environment_hides_it() {
        let mut hidden = loaded(GOOD);
        hidden.draft.set("AWS_REGION", "eu-west-1", Layer::Environment);
        assert!(hidden.with(&pairs(&[("AWS_REGION", "nowhere")])).is_err());
        let edited = hidden.with(&pairs(&[("AWS_REGION", "us-west-2")])).unwrap();
        assert_eq!(edited.overridden(), [("AWS_REGION", Layer::Environment)]);
    }

    #[test]
    fn suggestions_are_applied_until_none_is_left() {
        let text = "CLUSTER_NAME=\"a b\"\nINSTALL_EFS_CSI=ture\nINSTALL_GPU_NODEGROUP=yes\nGPU_SUBNET=subnet-12345678\n\
                    GPU_MIN_SIZE=5\nGPU_DESIRED_SIZE=2\nGPU_MAX_SIZE=3\nIO2_IOPS=1\n";
        let edited = loaded(text).fixed();
        let file = &edited.loaded.file;
        let got = ["CLUSTER_NAME", "INSTALL_EFS_CSI", "GPU_DESIRED_SIZE", "GPU_MAX_SIZE", "IO2_IOPS"];
        let got: Vec<&str> = got.iter().filter_map(|name| file.get(name)).collect();
        assert_eq!(got, ["a-b", "true", "5", "5", "1"], "IO2_IOPS does not count, so nobody judges it");
        assert!(edited.issues.is_empty(), "{:?}", edited.issues);
    }

    #[test]
    fn a_reference_is_mended_at_its_root() {
        let text = "CLUSTER_NAME=a\nINSTALL_GPU_NODEGROUP=true\nPRIVATE_SUBNET_A=SUBNET-12345678\n\
                    GPU_SUBNET_A=${PRIVATE_SUBNET_A}\n";
        let edited = loaded(text).fixed();
        assert_eq!(edited.loaded.file.get("GPU_SUBNET_A"), Some("${PRIVATE_SUBNET_A}"));
        assert_eq!(edited.changed, pairs(&[("PRIVATE_SUBNET_A", "subnet-12345678")]));
    }

    #[test]
    fn flags_and_unfixable_values_are_left() {
        let mut flagged = loaded(GOOD);
        flagged.draft.set("INSTALL_EFS_CSI", "ture", Layer::Flag);
        let edited = flagged.fixed();
        assert!(edited.difference.is_empty() && edited.issues.len() == 1);
        let edited = loaded("CLUSTER_NAME=a\nAWS_REGION=nowhere\n").fixed();
        assert!(edited.changed.is_empty() && edited.issues.len() == 1);
    }
}
