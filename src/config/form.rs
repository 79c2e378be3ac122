//! The written forms of names, ids and versions, each with the service's own rule. Pure predicates over text.

/// A form: how it is recognised, how it is described, and a value that has it.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The form in words, after "it takes".
    pub expects: &'static str,
    /// A value of that form, for messages.
    pub example: &'static str,
    /// Longest text that the service takes, in characters.
    pub max: usize,
    /// The form as a regular expression without anchors, in the dialect that ECMA 262 and Rust share: for the schema.
    /// A test holds it against `matches`.
    pub pattern: &'static str,
    /// Whether a text of that length has the form.
    pub matches: fn(&str) -> bool,
}

impl Form {
    /// Whether `text` has this form.
    pub fn accepts(&self, text: &str) -> bool {
        !text.is_empty() && text.chars().count() <= self.max && (self.matches)(text)
    }
}

/// EKS CreateCluster `name`: `^[0-9A-Za-z][A-Za-z0-9_-]*$`, at most 100 characters.
pub const CLUSTER: Form = Form {
    expects: "1–100 letters, digits, hyphens and underscores, the first one a letter or digit",
    example: "orbit-train",
    max: 100,
    pattern: "[0-9A-Za-z][0-9A-Za-z_-]*",
    matches: is_eks_name,
};

/// EKS CreateNodegroup `nodegroupName`: at most 63 characters, the alphabet of a cluster name.
pub const NODE_GROUP: Form = Form {
    expects: "1–63 letters, digits, hyphens and underscores, the first one a letter or digit",
    example: "gpu-compute",
    max: 63,
    pattern: "[0-9A-Za-z][0-9A-Za-z_-]*",
    matches: is_eks_name,
};

/// Names of Regions: `us-east-2`, `ap-southeast-4`, `us-gov-west-1`.
pub const REGION: Form = Form {
    expects: "a Region such as us-east-2",
    example: "us-east-2",
    max: 32,
    pattern: "[a-z]{2,9}(?:-[a-z]{2,9})+-[0-9]{1,2}",
    matches: is_region,
};

/// EC2 subnet id: 8 or 17 lower-case hex digits.
pub const SUBNET: Form = Form {
    expects: "subnet- and 8 or 17 lower-case hex digits",
    example: "subnet-0123456789abcdef0",
    max: 24,
    pattern: "subnet-(?:[0-9a-f]{8}|[0-9a-f]{17})",
    matches: |text| text.strip_prefix("subnet-").is_some_and(|id| is_hex(id, &[8, 17])),
};

/// EC2 capacity reservation id, of a Capacity Block too.
pub const RESERVATION: Form = Form {
    expects: "cr- and 17 lower-case hex digits",
    example: "cr-0123456789abcdef0",
    max: 20,
    pattern: "cr-[0-9a-f]{17}",
    matches: |text| text.strip_prefix("cr-").is_some_and(|id| is_hex(id, &[17])),
};

/// EC2 instance type: family, dot, size. Whether it exists and has EFA takes a fact.
pub const INSTANCE_TYPE: Form = Form {
    expects: "an EC2 instance type such as p5en.48xlarge",
    example: "p5en.48xlarge",
    max: 32,
    pattern: r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*",
    matches: is_instance_type,
};

/// EC2 placement group: any name up to 255 ASCII characters; we refuse blanks at the ends and control characters.
pub const PLACEMENT_GROUP: Form = Form {
    expects: "auto, none or the name of a placement group (at most 255 printable characters)",
    example: "auto",
    max: 255,
    pattern: "[!-~](?:[ -~]*[!-~])?",
    matches: |text| text.trim() == text && text.chars().all(|c| c.is_ascii_graphic() || c == ' '),
};

/// Release of the EKS optimised AMI, as its changelog (`v20260714`) or the EKS API (`1.35.6-20260714`) writes it.
pub const AMI_RELEASE: Form = Form {
    expects: "latest, or a release such as v20260714 or 1.35.6-20260714",
    example: "latest",
    max: 32,
    pattern: r"(?:latest|v[0-9]{8}|[0-9]+\.[0-9]+\.[0-9]+-[0-9]{8})",
    matches: |text| text == "latest" || is_release(text),
};

/// ARN of an S3 bucket in any partition; the bucket by S3's general purpose naming rules.
pub const BUCKET_ARN: Form = Form {
    expects: "the ARN of a bucket such as arn:aws:s3:::my-bucket, without a path or a wildcard",
    example: "arn:aws:s3:::my-bucket",
    max: 128,
    pattern: "arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    matches: is_bucket_arn,
};

