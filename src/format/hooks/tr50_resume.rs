//! `tr50-resume`: the request after a capped reply of deviceWISE.
//!
//! It computes: a reply is silently cut at 5,000 times (docs/formats.md#devicewise-requests), and the next request is the last one's
//! JSON body with the start of each command that was cut moved to where its reply ended.

use crate::format::listing_state::{Follow, ListingState};
use crate::model::time::Instant;
use crate::read::Value;
use crate::table::Text;

/// The largest number of times in the reply to a command.
const REPLY_CAP: usize = 5000;

/// Notes a command whose reply may have been cut: by the number of its times, and the end of its last period.
pub(crate) fn note_cut(captures: &[(Box<str>, Text)], periods: Option<(usize, Instant)>, listing: &mut ListingState) {
    let (Some((_, id)), Some((_, end))) = (captures.first(), periods.filter(|(times, _)| *times >= REPLY_CAP)) else {
        return;
    };
    let cut = (id.to_string(), end);
    match &mut listing.follow {
        Some(Follow::Resume(commands)) => commands.push(cut),
        follow => *follow = Some(Follow::Resume(vec![cut])),
    }
}

/// The body of the next request: the commands that were cut, each from the time at which its reply ended. Only commands that name
/// their end can be continued: "the last 24 hours" would now be other hours.
pub(crate) fn next_body(asked: Value, commands: &[(String, Instant)]) -> Option<Value> {
    let Value::Object(asked) = asked else {
        return None;
    };
    let mut next: Vec<(String, Value)> =
        commands.iter().filter_map(|(id, start)| resumed(&asked, id, *start)).collect();
    if next.is_empty() {
        return None;
    }
    next.extend(asked.into_iter().find(|(name, _)| name == "auth"));
    Some(Value::Object(next))
}

/// A command from the time at which its reply was cut, unless that is its end.
fn resumed(asked: &[(String, Value)], id: &str, start: Instant) -> Option<(String, Value)> {
    let (name, mut command) = asked.iter().find(|(name, _)| name == id)?.clone();
    let Value::Object(parameters) = field(&mut command, "params")? else {
        return None;
    };
    let end = parameters.iter().find(|(name, _)| name == "end")?.1.as_text()?;
    let goes_on = Instant::parse(end).is_ok_and(|end| start < end);
    parameters.iter_mut().find(|(name, _)| name == "start")?.1 = Value::Text(start.to_string());
    goes_on.then_some((name, command))
}

fn field<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let Value::Object(fields) = value else {
        return None;
    };
    fields.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value)
}
