//! What a body says beside its rows: texts that rows need, counts, links to the next page.

use super::automaton::Automaton;
use super::tape_path::Names;
use crate::descriptor::model::{NextRule, PageRule, SizeParameter};
use crate::descriptor::path::{Path, Place};
use crate::format::counts::PagePosition;
use crate::format::listing_state::{Follow, ListingState};
use crate::model::error::Fault;
use crate::model::provider::Encoding;
use crate::model::record::PageInfo;
use crate::options::request::Request;
use crate::read::{Element, ValueType, escape_pointer};
use crate::table::Text;

/// Texts of one place that are kept: of a list of links the first ones.
const MOST_TEXTS: usize = 64;

/// Numbers of parts of the envelope, in order of preference.
type Slots = Vec<u16>;

/// The parts of the envelope of one encoding.
#[derive(Debug, Default)]
pub(super) struct Parts {
    paths: Vec<Path>,
    /// Those that rows need.
    sources: Slots,
    number: Slots,
    size: Slots,
    offset: Slots,
    total: Slots,
    pages: Slots,
    more: Slots,
    links: Slots,
    cursor: Slots,
    pub rows: Slots,
}

impl Parts {
    pub fn page(&mut self, rule: &PageRule, next: Option<&NextRule>, encoding: Encoding) {
        let number = self.all(&rule.number, encoding);
        let (size, offset) = (self.all(&rule.size, encoding), self.all(&rule.offset, encoding));
        let (total, pages) = (self.all(&rule.total, encoding), self.all(&rule.pages, encoding));
        let more = self.all(&rule.more, encoding);
        (self.number, self.size, self.offset, self.total, self.pages, self.more) =
            (number, size, offset, total, pages, more);
        match next {
            Some(NextRule::Link { at, .. }) => self.links = self.all(at, encoding),
            Some(NextRule::Cursor { at, .. }) => self.cursor = self.all(at, encoding),
            _ => {}
        }
    }

    pub fn all(&mut self, place: &Place, encoding: Encoding) -> Slots {
        place.of(encoding).iter().map(|path| self.slot(path)).collect()
    }

    /// A place that sources name.
    pub fn source(&mut self, path: &Path) {
        let slot = self.slot(path);
        if !self.sources.contains(&slot) {
            self.sources.push(slot);
        }
    }

    fn slot(&mut self, path: &Path) -> u16 {
        let known = self.paths.iter().position(|own| own == path);
        known.unwrap_or_else(|| {
            self.paths.push(path.clone());
            self.paths.len() - 1
        }) as u16
    }

    pub fn add_to(&self, automaton: &mut Automaton) {
        (0..).zip(&self.paths).for_each(|(slot, path)| automaton.add_slot(slot, path));
    }

    fn is_count(&self, slot: u16) -> bool {
        [&self.number, &self.size, &self.offset, &self.total, &self.pages].iter().any(|slots| slots.contains(&slot))
    }
}

/// What the envelope has said so far.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    slots: Vec<Said>,
    sources: Vec<(Path, u16)>,
    /// Nothing more is to come.
    pub is_complete: bool,
    has_next_link: bool,
    next_link: Option<String>,
}

#[derive(Debug, Default)]
struct Said {
    is_seen: bool,
    texts: Vec<Text>,
    count: Option<u64>,
    flag: Option<bool>,
    pointer: String,
}

impl Envelope {
    pub fn new(parts: &Parts) -> Self {
        let sources = parts.sources.iter().map(|slot| (parts.paths[usize::from(*slot)].clone(), *slot)).collect();
        let slots = parts.paths.iter().map(|_| Said::default()).collect();
        Self { slots, sources, ..Self::default() }
    }

    /// An envelope that says nothing.
    pub fn complete() -> Self {
        Self { is_complete: true, ..Self::default() }
    }

    /// The texts at a place, and whether there may still be some.
    pub fn texts(&self, path: &Path) -> (&[Text], bool) {
        match self.sources.iter().find(|(own, _)| own == path) {
            None => (&[], false),
            Some((_, slot)) => {
                let said = &self.slots[usize::from(*slot)];
                (&said.texts, !said.is_seen && !self.is_complete)
            }
        }
    }

    /// The last text at a place.
    pub fn text(&self, path: &Path) -> (Option<Text>, bool) {
        let (texts, is_due) = self.texts(path);
        (texts.last().cloned(), is_due)
    }

    /// Takes a part of the envelope that nodes of the automaton stand for. Says whether rows need something of it. Of a part that is
    /// not complete more may come.
    pub fn take(
        &mut self,
        taking: &Taking<'_>,
        nodes: &[u16],
        part: Element<'_>,
        pointer: &str,
        is_complete: bool,
    ) -> Result<bool, Fault> {
        let mut is_needed = false;
        let mut result = Ok(());
        for node in nodes {
            if is_complete {
                // A place in it is not to come any more.
                self.pass_below(taking.automaton, *node);
            }
            let taken = self.take_at(taking, *node, part, pointer, &mut is_needed);
            result = result.and(taken);
        }
        result.map(|()| is_needed)
    }

