//! 0 Health: the verdict, tiles, GPU nodes, coverage, components, addresses.

use std::time::Duration;

use crate::domain::sample::{Condition, GpuNode, Sample};
use crate::tui::model::Model;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_end, cut_middle, plural, thousands};

use super::fields;
use super::states::{banner, span};

/// Looks in a row that must agree before the verdict changes.
pub const LOOKS: u32 = 3;

/// Between looks until the first verdict, and after it.
pub const FIRST_LOOKS: Duration = Duration::from_secs(2);
/// Between looks after the first verdict.
pub const LATER_LOOKS: Duration = Duration::from_secs(15);

/// Whether enough looks in a row agree.
pub fn settled(model: &Model) -> bool {
    model.health.streak.is_some_and(|(_, looks)| looks >= LOOKS)
}

/// Title with the time of the last look.
pub fn name(model: &Model) -> String {
    // Looks follow the operator's clock, also where the clock of the cluster is simulated and runs faster.
    let every = match (model.health.frozen, settled(model)) {
        (true, _) => "frozen".to_owned(),
        (false, settled) => format!("every {}s", if settled { LATER_LOOKS } else { FIRST_LOOKS }.as_secs()),
    };
    model
        .health
        .last
        .value()
        .map_or_else(|| "Health".to_owned(), |last| format!("Health   {}, {every}", last.at.clock_seconds()))
}

/// The mark of a condition.
pub fn mark(condition: Condition) -> Mark {
    match condition {
        Condition::Healthy => Mark::Proven,
        Condition::Degraded => Mark::Warning,
        Condition::Unhealthy => Mark::Failed,
        Condition::Unknown => Mark::Unknown,
    }
}

/// The verdict in words, with the looks that agree.
pub fn verdict(model: &Model) -> Option<(Mark, String)> {
    let streak = model.health.streak?;
    let (condition, _) = model.health.verdict.unwrap_or((streak.0, model.clock));
    let agree = streak.1.min(LOOKS);
    Some(match model.health.verdict {
        Some(_) => (mark(condition), format!("{}, {agree} of {LOOKS} looks agree", condition.word())),
        None => (Mark::Running, format!("{} so far, {agree} of {LOOKS} looks", streak.0.word())),
    })
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let Some(sample) = model.health.last.value() else {
        let mut rows = banner("nodes, pods and components", &model.health.last, model.clock, wide);
        if rows.is_empty() {
            rows.push(Row::new(Line::new().mark(Mark::NotYet).plain("not looked yet")));
        }
        return rows;
    };
    let mut rows = match &model.health.last {
        crate::tui::model::Loadable::Failed { .. } => banner("a look", &model.health.last, model.clock, wide),
        _ => Vec::new(),
    };
    rows.extend(tiles(model, sample, wide));
    rows.push(Row::blank());
    if !sample.reasons.is_empty() {
        let word = sample.condition.word().to_uppercase();
        rows.push(Row::head(format!("WHY {word}")).right(Role::Muted, plural(sample.reasons.len(), "reason")));
        for (at, reason) in sample.reasons.iter().enumerate() {
            let line = Line::new()
                .to(2)
                .mark(mark(reason.condition))
                .put(Role::Bold, format!("{}: ", reason.subject))
                .plain(reason.says.clone());
            rows.push(Row::new(line.cut(wide)).on(Target::Reason(at)));
        }
        rows.push(Row::blank());
    }
    rows.push(
        Row::head("GPU NODES")
            .right(Role::Muted, format!("{} of {} expected", sample.gpu_nodes.len(), sample.gpu_nodes_expected)),
    );
    if sample.gpu_nodes.is_empty() {
        rows.push(Row::new(Line::new().to(2).put(
            Role::Muted,
            if sample.gpu_nodes_expected == 0 { "– none expected: the desired size is 0" } else { "✗ none joined" },
        )));
    } else {
        rows.push(Row::new(Line::of(
            Role::Muted,
            format!("    {:<18}{:<12}{:<8}{:<10}HARDWARE", "NODE", "DRIVER", "GPU", "EFA"),
        )));
        rows.extend(sample.gpu_nodes.iter().map(|node| node_row(model, node, wide)));
    }
    rows.push(Row::blank());
    rows.extend(coverage(sample, wide));
    rows.extend(components(sample, wide));
    rows.extend(addresses(model, sample, wide));
    rows
}

/// Sum of a pair over all GPU nodes.
fn sum(sample: &Sample, get: impl Fn(&GpuNode) -> (u32, u32)) -> (u32, u32) {
    sample.gpu_nodes.iter().map(get).fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
}

