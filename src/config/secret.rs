//! What looks like a secret. A value that does is reported by name and place, and never echoed or stored.

/// Stands for a value that looks like a secret.
pub const WITHHELD: &str = "<withheld>";

const PREFIXES: [&str; 13] = [
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "nvapi-",
    "hf_",
    "sk-",
    "npm_",
];
const NAME_PARTS: [&str; 9] =
    ["SECRET", "PASSWORD", "PASSWD", "TOKEN", "PRIVATE_KEY", "API_KEY", "APIKEY", "ACCESS_KEY", "CREDENTIAL"];

/// Whether `name = value` looks like a secret. For our own variables only the value counts, and only unmistakable
/// patterns, so that a long cluster name is never withheld.
pub(super) fn in_assignment(name: &str, value: &str, known: bool) -> bool {
    if value.trim().is_empty() {
        return false;
    }
    let named = NAME_PARTS.iter().any(|part| name.to_ascii_uppercase().contains(part));
    in_text(value) || (!known && (named || runs(value).any(|run| run.len() >= 32 && is_mixed(run))))
}

/// Whether a text, such as a comment, holds an unmistakable secret.
pub(super) fn in_text(text: &str) -> bool {
    let words = || text.split(|c: char| c.is_whitespace() || "=\"',;:()".contains(c));
    text.contains("PRIVATE KEY-----")
        || words().any(|word| PREFIXES.iter().any(|prefix| has_token_after(word, prefix)))
        || bearer(text)
        || words().any(is_jwt)
        || runs(text).any(|run| is_access_key_id(run) || (run.len() == 40 && is_mixed(run)))
}

fn has_token_after(word: &str, prefix: &str) -> bool {
    word.strip_prefix(prefix)
        .is_some_and(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).count() >= 16)
}

fn bearer(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.find("bearer ").is_some_and(|at| {
        let rest = lower.get(at + "bearer ".len()..).unwrap_or_default().trim_start();
        rest.chars().take_while(|c| c.is_ascii_graphic()).count() >= 16
    })
}

/// IAM access key ids: a four-letter kind and 16 capitals or digits (IAM user guide, "unique identifiers").
fn is_access_key_id(run: &str) -> bool {
    run.len() == 20
        && (run.starts_with("AKIA") || run.starts_with("ASIA"))
        && run.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn is_jwt(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() >= 40 && word.matches('.').count() == 2
}

/// Runs of the base64 alphabet.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '+'))
}

fn is_mixed(run: &str) -> bool {
    let has = |test: fn(char) -> bool| run.chars().any(test);
    has(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKE1";

    #[test]
    fn unmistakable_values_are_found_under_any_name() {
        for value in [
            "AKIAIOSFODNN7EXAMPLE",
            SECRET_KEY,
            "-----BEGIN RSA PRIVATE KEY-----",
            "ghp_0123456789abcdef0123456789abcdef0123",
            "Bearer abcdefghijklmnopqrstuvwxyz",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        ] {
            assert!(in_assignment("CLUSTER_NAME", value, true), "{value}");
        }
    }

    #[test]
    fn names_count_for_unknown_variables_only() {
        assert!(in_assignment("db_password", "hunter2", false));
        assert!(!in_assignment("db_password", "", false));
        assert!(!in_assignment("PRIVATE_SUBNET_A", "subnet-0123456789abcdef0", true));
    }

    #[test]
    fn ordinary_values_are_left_alone() {
        for value in [
            "arn:aws:s3:::a-bucket-with-a-very-long-name-of-more-than-forty-letters",
            "Production-Cluster-Number-1-Of-The-Whole-Company-In-Ohio",
            "eks-wizard/karpenter=true:NoSchedule",
            "the bearer of bad news",
        ] {
            assert!(!in_assignment("CLUSTER_NAME", value, true), "{value}");
        }
    }
}
