//! Instants and spans as plain values. The clock itself is `transport::time::Timer`.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An instant in UTC with millisecond precision, written as RFC 3339 (`2026-07-01T03:12:00.000Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp {
    millis: i64,
}

impl Stamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self { millis: 0 };

    /// The instant `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis }
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.millis
    }

    /// Whole seconds since the Unix epoch.
    pub const fn seconds(self) -> i64 {
        self.millis.div_euclid(1000)
    }

    /// Time from `earlier` to `self`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.millis - earlier.millis).unwrap_or(0))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.millis).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// `2026-07-01T03:12:00Z`: RFC 3339 in whole seconds, as Kubernetes writes it.
    pub fn rfc3339_seconds(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `03:12:00Z`: for places where the order of seconds matters.
    pub fn clock_seconds(self) -> String {
        self.timestamp().strftime("%H:%M:%SZ").to_string()
    }

    /// `03:12Z`.
    pub fn clock_minutes(self) -> String {
        self.timestamp().strftime("%H:%MZ").to_string()
    }

    /// `20260701T031200Z`: the compact form of Signature Version 4.
    pub fn amz_date(self) -> String {
        self.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.timestamp().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        write!(f, "{text}.{:03}Z", self.millis.rem_euclid(1000))
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> Self {
        stamp.to_string()
    }
}

impl std::str::FromStr for Stamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed: Timestamp = text.parse()?;
        Ok(Self::from_millis(parsed.as_millisecond()))
    }
}

impl TryFrom<String> for Stamp {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl Add<Duration> for Stamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self::from_millis(self.millis.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Stamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self::from_millis(self.millis.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A span as operators read it: `41 ms`, `12s`, `4m12s`, `3h05m`, `5d03h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Elapsed(pub Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let text = match seconds {
            0 => format!("{} ms", self.0.as_millis()),
            1..60 => format!("{seconds}s"),
            60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
            3600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
            _ => format!("{}d{:02}h", seconds / 86_400, seconds % 86_400 / 3600),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_reads_as_the_grammar_demands() {
        let cases = [(41, "41 ms"), (12_000, "12s"), (252_000, "4m12s"), (11_100_000, "3h05m"), (442_800_000, "5d03h")];
        for (millis, want) in cases {
            assert_eq!(Elapsed(Duration::from_millis(millis)).to_string(), want);
        }
    }

    #[test]
    fn a_stamp_survives_its_text_form() {
        let stamp: Stamp = "2026-07-01T03:12:00.250Z".parse().unwrap();
        assert_eq!(stamp.to_string(), "2026-07-01T03:12:00.250Z");
        assert_eq!(stamp.rfc3339_seconds(), "2026-07-01T03:12:00Z");
        assert_eq!(stamp.amz_date(), "20260701T031200Z");
    }
}
