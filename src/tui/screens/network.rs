//! 4 Network: candidate subnets, the cards of a node, and the bill of addresses.

use crate::config::field::Section as Part;
use crate::domain::eni::{EniLayout, Interface, InterfaceKind, efa_count, interfaces};
use crate::domain::facts::{Fact, Subnet};
use crate::domain::ipam::{NodeBill, WarmPool, bill, nodes_that_fit};
use crate::plan::model::Ensure;
use crate::tui::form;
use crate::tui::model::Model;
use crate::tui::section::Section;
use crate::tui::widgets::rows::{Row, Target};
use crate::tui::widgets::text::{Line, Mark, Role, cut_middle, thousands};

use super::states::banner;
use super::{check_mark, fields, gpu};

/// A candidate and what is known of it.
#[derive(Debug, Clone)]
pub struct Candidate<'model> {
    /// `A`, `B` or `C`.
    pub letter: char,
    /// Subnet id.
    pub id: String,
    /// As read.
    pub subnet: Option<&'model Subnet>,
    /// Whether its AZ offers the instance type.
    pub offered: Option<bool>,
    /// Nodes that fit now.
    pub fits: Option<u32>,
}

/// The candidates in the order of their letters.
pub fn candidates(model: &Model) -> Vec<Candidate<'_>> {
    let subnets = model.facts().and_then(|facts| facts.network.subnets.known());
    let offerings = model.facts().and_then(|facts| facts.capacity.offerings.known());
    let zones = offerings.and_then(|all| all.get(&model.value("GPU_INSTANCE_TYPE")));
    let node = node_bill(model, None);
    [('A', "GPU_SUBNET_A"), ('B', "GPU_SUBNET_B"), ('C', "GPU_SUBNET_C")]
        .into_iter()
        .filter_map(|(letter, variable)| {
            let id = model.value(variable);
            let subnet = subnets.and_then(|all| all.iter().find(|subnet| subnet.id.as_str() == id));
            let offered = subnet.and_then(|subnet| zones.map(|zones| zones.contains(&subnet.az_id)));
            let fits = subnet.zip(node).map(|(subnet, node)| nodes_that_fit(node, subnet.free, subnet.free_blocks));
            (!id.is_empty()).then_some(Candidate { letter, id, subnet, offered, fits })
        })
        .collect()
}

/// The subnet of the group: `GPU_SUBNET`, else the one that the plan took.
pub fn chosen(model: &Model) -> Option<String> {
    let set = model.value("GPU_SUBNET");
    if !set.is_empty() {
        return Some(set);
    }
    model.world.plan.value()?.plan.steps.iter().find_map(|step| match &step.desired.ensure {
        Ensure::Nodegroup(group) => Some(group.subnet.to_string()),
        _ => None,
    })
}

/// The layout as typed.
fn layout(model: &Model) -> EniLayout {
    let text = model.value("GPU_ENI_LAYOUT");
    let all = [EniLayout::PrimaryEfa, EniLayout::DedicatedPrimary, EniLayout::AllEfa];
    all.into_iter().find(|layout| layout.as_str() == text).unwrap_or_default()
}

/// How the CNI reserves addresses now.
fn pool(model: &Model) -> WarmPool {
    let cni = model.facts().and_then(|facts| facts.network.cni.known());
    cni.map_or_else(WarmPool::default, |cni| WarmPool::from_env(&cni.env))
}

/// One row of the what-if table: name, layout, reservation.
fn what_ifs(model: &Model) -> Vec<(String, EniLayout, WarmPool)> {
    let (layout, pool) = (layout(model), pool(model));
    let mut rows = vec![
        ("WARM_ENI_TARGET=0".to_owned(), layout, WarmPool { warm_enis: 0, ..pool }),
        ("prefix delegation".to_owned(), layout, WarmPool { prefixes: true, ..pool }),
        ("WARM_IP=5, MIN=20".to_owned(), layout, WarmPool { warm_ips: Some(5), minimum_ips: Some(20), ..pool }),
    ];
    for other in [EniLayout::PrimaryEfa, EniLayout::DedicatedPrimary, EniLayout::AllEfa] {
        if other != layout {
            rows.push((other.to_string(), other, pool));
        }
    }
    rows
}

/// The layout that a what-if row tries, when it is a setting of ours.
pub fn what_if_layout(model: &Model, at: usize) -> Option<EniLayout> {
    let (_, tried, _) = what_ifs(model).into_iter().nth(at)?;
    (tried != layout(model)).then_some(tried)
}