fn tile_of(have: u32, want: u32) -> String {
    let mark = match (have, want) {
        (_, 0) => Mark::No,
        _ if have >= want => Mark::Proven,
        _ => Mark::Failed,
    };
    format!("{} {have} of {want}", mark.glyph())
}

fn tiles(model: &Model, sample: &Sample, wide: usize) -> Vec<Row> {
    let (gpus, efa) = (sum(sample, |node| node.gpus), sum(sample, |node| node.efa));
    let ready = u32::try_from(sample.gpu_nodes.iter().filter(|node| node.ready).count()).unwrap_or(u32::MAX);
    let used: u32 = sample.gpu_nodes.iter().map(|node| node.gpus_requested).sum();
    let well = sample.components.iter().filter(|one| one.condition == Condition::Healthy).count();
    let (state, words) = match model.health.verdict {
        Some((condition, since)) => {
            (format!("{} {}", mark(condition).glyph(), condition.word()), format!("for {}", span(model.clock, since)))
        }
        None => (
            "… looking".to_owned(),
            model.health.streak.map_or_else(String::new, |(_, looks)| format!("{looks} of {LOOKS} looks")),
        ),
    };
    let free = sample
        .addresses
        .first()
        .map_or_else(|| "? –".to_owned(), |one| format!("{} free", thousands(u64::from(one.free))));
    let nodes = tile_of(ready, sample.gpu_nodes_expected);
    let tiles = [
        ("VERDICT", state, words),
        ("GPUS", tile_of(gpus.0, gpus.1), format!("{used} requested")),
        ("EFA", tile_of(efa.0, efa.1), String::new()),
        ("GPU NODES", nodes, "Ready".to_owned()),
        ("ADDRESSES", free, String::new()),
        (
            "COMPONENTS",
            tile_of(u32::try_from(well).unwrap_or(0), u32::try_from(sample.components.len()).unwrap_or(0)),
            "healthy".to_owned(),
        ),
        ("COST", "price unknown".to_owned(), String::new()),
    ];
    let each = 14;
    let fit = (wide / each).clamp(1, tiles.len());
    let line = |pick: &dyn Fn(&(&str, String, String)) -> String, role: Role| {
        tiles.iter().take(fit).fold(Line::new(), |line, tile| line.col(role, &pick(tile), each - 1))
    };
    vec![
        Row::new(line(&|tile| tile.0.to_owned(), Role::Muted)),
        Row::new(line(&|tile| tile.1.clone(), Role::Bold)).on(Target::Tile(0)),
        Row::new(line(&|tile| tile.2.clone(), Role::Muted)),
    ]
}

fn node_row(model: &Model, node: &GpuNode, wide: usize) -> Row {
    let fine = node.ready && node.conditions.is_empty() && node.gpus.0 >= node.gpus.1 && node.efa.0 >= node.efa.1;
    let state = if fine { Mark::Proven } else { Mark::Failed };
    let of = |pair: (u32, u32)| format!("{} of {}", pair.0, pair.1);
    let hardware = match (node.ready, node.conditions.is_empty()) {
        (true, true) => "ready".to_owned(),
        (false, true) => "not Ready".to_owned(),
        (_, false) => node.conditions.join(" "),
    };
    let line = Line::new().to(2).mark(state).col(Role::Plain, short_node(&node.name), 17);
    let line = line.col(Role::Plain, driver(model, node).map_or("–", |(version, _)| version), 11).col(
        Role::Plain,
        &of(node.gpus),
        7,
    );
    let line = line.col(Role::Plain, &of(node.efa), 9).plain(hardware);
    Row::new(line.cut(wide)).on(Target::Node(node.name.clone()))
}

/// The driver of a node, and who says so: a label of the node, else nvidia-smi in the last verification.
fn driver<'model>(model: &'model Model, node: &'model GpuNode) -> Option<(&'model str, &'static str)> {
    if let Some(version) = &node.driver {
        return Some((version, "says the node's label"));
    }
    let done = model.world.verification.value()?;
    let mut rungs = done.ladders.iter().flat_map(|ladder| &ladder.rungs);
    let rung = rungs.find(|rung| rung.id == "gpu.nvidia-smi")?;
    let reading = rung.readings.iter().find(|one| one.subject == node.name)?;
    let version = reading.evidence.iter().find_map(|line| line.split_once(", driver ").map(|(_, version)| version))?;
    version.starts_with(|c: char| c.is_ascii_digit()).then_some((version, "said nvidia-smi in 9 Verify"))
}

