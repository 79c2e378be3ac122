//! Resource quantities: their value, and the spelling the API server stores.

use serde_json::Value;

const DECIMAL: &[(&str, i32)] =
    &[("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15)];
const BINARY: &[(&str, u32)] = &[("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

/// Billionths of one; `None` when the text is no quantity.
pub(crate) fn nanos(text: &str) -> Option<i128> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let value = decimal(number)?;
    if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return value.checked_shl(*bits);
    }
    let (_, power) = DECIMAL.iter().find(|(name, _)| *name == suffix)?;
    let factor = 10_i128.pow(power.unsigned_abs());
    Some(if *power < 0 { value / factor } else { value.checked_mul(factor)? })
}

/// Thousandths of one, rounded up; zero when the text is no quantity.
pub(crate) fn millis(value: &Value) -> i128 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let nanos = nanos(&text).unwrap_or(0);
    nanos.div_euclid(1_000_000) + i128::from(nanos.rem_euclid(1_000_000) != 0)
}

fn decimal(number: &str) -> Option<i128> {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, number),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let part: String = part.chars().chain(std::iter::repeat('0')).take(9).collect();
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    Some(sign * (whole.checked_mul(1_000_000_000)? + part.parse::<i128>().ok()?))
}

/// The canonical spelling: `1000m` is `1`, `1024Mi` is `1Gi`, `0.5` is `500m`. Other text comes back as it is.
pub(crate) fn canonical(text: &str) -> String {
    let Some(value) = nanos(text) else { return text.to_owned() };
    if text.ends_with('i') {
        let unit = value / 1_000_000_000;
        if unit > 0 && value % 1_000_000_000 == 0 {
            let fits = BINARY.iter().rev().find(|(_, bits)| unit % (1_i128 << bits) == 0);
            return fits.map_or_else(|| unit.to_string(), |(name, bits)| format!("{}{name}", unit >> bits));
        }
    }
    if value == 0 {
        return "0".to_owned();
    }
    let fits = DECIMAL.iter().rev().find(|(_, power)| value % 10_i128.pow((power + 9).unsigned_abs()) == 0);
    fits.map_or_else(
        || text.to_owned(),
        |(name, power)| format!("{}{name}", value / 10_i128.pow((power + 9).unsigned_abs())),
    )
}

/// Spells every quantity of an object canonically.
pub(crate) fn canonicalise(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, item) in map.iter_mut() {
                match (name.as_str(), &mut *item) {
                    ("limits" | "requests" | "capacity" | "allocatable" | "hard", Value::Object(amounts)) => {
                        amounts.values_mut().for_each(respell);
                    }
                    ("sizeLimit" | "divisor", amount) => respell(amount),
                    (_, item) => canonicalise(item),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(canonicalise),
        _ => {}
    }
}

fn respell(amount: &mut Value) {
    match amount {
        Value::String(text) => *text = canonical(text),
        Value::Number(number) => *amount = canonical(&number.to_string()).into(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_spelled_as_the_server_stores_them() {
        let cases = [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("5120Mi", "5Gi"),
            ("200Mi", "200Mi"),
            ("8", "8"),
            ("0", "0"),
            ("1.5Gi", "1536Mi"),
        ];
        for (given, stored) in cases {
            assert_eq!(canonical(given), stored, "{given}");
        }
        assert_eq!(canonical("soon"), "soon");
    }

    #[test]
    fn amounts_compare_in_thousandths() {
        assert_eq!(millis(&"250m".into()), 250);
        assert_eq!(millis(&"8".into()), 8000);
        assert_eq!(millis(&"1Ki".into()), 1_024_000);
    }
}