/// Name of a what-if row.
pub fn what_if_name(model: &Model, at: usize) -> Option<String> {
    what_ifs(model).into_iter().nth(at).map(|(name, ..)| name)
}

/// What a node takes; `tried` replaces layout and reservation.
fn node_bill(model: &Model, tried: Option<(EniLayout, WarmPool)>) -> Option<NodeBill> {
    let kind = gpu::instance(model)?;
    let by_what_if = model.what_if.tried.and_then(|at| what_ifs(model).into_iter().nth(at)).map(|(_, l, p)| (l, p));
    let (layout, pool) = tried.or(by_what_if).unwrap_or_else(|| (layout(model), pool(model)));
    Some(bill(kind, &interfaces(kind, layout), pool, model.what_if.pods))
}

/// The body when the GPU group is off.
pub fn no_gpu(wide: usize) -> Vec<Row> {
    let mut rows = vec![Row::new(Line::new().mark(Mark::No).plain("no GPU nodes"))];
    rows.extend(Row::prose("3 GPU nodes is off: there is nothing to place or to drive.", wide));
    rows.push(Row::text("Enter goes to 3 GPU nodes.").on(Target::Goto(Section::Gpu)));
    rows
}

/// Rows of the body.
pub fn rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = banner("subnets", &model.world.facts, model.clock, wide);
    if model.is_on(gpu::SWITCH) {
        rows.extend(subnet_rows(model, wide));
        rows.push(Row::blank());
        rows.extend(card_rows(model, wide));
        rows.push(Row::blank());
        rows.extend(bill_rows(model));
        rows.push(Row::blank());
        rows.push(Row::head("SECURITY GROUP AND RULES"));
        rows.extend(rules(model, wide));
        rows.push(Row::blank());
        rows.push(Row::head("SETTINGS"));
        let shown = ["GPU_SUBNET", "GPU_ENI_LAYOUT"];
        for def in form::of_part(Part::GpuNetwork)
            .filter(|def| !shown.contains(&def.name) && def.is_visible(&model.config.draft))
        {
            rows.extend(fields::def_rows(model, def, 0, wide));
        }
    } else {
        rows.extend(no_gpu(wide));
        rows.push(Row::blank());
        rows.push(Row::head("SETTINGS"));
    }
    for name in ["PRIVATE_SUBNET_A", "PRIVATE_SUBNET_B", "PRIVATE_SUBNET_C"] {
        rows.extend(fields::rows(model, name, wide));
    }
    rows
}

fn subnet_rows(model: &Model, wide: usize) -> Vec<Row> {
    let mut rows = vec![
        Row::head("SUBNETS").right(Role::Muted, "a managed group lies in one of them"),
        Row::new(Line::of(Role::Muted, format!("    {:<11}{:<9}{:<16}FREE /28 FITS", "NAME", "AZ ID", "CIDR"))),
    ];
    let all = candidates(model);
    if all.is_empty() {
        rows.push(
            Row::new(Line::new().mark(Mark::Needs).plain("no candidate: set GPU_SUBNET_A below")).marked(Mark::Needs),
        );
    }
    let chosen = chosen(model);
    let needs = model.finding("NET-001").is_some_and(crate::domain::finding::Finding::blocks);
    for one in all {
        let is_chosen = chosen.as_deref() == Some(one.id.as_str());
        let refused = refusal(model, &one);
        let line = match (is_chosen, refused.is_some()) {
            (true, _) => Line::of(Role::Bold, "(•) "),
            (false, true) => Line::of(Role::Muted, " –  "),
            (false, false) => Line::new().plain("( ) "),
        };
        let line = line.put(Role::Bold, format!("{} ", one.letter));
        let line = match (one.subnet, model.facts().map(|facts| &facts.network.subnets)) {
            (Some(subnet), _) => {
                let blocks = subnet.free_blocks.map_or_else(|| "?".to_owned(), |blocks| blocks.to_string());
                let fits = one.fits.map_or_else(|| "?".to_owned(), |fits| fits.to_string());
                line.col(Role::Plain, &subnet.name, 8)
                    .col(Role::Plain, &subnet.az_id, 8)
                    .col(Role::Plain, &subnet.cidr, 15)
                    .num(Role::Plain, &subnet.free.to_string(), 4)
                    .num(Role::Plain, &blocks, 3)
                    .num(Role::Plain, &fits, 4)
            }
            (None, Some(Fact::Known { .. })) => {
                line.plain(cut_middle(&one.id, 24)).put(Role::Error, "  ✗ not in this VPC")
            }
            (None, _) => line.plain(cut_middle(&one.id, 24)).put(Role::Muted, "  · not read yet"),
        };
        let mut row = Row::new(line.cut(wide)).on(Target::Subnet(one.id.clone()));
        if is_chosen {
            row = row.right(Role::Muted, "used");
        } else if needs && refused.is_none() {
            row.mark = Some(Mark::Needs);
        }
        row.blocked = refused;
        rows.push(row);
    }
    rows
}