/// Kubernetes taint `key=value:Effect`.
pub const TAINT: Form = Form {
    expects: "a taint key=value:Effect, with the effect NoSchedule, PreferNoSchedule or NoExecute",
    example: "eks-wizard/karpenter=true:NoSchedule",
    max: 400,
    pattern: concat!(
        "(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:[.][a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*/)?",
        "[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?(?:=(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?)?",
        ":(?:NoSchedule|PreferNoSchedule|NoExecute)"
    ),
    matches: |text| split_taint(text).is_some(),
};

/// Two or three numbers joined by dots, with an optional `v` and suffix: `550.127.05`, `2.22.3`, `1.1.0-rc.1`.
pub fn is_version(text: &str) -> bool {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let (core, suffix) = bare.split_once(['-', '+']).unwrap_or((bare, "0"));
    let parts: Vec<&str> = core.split('.').collect();
    let suffix_ok = !suffix.is_empty() && suffix.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    text.len() <= 32 && (2..=4).contains(&parts.len()) && parts.iter().all(|part| is_digits(part)) && suffix_ok
}

/// [`is_version`] as a regular expression without anchors, up to the length.
pub const VERSION_PATTERN: &str = r"v?[0-9]+(?:\.[0-9]+){1,3}(?:[+-][0-9A-Za-z.+-]+)?";

/// Key, value and effect of a taint, if it has the form and Kubernetes' label syntax.
pub fn split_taint(text: &str) -> Option<(&str, &str, &str)> {
    let (pair, effect) = text.rsplit_once(':')?;
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let prefix_ok = prefix.is_none_or(|prefix| {
        prefix.len() <= 253 && prefix.split('.').all(|part| is_label(part) && part.chars().all(|c| !c.is_uppercase()))
    });
    let effect_ok = ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect);
    (prefix_ok && is_label(name) && (value.is_empty() || is_label(value)) && effect_ok).then_some((key, value, effect))
}

