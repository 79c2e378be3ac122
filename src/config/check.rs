//! The rules for one value, used while typing and when the whole draft is validated.

use super::field::{FieldDef, Kind, parse_flag};
use super::form::{self, Form};
use super::phrase;
use super::spec::Suppression;
use crate::domain::ids::CheckId;

/// A value that breaks its field's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Id in the catalogue.
    pub check: &'static str,
    /// What the value is, when that is not plain from the form.
    pub why: Option<String>,
    /// A value that would pass.
    pub suggestion: Option<String>,
}

/// Judges a value that is not empty.
pub(super) fn fault(def: &FieldDef, text: &str) -> Option<Fault> {
    let fault = |check, why, suggestion| Some(Fault { check, why, suggestion });
    match &def.kind {
        Kind::Flag if parse_flag(text).is_some() => None,
        Kind::Flag => fault("CFG-001", None, Some(flag_meant(def, text))),
        Kind::Integer { word: Some(word), .. } if *word == text => None,
        Kind::Integer { min, max, .. } => integer(def, text, *min, *max),
        Kind::Choice(words) if words.contains(&text) => None,
        Kind::Choice(words) => {
            let near = phrase::nearest(text, words.iter().copied());
            fault("CFG-001", None, near.map(str::to_owned).or_else(|| Some(def.default.written())))
        }
        Kind::Version(words) if words.contains(&text) || form::is_version(text) => None,
        Kind::Version(_) => fault("CFG-001", None, Some(def.default.written())),
        Kind::Formed(form) if form.accepts(text) => None,
        Kind::Formed(form) => fault("CFG-003", too_long(form, text), repaired(form, text)),
        Kind::ArnList => arn_list(text),
        Kind::Suppressions => {
            suppressions(text).err().map(|why| Fault { check: "CFG-003", why: Some(why), suggestion: None })
        }
    }
}

/// The word that was probably meant; the default when nothing is near.
fn flag_meant(def: &FieldDef, text: &str) -> String {
    match text.trim().to_ascii_lowercase().as_str() {
        "on" | "y" | "t" | "enable" | "enabled" | "true" | "yes" | "1" => "true".to_owned(),
        "off" | "n" | "f" | "disable" | "disabled" | "false" | "no" | "0" => "false".to_owned(),
        other => phrase::nearest(other, ["true", "false"]).map_or_else(|| def.default.written(), str::to_owned),
    }
}

fn integer(def: &FieldDef, text: &str, min: u32, max: u32) -> Option<Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        let bare: String = text.chars().filter(|c| c.is_ascii_digit()).collect();
        let grouped = text.chars().all(|c| c.is_ascii_digit() || ",_' ".contains(c));
        let meant = bare.parse().ok().filter(|value: &u32| grouped && (min..=max).contains(value));
        let suggestion = Some(meant.map_or_else(|| def.default.written(), |value| value.to_string()));
        return Some(Fault { check: "CFG-001", why: Some("that is no whole number".to_owned()), suggestion });
    }
    let value = if text.starts_with('-') { None } else { digits.parse::<u32>().ok() };
    match value {
        Some(value) if (min..=max).contains(&value) => None,
        _ => {
            let nearest = if text.starts_with('-') || value.is_some_and(|value| value < min) { min } else { max };
            Some(Fault { check: "CFG-002", why: None, suggestion: Some(nearest.to_string()) })
        }
    }
}

fn too_long(form: &Form, text: &str) -> Option<String> {
    let length = text.chars().count();
    (length > form.max).then(|| format!("it has {length} characters, and {} is the most", form.max))
}

/// The text with the usual slips undone, when that gives it the form.
fn repaired(form: &Form, text: &str) -> Option<String> {
    let trimmed = text.trim();
    let tries = [trimmed.to_owned(), trimmed.to_lowercase(), trimmed.replace([' ', '.'], "-")];
    tries.into_iter().find(|candidate| form.accepts(candidate))
}

/// The ARNs of a list, blanks around them removed.
pub(super) fn arns(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|arn| !arn.is_empty())
}

fn arn_list(text: &str) -> Option<Fault> {
    let bad = arns(text).find(|arn| !form::BUCKET_ARN.accepts(arn))?;
    let repaired: Vec<String> = arns(text).map(as_bucket_arn).collect();
    let good = repaired.iter().all(|arn| form::BUCKET_ARN.accepts(arn));
    Some(Fault {
        check: "CFG-003",
        why: Some(format!("{} is no ARN of a bucket", phrase::quoted(bad))),
        suggestion: good.then(|| repaired.join(",")),
    })
}

