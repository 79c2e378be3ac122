//! What is typed, possibly wrong: for each variable the values of all layers, the highest one counting.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::field::DefaultValue;
use super::file::EnvFile;
use super::issue::Place;
use super::registry;
use super::secret::{self, WITHHELD};
use super::template::{self, Piece};

/// Where a value comes from, the weakest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The registry.
    Default,
    /// An env file.
    File {
        /// The file.
        path: PathBuf,
    },
    /// The process environment.
    Environment,
    /// `--set`, `--region` or `--cluster`.
    Flag,
    /// Edited in the wizard and not saved.
    Wizard,
}

impl Layer {
    fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File { .. } => 1,
            Self::Environment => 2,
            Self::Flag => 3,
            Self::Wizard => 4,
        }
    }
}

/// A value in one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The text before expansion: `${NAME}` refers to a variable, `$$` is a dollar sign. `<withheld>` stands for a value
    /// that looks like a secret.
    pub text: String,
    /// Its layer.
    pub layer: Layer,
    /// Its line, in a file.
    pub line: Option<u32>,
}

/// Text after expansion, and what went wrong on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text; a reference to nothing is empty.
    pub text: String,
    /// Referenced variables that are set nowhere.
    pub missing: Vec<String>,
    /// A variable whose value refers to itself, possibly through others.
    pub cycle: Option<String>,
}

/// Look-ups allowed in one expansion, so that a file whose values double each other stays harmless.
const LOOKUPS: u32 = 256;
/// Longest expansion in bytes; no variable needs more.
const LONGEST: usize = 64 * 1024;

/// The typed configuration. Reading it never fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    entries: BTreeMap<String, Vec<Entry>>,
    environment: BTreeMap<String, String>,
}

impl Draft {
    /// Sets a value in a layer, replacing the layer's former value. A value that looks like a secret is withheld.
    pub fn set(&mut self, name: &str, text: &str, layer: Layer) {
        self.set_at(name, text, layer, None);
    }

    /// As [`Draft::set`], with the line of a file.
    pub fn set_at(&mut self, name: &str, text: &str, layer: Layer, line: Option<u32>) {
        let secret = secret::in_assignment(name, text, registry::find(name).is_some());
        let text = if secret { WITHHELD } else { text }.to_owned();
        let of = self.entries.entry(name.to_owned()).or_default();
        of.retain(|entry| entry.layer.rank() != layer.rank());
        of.push(Entry { text, layer, line });
        of.sort_by_key(|entry| entry.layer.rank());
    }

    /// Removes a value from a layer; lower layers count again.
    pub fn unset(&mut self, name: &str, layer: &Layer) {
        if let Some(of) = self.entries.get_mut(name) {
            of.retain(|entry| entry.layer.rank() != layer.rank());
        }
    }

    /// Takes the values of a file as they are now: after a read or a save. What the wizard changed counts as saved.
    pub fn reload(&mut self, file: &EnvFile) {
        for of in self.entries.values_mut() {
            of.retain(|entry| !matches!(entry.layer, Layer::File { .. } | Layer::Wizard));
        }
        for of in file.assignments() {
            self.set_at(of.name, of.text, Layer::File { path: file.path().to_owned() }, Some(of.line));
        }
    }

    /// What the wizard changed and nobody saved: variable and template, ready for [`EnvFile::set`].
    pub fn unsaved(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().filter_map(|(name, of)| {
            let last = of.last().filter(|entry| entry.layer == Layer::Wizard)?;
            Some((name.as_str(), last.text.as_str()))
        })
    }

    /// Makes a variable of the process environment known to `${NAME}`, without making it a setting.
    pub(super) fn remember(&mut self, name: &str, value: &str) {
        let value = if secret::in_text(value) { WITHHELD } else { value };
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// The value that counts, without the default.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)?.last()
    }

    /// The values of all layers, the strongest last.
    pub fn entries(&self, name: &str) -> &[Entry] {
        self.entries.get(name).map_or(&[], Vec::as_slice)
    }

