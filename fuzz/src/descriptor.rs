use meterglot::{FormatDescriptor, Limits, OnError, ReadOptions, TextFormat, explain, normalize};
use serde_json::{Map, Value, json};

use crate::choices::Choices;
use crate::stream::streamed;

/// Any descriptor with any body: it is refused with its problems, or reads the body within all guarantees.
///
/// What stands before a zero byte is the descriptor's text. Without one the choices change a built-in descriptor.
pub fn descriptor(input: &[u8]) {
    let (input, mut choices) = Choices::split(input);
    let options = choices.options();
    let step = usize::from(choices.byte()).max(1);
    let (text, body) = match input.iter().position(|&byte| byte == 0) {
        Some(at) => (String::from_utf8_lossy(&input[..at]).into_owned(), &input[at + 1..]),
        None => (changed(&mut choices).to_string(), input),
    };
    let problems = FormatDescriptor::problems(&text);
    assert!(problems.len() <= 100, "at most 100 problems");
    for problem in &problems {
        assert!(problem.message.len() < 2000, "a message is short: {}", problem.message);
    }
    let Ok(format) = FormatDescriptor::from_json(&text) else {
        assert!(!problems.is_empty(), "what is refused has a problem");
        return;
    };
    assert!(problems.is_empty(), "what has no problem is accepted");
    let again = FormatDescriptor::from_json(&format.to_json()).expect("a resolved descriptor is a descriptor");
    assert_eq!(again.fingerprint(), format.fingerprint(), "a resolved descriptor is the same one");

    let options = ReadOptions { on_error: OnError::Collect, provider: None, ..options };
    read(body, step, ReadOptions { format: Some(format.clone()), ..options.clone() });
    read(body, step, ReadOptions { formats: vec![format], ..options });
}

/// Reads a body with every call that takes a format.
fn read(body: &[u8], step: usize, options: ReadOptions) {
    let table = normalize(&[body], &options).expect("faults are collected");
    let explained = explain(body, &options).expect("faults are collected");
    assert_eq!(explained.records, table.records(0, table.len().min(20)), "the first records");
    assert_eq!(explained.issues.len(), table.issues().len(), "all issues");
    assert!(explained.unread.len() <= 1000, "at most 1000 fields");
    assert!(explained.rows.iter().all(|rows| rows.faulty <= rows.count), "faulty rows are rows");
    // A stream bounds neither the bytes of a body nor, as a table does, the records without their duplicates.
    let limits = Limits { max_bytes: u64::MAX, max_records: u64::MAX, ..options.limits };
    let options = ReadOptions { limits, ..options };
    let pieces: Vec<&[u8]> = body.chunks(step).collect();
    let whole = streamed(&[body], &options, TextFormat::Ndjson);
    assert!(streamed(&pieces, &options, TextFormat::Ndjson) == whole, "pieces of {step} bytes");
}

/// A built-in descriptor, as one of a user's, with up to seven parts of it changed.
fn changed(choices: &mut Choices<'_>) -> Value {
    let names: Vec<&str> = FormatDescriptor::built_in_names().collect();
    let mut descriptor = built_in(names[usize::from(choices.byte()) % names.len()]);
    let other = built_in(names[usize::from(choices.byte()) % names.len()]);
    for _ in 0..choices.byte() % 8 {
        let count = parts(&descriptor);
        let which = usize::from(choices.byte()) * 256 + usize::from(choices.byte());
        let how = choices.byte();
        change(&mut descriptor, &mut (which % count), how, &other);
    }
    let mut own = descriptor.as_object().cloned().unwrap_or_default();
    own.insert("descriptor".to_owned(), 1.into());
    own.insert("provider".to_owned(), "acme".into());
    own.insert("format".to_owned(), "acme.usage".into());
    own.into()
}

/// A built-in descriptor without what users may not name.
fn built_in(name: &str) -> Value {
    let text = FormatDescriptor::built_in(name).map(|format| format.to_json()).unwrap_or_default();
    let mut members: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    members.remove("extends");
    members.retain(|name, value| name != "next" || value["by"] != "hook");
    members.into()
}

/// The values in a value, itself included.
fn parts(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(parts).sum::<usize>(),
        Value::Array(items) => items.iter().map(parts).sum(),
        _ => 0,
    }
}

/// Changes the part of that number.
fn change(value: &mut Value, which: &mut usize, how: u8, other: &Value) -> bool {
    if *which == 0 {
        *value = replacement(value, how, other);
        return true;
    }
    *which -= 1;
    match value {
        Value::Object(members) => {
            let last = members.len();
            if how % 8 == 7 && *which < last {
                // A member is left out.
                let name = members.keys().nth(*which).cloned().unwrap_or_default();
                members.remove(&name);
                return true;
            }
            members.values_mut().any(|member| change(member, which, how, other))
        }
        Value::Array(items) => items.iter_mut().any(|item| change(item, which, how, other)),
        _ => false,
    }
}

/// What stands in place of a part: a word of the language, the part in a list, or a part of another descriptor.
fn replacement(value: &Value, how: u8, other: &Value) -> Value {
    const TEXTS: [&str; 24] = [
        "",
        ".",
        "*",
        "/*",
        "/*/*",
        "/{key}",
        "../id",
        "@id",
        "*_cost",
        "a*b",
        "PT1H",
        "P1M",
        "unix",
        "rfc3339",
        "By",
        "delta",
        "gauge",
        "cost",
        "id",
        "/items/*",
        "StartTime",
        "date",
        "{field}",
        "x.{type}.*",
    ];
    match how % 4 {
        0 => TEXTS[usize::from(how / 4) % TEXTS.len()].into(),
        1 => json!([value, value]),
        2 => {
            let members = other.as_object().into_iter().flat_map(Map::values);
            let inner: Vec<&Value> = members.collect();
            inner.get(usize::from(how / 4) % inner.len().max(1)).map_or(Value::Null, |part| (*part).clone())
        }
        _ => json!(usize::from(how / 4)),
    }
}