/// A calendar date `YYYY-MM-DD` that exists.
pub fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    if [year.len(), month.len(), day.len()] != [4, 2, 2] || !parts.iter().all(|part| is_digits(part)) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>()) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Id of a check: two to four capitals, a hyphen, three digits.
pub fn is_check_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(group, number)| {
        (2..=4).contains(&group.len())
            && group.chars().all(|c| c.is_ascii_uppercase())
            && number.len() == 3
            && is_digits(number)
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn is_hex(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

fn is_eks_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// Kubernetes label name or value: at most 63 characters, alphanumeric at both ends.
fn is_label(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (Some((number, words)), true) = (parts.split_last(), parts.len() >= 3) else { return false };
    is_digits(number)
        && number.len() <= 2
        && words.iter().all(|word| (2..=9).contains(&word.len()) && word.chars().all(|c| c.is_ascii_lowercase()))
}

fn is_instance_type(text: &str) -> bool {
    let Some((family, size)) = text.split_once('.') else { return false };
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    family.starts_with(|c: char| c.is_ascii_lowercase()) && family.split('-').all(word) && size.split('-').all(word)
}

fn is_release(text: &str) -> bool {
    let is_day = |day: &str| day.len() == 8 && is_digits(day);
    match text.strip_prefix('v') {
        Some(day) => is_day(day),
        None => text.split_once('-').is_some_and(|(version, day)| {
            let parts: Vec<&str> = version.split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| is_digits(part)) && is_day(day)
        }),
    }
}

fn is_bucket_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "s3", "", "", bucket] = parts.as_slice() else { return false };
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    partition.starts_with("aws")
        && partition.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        && (3..=63).contains(&bucket.len())
        && bucket.starts_with(edge)
        && bucket.ends_with(edge)
        && bucket.chars().all(|c| edge(c) || "-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(form: &Form, good: &[&str], bad: &[&str]) {
        assert!(form.accepts(form.example), "the example {} has its own form", form.example);
        good.iter().chain(bad).for_each(|text| agree(form, text));
        for text in good {
            assert!(form.accepts(text), "{text} is accepted");
        }
        for text in bad {
            assert!(!form.accepts(text), "{text} is refused");
        }
    }

    fn anchored(pattern: &str) -> regex::Regex {
        regex::Regex::new(&format!("^(?:{pattern})$")).unwrap()
    }

    fn agree(form: &Form, text: &str) {
        let by_pattern = text.chars().count() <= form.max && anchored(form.pattern).is_match(text);
        assert_eq!(by_pattern, form.accepts(text), "{} on {text:?}", form.pattern);
    }

    proptest::proptest! {
        #[test]
        fn patterns_say_what_the_predicates_say(
            name in "[a-zA-Z0-9_.-]{0,12}",
            region in "[a-z]{1,10}-[a-zA-Z]{1,3}-?[0-9]{0,3}",
            id in "(subnet|cr)-[0-9a-g]{7,18}",
            instance in "[a-z0-9-]{0,4}[.]?[a-z0-9-]{0,4}",
            printable in "[ a-z!\\u{7f}é]{0,6}",
            release in "(latest|v?[0-9]{7,9}|1[.]35[.]?6?-[0-9]{7,9})",
            arn in "arn:aws[a-z-]{0,3}:s3:::[a-zA.*/-]{1,6}",
            taint in "[a-zA-Z./-]{0,6}[=]?[a-z-]{0,3}:(NoSchedule|NoExecute|noexecute)",
        ) {
            for form in [&CLUSTER, &NODE_GROUP, &REGION, &SUBNET, &RESERVATION, &INSTANCE_TYPE, &PLACEMENT_GROUP] {
                [&name, &region, &id, &instance, &printable].into_iter().for_each(|text| agree(form, text));
            }
            agree(&AMI_RELEASE, &release);
            agree(&BUCKET_ARN, &arn);
            agree(&TAINT, &taint);
        }

        #[test]
        fn the_version_pattern_says_what_the_predicate_says(text in "v?[0-9]{0,2}([.][0-9a]{0,2}){0,4}[-+]?[a-z.+]{0,3}") {
            assert_eq!(anchored(VERSION_PATTERN).is_match(&text), is_version(&text), "{text:?}");
        }
    }

    #[test]
    fn names_follow_the_services_rules() {
        let longest = "a".repeat(100);
        let too_long = "a".repeat(101);
        judge(&CLUSTER, &["a", "9_x-Y", &longest], &["", "-a", "a b", "a.b", "é", &too_long]);
        judge(&NODE_GROUP, &["gpu-compute"], &[&longest, "_x"]);
        judge(&REGION, &["us-gov-west-1", "ap-southeast-4"], &["us-east", "US-EAST-1", "us_east_1", "us-east-2a"]);
        judge(&INSTANCE_TYPE, &["p5.4xlarge", "u-6tb1.metal", "p6-b300.48xlarge"], &["p5", "p5.", "P5.48xlarge", ".x"]);
        judge(&PLACEMENT_GROUP, &["none", "my group"], &[" x", "a\u{7}"]);
    }

    #[test]
    fn ids_have_exact_lengths() {
        judge(&SUBNET, &["subnet-12345678"], &["subnet-1234567", "subnet-0123456789ABCDEF0", "sg-12345678"]);
        judge(&RESERVATION, &[], &["cr-12345678", "cr-0123456789abcdeg0"]);
    }

    #[test]
    fn bucket_arns_name_one_bucket() {
        judge(
            &BUCKET_ARN,
            &["arn:aws-cn:s3:::data.a", "arn:aws-us-gov:s3:::abc"],
            &["arn:aws:s3:::a/*", "arn:aws:s3:::*", "arn:aws:s3:us-east-2::abc", "my-bucket", "arn:aws:s3:::ab"],
        );
    }

    #[test]
    fn releases_and_versions() {
        judge(&AMI_RELEASE, &["v20260714", "1.35.6-20260714"], &["20260714", "v2026", "1.35-20260714", "newest"]);
        for text in ["550.127.05", "v1.1.0", "2.22.3", "1.9.0-rc.1", "1.35"] {
            assert!(is_version(text), "{text}");
        }
        for text in ["", "v", "1", "1.", "a.b", "1.2.3.4.5", "1.2-", "1..2"] {
            assert!(!is_version(text), "{text}");
        }
    }

    #[test]
    fn taints_split_into_three() {
        assert_eq!(split_taint("nvidia.com/gpu=true:NoSchedule"), Some(("nvidia.com/gpu", "true", "NoSchedule")));
        assert_eq!(split_taint("dedicated:NoExecute"), Some(("dedicated", "", "NoExecute")));
        for bad in ["a=b", "a=b:noschedule", "=b:NoSchedule", "Bad.Prefix/x=b:NoSchedule", "a=-b:NoSchedule"] {
            assert_eq!(split_taint(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_dates_that_exist() {
        assert!(is_date("2028-02-29"));
        for bad in ["2026-02-29", "2026-13-01", "2026-1-1", "tomorrow", "2026-00-10", "+026-01-01"] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn check_ids() {
        assert!(is_check_id("NET-003") && is_check_id("COST-001"));
        assert!(!is_check_id("net-003") && !is_check_id("NET-3") && !is_check_id("NET003"));
    }
}
