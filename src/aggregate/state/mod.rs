//! The state of an aggregator: its records in a canonical order, so that the same records give the same bytes.
//!
//! # Design
//! Machines exchange records and not sums, because sums lose information: a record of one machine may end a level that another
//! machine has read. Layout: magic, version, digest of the spec; then dictionaries (texts, resource keys, periods, fields,
//! shapes), rows of codes, and the numbers; finally a checksum. Integers are LEB128; signed integers are zigzag-encoded
//! (0, −1, 1, −2 …).

mod bytes;
mod decode;
mod encode;

pub(super) use decode::decode;
pub(super) use encode::encode;

/// The first bytes of every state.
const MAGIC: &[u8; 4] = b"MGlA";

/// The layout described here. Another one is another version.
const VERSION: u8 = 2;

/// The length of the digest of the spec, and of the checksum.
const DIGEST: usize = 16;

/// How a number begins. An even value is a whole number of at most 18 digits, zigzag-encoded and doubled.
mod number {
    pub const NULL: u64 = 1;
    /// Followed by a scale and a zigzag-encoded mantissa.
    pub const SCALED: u64 = 3;
    /// Followed by a scale, a length, and so many bytes of magnitude, most significant first.
    pub const WIDE: u64 = 5;
    pub const WIDE_NEGATIVE: u64 = 7;
}

/// The most bytes of a number's magnitude in a state. With the default limits, numbers have at most 32.
const MAX_MAGNITUDE: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use twox_hash::XxHash3_128;

    use super::{DIGEST, decode};
    use crate::aggregate::{AggregateSpec, Aggregator, IanaZones, TimeZone, Window};
    use crate::model::error::ErrorCode;
    use crate::model::record::UsageRecord;

    fn sample() -> Vec<UsageRecord> {
        let record = |metric: &str, kind: &str, quantity: &str, cost: &str, end: &str| {
            let json = format!(
                r#"{{"id":"","provider":"wasabi","format":"wasabi.bucket-daily","account":"1","resourceId":null,"resourceName":null,
                "resourceType":"bucket","region":"eu","metric":"{metric}","providerField":"","dimensions":{{"a":"b"}},"kind":"{kind}",
                "quantity":{quantity},"unit":"By","cost":{cost},"currency":"CHF","start":"2024-01-01T00:00:00.5Z","end":{end},
                "utcOffset":"-05:00","partOf":"api.calls","pointer":"","page":0,"notes":[]}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        vec![
            record("api.calls", "delta", "\"5\"", "null", "\"2024-01-02T00:00:00Z\""),
            record("storage.stored", "gauge", "\"0.25\"", "\"3\"", "null"),
            record("storage.stored", "gauge", "\"99999999999999999999999\"", "null", "\"2024-03-02T00:00:00Z\""),
            record("cost.vm", "delta", "null", "\"-7.125\"", "\"2024-01-01T00:00:00.5Z\""),
        ]
    }

    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let checksum = XxHash3_128::oneshot(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_forged_state_is_refused_or_merged_but_never_traps(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 1..4),
        ) {
            let spec = AggregateSpec { window: Window::Month, time_zone: TimeZone::Source, ..AggregateSpec::default() };
            let mut aggregator = Aggregator::new(spec.clone());
            aggregator.push_records(&sample()).unwrap();
            let mut bytes = aggregator.state();
            bytes.truncate(bytes.len() - DIGEST);
            for (at, value, how) in changes {
                // The bytes before are magic, version and digest; any change there is refused.
                let at = 5 + DIGEST + at.index(bytes.len() - 5 - DIGEST);
                match how {
                    0 => bytes[at] = value,
                    1 => bytes.insert(at, value),
                    _ => drop(bytes.remove(at)),
                }
            }
            let mut other = Aggregator::new(spec.clone());
            match other.merge(&sealed(bytes)) {
                Ok(()) => drop(other.finish(&IanaZones)),
                Err(error) => prop_assert_eq!(error.code(), ErrorCode::InvalidOption),
            }
        }
    }

    #[test]
    fn lengths_that_a_state_only_claims_reserve_nothing() {
        let spec = AggregateSpec::default();
        for claim in
            [&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]]
        {
            let mut bytes = Aggregator::new(spec.clone()).state();
            bytes.truncate(5 + DIGEST);
            bytes.extend_from_slice(claim);
            assert_eq!(decode(&sealed(bytes), &spec).unwrap_err().code(), ErrorCode::InvalidOption);
        }
    }
}
