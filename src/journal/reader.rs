//! Reads a journal back, whatever a kill left of it.

use serde_json::Value;

use super::record::{FORMAT, Record};
use crate::domain::problem::{Problem, ProblemKind};

/// What a journal file holds.
#[derive(Debug, Default, PartialEq)]
pub struct Reading {
    /// Records in order.
    pub records: Vec<Record>,
    /// Bytes up to the end of the last whole line; what follows was torn by a kill.
    pub end: u64,
    /// Remarks: a torn tail, records of a kind that this version does not know.
    pub notes: Vec<String>,
}

/// Reads the bytes of a journal. `name` is how messages call it.
///
/// # Errors
/// A newer format, and damage anywhere but in the last line.
pub fn read(name: &str, bytes: &[u8]) -> Result<Reading, Problem> {
    let mut reading = Reading::default();
    let mut rest = bytes;
    let mut number = 0_usize;
    while let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = (&rest[..length], &rest[length + 1..]);
        number += 1;
        match line_of(line) {
            Ok(Line::Known(record)) => reading.records.push(*record),
            Ok(Line::Unknown(kind)) => {
                reading.notes.push(format!("Line {number} of {name} is a record of kind {kind}, which is skipped."));
            }
            Ok(Line::Newer(format)) => return Err(newer(name, format)),
            // A write that a power cut left half on the disk can end in the next start's newline.
            Err(_) if after.is_empty() => break,
            Err(why) => return Err(damaged(name, number, &why)),
        }
        reading.end += length as u64 + 1;
        rest = after;
    }
    if !rest.is_empty() {
        let torn = bytes.len() as u64 - reading.end;
        reading.notes.push(format!("The last {torn} bytes of {name} are half a record and are dropped."));
    }
    Ok(reading)
}

enum Line {
    Known(Box<Record>),
    Unknown(String),
    Newer(u64),
}

fn line_of(line: &[u8]) -> Result<Line, String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if let Some(format) = value.get("format").and_then(Value::as_u64).filter(|format| *format > u64::from(FORMAT)) {
        return Ok(Line::Newer(format));
    }
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or("without a name").to_owned();
    let kind = word("record");
    match serde_json::from_value::<Record>(value.clone()) {
        Ok(record) => Ok(Line::Known(Box::new(record))),
        Err(error) if error.to_string().starts_with("unknown variant") => {
            Ok(Line::Unknown(if kind == "event" { format!("event/{}", word("event")) } else { kind }))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn newer(name: &str, format: u64) -> Problem {
    Problem::new(
        ProblemKind::Usage,
        format!("The journal {name} has format {format}; this version reads formats up to {FORMAT}."),
    )
    .hint("resume this run with the newer eks-wizard that wrote it")
}

fn damaged(name: &str, line: usize, why: &str) -> Problem {
    Problem::new(ProblemKind::Internal, format!("Line {line} of the journal {name} cannot be read."))
        .because(why)
        .hint("run eks-wizard plan: it finds what stands by asking AWS and the cluster, without this journal")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTENT: &str = r#"{"record":"intent","step":"a","verb":"create","token":"t","generation":0,"at":"2026-07-01T03:12:00.000Z","what":"create a"}"#;

    #[test]
    fn a_torn_tail_is_dropped_at_every_length() {
        let whole = format!("{INTENT}\n");
        for cut in 1..INTENT.len() {
            let text = format!("{whole}{}", &INTENT[..cut]);
            let reading = read("j", text.as_bytes()).unwrap();
            assert_eq!((reading.records.len(), reading.end, reading.notes.len()), (1, whole.len() as u64, 1), "{cut}");
        }
    }

    #[test]
    fn a_record_without_its_newline_does_not_count() {
        // The writer had not come back from it, so nothing was done on its account.
        assert_eq!(read("j", INTENT.as_bytes()).unwrap().records.len(), 0);
    }

    #[test]
    fn kinds_of_a_later_version_are_noted_and_skipped() {
        let text = format!(
            "{{\"record\":\"snapshot\",\"x\":1}}\n{INTENT}\n\
             {{\"record\":\"event\",\"run\":\"r\",\"seq\":1,\"at\":\"2026-07-01T03:12:00.000Z\",\"event\":\"dream\"}}\n{INTENT}\n"
        );
        let reading = read("j", text.as_bytes()).unwrap();
        assert_eq!(reading.records.len(), 2);
        assert_eq!(reading.notes.len(), 2, "{:?}", reading.notes);
        assert!(reading.notes[1].contains("event/dream"), "{:?}", reading.notes);
    }

    #[test]
    fn a_newer_format_is_refused_by_number() {
        let problem = read("j", b"{\"record\":\"header\",\"format\":2}\n").unwrap_err();
        assert!(problem.message.contains("format 2"), "{problem}");
    }

    #[test]
    fn damage_in_the_middle_is_an_error_that_names_the_line() {
        let text = format!("{INTENT}\nrubbish\n{INTENT}\n");
        assert!(read("j", text.as_bytes()).unwrap_err().message.contains("Line 2"));
    }
}
