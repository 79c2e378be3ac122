//! Versions of add-ons, such as `v1.64.0-eksbuild.2`.

use std::cmp::Ordering;

/// Whether `have` is `want` or newer, number by number; a text that is no version counts as older.
pub fn not_older(have: &str, want: &str) -> bool {
    have == want || matches!((numbers(have), numbers(want)), (Some(have), Some(want)) if compare(&have, &want).is_ge())
}

fn compare(a: &[u64], b: &[u64]) -> Ordering {
    let length = a.len().max(b.len());
    let at = |numbers: &[u64], index: usize| numbers.get(index).copied().unwrap_or(0);
    (0..length).map(|index| at(a, index).cmp(&at(b, index))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The numbers in order: `v1.64.0-eksbuild.2` is 1, 64, 0, 2. Three of them come before the build.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let (release, build) = version.split_once('-').unwrap_or((version, ""));
    let mut numbers: Vec<u64> =
        release.trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    numbers.resize(numbers.len().max(3), 0);
    numbers.push(build.rsplit('.').next().and_then(|part| part.parse().ok()).unwrap_or(0));
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_and_not_as_text() {
        assert!(not_older("v1.64.0-eksbuild.1", "v1.9.0-eksbuild.3"));
        assert!(!not_older("v1.9.9-eksbuild.3", "v1.64.0-eksbuild.1"));
        assert!(not_older("v1.64.0-eksbuild.10", "v1.64.0-eksbuild.9"));
        assert!(!not_older("v1.64.0-eksbuild.1", "v1.64.0-eksbuild.2"));
    }

    #[test]
    fn a_missing_build_is_the_lowest_one() {
        assert!(not_older("v1.3.10-eksbuild.1", "v1.3.10"));
        assert!(!not_older("latest", "v1.0.0"));
        assert!(not_older("latest", "latest"));
    }
}
