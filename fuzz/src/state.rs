use meterglot::{Aggregator, IanaZones, UsageRecord, normalize};

use crate::choices::{Choices, parsed};

/// The most records of one input: more take time without new coverage.
const RECORDS: usize = 200;

/// States of other machines, valid and forged: a merge gives what one aggregator gives, or is refused and changes nothing.
pub fn state(input: &[u8]) {
    let (body, mut choices) = Choices::split(input);
    let options = choices.options();
    let spec = parsed(&choices.spec());
    let aggregator = |records: &[UsageRecord]| {
        let mut aggregator = Aggregator::new(spec.clone());
        aggregator.push_records(records).expect("records of a table are valid");
        aggregator
    };
    let rows = |aggregator: &Aggregator| aggregator.finish(&IanaZones).map_err(|error| error.code());

    // Any bytes as a state.
    let mut forged = aggregator(&[]);
    if forged.merge(body).is_ok() {
        let _ = rows(&forged);
    }

    // The states of two machines, in both orders.
    let Ok(table) = normalize(&[body], &options) else {
        return;
    };
    let records = table.records(0, table.len().min(RECORDS));
    let (left, right) = choices.cut(&records);
    let whole = aggregator(&records);
    let expected = rows(&whole);
    for (first, second) in [(left, right), (right, left)] {
        let mut merged = aggregator(first);
        merged.merge(&aggregator(second).state()).expect("a state of the same version and spec");
        assert_eq!(rows(&merged), expected, "a merge changes no result");
    }
    let mut state = whole.state();
    let mut copy = aggregator(&[]);
    copy.merge(&state).expect("a state of the same version and spec");
    assert_eq!(copy.state(), state, "one form for one state");

    // A state with up to four bytes changed.
    for _ in 0..choices.byte() % 5 {
        let at = usize::from(u16::from_be_bytes([choices.byte(), choices.byte()])) % state.len();
        state[at] = choices.byte();
    }
    let mut broken = aggregator(left);
    let before = rows(&broken);
    if broken.merge(&state).is_err() {
        assert_eq!(rows(&broken), before, "a state that is refused changes nothing");
    } else {
        let _ = rows(&broken);
    }
}