    /// The text that counts before expansion; the default's when no layer sets one, or sets an empty one and the
    /// default is a plain value.
    pub fn get(&self, name: &str) -> String {
        let default = registry::find(name).map_or(DefaultValue::Unset, |def| def.default);
        match self.entry(name) {
            Some(entry) if !entry.text.is_empty() || matches!(default, DefaultValue::Follows(_)) => entry.text.clone(),
            _ => default.written(),
        }
    }

    /// The layer whose value counts.
    pub fn provenance(&self, name: &str) -> Layer {
        self.entry(name).map_or(Layer::Default, |entry| entry.layer.clone())
    }

    /// Where the value that counts stands in a file.
    pub fn place(&self, name: &str) -> Option<Place> {
        let entry = self.entry(name)?;
        match (&entry.layer, entry.line) {
            (Layer::File { path }, Some(line)) => Some(Place { file: path.clone(), line, column: None }),
            _ => None,
        }
    }

    /// The value that counts after expansion.
    pub fn effective(&self, name: &str) -> String {
        self.expanded(name).text
    }

    /// The value that counts after expansion, with the faults of the expansion.
    pub fn expanded(&self, name: &str) -> Expanded {
        let mut into = Expanded::default();
        let mut path = vec![name.to_owned()];
        let mut budget = LOOKUPS;
        self.expand(&self.get(name), &mut path, &mut budget, &mut into);
        let default = registry::find(name).map_or(DefaultValue::Unset, |def| def.default);
        if let (true, DefaultValue::Is(text)) = (into.text.is_empty(), default) {
            text.clone_into(&mut into.text);
        }
        into
    }