fn as_bucket_arn(text: &str) -> String {
    if form::BUCKET_ARN.accepts(text) {
        return text.to_owned();
    }
    let bare = text.strip_prefix("s3://").or_else(|| text.strip_prefix("arn:aws:s3:::")).unwrap_or(text);
    format!("arn:aws:s3:::{}", bare.split('/').next().unwrap_or_default())
}

/// Reads `ID:until:reason`, separated by semicolons.
pub(super) fn suppressions(text: &str) -> Result<Vec<Suppression>, String> {
    let mut found: Vec<Suppression> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let shown = phrase::quoted(part);
        let mut pieces = part.splitn(3, ':').map(str::trim);
        let (Some(id), Some(until), Some(reason)) = (pieces.next(), pieces.next(), pieces.next()) else {
            return Err(format!("{shown} lacks a part"));
        };
        if !form::is_check_id(id) {
            return Err(format!("{} is no check id such as NET-003", phrase::quoted(id)));
        }
        if !form::is_date(until) {
            return Err(format!("{} is no date such as 2026-12-31", phrase::quoted(until)));
        }
        if reason.is_empty() {
            return Err(format!("{shown} gives no reason"));
        }
        if found.iter().any(|other| other.check.as_str() == id) {
            return Err(format!("{id} stands there twice"));
        }
        found.push(Suppression { check: CheckId::new(id), until: until.to_owned(), reason: reason.to_owned() });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::registry::find;

    fn judge(name: &str, text: &str) -> Option<(&'static str, Option<String>)> {
        fault(find(name).unwrap(), text).map(|fault| (fault.check, fault.suggestion))
    }

    #[test]
    fn booleans_take_six_words_in_any_case() {
        for text in ["true", "TRUE", "1", "Yes", "false", "0", "nO"] {
            assert_eq!(judge("INSTALL_KARPENTER", text), None, "{text}");
        }
        assert_eq!(judge("INSTALL_KARPENTER", "on"), Some(("CFG-001", Some("true".into()))));
        assert_eq!(judge("INSTALL_KARPENTER", "ture"), Some(("CFG-001", Some("true".into()))));
        assert_eq!(judge("INSTALL_KARPENTER", "maybe"), Some(("CFG-001", Some("false".into()))));
    }

    #[test]
    fn numbers_keep_their_range_and_suggest_its_nearer_end() {
        assert_eq!(judge("IO2_IOPS", "100"), None);
        assert_eq!(judge("IO2_IOPS", "256000"), None);
        assert_eq!(judge("IO2_IOPS", "99"), Some(("CFG-002", Some("100".into()))));
        assert_eq!(judge("IO2_IOPS", "-5"), Some(("CFG-002", Some("100".into()))));
        assert_eq!(judge("IO2_IOPS", "99999999999999"), Some(("CFG-002", Some("256000".into()))));
        assert_eq!(judge("IO2_IOPS", "64,000"), Some(("CFG-001", Some("64000".into()))));
        assert_eq!(judge("IO2_IOPS", "+100"), Some(("CFG-001", Some("10000".into()))));
        assert_eq!(judge("GPU_NUM_ENIS", "auto"), None);
    }

    #[test]
    fn choices_suggest_the_nearest_word() {
        assert_eq!(judge("GPU_CAPACITY", "ondemand"), Some(("CFG-001", Some("on-demand".into()))));
        assert_eq!(judge("GPU_CAPACITY", "zzz"), Some(("CFG-001", Some("on-demand".into()))));
    }

    #[test]
    fn buckets_by_name_or_url_are_told_their_arn() {
        let want = Some(("CFG-003", Some("arn:aws:s3:::data-a,arn:aws:s3:::data-b".into())));
        assert_eq!(judge("S3_BUCKET_ARNS", "arn:aws:s3:::data-a, s3://data-b/prefix"), want);
        assert_eq!(judge("S3_BUCKET_ARNS", "arn:aws:s3:::data-a/*").map(|(check, _)| check), Some("CFG-003"));
    }

    #[test]
    fn suppressions_need_id_date_and_reason() {
        let good = suppressions("CLU-006:2026-12-31:one node: a test; NET-010:2027-01-01:tags come later").unwrap();
        assert_eq!((good.len(), good[0].reason.as_str()), (2, "one node: a test"));
        for bad in ["CLU-006", "CLU-006:2026-12-31", "CLU-006:2026-12-31: ", "clu-6:2026-12-31:x", "CLU-006:soon:x"] {
            assert!(suppressions(bad).is_err(), "{bad}");
        }
    }
}
