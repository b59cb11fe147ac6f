//! A row reads the same whatever stands before it: what is learned from rows never shows in their records.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write;

use common::{collect, streamed};
use meterglot::TextFormat;
use proptest::prelude::*;

/// Values of a cost, the plain ones first. `None` leaves the field out.
const COSTS: [Option<&str>; 14] = [
    Some("0.0"),
    Some("12.5000000001"),
    Some("7"),
    Some("96500.00041969971744038"),
    Some("0.00886683986848225317"),
    Some("1e3"),
    Some("-1.50"),
    Some("999999999999999999"),
    Some("nil"),
    Some(""),
    Some("x"),
    Some("1.0&#48;"),
    Some(" 5 "),
    None,
];
const USERS: [&str; 4] = ["4", "5", "nil", "A&amp;B"];
const OFFSETS: [&str; 3] = ["Z", "+02:00", "nonsense"];
const MACHINES: [&[&str]; 6] = [&[], &["7"], &["7", "8"], &["0", "0"], &["7", "8", "9"], &["nil", "8"]];

/// One `user_stat`: which of the values above it has.
#[derive(Clone, Debug)]
struct Row {
    costs: Vec<usize>,
    user: usize,
    offset: usize,
    machines: usize,
}

/// Mostly the plain values, else no two rows look alike.
fn row() -> impl Strategy<Value = Row> {
    let mostly = |plain: usize, all: usize| prop_oneof![8 => 0..plain, 1 => 0..all];
    (prop::collection::vec(mostly(3, COSTS.len()), 8), mostly(1, 4), mostly(2, 3), mostly(2, 6))
        .prop_map(|(costs, user, offset, machines)| Row { costs, user, offset, machines })
}

fn element(name: &str, value: &str, out: &mut String) {
    let _ = match value {
        "nil" => write!(out, "<{name} nil=\"true\"/>"),
        value => writeln!(out, "<{name} type=\"decimal\">{value}</{name}>"),
    };
}

fn xml(rows: &[(usize, &Row)]) -> String {
    let mut out = "<user_stats type=\"array\">\n".to_owned();
    for (day, row) in rows {
        out.push_str("<user_stat>\n");
        let mut costs = row.costs.iter().map(|cost| COSTS[*cost]);
        let mut cost = |name: &str, out: &mut String| costs.next().flatten().map(|value| element(name, value, out));
        for name in ["backup_cost", "vm_cost", "total_cost", "backup_cost"] {
            cost(name, &mut out);
        }
        element("user_id", USERS[row.user], &mut out);
        let _ = writeln!(out, "<stat_time>2024-01-{:02}T00:00:00{}</stat_time>", day + 1, OFFSETS[row.offset]);
        out.push_str("<vm_stats type=\"array\">");
        for id in MACHINES[row.machines] {
            out.push_str("<vm_stat>");
            element("virtual_machine_id", id, &mut out);
            cost("total_cost", &mut out);
            out.push_str("</vm_stat>");
        }
        out.push_str("</vm_stats></user_stat>\n");
    }
    out + "</user_stats>"
}

fn json(rows: &[(usize, &Row)]) -> String {
    let value = |text: &str| match text {
        "nil" => "null".to_owned(),
        text if text.parse::<f64>().is_ok() && !text.contains(' ') => text.to_owned(),
        text => format!("\"{text}\""),
    };
    let rows: Vec<String> = rows
        .iter()
        .map(|(day, row)| {
            let mut costs = row.costs.iter().map(|cost| COSTS[*cost]);
            let mut fields: Vec<String> = ["backup_cost", "vm_cost", "total_cost", "backup_cost"]
                .iter()
                .filter_map(|name| Some(format!("\"{name}\":{}", value(costs.next()??))))
                .collect();
            fields.push(format!("\"user_id\":{}", value(USERS[row.user])));
            fields.push(format!("\"stat_time\":\"2024-01-{:02}T00:00:00{}\"", day + 1, OFFSETS[row.offset]));
            let machine = |id: &&str| {
                let cost =
                    costs.next().flatten().map_or(String::new(), |cost| format!(",\"total_cost\":{}", value(cost)));
                format!("{{\"virtual_machine_id\":{}{cost}}}", value(id))
            };
            let machines: Vec<String> = MACHINES[row.machines].iter().map(machine).collect();
            fields.push(format!("\"vm_stats\":[{}]", machines.join(",")));
            format!("{{\"user_stat\":{{{}}}}}", fields.join(","))
        })
        .collect();
    format!("[{}]", rows.join(",\n"))
}

/// Records and faults, as if the row of that place were the first.
fn as_first(text: &str, place: usize) -> String {
    let (xml, json) = (format!("user_stat[{}]", place + 1), format!("\"/{place}/"));
    text.replace(&xml, "user_stat[1]").replace(&json, "\"/0/")
}

fn records_and_faults(body: &str) -> (Vec<String>, Vec<String>) {
    let table = collect(body.as_bytes());
    let lines = String::from_utf8(table.to_ndjson()).expect("UTF-8").lines().map(str::to_owned).collect();
    // Positions count bytes of the whole body.
    let fault = |issue: &meterglot::Issue| format!("{:?} {:?} {}", issue.code, issue.pointer, issue.message);
    (lines, table.issues().iter().map(fault).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_row_reads_the_same_whatever_rows_come_before_it(
        rows in prop::collection::vec(row(), 1..12),
        pieces in prop::sample::select(vec![1, 60, 500, 4000]),
    ) {
        for write in [xml, json] {
            let numbered: Vec<(usize, &Row)> = rows.iter().enumerate().collect();
            let body = write(&numbered);
            let together = records_and_faults(&body);
            prop_assert!(together.0.len() + together.1.len() >= rows.iter().filter(|row| row.costs[0] < 3).count());
            let (mut lines, mut faults) = (together.0.iter(), together.1.iter());
            for (place, row) in &numbered {
                let (alone, its_faults) = records_and_faults(&write(&[(*place, *row)]));
                for line in alone {
                    prop_assert_eq!(lines.next().map(|line| as_first(line, *place)), Some(line), "{}", &body);
                }
                for fault in its_faults {
                    prop_assert_eq!(faults.next().map(|fault| as_first(fault, *place)), Some(fault), "{}", &body);
                }
            }
            prop_assert_eq!((lines.next(), faults.next()), (None, None));
            let cut: Vec<&[u8]> = body.as_bytes().chunks(pieces).collect();
            let streamed = String::from_utf8(streamed(&cut, TextFormat::Ndjson).0).expect("UTF-8");
            prop_assert!(streamed.lines().eq(together.0.iter().map(String::as_str)), "{}", &body);
        }
    }
}