/// A node's name without its domain.
fn short_node(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn coverage(sample: &Sample, wide: usize) -> Vec<Row> {
    if sample.coverage.is_empty() || sample.gpu_nodes.is_empty() {
        return Vec::new();
    }
    let cells: usize = sample.coverage.values().map(std::collections::BTreeMap::len).sum();
    let fine = sample.coverage.values().flat_map(|by_node| by_node.values()).filter(|state| *state == "ok").count();
    let mark = if fine == cells { Mark::Proven } else { Mark::Failed };
    let mut rows = vec![
        Row::head(format!(
            "COVERAGE   {} on {}",
            plural(sample.coverage.len(), "DaemonSet"),
            plural(sample.gpu_nodes.len(), "GPU node")
        ))
        .right(mark.role(), format!("{} {fine} of {cells} running", mark.glyph())),
    ];
    let each = 10;
    let fit = (wide.saturating_sub(21) / each).max(1);
    let sets: Vec<&String> = sample.coverage.keys().collect();
    let more = sets.len().saturating_sub(fit);
    let head = sets.iter().take(fit).fold(Line::new().to(2).col(Role::Muted, "NODE", 17), |line, name| {
        line.col(Role::Muted, &cut_middle(name, each - 1), each - 1)
    });
    let head = if more > 0 { head.put(Role::Muted, format!("‹{more} more›")) } else { head };
    rows.push(Row::new(head.cut(wide)));
    for node in &sample.gpu_nodes {
        let mut line = Line::new().to(2).col(Role::Plain, short_node(&node.name), 17);
        for set in sets.iter().take(fit) {
            let state =
                sample.coverage.get(*set).and_then(|by_node| by_node.get(&node.name)).map_or("–", String::as_str);
            let (mark, text) = match state {
                "ok" => (Mark::Proven, "ok"),
                "–" => (Mark::No, ""),
                other => (Mark::Failed, other),
            };
            line = line.col(mark.role(), &format!("{} {}", mark.glyph(), cut_end(text, each - 3)), each - 1);
        }
        rows.push(Row::new(line.cut(wide)).on(Target::Coverage(node.name.clone())));
    }
    rows.push(Row::blank());
    rows
}

fn components(sample: &Sample, wide: usize) -> Vec<Row> {
    let well = sample.components.iter().filter(|one| one.condition == Condition::Healthy).count();
    let state = if well == sample.components.len() { Mark::Proven } else { Mark::Failed };
    let mut rows = vec![
        Row::head("COMPONENTS")
            .right(state.role(), format!("{} {well} of {} healthy", state.glyph(), sample.components.len())),
    ];
    for one in &sample.components {
        let mark = mark(one.condition);
        let version = one.version.as_deref().map_or_else(|| "–".to_owned(), super::components::short_version);
        let line = Line::new().to(2).mark(mark).col(Role::Plain, &one.name, 24).col(
            Role::Muted,
            &cut_middle(&version, 15),
            15,
        );
        let ready = if one.ready.1 == 0 { String::new() } else { format!("{} of {}", one.ready.0, one.ready.1) };
        let line = line.col(Role::Plain, &ready, 9).put(Role::Muted, one.says.clone());
        rows.push(Row::new(line.cut(wide)).on(Target::Part(one.id.clone())));
    }
    rows.push(Row::blank());
    rows
}

fn addresses(model: &Model, sample: &Sample, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if !sample.addresses.is_empty() {
        rows.push(Row::head("ADDRESSES"));
    }
    for (at, one) in sample.addresses.iter().enumerate() {
        let fit = one.nodes_fit.map_or_else(|| "?".to_owned(), |nodes| nodes.to_string());
        let line = Line::new()
            .to(2)
            .col(Role::Plain, &cut_middle(&one.subnet, 17), 18)
            .plain(format!("{} free, {fit} more GPU nodes fit  ", thousands(u64::from(one.free))));
        let line = if at == 0 { line.put(Role::Muted, trend(model)) } else { line };
        rows.push(Row::new(line.cut(wide)).on(Target::Addresses(one.subnet.clone())));
    }
    rows
}

/// Free addresses of the last looks as a bar of eighths.
fn trend(model: &Model) -> String {
    const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = model.health.trend.iter().copied().max().unwrap_or(0).max(1);
    let eighth = |value: u32| usize::try_from(u64::from(value) * 7 / u64::from(most)).unwrap_or(0);
    let skip = model.health.trend.len().saturating_sub(20);
    model.health.trend.iter().skip(skip).filter_map(|value| EIGHTHS.get(eighth(*value))).collect()
}

/// The worst reason, else the first node.
pub fn first(model: &Model) -> Option<Target> {
    let sample = model.health.last.value()?;
    match (sample.reasons.first(), sample.gpu_nodes.first()) {
        (Some(_), _) => Some(Target::Reason(0)),
        (None, Some(node)) => Some(Target::Node(node.name.clone())),
        (None, None) => None,
    }
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    let nothing = || (Line::of(Role::Bold, "Health"), Row::prose("A verdict changes after three equal looks.", wide));
    let (Some(sample), Some(target)) = (model.health.last.value(), row.and_then(|row| row.target.as_ref())) else {
        return nothing();
    };
    match target {
        Target::Reason(at) => sample.reasons.get(*at).map_or_else(nothing, |reason| {
            let mut rows = Row::prose(&reason.says, wide);
            rows.push(Row::blank());
            rows.push(Row::head("NEXT"));
            rows.extend(Row::prose(reason.next.as_deref().unwrap_or("–"), wide));
            (Line::of(Role::Bold, reason.subject.clone()), rows)
        }),
        Target::Node(name) | Target::Coverage(name) => {
            sample.gpu_nodes.iter().find(|node| &node.name == name).map_or_else(nothing, |node| {
                (Line::of(Role::Bold, short_node(name).to_owned()), node_side(model, sample, node, wide))
            })
        }
        Target::Part(id) => sample.components.iter().find(|one| &one.id == id).map_or_else(nothing, |one| {
            let mut rows = vec![Row::new(Line::new().mark(mark(one.condition)).plain(one.condition.word()))];
            rows.extend(fields::pair("Version", one.version.as_deref().unwrap_or("–"), wide));
            rows.extend(fields::pair("Ready", &format!("{} of {}", one.ready.0, one.ready.1), wide));
            rows.extend(Row::prose(&one.says, wide));
            (Line::of(Role::Bold, one.name.clone()), rows)
        }),
        Target::Addresses(id) => sample.addresses.iter().find(|one| &one.subnet == id).map_or_else(nothing, |one| {
            let blocks = one.free_blocks.map_or_else(|| "?".to_owned(), |blocks| blocks.to_string());
            let mut rows = Row::prose(
                &format!("{} addresses are free; {blocks} whole /28 blocks.", thousands(u64::from(one.free))),
                wide,
            );
            rows.extend(fields::pair("Id", id, wide));
            (Line::of(Role::Bold, "Addresses"), rows)
        }),
        _ => {
            let mut rows =
                Row::prose("The verdict over nodes, coverage and components; its reasons are listed below it.", wide);
            rows.extend(Row::prose("A verdict changes after three equal looks.", wide));
            (Line::of(Role::Bold, "Verdict"), rows)
        }
    }
}

fn node_side(model: &Model, sample: &Sample, node: &GpuNode, wide: usize) -> Vec<Row> {
    let mut rows = fields::pair("Type", &node.instance_type, wide);
    rows.extend(fields::pair("AZ", if node.az_id.is_empty() { "?" } else { &node.az_id }, wide));
    let up = node.since.map_or_else(|| "?".to_owned(), |since| span(model.clock, since));
    rows.extend(fields::pair("Up", &up, wide));
    let says = match driver(model, node) {
        Some((version, how)) => format!("{version}, {how}"),
        None => "– no label of the node names it; 9 Verify reads it with nvidia-smi".to_owned(),
    };
    rows.extend(fields::pair("Driver", &says, wide));
    rows.extend(fields::pair(
        "GPUs",
        &format!("{} of {}, {} requested", node.gpus.0, node.gpus.1, node.gpus_requested),
        wide,
    ));
    rows.extend(fields::pair("EFA", &format!("{} of {}", node.efa.0, node.efa.1), wide));
    rows.extend(fields::pair(
        "Cond.",
        &if node.conditions.is_empty() { "as they should be".to_owned() } else { node.conditions.join(", ") },
        wide,
    ));
    rows.push(Row::blank());
    rows.push(Row::head("PODS OF DAEMONSETS"));
    for (set, by_node) in &sample.coverage {
        if let Some(state) = by_node.get(&node.name) {
            let mark = if state == "ok" { Mark::Proven } else { Mark::Failed };
            rows.push(Row::new(Line::new().mark(mark).plain(format!("{set}: {state}")).cut(wide)));
        }
    }
    rows
}
