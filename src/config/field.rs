//! One declaration a setting. Forms, `.env.example`, messages and validation read it; nobody repeats it.

use super::draft::Draft;
use super::form::Form;
use super::phrase;

/// Everything there is to know about one variable.
#[derive(Debug)]
pub struct FieldDef {
    /// Variable name in `.env`.
    pub name: &'static str,
    /// Where it stands in the file and in the wizard.
    pub section: Section,
    /// Label in a form, at most 17 characters wide.
    pub label: &'static str,
    /// One line without a period.
    pub help: &'static str,
    /// Whole sentences: what it does, what follows, what to watch.
    pub details: &'static str,
    /// What a value looks like.
    pub kind: Kind,
    /// The value when nobody sets it.
    pub default: DefaultValue,
    /// When it counts.
    pub visible: Visibility,
    /// Catalogue ids of the checks that read it.
    pub checks: &'static [&'static str],
    /// Whether every configuration needs it.
    pub mandatory: bool,
}

/// A group of settings: a heading in `.env`, a block in the wizard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Cluster, Region and subnets.
    Cluster,
    /// Components that every cluster gets, and who provides them.
    Required,
    /// Components by choice.
    Optional,
    /// The GPU node group: type, sizes, purchase, disks.
    GpuNodes,
    /// Its subnet and interfaces.
    GpuNetwork,
    /// Its driver, EFA and NCCL versions.
    GpuDrivers,
    /// Accepted findings.
    Checks,
}

impl Section {
    /// Heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cluster => "Cluster",
            Self::Required => "Required components",
            Self::Optional => "Optional components",
            Self::GpuNodes => "GPU node group",
            Self::GpuNetwork => "GPU network",
            Self::GpuDrivers => "GPU drivers",
            Self::Checks => "Checks",
        }
    }
}

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// true, 1, yes, false, 0 or no, in any case.
    Flag,
    /// A whole number.
    Integer {
        /// Least value.
        min: u32,
        /// Greatest value.
        max: u32,
        /// Unit in words, such as `GiB`.
        unit: &'static str,
        /// A word allowed instead of a number, such as `auto`.
        word: Option<&'static str>,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A version, or one of these words.
    Version(&'static [&'static str]),
    /// A text of a certain form: a name, an id, a taint.
    Formed(&'static Form),
    /// ARNs of S3 buckets, separated by commas.
    ArnList,
    /// `ID:until:reason`, separated by semicolons.
    Suppressions,
}

/// The value when nobody sets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// No value.
    Unset,
    /// This text.
    Is(&'static str),
    /// The effective value of another variable.
    Follows(&'static str),
}

impl DefaultValue {
    /// As a line of the file writes it.
    pub fn written(self) -> String {
        match self {
            Self::Unset => String::new(),
            Self::Is(text) => text.to_owned(),
            Self::Follows(name) => format!("${{{name}}}"),
        }
    }
}

/// When a setting counts. A setting that does not count is neither shown nor validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Always.
    Always,
    /// When each of these variables has one of its values.
    When(&'static [Condition]),
}

/// A variable and the values that make another one count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The variable.
    pub variable: &'static str,
    /// Its values; `true` and `false` compare by meaning.
    pub is: &'static [&'static str],
}

/// `variable` is switched on.
pub(super) const fn on(variable: &'static str) -> Condition {
    Condition { variable, is: &["true"] }
}

/// `variable` has one of the values of `is`.
pub(super) const fn is(variable: &'static str, is: &'static [&'static str]) -> Condition {
    Condition { variable, is }
}

impl FieldDef {
    /// Whether the setting counts in this draft.
    pub fn is_visible(&self, draft: &Draft) -> bool {
        match self.visible {
            Visibility::Always => true,
            Visibility::When(conditions) => conditions.iter().all(|condition| {
                let text = draft.effective(condition.variable);
                let meaning = match parse_flag(&text) {
                    Some(true) => "true",
                    Some(false) => "false",
                    None => text.as_str(),
                };
                condition.is.iter().any(|wanted| *wanted == meaning || *wanted == text)
            }),
        }
    }

    /// The conditions under which it counts, in words, or nothing when it always counts.
    pub fn counts_when(&self) -> Option<String> {
        let Visibility::When(conditions) = self.visible else { return None };
        let each = |condition: &Condition| format!("{}={}", condition.variable, condition.is.join("|"));
        Some(conditions.iter().map(each).collect::<Vec<_>>().join(" and "))
    }
}

impl Kind {
    /// What it takes, in words that follow "it takes".
    pub fn expects(&self) -> String {
        match self {
            Self::Flag => "true or false (also 1, yes, 0, no)".to_owned(),
            Self::Integer { min, max, unit, word } => {
                let number = format!("a whole number from {} to {} {unit}", phrase::number(*min), phrase::number(*max));
                word.map_or(number.clone(), |word| format!("{word} or {number}"))
            }
            Self::Choice(words) => phrase::one_of(words),
            Self::Version(words) => {
                let mut all: Vec<&str> = words.to_vec();
                all.push("a version such as 1.2.3");
                phrase::one_of(&all)
            }
            Self::Formed(form) => form.expects.to_owned(),
            Self::ArnList => "bucket ARNs such as arn:aws:s3:::my-bucket, separated by commas, without a path or a \
                              wildcard"
                .to_owned(),
            Self::Suppressions => "ID:YYYY-MM-DD:reason, several separated by semicolons, such as \
                                   CLU-006:2026-12-31:small test cluster"
                .to_owned(),
        }
    }

    /// The words that a form can offer as a list; empty when the value is typed.
    pub fn options(&self) -> &'static [&'static str] {
        match self {
            Self::Flag => &["true", "false"],
            Self::Choice(words) | Self::Version(words) => words,
            _ => &[],
        }
    }
}

/// The meaning of a boolean; `None` when it is no boolean.
pub fn parse_flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}
