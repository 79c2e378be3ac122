//! 1 Connect: Region, clusters, who calls, what answers.

use crate::domain::facts::{ClusterSummary, Fact, Facts};
use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_end};

use super::states::{banner, left};
use super::{check_mark, fields};

/// The name of the chosen cluster.
const CLUSTER: &str = "CLUSTER_NAME";

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = banner("the account", &model.world.facts, model.clock, wide);
    rows.extend(fields::rows(model, "AWS_REGION", wide));
    rows.extend(fields::rows(model, CLUSTER, wide));
    rows.push(Row::blank());
    let clusters = model.facts().map(|facts| &facts.clusters);
    let count = clusters.and_then(Fact::known).map_or_else(|| "–".to_owned(), |all| all.len().to_string());
    rows.push(Row::head("CLUSTERS").right(Role::Muted, count));
    match clusters {
        Some(Fact::Known { value, .. }) if value.is_empty() => {
            rows.extend(Row::prose("None in this Region. Change the Region, or make a cluster first.", wide));
        }
        Some(Fact::Known { value, .. }) => {
            rows.push(Row::new(Line::of(Role::Muted, format!("    {:<19}VERSION  STATUS      AUTO MODE", "NAME"))));
            rows.extend(value.iter().map(|cluster| cluster_row(model, cluster)));
        }
        Some(Fact::Unknown { why }) => {
            let line = Line::new().mark(Mark::Unknown).plain("cannot tell: ").plain(why.clone());
            rows.push(Row::new(line.cut(wide)).on(Target::Info("clusters")));
        }
        Some(Fact::NotAsked) | None => {
            rows.push(Row::new(Line::new().mark(Mark::NotYet).plain("not read yet")).on(Target::Info("clusters")));
        }
    }
    rows.push(Row::blank());
    rows.push(Row::head("WHO YOU ARE"));
    rows.extend(who(model, wide));
    rows.push(Row::blank());
    rows.push(Row::head("WHAT ANSWERS"));
    rows.extend(answers(model, wide));
    rows
}

fn refused(cluster: &ClusterSummary) -> Option<String> {
    (cluster.status != "ACTIVE").then(|| {
        format!(
            "EKS says {} of {} (CLU-001). Wait until it is ACTIVE, then r reads it again.",
            cluster.status, cluster.name
        )
    })
}

fn cluster_row(model: &Model, cluster: &ClusterSummary) -> Row {
    let name = cluster.name.as_str();
    let why = refused(cluster);
    let line = match (model.value(CLUSTER) == name, why.is_some()) {
        (true, _) => Line::of(Role::Bold, "(•) "),
        (false, true) => Line::of(Role::Muted, " –  "),
        (false, false) => Line::new().plain("( ) "),
    };
    let auto = if cluster.auto_mode { "on" } else { "off" };
    let role = if why.is_some() { Role::Muted } else { Role::Plain };
    let line = line.col(role, name, 18).col(role, &cluster.version, 8).col(role, &cluster.status, 11).put(role, auto);
    let mut row = Row::new(line).on(Target::Cluster(name.to_owned()));
    row.blocked = why;
    row
}

/// A line with a mark, a name, what was found, and a check.
fn evidence(mark: Mark, name: &'static str, says: &str, check: &'static str, wide: usize) -> Row {
    let line = Line::new().to(2).mark(mark).plain(format!("{name:<14}")).plain(says.to_owned());
    Row::new(line.cut(wide.saturating_sub(check.len() + 1))).right(Role::Muted, check).on(Target::Info(name))
}

fn known<'facts, T>(
    model: &'facts Model,
    get: impl Fn(&'facts Facts) -> &'facts Fact<T>,
) -> Result<&'facts T, (Mark, String)> {
    match model.facts().map(get) {
        Some(Fact::Known { value, .. }) => Ok(value),
        Some(Fact::Unknown { why }) => Err((Mark::Unknown, format!("cannot tell: {why}"))),
        Some(Fact::NotAsked) | None => Err((Mark::NotYet, "not read yet".to_owned())),
    }
}