    fn take_at(
        &mut self,
        taking: &Taking<'_>,
        node: u16,
        part: Element<'_>,
        pointer: &str,
        is_needed: &mut bool,
    ) -> Result<(), Fault> {
        let mut result = Ok(());
        for slot in &taking.automaton.node(node).slots {
            *is_needed |= taking.parts.sources.contains(slot);
            if taking.parts.links.contains(slot) {
                self.take_link(taking, part);
            }
            let said = &mut self.slots[usize::from(*slot)];
            said.is_seen = true;
            let is_scalar = !matches!(part.value_type(), ValueType::Object | ValueType::Array | ValueType::Null);
            if is_scalar {
                said.count = part.count().or(said.count);
                said.flag = flag(&part).or(said.flag);
                pointer.clone_into(&mut said.pointer);
                if said.texts.len() < MOST_TEXTS {
                    said.texts.push(part.text().into());
                }
            }
            if taking.parts.is_count(*slot) && part.count().is_none() && !part.is_null() {
                result = result.and(Err(part.unexpected("a whole number")));
            }
        }
        let is_list = part.value_type() == ValueType::Array;
        for (at, child) in part.children().enumerate() {
            for below in taking.automaton.below(node, &child, is_list).into_iter().flatten() {
                let mut inner = pointer.to_owned();
                if is_list && part.encoding() == Encoding::Json {
                    inner += &format!("/{at}");
                } else if child.is_attribute() {
                    inner += &format!("/@{}", child.name());
                } else {
                    inner.push('/');
                    escape_pointer(&child.name(), &mut inner);
                }
                let taken = self.take_at(taking, below, child, &inner, is_needed);
                result = result.and(taken);
            }
        }
        result
    }

    fn pass_below(&mut self, automaton: &Automaton, node: u16) {
        for below in automaton.children(node) {
            for slot in &automaton.node(below).slots {
                self.slots[usize::from(*slot)].is_seen = true;
            }
            self.pass_below(automaton, below);
        }
    }

    fn take_link(&mut self, taking: &Taking<'_>, link: Element<'_>) {
        let Some(NextRule::Link { rel, href, parameter, .. }) = taking.next else {
            return;
        };
        let counts = rel.as_ref().is_none_or(|(field, texts)| {
            let rel = taking.names.value(link, field).filter(Element::is_text);
            rel.is_some_and(|rel| texts.iter().any(|text| text.eq_ignore_ascii_case(&rel.text())))
        });
        if !counts {
            return;
        }
        self.has_next_link = true;
        let Some(href) = taking.names.value(link, href).filter(Element::is_text) else {
            return;
        };
        let href = href.text();
        let request = Request::new(&href, None).or_else(|_| Request::new(&format!("/{href}"), None));
        if let Ok(request) = request {
            self.next_link = request.parameter(parameter);
        }
    }

    fn first<'s, T>(&'s self, slots: &Slots, of: impl Fn(&'s Said) -> Option<T>) -> Option<T> {
        slots.iter().find_map(|slot| of(&self.slots[usize::from(*slot)]))
    }

    fn count(&self, slots: &Slots) -> Option<u64> {
        self.first(slots, |said| said.count)
    }

