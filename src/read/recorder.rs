//! A test recorder. It records everything that a parser reads, so that two parsers can be compared.

use proptest::prelude::*;

use crate::read::path::Path;
use crate::read::tape::Element;
use crate::read::tape::Item;
use crate::read::visitor::{Halt, Input, Opening, Plan, Visitor};

/// Records the items that it takes, with all their properties, and every text between elements.
///
/// It enters the root and each container named `in`; it takes anything else as `plan` says. Rows are compared with
/// templates; parts of the envelope are not.
pub struct Recorder {
    pub plan: Plan,
    pub notes: String,
    /// The number of items that matched a row template.
    pub matched: usize,
}

impl Recorder {
    pub fn new(plan: Plan) -> Self {
        Self { plan, notes: String::new(), matched: 0 }
    }

    fn note(&mut self, element: Element<'_>) {
        let number = element.number(76).map_err(|fault| format!("{:?} {:?}", fault.offset(), fault.code()));
        if let Some((mantissa, scale)) = element.small_number(76) {
            let text = std::str::from_utf8(element.raw()).expect("a number");
            let parsed = crate::number::decimal::Decimal::parse(text, 76).expect("a number");
            assert_eq!(parsed.small(), Some((mantissa, scale.into())), "{text}");
        }
        let said =
            (element.offset(), element.name(), element.value_type(), element.hint(), element.raw(), element.text());
        self.notes += &format!("{said:?} {number:?} {}\n", element.path());
        element.children().for_each(|child| self.note(child));
    }
}

impl Visitor for Recorder {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan {
        // The root of an XML body has a name; the root of a JSON body has none.
        let above = path.depth() - usize::from(opening == Opening::Element);
        if above == 0 || path.name(path.depth() - 1) == "in" { Plan::Enter } else { self.plan }
    }

    fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        self.matched += usize::from(!std::ptr::eq(item.names, item.bytes));
        self.notes += &path.pointer();
        self.note(item.root());
        Ok(())
    }

    fn leave(&mut self, path: &Path) -> Result<(), Halt> {
        self.notes += &format!("end of {}\n", path.pointer());
        Ok(())
    }

    fn stray_text(&mut self, path: &Path, offset: u64, text: &str) -> Result<(), Halt> {
        self.notes += &format!("{} {offset} {text:?}\n", path.pointer());
        Ok(())
    }
}

/// Reads a body in pieces of this size. Returns the record, with the fault that ends it, and how many rows matched a template.
pub fn read(
    mut parse: impl FnMut(Input<'_>, &mut Recorder) -> Result<usize, Halt>,
    body: &[u8],
    piece: usize,
    plan: Plan,
) -> (String, usize) {
    let mut recorder = Recorder::new(plan);
    if let Err(halt) = in_pieces(body, piece, |input| parse(input, &mut recorder)) {
        recorder.notes += &format!("{halt:?}");
    }
    (recorder.notes, recorder.matched)
}

/// Parses a body in pieces of this size. Bytes that were not consumed are passed again.
pub fn in_pieces(
    body: &[u8],
    piece: usize,
    mut parse: impl FnMut(Input<'_>) -> Result<usize, Halt>,
) -> Result<(), Halt> {
    let (mut from, mut to) = (0, 0);
    while to < body.len() {
        to = to.saturating_add(piece).min(body.len());
        from += parse(Input { bytes: &body[from..to], base: from as u64, last: to == body.len() })?;
    }
    Ok(())
}

/// Bodies of six rows of one form, some with one byte changed, and the size of the pieces.
///
/// Each `#` of the form is replaced by a value, mostly one of the first few, so that many rows are valid. `list` makes the body.
pub fn bodies(
    forms: Vec<&'static str>,
    values: &'static [&'static str],
    mostly: usize,
    list: impl Fn(Vec<String>) -> String,
) -> impl Strategy<Value = (Vec<u8>, usize)> {
    let choices = prop::collection::vec((0..values.len(), any::<bool>()), 1..20);
    let change = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    let piece = prop::sample::select(vec![1, 2, 3, 7, 20, 64, 4096]);
    (prop::sample::select(forms), choices, change, piece).prop_map(move |(form, choices, change, piece)| {
        let mut choices = choices.into_iter().cycle();
        let mut value = || {
            let (choice, among_first) = choices.next().unwrap_or_default();
            values[if among_first { choice % mostly } else { choice }]
        };
        let mut row = || {
            let (first, others) = form.split_once('#').unwrap_or((form, ""));
            let others = others.split('#').map(|text| format!("{}{text}", value()));
            others.fold(first.to_owned(), |row, part| row + &part)
        };
        let mut body = list((0..6).map(|_| row()).collect()).into_bytes();
        if let Some((at, byte)) = change {
            let at = at.index(body.len());
            body[at] = byte;
        }
        (body, piece)
    })
}