fn who(model: &Model, wide: usize) -> Vec<Row> {
    match known(model, |facts| &facts.caller) {
        Ok(caller) => {
            let arn = caller.arn.as_str();
            let role = arn.split_once(":assumed-role/").map_or(arn, |(_, rest)| rest);
            let alias = caller.alias.as_ref().map_or_else(String::new, |alias| format!("{alias}, "));
            let token = caller.expires_at.map_or_else(
                || match model.session.simulated {
                    true => (Mark::No, "simulated credentials do not end".to_owned()),
                    false => (Mark::Unknown, "cannot tell: the provider names no end".to_owned()),
                },
                |end| {
                    if end > model.clock {
                        (Mark::Proven, format!("{} left", left(model.clock, end)))
                    } else {
                        (Mark::Failed, "expired".to_owned())
                    }
                },
            );
            vec![
                evidence(Mark::Proven, "caller", &cut_end(role, 40), "", wide),
                evidence(Mark::Proven, "account", &format!("{alias}{}", caller.account), "ACC-001", wide),
                evidence(token.0, "token", &token.1, "ENG-005", wide),
            ]
        }
        Err((mark, says)) => vec![evidence(mark, "caller", &says, "ACC-001", wide)],
    }
}

fn answers(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    match known(model, |facts| &facts.cluster) {
        Ok(cluster) => {
            let access = match (cluster.endpoint_access.private, cluster.endpoint_access.public) {
                (true, true) => "private and public",
                (true, false) => "private only",
                (false, true) => "public only",
                (false, false) => "no access",
            };
            let status = &cluster.summary.status;
            let mark = if status == "ACTIVE" { Mark::Proven } else { Mark::Warning };
            rows.push(evidence(mark, "status", status, "CLU-001", wide));
            rows.push(evidence(Mark::Proven, "API endpoint", access, "", wide));
            rows.push(evidence(Mark::Proven, "access mode", &cluster.authentication_mode, "", wide));
            let auto = if cluster.summary.auto_mode {
                "on: EKS brings some components"
            } else {
                "off: nothing is supplied for you"
            };
            rows.push(evidence(check_mark(model, "CLU-004"), "Auto Mode", auto, "CLU-004", wide));
        }
        Err((mark, says)) => rows.push(evidence(mark, "cluster", &says, "CLU-001", wide)),
    }
    match known(model, |facts| &facts.kube.access) {
        Ok(access) if access.denied.is_empty() => {
            let says = format!("all {} rights that were asked for", access.asked);
            rows.push(evidence(Mark::Proven, "API rights", &says, "ACC-002", wide));
        }
        Ok(access) => {
            let says = format!("{} of {} denied", access.denied.len(), access.asked);
            rows.push(evidence(Mark::Failed, "API rights", &says, "ACC-002", wide));
        }
        Err((mark, says)) => rows.push(evidence(mark, "API rights", &says, "ACC-002", wide)),
    }
    match known(model, |facts| &facts.kube.nodes) {
        Ok(nodes) => {
            let ready = nodes.iter().filter(|node| node.ready).count();
            let mark = if ready > 0 { Mark::Proven } else { Mark::Warning };
            rows.push(evidence(mark, "nodes", &format!("{ready} of {} Ready", nodes.len()), "CLU-006", wide));
        }
        Err((mark, says)) => rows.push(evidence(mark, "nodes", &says, "CLU-006", wide)),
    }
    match known(model, |facts| &facts.network.cni) {
        Ok(cni) => {
            let says = format!("vpc-cni {}", cni.version);
            rows.push(evidence(check_mark(model, "NET-006"), "pod network", &says, "NET-006", wide));
        }
        Err((mark, says)) => rows.push(evidence(mark, "pod network", &says, "NET-006", wide)),
    }
    rows
}

