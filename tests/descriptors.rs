//! The validation of format descriptors.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use meterglot::{DescriptorProblem, FormatDescriptor, ReadOptions, Request, TextFormat};
use proptest::prelude::*;
use serde_json::Value;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/descriptors").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn example(name: &str) -> Value {
    serde_json::from_str(&read(&format!("{name}.json"))).unwrap()
}

/// Sets the value at a JSON Pointer, or removes it.
fn edit(descriptor: &mut Value, pointer: &str, value: Option<Value>) {
    let (container, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match (descriptor.pointer_mut(container), value) {
        (Some(Value::Object(members)), Some(value)) => drop(members.insert(name, value)),
        (Some(Value::Object(members)), None) => drop(members.remove(&name)),
        (Some(Value::Array(list)), Some(value)) if name == list.len().to_string() => list.push(value),
        (Some(Value::Array(list)), Some(value)) => list[name.parse::<usize>().unwrap()] = value,
        (found, _) => panic!("{pointer}: {found:?}"),
    }
}

fn problems(descriptor: &Value) -> Vec<DescriptorProblem> {
    FormatDescriptor::problems(&descriptor.to_string())
}

#[test]
fn the_examples_have_no_problems() {
    for name in ["acme", "nord", "edgeline"] {
        assert_eq!(problems(&example(name)), [], "{name}");
    }
}

#[test]
fn each_mistake_is_reported_where_it_is() {
    let cases: Vec<Value> = serde_json::from_str(&read("broken.json")).unwrap();
    assert!(cases.len() > 100);
    for case in cases {
        let mut descriptor = example(case["base"].as_str().unwrap());
        edit(&mut descriptor, case["at"].as_str().unwrap(), case.get("value").cloned());
        let found = problems(&descriptor);
        let (pointer, message) = (case["problem"].as_str().unwrap(), case["message"].as_str().unwrap());
        let is_there = found.iter().any(|problem| problem.pointer == pointer && problem.message.contains(message));
        assert!(is_there, "{case}: {found:#?}");
        for problem in &found {
            assert!(problem.message.starts_with("expected "), "{case}: {problem:?}");
            assert!(
                problem.pointer.is_empty() || descriptor.pointer(&problem.pointer).is_some(),
                "{case}: {problem:?}"
            );
            assert!(problem.position.is_some(), "{case}: {problem:?}");
        }
        let error = FormatDescriptor::from_json(&descriptor.to_string()).unwrap_err();
        assert_eq!(error.parts().pointer.as_deref(), Some(&*found[0].pointer));
    }
}

#[test]
fn the_error_names_its_place_once() {
    let text = read("acme.json").replace("\"GiBy\"", "\"GB\"");
    let error = FormatDescriptor::from_json(&text).unwrap_err();
    let place = "/metrics/quantity/cases/0/unit";
    assert_eq!(
        error.parts().message,
        format!(
            "{place}: expected a unit such as \"By\", \"GiBy\" or \"{{call}}\", found \"GB\": did you mean GBy or GiBy?"
        )
    );
    let at = error.parts().position.unwrap();
    let line = text.lines().nth(at.line as usize - 1).unwrap();
    assert!(line[at.column as usize - 1..].starts_with("\"GB\""), "{at:?}");
    assert_eq!(error.to_string(), format!("{} (line {}, column {})", error.parts().message, at.line, at.column));
}

#[test]
fn problems_come_in_the_order_of_the_descriptor_with_their_lines() {
    let text = "\n {\"descriptor\": 1, \"provider\": \"å\",\n  \"format\": 5, \"title\": \"\",\n\"rows\": [1], \"detect\": [], \"detect\": []}";
    let found = FormatDescriptor::problems(text);
    let places: Vec<_> =
        found.iter().map(|p| (p.pointer.as_str(), p.position.map(|at| (at.line, at.column)))).collect();
    assert_eq!(
        places,
        [
            ("/provider", Some((2, 32))),
            ("/format", Some((3, 13))),
            ("/title", Some((3, 25))),
            ("/rows/0", Some((4, 10))),
            ("/detect", Some((4, 38))),
        ],
        "{found:#?}"
    );
}

#[test]
fn text_that_is_no_json_is_one_problem_at_its_place() {
    for (text, line, column) in
        [("", 1, 1), ("{", 1, 2), ("\n[1,]", 2, 4), ("{} x", 1, 3), ("{\"a\":tru}", 1, 9), ("<a/>", 1, 1)]
    {
        let found = FormatDescriptor::problems(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        let at = found[0].position.unwrap_or_else(|| panic!("{text}: {found:?}"));
        assert_eq!((at.line, at.column, &*found[0].pointer), (line, column, ""), "{text}: {found:?}");
    }
}

#[test]
fn an_extension_is_checked_after_it_is_resolved() {
    let extension = r#"{"descriptor": 1, "extends": "wasabi.bucket-daily", "provider": "acme", "format": "acme.days", "title": "Days",
        "detect": [], "metrics": {"UploadBytes": null, "Extra": {"metric": "acme.extra", "kind": "delta", "unit": "By"}}}"#;
    let format = FormatDescriptor::from_json(extension).unwrap();
    let resolved: Value = serde_json::from_str(&format.to_json()).unwrap();
    let base: Value =
        serde_json::from_str(&FormatDescriptor::built_in("wasabi.bucket-daily").unwrap().to_json()).unwrap();
    assert_eq!(resolved.get("extends"), None);
    assert_eq!(resolved["metrics"]["UploadBytes"], Value::Null);
    assert_eq!(resolved["metrics"]["Extra"]["metric"], "acme.extra");
    assert_eq!(resolved["metrics"]["NumAPICalls"], base["metrics"]["NumAPICalls"]);
    assert_eq!(resolved["rows"], base["rows"]);
    assert_eq!(resolved["detect"], Value::Array(Vec::new()));
    // What was resolved is a descriptor of its own, and reads alike.
    let whole = FormatDescriptor::from_json(&format.to_json()).unwrap();
    assert_eq!((whole.fingerprint(), &whole), (format.fingerprint(), &format));

    // A problem with what is inherited has no place in the text.
    let broken = extension.replace("\"Extra\"", "\"Uploa*Bytes\": null, \"Upload*ytes\"");
    let found = FormatDescriptor::problems(&broken);
    assert_eq!(found.len(), 1, "{found:?}");
    // Of an unknown base nothing is known that would be missing.
    let unknown = r#"{"descriptor": 1, "extends": "acme.base", "provider": "acme", "format": "acme.days"}"#;
    let found = FormatDescriptor::problems(unknown);
    assert_eq!(found.iter().map(|problem| problem.pointer.as_str()).collect::<Vec<_>>(), ["/extends"]);
    // The version is the descriptor's own.
    let found = FormatDescriptor::problems(&extension.replace("\"descriptor\": 1, ", ""));
    assert_eq!(found.iter().map(|problem| problem.pointer.as_str()).collect::<Vec<_>>(), [""], "{found:?}");
    // Users cannot name the hook of a built-in format, but inherit it.
    let hooked = r#"{"descriptor": 1, "extends": "devicewise.api-history", "provider": "acme", "format": "acme.calls", "title": "Calls"}"#;
    assert_eq!(FormatDescriptor::problems(hooked), []);
}

#[test]
fn the_fingerprint_changes_with_the_meaning_only() {
    let fingerprint = |text: &str| FormatDescriptor::from_json(text).unwrap().fingerprint();
    let text = read("acme.json");
    let whole = fingerprint(&text);
    assert!(whole.len() == 32 && whole.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{whole}");
    // Titles, spaces, the order of members and how texts and numbers are written.
    for same in [
        text.replace("Acme usage", "Usage of Acme"),
        text.replace("\"title\"", "\"$schema\": \"x\", \"documentation\": \"y\", \"title\""),
        example("acme").to_string(),
        text.replace("acme.usage", "acme\\u002eusage").replace("\"descriptor\": 1", "\"descriptor\": 1.0"),
    ] {
        assert_eq!(fingerprint(&same), whole, "{same}");
    }
    assert_ne!(fingerprint(&text.replace("price", "cost")), whole);
    // XXH3-128 of canonical JSON, worked out by another implementation.
    let least = r#"{"descriptor":1,"provider":"a","format":"a.b","title":"A","detect":[],"rows":[{"at":"/é/*"}]}"#;
    let canonical = r#"{"descriptor":1,"detect":[],"format":"a.b","provider":"a","rows":[{"at":"/é/*"}]}"#;
    assert_eq!(fingerprint(least), format!("{:032x}", twox_hash::XxHash3_128::oneshot(canonical.as_bytes())));
}

#[test]
fn hostile_descriptors_end_quickly_with_a_bounded_answer() {
    let many = |count: usize, part: &dyn Fn(usize) -> String| (0..count).map(part).collect::<Vec<_>>().join(",");
    let base = |more: String| {
        format!(
            r#"{{"descriptor":1,"provider":"a","format":"a.b","title":"A","detect":[],"rows":[{{"at":"/*"}}],{more}}}"#
        )
    };
    let texts = [
        "[".repeat(200_000),
        "{\"a\":".repeat(50_000),
        format!("[{}]", many(100_000, &|_| "1".to_owned())),
        format!("{{{}}}", many(20_000, &|at| format!("\"m{at}\":1"))),
        format!("{{{}}}", many(40_000, &|_| "\"\":1".to_owned())),
        format!("{{\"{}\":{}1{}}}", "k".repeat(100_000), "[".repeat(17), "]".repeat(17)),
        "x".repeat(300_000),
        base(format!("\"metrics\":{{{}}}", many(9_000, &|at| format!("\"a{at}*\":null")))),
        base(format!(
            "\"metrics\":{{{}}}",
            many(1024, &|at| format!("\"{}*{}\":null", "a".repeat(at % 64), "b".repeat(64 - at % 64)))
        )),
        base(format!("\"account\":[{}]", many(60_000, &|_| "\"\"".to_owned()))),
        base(format!("\"account\":{{\"field\":\"id\",\"map\":{{{}}}}}", many(9_000, &|at| format!("\"{at}\":\"x\"")))),
        base(format!("\"nested\":[{}]", many(9_000, &|at| format!("{{\"at\":\"n{at}\"}}")))),
        base(format!(
            "\"metrics\":{{\"m\":{{\"by\":\"t\",\"cases\":[{}]}}}}",
            many(9_000, &|at| format!("{{\"is\":[\"{at}\"]}}"))
        )),
        base(format!("\"required\":[\"{}\"]", "a/".repeat(100_000))),
    ];
    for text in texts {
        let begun = std::time::Instant::now();
        let found = FormatDescriptor::problems(&text);
        let shown = &text[..text.len().min(120)];
        assert!(!found.is_empty() && found.len() <= 100, "{shown}: {}", found.len());
        assert!(found.iter().all(|problem| problem.message.len() < 1000 && problem.pointer.len() < 5000), "{shown}");
        assert!(begun.elapsed().as_secs() < 5, "{shown}: {:?}", begun.elapsed());
    }
}

/// Every value of a document, by its pointer.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(list) => {
            for (index, each) in list.iter().enumerate() {
                pointers(each, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(members) => {
            for (name, each) in members {
                pointers(each, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

/// A built-in descriptor under a name that is not built in.
fn own(name: &str) -> Value {
    let built_in = FormatDescriptor::built_in(name).unwrap().to_json();
    let mut descriptor: Value = serde_json::from_str(&built_in).unwrap();
    descriptor["format"] = Value::from(format!("{}.own", descriptor["provider"].as_str().unwrap()));
    if let Some(Value::String(_)) = descriptor.pointer("/next/hook") {
        descriptor.as_object_mut().unwrap().remove("next");
    }
    descriptor
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![0u64, 1, 2, 1 << 53]).prop_map(Value::from),
        prop::sample::select(vec![
            "",
            ".",
            "/",
            "*",
            "a",
            "/a",
            "../a",
            "a/*",
            "/{k}",
            "{k}",
            "@a",
            "a.b",
            "a.*",
            "PT1H",
            "By",
            "delta",
            "link",
            "rows",
            "a*b*",
            "~",
            "~3",
            "account",
            "json",
            "wasabi.bucket-daily",
            "x\u{0}é",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let names = prop::sample::select(vec![
            "field", "at", "is", "has", "metric", "of", "count", "/a", "{k}", "a*", "column", "body", "map",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..3).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Whatever a value is replaced by: there are problems, each at a value of the descriptor, or it is a descriptor.
    #[test]
    fn any_change_is_accepted_or_reported(
        name in prop::sample::select(FormatDescriptor::built_in_names().collect::<Vec<_>>()),
        place in any::<prop::sample::Index>(),
        value in any_value(),
    ) {
        let mut descriptor = own(name);
        let mut all = Vec::new();
        pointers(&descriptor, "", &mut all);
        let pointer = place.get(&all);
        *descriptor.pointer_mut(pointer).unwrap() = value;
        let text = descriptor.to_string();
        let found = FormatDescriptor::problems(&text);
        for problem in &found {
            prop_assert!(problem.message.starts_with("expected "), "{problem:?}");
            prop_assert!(problem.position.is_some() || descriptor.get("extends").is_some(), "{problem:?}");
        }
        match FormatDescriptor::from_json(&text) {
            Ok(format) => {
                prop_assert!(found.is_empty());
                // As from the same text again, and from its canonical text, but for an inherited hook.
                prop_assert_eq!(&format, &FormatDescriptor::from_json(&text).unwrap());
                let whole = FormatDescriptor::from_json(&format.to_json());
                prop_assert!(whole.is_err() || whole.unwrap() == format);
            }
            Err(error) => prop_assert_eq!(error.parts().pointer.as_ref(), Some(&found[0].pointer)),
        }
    }

    /// Whatever a value of a descriptor is replaced by: what is still a descriptor reads replies without a panic, and alike wherever they are cut.
    #[test]
    fn a_changed_descriptor_reads_replies_alike_wherever_they_are_cut(
        name in prop::sample::select(FormatDescriptor::built_in_names().collect::<Vec<_>>()),
        place in any::<prop::sample::Index>(),
        value in any_value(),
        body in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        url in prop::option::of(prop::sample::select(vec!["https://api.acme.com/v1/a?x=1&hourly_stats=1", "/users/7/user_statistics.json", "/dailyburstusage"])),
    ) {
        let mut descriptor = own(name);
        let mut all = Vec::new();
        pointers(&descriptor, "", &mut all);
        let pointer = place.get(&all);
        *descriptor.pointer_mut(pointer).unwrap() = value;
        let Ok(format) = FormatDescriptor::from_json(&descriptor.to_string()) else { return Ok(()) };
        let provider = name.split('.').next().unwrap();
        let bodies: Vec<_> = common::fixtures().into_iter().filter(|(file, _)| file.contains(provider)).collect();
        let (file, body) = body.get(&bodies);
        let request = url.map(|url| Request::new(url, None).unwrap());
        let options = ReadOptions { format: Some(format), request, ..common::collecting() };
        let whole = common::streamed_with(&options, &[body], TextFormat::Ndjson);
        let (one, other) = body.split_at(cut.index(body.len()));
        prop_assert_eq!(common::streamed_with(&options, &[one, other], TextFormat::Ndjson), whole, "{}", file);
    }

    /// Any text at all.
    #[test]
    fn any_text_is_answered(text in "[\\[\\]{}\",:a-z0-9 \\\\\n]{0,60}") {
        prop_assert!(!FormatDescriptor::problems(&text).is_empty());
    }
}
