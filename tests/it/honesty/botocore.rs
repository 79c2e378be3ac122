//! Rule 8: judged from outside. Every AWS answer of an install and a verification is parsed by botocore's own service
//! models, and holds no member that the models do not know.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::honesty::install;
use crate::stage::Exchange;

/// With its exact version: models grow with every release.
const PACKAGE: &str = "botocore==1.43.106";

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// The Python of an environment with botocore, made once in the target folder, or why there is none.
fn python() -> Result<PathBuf, String> {
    let venv = target().join("botocore-venv");
    let lock = File::create(target().join("botocore-venv.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let (python, mark) = (venv.join("bin/python"), venv.join("installed"));
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == PACKAGE) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"];
    run(Command::new(&python).args(pip).arg(PACKAGE))?;
    // Written last: an installation that was killed has no mark and is made anew.
    std::fs::write(&mark, PACKAGE).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ended with {}:\n{text}{errors}", output.status))
}

/// One line for the script: the request as far as it names the operation, and the answer.
fn line(exchange: &Exchange) -> Value {
    let headers: serde_json::Map<String, Value> = exchange
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().into()))
        .collect();
    json!({
        "host": exchange.request.uri.host(), "method": exchange.request.method.as_str(),
        "path": exchange.request.uri.path(), "operation": exchange.request.operation(),
        "status": exchange.status, "headers": headers, "body": String::from_utf8_lossy(&exchange.answer),
    })
}

/// Has the script judge the exchanges; what it says, as an error if it found something.
fn judge(name: &str, lines: &[Value]) -> Option<Result<String, String>> {
    let python = match python() {
        Ok(python) => python,
        Err(why) if std::env::var_os("CI").is_some() => panic!("botocore cannot be installed: {why}"),
        Err(why) => {
            eprintln!("skipped: botocore cannot be installed: {why}");
            return None;
        }
    };
    let path = target().join(format!("tmp/{name}.jsonl"));
    let mut file = File::create(&path).unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/honesty/parse.py");
    Some(run(Command::new(python).arg(script).arg(path)))
}

#[test]
fn botocore_understands_every_answer() {
    let lines: Vec<Value> = install().iter().filter(|one| !one.request.is_kubernetes()).map(line).collect();
    assert!(lines.len() > 80, "{}", lines.len());
    let Some(verdict) = judge("install", &lines) else { return };
    let told = verdict.unwrap_or_else(|why| panic!("{why}"));
    assert!(told.starts_with(&format!("{} answers", lines.len())), "{told}");
}

#[test]
fn the_judge_finds_what_no_model_knows() {
    let cluster = |body: &str| {
        json!({"host": "eks.us-east-2.amazonaws.com", "method": "GET", "path": "/clusters/orbit-train",
            "operation": null, "status": 200, "headers": {}, "body": body})
    };
    let line = cluster(r#"{"cluster": {"name": "orbit-train", "colour": "blue"}}"#);
    let late = cluster(r#"{"cluster": {"name": "orbit-train", "createdAt": "yesterday"}}"#);
    let form = r#"<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>
        <subnetSet><item><subnetId>subnet-1</subnetId><mood>calm</mood></item></subnetSet></DescribeSubnetsResponse>"#;
    let form = json!({"host": "ec2.us-east-2.amazonaws.com", "method": "POST", "path": "/", "operation": "DescribeSubnets",
        "status": 200, "headers": {}, "body": form});
    let Some(verdict) = judge("wrong", &[line, late, form]) else { return };
    let why = verdict.unwrap_err();
    assert!(why.contains("cluster.colour") && why.contains("yesterday") && why.contains("mood"), "{why}");
}