/// The chosen cluster, else the first that can be chosen.
pub fn first(model: &Model) -> Option<Target> {
    // While the list is being read the cursor waits there, so that an early Enter opens no field.
    let Some(clusters) = model.facts().and_then(|facts| facts.clusters.known()) else {
        return Some(Target::Info("clusters"));
    };
    let chosen = model.value(CLUSTER);
    let row = clusters.iter().find(|one| one.name.as_str() == chosen);
    let row = row.or_else(|| clusters.iter().find(|one| refused(one).is_none()))?;
    Some(Target::Cluster(row.name.to_string()))
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Field(variable)) => fields::side(model, variable, wide),
        Some(Target::Cluster(name)) => {
            let mut rows = Row::prose(
                "Every later screen reads from and writes to this cluster. Nothing is written before you confirm in 7 \
                 Review.",
                wide,
            );
            rows.push(Row::blank());
            rows.extend(fields::pair("Sets", CLUSTER, wide));
            rows.extend(fields::pair("From", &crate::tui::form::source(&model.config.draft, CLUSTER), wide));
            rows.extend(fields::pair("Costs", "nothing, this only reads", wide));
            rows.extend(fields::checks(model, &["ACC-002", "CLU-001", "CLU-004", "CLU-006"], wide));
            rows.extend(fields::greyed(row, wide));
            (Line::of(Role::Bold, name.clone()), rows)
        }
        Some(Target::Info(name)) => (Line::of(Role::Bold, *name), info(model, name, wide)),
        _ => (Line::of(Role::Bold, "Connect"), Row::prose("Nothing is known of the account yet.", wide)),
    }
}

fn info(model: &Model, name: &str, wide: usize) -> Vec<Row> {
    let text = |says: String| Row::prose(&says, wide);
    match name {
        "caller" | "account" => match known(model, |facts| &facts.caller) {
            Ok(caller) => text(format!("sts GetCallerIdentity answered {}.", caller.arn)),
            Err((_, says)) => text(says),
        },
        "token" if model.session.simulated => text(
            "This session is simulated: its credentials are made up, and nothing of them ends. In a live session the \
             minutes that are left stand here (ENG-005)."
                .to_owned(),
        ),
        "token" => text(
            "When the session ends during apply, the run pauses and does not fail: log in again, then resume it (ENG-005)."
                .to_owned(),
        ),
        "API endpoint" => match known(model, |facts| &facts.cluster) {
            Ok(cluster) => text(format!(
                "{} from DescribeCluster, with its CA. A kubeconfig is read only when it is named on the command line.",
                cluster.endpoint
            )),
            Err((_, says)) => text(says),
        },
        "API rights" => match known(model, |facts| &facts.kube.access) {
            Ok(access) if access.denied.is_empty() => text(format!("The API server of version {} allows every verb that this wizard can need.", access.version)),
            Ok(access) => {
                let mut rows = text("The API server denies these:".to_owned());
                rows.extend(access.denied.iter().flat_map(|one| Row::prose(one, wide)));
                rows
            }
            Err((_, says)) => text(says),
        },
        "nodes" => match known(model, |facts| &facts.kube.nodes) {
            Ok(nodes) => nodes
                .iter()
                .take(20)
                .map(|node| {
                    let (mark, word) = if node.ready { (Mark::Proven, "Ready") } else { (Mark::Warning, "not Ready") };
                    Row::new(Line::new().mark(mark).plain(format!("{} {word}", node.name)).cut(wide))
                })
                .collect(),
            Err((_, says)) => text(says),
        },
        "status" => match known(model, |facts| &facts.cluster) {
            Ok(cluster) if cluster.health_issues.is_empty() => {
                text(format!("EKS reports {} and no health issue.", cluster.summary.status))
            }
            Ok(cluster) => cluster.health_issues.iter().flat_map(|issue| Row::prose(issue, wide)).collect(),
            Err((_, says)) => text(says),
        },
        _ => model.finding(match name {
            "Auto Mode" => "CLU-004",
            "pod network" => "NET-006",
            _ => "CLU-001",
        }).map_or_else(|| text("Preflight has not run yet.".to_owned()), |finding| {
            let mut rows = text(format!("{}.", finding.title));
            rows.extend(finding.evidence.iter().flat_map(|line| Row::prose(line, wide)));
            rows
        }),
    }
}
