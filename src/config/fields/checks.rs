//! Findings that the operator accepts.

use crate::config::field::{DefaultValue, FieldDef, Kind, Section, Visibility};

/// Failed checks that you accept, with a date and a reason.
pub(in crate::config) static SUPPRESS_CHECKS: FieldDef = FieldDef {
    name: "SUPPRESS_CHECKS",
    section: Section::Checks,
    label: "Accepted",
    help: "Failed checks that you accept, with a date and a reason",
    details: "Each is ID:YYYY-MM-DD:reason, separated by semicolons. An accepted finding no longer blocks \
              until that day has passed, and every report shows it.",
    kind: Kind::Suppressions,
    default: DefaultValue::Unset,
    visible: Visibility::Always,
    checks: &[],
    mandatory: false,
};
