//! The rows that listings have by their own count, compared with those that were read (docs/design.md#checks).
//!
//! Several listings can stand in one table: slices of a period, accounts. Each states its own count.

use crate::model::record::Check;
use crate::number::decimal::Decimal;

/// Where a page stands in its listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PagePosition {
    /// It begins a listing, unless all its rows are known: then it is a page that was read before.
    First,
    /// It belongs to the listing of the page before it; so does one that broke off or does not say.
    #[default]
    Later,
    /// It is a listing of its own.
    Alone,
}

/// Counts of the page being read, of its listing, and of the listings before that.
#[derive(Debug, Default)]
pub struct Counts {
    place: PagePosition,
    stated: Option<u64>,
    /// Valid rows of the page, and those of them that were not read before.
    valid: u64,
    new: u64,
    listing: Stated,
    /// All that stated a count.
    before: Option<(u64, u64)>,
    /// Where the last count stands.
    pointer: String,
}

/// What a listing states, and its distinct valid rows so far.
#[derive(Debug, Default)]
struct Stated {
    count: Option<u64>,
    rows: u64,
}

impl Counts {
    pub fn row(&mut self, is_new: bool) {
        self.valid += 1;
        self.new += u64::from(is_new);
    }

    pub fn place(&mut self, place: PagePosition) {
        self.place = place;
    }

    /// The page says how many rows its whole listing has. Zero on a page after one that counted says nothing: some
    /// providers count on the first page only.
    pub fn state(&mut self, count: u64, pointer: &str) {
        self.stated = Some(count);
        pointer.clone_into(&mut self.pointer);
    }

    /// Whether a page before this one stated a count of its listing.
    pub fn is_stated(&self) -> bool {
        self.listing.count.is_some()
    }

    pub fn end_page(&mut self) {
        let is_repeated = self.valid > 0 && self.new == 0;
        if self.place == PagePosition::Alone || self.place == PagePosition::First && !is_repeated {
            self.end_listing();
        }
        if self.stated > Some(0) || self.listing.count.is_none() {
            self.listing.count = self.stated.or(self.listing.count);
        }
        self.listing.rows += self.new;
        (self.place, self.stated, self.valid, self.new) = (PagePosition::default(), None, 0, 0);
    }

    fn end_listing(&mut self) {
        let Stated { count, rows } = std::mem::take(&mut self.listing);
        if let Some(count) = count {
            let (stated, read) = self.before.unwrap_or_default();
            self.before = Some((stated.saturating_add(count), read + rows));
        }
    }

    /// The check `rows` over all listings; `None` where none states a count.
    pub fn check(&mut self) -> Option<Check> {
        self.end_page();
        self.end_listing();
        let (stated, read) = self.before?;
        Some(Check {
            name: "rows",
            expected: Decimal::from(i128::from(stated)),
            actual: Decimal::from(i128::from(read)),
            ok: stated == read,
            pointer: Some(std::mem::take(&mut self.pointer)),
        })
    }
}