/// Why a candidate cannot hold the group.
fn refusal(model: &Model, one: &Candidate<'_>) -> Option<String> {
    let kind = model.value("GPU_INSTANCE_TYPE");
    let subnet = one.subnet?;
    if one.offered == Some(false) {
        return Some(format!("{} does not offer {kind} (NET-002).", subnet.az_id));
    }
    let node = node_bill(model, None)?;
    (one.fits == Some(0))
        .then(|| format!("{} addresses are free, one node takes {} (NET-003).", subnet.free, node.addresses))
}

fn card_rows(model: &Model, wide: usize) -> Vec<Row> {
    let head = Line::of(Role::Muted, "NETWORK CARDS   ").put(Role::Plain, format!("‹ {} ›", layout(model)));
    let head = Row::new(head).on(Target::Field("GPU_ENI_LAYOUT"));
    let Some(kind) = gpu::instance(model) else {
        return vec![head, Row::new(Line::new().to(2).put(Role::Muted, "· the cards of this type are not read yet"))];
    };
    let made = interfaces(kind, layout(model));
    let mut rows =
        vec![head.right(Role::Muted, format!("{} of {} cards carry EFA", efa_count(&made), kind.cards.len()))];
    let per_line = (wide.saturating_sub(11) / 3).max(4);
    for cards in kind.cards.chunks(per_line) {
        let row = |label: &str, cell: &dyn Fn(u16) -> String| {
            let head = Line::new().to(2).put(Role::Muted, format!("{label:<9}"));
            Row::new(cards.iter().fold(head, |line, card| line.plain(format!("{:>3}", cell(card.index)))))
        };
        rows.push(row("card", &|card| card.to_string()));
        rows.push(row("device 0", &|card| glyph(&made, card, 0).to_owned()));
        rows.push(row("device 1", &|card| glyph(&made, card, 1).to_owned()));
    }
    rows.push(Row::new(
        Line::new().to(2).put(Role::Muted, "E+ EFA with an address   e EFA only   i+ no EFA   · free").cut(wide),
    ));
    rows
}

fn glyph(made: &[Interface], card: u16, device: u16) -> &'static str {
    match made.iter().find(|one| (one.card, one.device) == (card, device)).map(|one| one.kind) {
        Some(InterfaceKind::Efa) => "E+",
        Some(InterfaceKind::EfaOnly) => "e",
        Some(InterfaceKind::Interface) => "i+",
        None => "·",
    }
}

fn bill_rows(model: &Model) -> Vec<Row> {
    let (desired, max) = (model.value("GPU_DESIRED_SIZE"), model.value("GPU_MAX_SIZE"));
    let head = Line::of(Role::Muted, "ADDRESSES, ").plain(format!("‹ {} › pods", model.what_if.pods)).to(26);
    let head = head.put(
        Role::Muted,
        format!("{:>7}{:>10}{:>10}{:>6}", "A NODE", format!("{desired} NODES"), format!("{max} NODES"), "FIT"),
    );
    let mut rows = vec![Row::new(head).on(Target::Pods)];
    let free =
        candidates(model).into_iter().find(|one| Some(&one.id) == chosen(model).as_ref()).and_then(|one| one.subnet);
    let line = |name: Line, node: Option<NodeBill>| {
        let times =
            |count: &str| node.zip(count.parse::<u64>().ok()).map(|(node, count)| u64::from(node.addresses) * count);
        let show = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), thousands);
        let fit = node.zip(free).map(|(node, subnet)| u64::from(nodes_that_fit(node, subnet.free, subnet.free_blocks)));
        name.to(26)
            .num(Role::Plain, &show(times("1")), 6)
            .num(Role::Plain, &show(times(&desired)), 9)
            .num(Role::Plain, &show(times(&max)), 9)
            .num(Role::Plain, &show(fit), 5)
    };
    let as_set = node_bill(model, Some((layout(model), pool(model))));
    rows.push(Row::new(line(Line::new().to(2).plain("as set"), as_set)));
    for (at, (name, layout, pool)) in what_ifs(model).into_iter().enumerate() {
        let tried = model.what_if.tried == Some(at);
        let label = Line::new().to(2).plain(if tried { "[x] " } else { "[ ] " }).plain(name);
        rows.push(Row::new(line(label, node_bill(model, Some((layout, pool))))).on(Target::WhatIf(at)));
    }
    rows
}