    /// Known and unknown variables that any layer sets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|(_, of)| !of.is_empty()).map(|(name, _)| name.as_str())
    }

    /// The env file that the draft was read from.
    pub fn file(&self) -> Option<&Path> {
        self.entries.values().flatten().find_map(|entry| match &entry.layer {
            Layer::File { path } => Some(path.as_path()),
            _ => None,
        })
    }

    fn expand(&self, text: &str, path: &mut Vec<String>, budget: &mut u32, into: &mut Expanded) {
        for piece in template::pieces(text) {
            match piece {
                Piece::Text(text) if into.text.len() + text.len() <= LONGEST => into.text.push_str(text),
                Piece::Text(_) => return,
                Piece::Reference(name) => self.look_up(name, path, budget, into),
            }
        }
    }

    /// File first (with what the operator typed over it), then environment, then default.
    fn look_up(&self, name: &str, path: &mut Vec<String>, budget: &mut u32, into: &mut Expanded) {
        let Some(left) = budget.checked_sub(1) else {
            into.cycle.get_or_insert_with(|| name.to_owned());
            return;
        };
        *budget = left;
        let own = |entry: &&Entry| entry.layer != Layer::Environment;
        let typed = self.entries(name).iter().rev().find(own);
        let seen = path.iter().any(|outer| outer == name);
        if let (Some(entry), false) = (typed, seen) {
            path.push(name.to_owned());
            self.expand(&entry.text, path, budget, into);
            path.pop();
            return;
        }
        let exported = self.entries(name).iter().find(|entry| entry.layer == Layer::Environment);
        if let Some(entry) = exported {
            into.text.push_str(&entry.text.replace("$$", "$"));
        } else if let Some(value) = self.environment.get(name) {
            into.text.push_str(value);
        } else if seen {
            into.cycle.get_or_insert_with(|| name.to_owned());
        } else {
            path.push(name.to_owned());
            match registry::find(name).map(|def| def.default) {
                Some(DefaultValue::Is(text)) => into.text.push_str(text),
                Some(DefaultValue::Follows(other)) => self.look_up(other, path, budget, into),
                Some(DefaultValue::Unset) | None => into.missing.push(name.to_owned()),
            }
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Layer {
        Layer::File { path: PathBuf::from(".env") }
    }

    #[test]
    fn the_highest_layer_counts_and_unsetting_reveals_the_lower() {
        let mut draft = Draft::default();
        draft.set("GPU_MAX_SIZE", "4", Layer::Flag);
        draft.set_at("GPU_MAX_SIZE", "2", file(), Some(7));
        draft.set("GPU_MAX_SIZE", "3", Layer::Environment);
        assert_eq!((draft.effective("GPU_MAX_SIZE").as_str(), draft.provenance("GPU_MAX_SIZE")), ("4", Layer::Flag));
        draft.unset("GPU_MAX_SIZE", &Layer::Flag);
        draft.unset("GPU_MAX_SIZE", &Layer::Environment);
        assert_eq!(
            (draft.effective("GPU_MAX_SIZE").as_str(), draft.place("GPU_MAX_SIZE").map(|at| at.line)),
            ("2", Some(7))
        );
        draft.unset("GPU_MAX_SIZE", &file());
        assert_eq!(
            (draft.effective("GPU_MAX_SIZE").as_str(), draft.provenance("GPU_MAX_SIZE")),
            ("10", Layer::Default)
        );
    }

    #[test]
    fn references_look_in_the_file_before_the_environment() {
        let mut draft = Draft::default();
        draft.set("GPU_SUBNET", "${A}-${B}-${C}", file());
        draft.set("A", "file", file());
        draft.remember("A", "environment");
        draft.remember("B", "environment");
        let got = draft.expanded("GPU_SUBNET");
        assert_eq!((got.text.as_str(), got.missing), ("file-environment-", vec!["C".to_owned()]));
    }

    #[test]
    fn gpu_candidates_follow_the_private_subnets_until_they_are_set() {
        let mut draft = Draft::default();
        draft.set("PRIVATE_SUBNET_B", "subnet-12345678", file());
        assert_eq!(draft.effective("GPU_SUBNET_B"), "subnet-12345678");
        draft.set("GPU_SUBNET_B", "", file());
        assert_eq!(draft.effective("GPU_SUBNET_B"), "");
    }

    #[test]
    fn an_empty_value_is_the_default() {
        let mut draft = Draft::default();
        draft.set("GPU_INSTANCE_TYPE", "", file());
        assert_eq!(draft.effective("GPU_INSTANCE_TYPE"), "p5en.48xlarge");
    }

    #[test]
    fn cycles_and_bombs_end() {
        let mut draft = Draft::default();
        draft.set("A", "${B}", file());
        draft.set("B", "x${A}", file());
        assert_eq!(draft.expanded("A").cycle.as_deref(), Some("A"));
        for letter in 'a'..='y' {
            let next = char::from(letter as u8 + 1);
            draft.set(&letter.to_string(), &format!("${{{next}}}${{{next}}}"), file());
        }
        draft.set("z", &"z".repeat(100), file());
        assert!(draft.effective("a").len() <= LONGEST);
    }

    #[test]
    fn a_save_moves_the_wizards_values_to_the_file() {
        let (mut on_disk, _) = EnvFile::parse(Path::new(".env"), "CLUSTER_NAME=a\n");
        let mut draft = Draft::default();
        draft.reload(&on_disk);
        draft.set("CLUSTER_NAME", "b", Layer::Wizard);
        let unsaved: Vec<_> = draft.unsaved().collect();
        assert_eq!(unsaved, [("CLUSTER_NAME", "b")]);
        for (name, text) in unsaved {
            on_disk.set(name, text).unwrap();
        }
        draft.reload(&on_disk);
        assert_eq!((draft.unsaved().count(), draft.effective("CLUSTER_NAME").as_str()), (0, "b"));
        assert_eq!(draft.place("CLUSTER_NAME").map(|at| at.line), Some(1));
    }

    #[test]
    fn secrets_are_not_stored() {
        let mut draft = Draft::default();
        draft.set("CLUSTER_NAME", "AKIAIOSFODNN7EXAMPLE", Layer::Wizard);
        draft.set("DB_PASSWORD", "hunter2", file());
        assert_eq!(draft.get("CLUSTER_NAME"), WITHHELD);
        assert!(!format!("{draft:?}").contains("hunter2"));
    }
}