    /// The body is complete: says where the page stands in its listing and what follows.
    pub fn end(&self, parts: &Parts, next: Option<&NextRule>, body: &Body<'_>, listing: &mut ListingState) {
        let asked = |name: &str| body.request.and_then(|request| request.count(name));
        let rows = listing.page_rows;
        let (mut number, mut size) = (self.count(&parts.number), self.count(&parts.size));
        let (mut offset, stated_total) = (self.count(&parts.offset), self.count(&parts.total));
        let pages = self.count(&parts.pages).filter(|pages| *pages > 0);
        let more = self.first(&parts.more, |said| said.flag);
        let says = number.is_some() || size.is_some() || offset.is_some() || stated_total.is_some() || pages.is_some();
        let says = says || more.is_some();
        let mut first = 1;
        let mut size_rule: Option<&SizeParameter> = None;
        let mut is_asked = false;
        match next {
            Some(NextRule::Offset { parameter, size }) => {
                offset = offset.or_else(|| asked(parameter));
                size_rule = size.as_ref();
            }
            Some(NextRule::Page { parameter, first: from, size }) => {
                let asked = asked(parameter);
                is_asked = asked.is_some();
                // Some servers number every page like the first.
                number = number.filter(|number| number > from).or(asked).or(number);
                (first, size_rule) = (*from, size.as_ref());
            }
            _ => {}
        }
        if let Some(rule) = size_rule {
            let asked = asked(&rule.parameter);
            is_asked |= asked.is_some();
            // Zero asks for everything of an offset; of a page it says nothing.
            let is_said = |size: &u64| *size > 0 || matches!(next, Some(NextRule::Offset { .. }));
            size = size.filter(is_said).or(asked.filter(is_said));
        }
        if is_asked && matches!(next, Some(NextRule::Page { .. })) {
            number = number.or(Some(first));
        }
        let by_pages = matches!(next, Some(NextRule::Page { .. }));
        let full = size.filter(|size| !by_pages || *size > 0).or_else(|| size_rule.and_then(|rule| rule.default));
        let most = size_rule.and_then(|rule| rule.max).unwrap_or(u64::MAX);
        let full = full.map(|full| full.min(most));
        let at = number.map_or(0, |number| number.saturating_sub(first));
        let before = match next {
            Some(NextRule::Offset { .. }) => offset.unwrap_or(0),
            _ => offset.unwrap_or_else(|| at.saturating_mul(full.unwrap_or(0))),
        };
        // A zero beside rows, or on a later page, says nothing.
        let total = stated_total.filter(|total| *total > 0 || before == 0 && (rows == 0 || !by_pages));
        let after = before.saturating_add(rows);
        let is_full = full.is_some_and(|full| full > 0 && rows >= full);
        let by_number = pages.filter(|pages| by_pages && at < *pages).map(|pages| at + 1 < pages);
        let by_rows = total.filter(|total| after <= *total).map(|total| after < total);
        let has_next = match next {
            _ if more.is_some() => more == Some(true),
            Some(NextRule::Link { .. }) => self.has_next_link,
            Some(NextRule::Cursor { .. }) => self.cursor(parts).is_some(),
            Some(NextRule::Offset { .. }) => rows > 0 && full != Some(0) && by_rows.unwrap_or(is_full),
            Some(NextRule::Page { .. }) => {
                // A list of any other length is not cut into pages.
                let is_full = is_full && (says || is_asked && full == Some(rows));
                let stated = by_number.is_some() || by_rows.is_some();
                rows > 0 && if stated { by_number == Some(true) || by_rows == Some(true) } else { is_full }
            }
            Some(NextRule::Hook(_)) | None => false,
        };
        if let Some((total, pointer)) =
            self.first(&parts.rows, |said| Some((said.count?, &*said.pointer))).filter(|_| !body.is_lone)
        {
            let is_first = before == 0 && at == 0;
            let is_new = is_first || !listing.counts.is_stated() && total > before;
            if !by_pages || is_new && (total > 0 || is_first && rows == 0) {
                listing.counts.state(total, pointer);
            }
        }
        listing.counts.place(match next {
            None | Some(NextRule::Hook(_)) => PagePosition::Alone,
            _ if !says => {
                if before > 0 || at > 0 {
                    PagePosition::Later
                } else {
                    PagePosition::Alone
                }
            }
            Some(NextRule::Offset { .. }) if offset == Some(0) => PagePosition::First,
            Some(NextRule::Page { .. }) if at == 0 && (total.is_some() || stated_total.is_none()) => {
                PagePosition::First
            }
            Some(NextRule::Link { .. } | NextRule::Cursor { .. }) if number == Some(first) => PagePosition::First,
            _ => PagePosition::Later,
        });
        let has_pages = !matches!(next, None | Some(NextRule::Hook(_))) || says;
        if has_pages && !body.is_lone && (says || has_next || body.is_object) {
            let total_rows = if by_pages { total } else { stated_total };
            listing.page = Some(PageInfo { number, size, offset, total_rows, has_next });
        }
        if has_next {
            listing.follow = match next {
                Some(NextRule::Link { parameter, .. }) => {
                    self.next_link.clone().map(|page| Follow::Parameter(parameter.to_string(), page))
                }
                Some(NextRule::Offset { parameter, .. }) => {
                    Some(Follow::Parameter(parameter.to_string(), after.to_string())).filter(|_| rows > 0)
                }
                Some(NextRule::Page { parameter, first, .. }) => {
                    let following = number.unwrap_or(*first).saturating_add(1);
                    Some(Follow::Parameter(parameter.to_string(), following.to_string())).filter(|_| rows > 0)
                }
                Some(NextRule::Cursor { parameter, .. }) => {
                    let cursor = self.cursor(parts);
                    cursor.map(|cursor| Follow::Parameter(parameter.to_string(), cursor.to_string()))
                }
                Some(NextRule::Hook(_)) | None => None,
            };
        }
    }

    fn cursor(&self, parts: &Parts) -> Option<Text> {
        self.first(&parts.cursor, |said| said.texts.last().cloned()).filter(|cursor| !cursor.is_empty())
    }
}

/// What is known of the body as a whole.
pub(super) struct Body<'b> {
    pub request: Option<&'b Request>,
    /// A row without its list.
    pub is_lone: bool,
    /// Its root may have members beside the rows.
    pub is_object: bool,
}

/// How parts of the envelope are taken.
pub(super) struct Taking<'t> {
    pub automaton: &'t Automaton,
    pub parts: &'t Parts,
    pub next: Option<&'t NextRule>,
    pub names: Names,
}

/// true or false, 1 or 0, or their texts.
fn flag(part: &Element<'_>) -> Option<bool> {
    match &*part.text().to_ascii_lowercase() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
