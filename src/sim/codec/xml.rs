//! Answers as XML elements: objects by their names, lists as repeated items.

use std::fmt::Write as _;

use serde_json::Value;

/// Appends `<name>…</name>`; null is left out, a list holds one `<item>` (named by `item`) an entry.
pub fn element(out: &mut String, name: &str, value: &Value, item: &str) {
    if value.is_null() {
        return;
    }
    out.push('<');
    out.push_str(name);
    out.push('>');
    // The one list of EC2 with entries of another name: group ids of a launch template's interface (botocore's model).
    let ids = name == "groupSet" && value.as_array().is_some_and(|entries| entries.iter().all(Value::is_string));
    content(out, value, if ids { "groupId" } else { item });
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Appends what stands inside an element.
pub fn content(out: &mut String, value: &Value, item: &str) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{number}");
        }
        Value::String(text) => escape(out, text),
        Value::Array(items) => items.iter().for_each(|entry| element(out, item, entry, item)),
        Value::Object(members) => members.iter().for_each(|(name, member)| element(out, name, member, item)),
    }
}

/// Appends text with the characters escaped that XML would read or normalise; characters that XML 1.0 forbids become
/// U+FFFD.
pub fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' | '\t' => out.push(character),
            '\u{0}'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_nest_and_nulls_vanish() {
        let mut out = String::new();
        let value =
            json!({"set": [{"a": 1, "none": null}, {"tags": [{"k": "x"}, {"k": "y"}]}], "empty": [], "on": true});
        element(&mut out, "R", &value, "item");
        let want = "<R><set><item><a>1</a></item><item><tags><item><k>x</k></item><item><k>y</k></item></tags></item>\
                    </set><empty></empty><on>true</on></R>";
        assert_eq!(out, want);
    }

    #[test]
    fn text_is_escaped() {
        let mut out = String::new();
        escape(&mut out, "a<b>&\"c\"\r\n\u{1}é");
        assert_eq!(out, "a&lt;b&gt;&amp;&quot;c&quot;&#xD;\n\u{FFFD}é");
    }
}