fn rules(model: &Model, wide: usize) -> Vec<Row> {
    let group = model.facts().map(|facts| &facts.network.cluster_group);
    let says = match group {
        Some(Fact::Known { value, .. }) => match (value.self_ingress, value.self_egress) {
            (true, true) => format!("{} has both self rules: it is enough for EFA", value.group),
            (true, false) => format!("{} lacks egress to itself: EFA gets a group of its own", value.group),
            (false, true) => format!("{} lacks ingress from itself: EFA gets a group of its own", value.group),
            (false, false) => format!("{} lacks both self rules: EFA gets a group of its own", value.group),
        },
        Some(Fact::Unknown { why }) => format!("cannot tell: {why}"),
        Some(Fact::NotAsked) | None => "not read yet".to_owned(),
    };
    let mut rows = vec![Row::new(Line::new().to(2).mark(check_mark(model, "SG-001")).plain(says).cut(wide))];
    for check in ["NET-001", "NET-002", "NET-003", "LT-002", "LT-003"] {
        if let Some(finding) = model.finding(check) {
            let line = Line::new().to(2).mark(super::finding_mark(finding)).plain(finding.title.clone());
            rows.push(Row::new(line.cut(wide.saturating_sub(8))).right(Role::Muted, check));
        }
    }
    rows
}

/// The chosen subnet, else the first candidate.
pub fn first(model: &Model) -> Option<Target> {
    chosen(model).map(Target::Subnet)
}

/// The right pane.
pub fn side(model: &Model, row: Option<&Row>, wide: usize) -> (Line, Vec<Row>) {
    match row.and_then(|row| row.target.as_ref()) {
        Some(Target::Field(variable)) => fields::side(model, variable, wide),
        Some(Target::Subnet(id)) => {
            let all = candidates(model);
            let one = all.iter().find(|one| &one.id == id);
            let name = one.map_or_else(
                || id.clone(),
                |one| format!("Subnet {}, {}", one.letter, one.subnet.map_or("–", |s| s.name.as_str())),
            );
            let mut rows = Row::prose(
                "All interfaces of one instance lie in one AZ, so a managed group takes one subnet. Enter writes this one to GPU_SUBNET.",
                wide,
            );
            rows.push(Row::blank());
            rows.extend(fields::pair("Id", id, wide));
            if chosen(model).as_ref() == Some(id) {
                let own = !model.value("GPU_SUBNET").is_empty();
                let from =
                    if own { form::source(&model.config.draft, "GPU_SUBNET") } else { "ranked by the plan".to_owned() };
                rows.extend(fields::pair("From", &from, wide));
            }
            let set = model.value("GPU_SUBNET");
            rows.extend(fields::pair(
                "Sets",
                &if set.is_empty() { "GPU_SUBNET, still unset".to_owned() } else { format!("GPU_SUBNET={set}") },
                wide,
            ));
            if let Some(subnet) = one.and_then(|one| one.subnet) {
                rows.extend(fields::pair("AZ", &format!("{} ({})", subnet.az_id, subnet.az_name), wide));
            }
            rows.extend(fields::checks(model, &["NET-001", "NET-002", "NET-003"], wide));
            rows.extend(fields::greyed(row, wide));
            (Line::of(Role::Bold, name), rows)
        }
        Some(Target::WhatIf(at)) => {
            (Line::of(Role::Bold, what_if_name(model, *at).unwrap_or_default()), what_if_side(model, *at, wide))
        }
        Some(Target::Pods) => (
            Line::of(Role::Bold, "Pods a node"),
            Row::prose(
                "How many pods with an address of their own the bill reckons with. It is an input of the what-if, not a setting: ← and → change it by 10.",
                wide,
            ),
        ),
        _ => (Line::of(Role::Bold, "Network"), Row::prose("Where the GPU nodes lie.", wide)),
    }
}

fn what_if_side(model: &Model, at: usize, wide: usize) -> Vec<Row> {
    let text = if what_if_layout(model, at).is_some() {
        "Space tries it: FITS and the bill follow. Enter makes it so: it writes GPU_ENI_LAYOUT."
    } else {
        "Space tries it: FITS and the bill follow. It is a setting of the VPC CNI, which is not ours and changes every node of the cluster: this program does not change it."
    };
    Row::prose(text, wide)
}
