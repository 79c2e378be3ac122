//! Calls that no contract covers, and proof that the emulators really lack them: one that learns a call makes this fail,
//! and the call gets a contract.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use serde::Deserialize;

use super::emulators::Emulators;

#[derive(Deserialize)]
struct File {
    exclusion: Vec<Exclusion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclusion {
    call: String,
    emulator: String,
    missing: Missing,
    reason: String,
    /// Path of a REST call.
    path: Option<String>,
    /// Method of a REST call; GET without one.
    method: Option<String>,
    /// Action of an EC2 call.
    action: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Missing {
    Refused,
    Ignored,
}

fn exclusions() -> Vec<Exclusion> {
    toml::from_str::<File>(include_str!("exclusions.toml")).unwrap().exclusion
}

#[test]
fn every_exclusion_says_why_and_of_which_release() {
    for one in exclusions() {
        assert!(one.reason.ends_with('.') && one.reason.len() > 20, "{}", one.call);
        assert!(one.emulator.contains("moto 5.2.5") || one.emulator.contains("ministack 1.5.33"), "{}", one.call);
        let asked = one.path.is_some() || one.action.is_some();
        assert!(!asked || one.missing == Missing::Refused, "{} is asked, but not refused", one.call);
    }
}

/// Status and body of a plain request with a signature that names the service, which is how both find it.
fn ask(url: &str, service: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let kind = if body.is_empty() { "application/json" } else { "application/x-www-form-urlencoded" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\nX-Amz-Date: 20260701T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=test/20260701/us-east-2/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).unwrap_or("0").parse().unwrap_or(0), answer)
}

fn asked(one: &Exclusion, url: &str) -> (u16, String) {
    match (&one.path, &one.action) {
        (Some(path), _) => ask(url, "eks", one.method.as_deref().unwrap_or("GET"), path, ""),
        (None, Some(action)) => ask(url, "ec2", "POST", "/", &format!("Action={action}&Version=2016-11-15")),
        (None, None) => (0, String::new()),
    }
}

#[test]
fn what_is_said_to_be_refused_is_refused() {
    let Some(servers) = Emulators::shared() else { return };
    let servers: Arc<Emulators> = servers;
    let mut tried = 0;
    for one in exclusions().iter().filter(|one| one.path.is_some() || one.action.is_some()) {
        for (name, url) in [("moto", servers.moto()), ("ministack", servers.ministack())] {
            if !one.emulator.contains(name) {
                continue;
            }
            let (status, answer) = asked(one, url);
            // What AWS itself answers for a cluster that is not there would mean that the call is known.
            let known = (200..300).contains(&status) || answer.contains("ResourceNotFoundException");
            assert!(!known, "{name} knows {} now: give it a contract\n{answer}", one.call);
            tried += 1;
        }
    }
    assert!(tried >= 5, "only {tried} calls were tried");
    // The same way of asking reaches a call that both know.
    for url in [servers.moto(), servers.ministack()] {
        assert_eq!(ask(url, "eks", "GET", "/clusters", "").0, 200);
    }
    assert_eq!(asked(&known_action(), servers.moto()).0, 200);
}

fn known_action() -> Exclusion {
    Exclusion {
        call: "ec2:DescribeSubnets".to_owned(),
        emulator: "moto 5.2.5".to_owned(),
        missing: Missing::Refused,
        reason: String::new(),
        path: None,
        method: None,
        action: Some("DescribeSubnets".to_owned()),
    }
}
