//! The pages of the Stats API (docs/formats.md#wasabi-families, docs/formats.md#wasabi-paging). The other APIs send the whole listing at once.

use crate::format::counts::PagePosition;
use crate::format::listing_state::Follow;
use crate::format::listing_state::ListingState;
use crate::model::record::PageInfo;
use crate::options::request::Request;
use crate::read::Element;

/// Rows per page: the maximum of the server, and its default.
const MOST_ROWS: u64 = 100;

/// The position of a page in its listing, from the request and from the reply.
#[derive(Debug, Default)]
pub struct Pages {
    /// Whether the request is for the Stats API. Its list may have no `PageInfo`.
    is_paged: bool,
    /// `pageNum` and `pageSize` of the request.
    asked_number: Option<u64>,
    asked_size: Option<u64>,
    stated: Option<StatedPages>,
}

/// `PageInfo`. On a page after the first its counts are zero and mean nothing.
#[derive(Debug)]
struct StatedPages {
    number: Option<u64>,
    size: Option<u64>,
    rows: Option<u64>,
    pages: Option<u64>,
}

impl Pages {
    pub fn new(request: Option<&Request>) -> Self {
        let Some(request) = request else {
            return Self::default();
        };
        Self {
            is_paged: request.path_contains("/standalone/"),
            asked_number: Some(request.count("pageNum").unwrap_or(0)),
            asked_size: request.count("pageSize").filter(|size| *size > 0),
            stated: None,
        }
    }

    /// Reads `PageInfo`.
    pub fn state(&mut self, info: &Element<'_>) {
        let count = |name: &str| info.child(name).and_then(|value| value.count());
        self.stated = Some(StatedPages {
            number: count("PageNum"),
            size: count("PageSize").filter(|size| *size > 0),
            rows: count("RecordCount"),
            pages: count("PageCount").filter(|pages| *pages > 0),
        });
    }

    /// The page is complete: sets its position and what follows it.
    pub fn end(&self, listing: &mut ListingState) {
        let rows = listing.page_rows;
        let Some(stated) = &self.stated else {
            listing.counts.place(if self.is_paged && self.asked_number > Some(0) {
                PagePosition::Later
            } else {
                PagePosition::Alone
            });
            // A list of any other length has no pages.
            if self.is_paged && rows == self.rows_of_a_full_page(self.asked_size) {
                self.give(listing, self.asked_number, self.asked_size, None, true);
            }
            return;
        };
        let number = stated.number.filter(|number| *number > 0).or(self.asked_number).or(stated.number);
        let at = number.unwrap_or(0);
        let size = stated.size.or(self.asked_size);
        let full = self.rows_of_a_full_page(size);
        let before = at.saturating_mul(full);
        // A zero on the first page means no rows; on other pages it means nothing.
        let total = stated.rows.filter(|total| *total > 0 || (at == 0 && rows == 0));
        if let Some(total) = total.filter(|total| at == 0 || !listing.counts.is_stated() && *total > before) {
            listing.counts.state(total, "/PageInfo/RecordCount");
        }
        // A count of zero on a page with rows is that of a later page, whatever its number is.
        if at == 0 && (total.is_some() || stated.rows.is_none()) {
            listing.counts.place(PagePosition::First);
        }
        let after = before.saturating_add(rows);
        let by_pages = stated.pages.filter(|pages| at < *pages).map(|pages| at + 1 < pages);
        let by_rows = total.filter(|total| after <= *total).map(|total| after < total);
        let follows = match (by_pages, by_rows) {
            (None, None) => rows >= full,
            stated => stated.0 == Some(true) || stated.1 == Some(true),
        };
        self.give(listing, number, size, total, follows && rows > 0);
    }

    fn rows_of_a_full_page(&self, size: Option<u64>) -> u64 {
        size.map_or(MOST_ROWS, |size| size.min(MOST_ROWS))
    }

    fn give(
        &self,
        listing: &mut ListingState,
        number: Option<u64>,
        size: Option<u64>,
        total: Option<u64>,
        has_next: bool,
    ) {
        if has_next {
            listing.follow = Some(Follow::PageNumber(number.unwrap_or(0).saturating_add(1)));
        }
        listing.page = Some(PageInfo { number, size, offset: None, total_rows: total, has_next });
    }
}
