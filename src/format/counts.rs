//! Compares the number of rows that a listing states with those that were read (docs/design.md#checks).
//!
//! One table may have several listings: slices of a period, or accounts. Each states its own number.

use crate::model::record::Check;
use crate::number::decimal::Decimal;

/// The position of a page in its listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PagePosition {
    /// The page begins a listing, unless all its rows were read before: then it is a repeated page.
    First,
    /// The page belongs to the same listing as the page before it. So does an incomplete page, or one without a position.
    #[default]
    Later,
    /// The page is a whole listing.
    Alone,
}

/// Counts of the current page, of its listing, and of the earlier listings.
#[derive(Debug, Default)]
pub struct Counts {
    place: PagePosition,
    stated: Option<u64>,
    /// Valid rows of the page, and the new ones among them.
    valid: u64,
    new: u64,
    listing: Stated,
    /// All listings that stated a number.
    before: Option<(u64, u64)>,
    /// The pointer of the last stated number.
    pointer: String,
}

/// The number that a listing states, and its distinct valid rows so far.
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

    /// The page states the number of rows of its whole listing. A zero on a page after one that stated a number is ignored: some
    /// providers send the number only on the first page.
    pub fn state(&mut self, count: u64, pointer: &str) {
        self.stated = Some(count);
        pointer.clone_into(&mut self.pointer);
    }

    /// Whether an earlier page stated the number of its listing.
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

    /// The check `rows` over all listings; `None` if none states a number.
    pub fn check(&mut self) -> Option<Check> {
        self.end_page();
        self.end_listing();
        let (stated, read) = self.before?;
        Some(Check {
            name: "rows".into(),
            expected: Decimal::from(i128::from(stated)),
            actual: Decimal::from(i128::from(read)),
            ok: stated == read,
            pointer: Some(std::mem::take(&mut self.pointer)),
        })
    }
}
