//! Memory that bytes from elsewhere may ask for. One test: the allocator counts for the whole program.

#![expect(unsafe_code, reason = "an allocator that counts is a wrapper of the unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use meterglot::{AggregateSpec, Aggregator, IanaZones, UsageRecord};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(held, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `act` has held at most beyond what was held before it.
fn peak_of<T>(act: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = act();
    (result, PEAK.load(Relaxed) - before)
}

/// Many resources that share texts of 4 KiB each.
fn sharing(resources: usize) -> Vec<UsageRecord> {
    let text = "x".repeat(4096);
    let record = |resource: usize| {
        let json = format!(
            r#"{{"id":"","provider":"wasabi","format":"wasabi.bucket-daily","account":"{text}","resourceId":"{resource}","resourceName":null,
            "resourceType":"{text}","region":"{text}","metric":"api.calls","providerField":"","dimensions":{{"{text}":"{text}"}},"kind":"delta",
            "quantity":"5","unit":"{{call}}","cost":null,"currency":null,"start":"2024-01-01T00:00:00Z","end":"2024-01-02T00:00:00Z",
            "utcOffset":null,"partOf":null,"pointer":"","page":0,"notes":[]}}"#
        );
        serde_json::from_str(&json).expect("a record")
    };
    (0..resources).map(record).collect()
}

#[test]
fn a_state_whose_texts_are_shared_takes_memory_in_proportion_to_its_length() {
    // The state is merged twice, so that the same usage is reported twice.
    let spec = AggregateSpec::from_json(r#"{"overlap":"keep"}"#).expect("a spec");
    let mut sender = Aggregator::new(spec.clone());
    sender.push_records(&sharing(1000)).expect("records");
    let state = sender.state();
    drop(sender);
    assert!(state.len() < 30_000, "{}", state.len());
    let mut receiver = Aggregator::new(spec);
    let (rows, peak) = peak_of(|| {
        receiver.merge(&state).expect("a state");
        receiver.merge(&state).expect("a state");
        assert!(!receiver.state().is_empty());
        receiver.finish(&IanaZones).expect("rows")
    });
    assert_eq!((rows.len(), rows[0].records, rows[0].resources), (1, 2000, 1000));
    // A copy of each text at each use would be 20 MB a merge.
    assert!(peak < 200 * state.len(), "{peak} bytes for a state of {}", state.len());
}
