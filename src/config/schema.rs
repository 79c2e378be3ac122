//! JSON Schema of the configuration, made from the registry: for editors, and for programs that write env files.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::field::{DefaultValue, FieldDef, Kind};
use super::form::{self, Form};
use super::registry;

const FLAG: &str = "[Tt][Rr][Uu][Ee]|[Yy][Ee][Ss]|1|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo]|0";
const SUPPRESSION: &str =
    r"\s*(?:[A-Z]{2,4}-[0-9]{3}\s*:\s*[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\s*:\s*[^;\s][^;]*)?";

/// The schema, draft 2020-12: an object of texts, one member a variable, references already replaced.
///
/// It says what [`check_field`](super::check_field) says about single values; rules between variables and the calendar
/// are left to `config check`. Unlike that, it also judges a value that does not count at the moment.
pub fn schema() -> Value {
    let properties: Map<String, Value> = registry().iter().map(|def| (def.name.to_owned(), property(def))).collect();
    let required: Vec<&str> = registry().iter().filter(|def| def.mandatory).map(|def| def.name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of eks-wizard",
        "description": "The variables of .env as text, after ${NAME} is replaced. An empty text counts as unset. \
                        Made by: eks-wizard config schema",
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": { "type": "string" },
    })
}

fn property(def: &FieldDef) -> Value {
    let mut of = Map::new();
    let mut put = |name: &str, value: Value| of.insert(name.to_owned(), value);
    put("title", def.label.into());
    put("description", format!("{}. {} It takes {}.", def.help, def.details, def.kind.expects()).into());
    put("type", "string".into());
    put("pattern", pattern(def).into());
    if let Some(max) = longest(&def.kind) {
        put("maxLength", max.into());
    }
    if let DefaultValue::Is(text) = def.default {
        put("default", text.into());
    }
    let example = match def.kind {
        Kind::Formed(Form { example, .. }) => Some(*example),
        Kind::ArnList => Some(form::BUCKET_ARN.example),
        _ => None,
    };
    if let Some(example) = example {
        put("examples", json!([example]));
    }
    put("x-section", def.section.title().into());
    if let DefaultValue::Follows(name) = def.default {
        put("x-default-of", name.into());
    }
    if let Kind::Integer { unit, .. } = def.kind {
        put("x-unit", unit.into());
    }
    if let Some(when) = def.counts_when() {
        put("x-counts-when", when.into());
    }
    put("x-checks", def.checks.into());
    Value::Object(of)
}

/// What a text must match; a variable that may be unset takes the empty text too.
fn pattern(def: &FieldDef) -> String {
    let body = match &def.kind {
        Kind::Flag => FLAG.to_owned(),
        Kind::Integer { min, max, word, .. } => {
            let number = format!("0*(?:{})", range(*min, *max));
            word.map_or(number.clone(), |word| format!("{}|{number}", literal(word)))
        }
        Kind::Choice(words) => words.iter().map(|word| literal(word)).collect::<Vec<_>>().join("|"),
        Kind::Version(words) => {
            let words = words.iter().map(|word| literal(word) + "|").collect::<String>();
            words + form::VERSION_PATTERN
        }
        Kind::Formed(form) => form.pattern.to_owned(),
        Kind::ArnList => {
            let arn = format!(r"\s*(?:{})?\s*", form::BUCKET_ARN.pattern);
            format!("{arn}(?:,{arn})*")
        }
        Kind::Suppressions => format!("{SUPPRESSION}(?:;{SUPPRESSION})*"),
    };
    let optional = if def.mandatory { "" } else { "?" };
    format!("^(?:{body}){optional}$")
}

fn longest(kind: &Kind) -> Option<usize> {
    match kind {
        Kind::Formed(form) => Some(form.max),
        Kind::Version(_) => Some(32),
        _ => None,
    }
}

fn literal(word: &str) -> String {
    word.replace('.', r"\.")
}

/// Alternatives that match exactly the numbers from `min` to `max`: each fixes the head of a number, lets one digit run
/// and leaves the rest free.
fn range(min: u32, max: u32) -> String {
    let (mut start, max) = (u64::from(min), u64::from(max));
    let mut out = String::new();
    while start <= max {
        let (mut unit, mut free) = (1_u64, 0);
        while start >= unit * 10 && start.is_multiple_of(unit * 10) && start + unit * 10 - 1 <= max {
            unit *= 10;
            free += 1;
        }
        let first = start / unit % 10;
        let last = first + (9 - first).min((max + 1 - start) / unit - 1);
        let head = start / unit / 10;
        let _ = write!(out, "{}", if out.is_empty() { "" } else { "|" });
        let _ = write!(out, "{}", if head == 0 { String::new() } else { head.to_string() });
        let _ = if first == last { write!(out, "{first}") } else { write!(out, "[{first}-{last}]") };
        let _ = match free {
            0 => Ok(()),
            1 => write!(out, "[0-9]"),
            _ => write!(out, "[0-9]{{{free}}}"),
        };
        start += (last - first + 1) * unit;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::check_field;

    fn accepts(def: &FieldDef, text: &str) -> bool {
        let short = longest(&def.kind).is_none_or(|max| text.chars().count() <= max);
        short && regex::Regex::new(&pattern(def)).unwrap().is_match(text)
    }

    #[test]
    fn the_committed_schema_is_the_generated_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.schema.json");
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("EKS_WIZARD_WRITE_EXPECTED").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn ranges_hold_exactly_their_numbers() {
        for (min, max) in [(0, 0), (0, 1_000), (1, 128), (7, 1_234), (100, 2_560), (199, 200), (90, 110)] {
            let regex = regex::Regex::new(&format!("^(?:{})$", range(min, max))).unwrap();
            for number in 0..3_000 {
                assert_eq!(
                    regex.is_match(&number.to_string()),
                    (min..=max).contains(&number),
                    "{number} in {min}..={max}"
                );
            }
        }
        assert_eq!(
            range(100, 256_000),
            "[1-9][0-9]{2}|[1-9][0-9]{3}|[1-9][0-9]{4}|1[0-9]{5}|2[0-4][0-9]{4}|25[0-5][0-9]{3}|256000"
        );
    }

    #[test]
    fn it_says_what_validation_says() {
        let texts = [
            "",
            "true",
            "YES",
            "0",
            "on",
            "ture",
            "auto",
            "adopt",
            "skip",
            "100",
            "99",
            "007",
            "256000",
            "256001",
            "10,000",
            "-1",
            "1.1.0",
            "v580.126.09",
            "latest",
            "ami",
            "a b",
            "orbit-train",
            "us-east-2",
            "subnet-12345678",
            "spot",
            "none",
            "arn:aws:s3:::data-a , arn:aws:s3:::data-b,",
            "arn:aws:s3:::*",
            "CLU-006:2026-12-31:a test;",
            "CLU-006:soon:x",
            "eks-wizard/karpenter=true:NoSchedule",
            "p5.48xlarge",
            "v20260714",
            "cr-0123456789abcdef0",
        ];
        for def in registry() {
            for text in texts {
                assert_eq!(accepts(def, text), check_field(def, text).is_none(), "{} = {text:?}", def.name);
            }
        }
    }

    proptest! {
        #[test]
        fn any_number_is_judged_alike(value in 0_u32..400_000) {
            for def in registry().iter().filter(|def| matches!(def.kind, Kind::Integer { .. })) {
                let text = value.to_string();
                prop_assert_eq!(accepts(def, &text), check_field(def, &text).is_none(), "{} = {}", def.name, text);
            }
        }
    }
}
