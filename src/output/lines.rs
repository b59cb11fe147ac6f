//! Records as lines of text. The parts that records share are written once and then copied.

use std::marker::PhantomData;

use crate::model::record::Notes;
use crate::model::time::Instant;
use crate::table::{Cell, Columns, Dimensions, Field, FieldPart, ID_DIGITS, Ids, RecordView, Row, merged};

/// The syntax of a record. Its members have the order of the public contract, with a comma between them.
pub trait Style {
    /// Text before the id.
    const OPEN: &'static str;
    /// Text after the last member.
    const CLOSE: &'static str;
    /// Text on both sides of a string that needs no escapes.
    const QUOTE: &'static str;

    /// Text before a value.
    fn name(name: &str, out: &mut Vec<u8>);
    /// A string, or null.
    fn text(value: Option<&str>, out: &mut Vec<u8>);
    /// Whether a string needs no escapes, as a whole value or as a part of one.
    fn is_plain(text: &str) -> bool;
    /// A number, or null.
    fn number(value: Cell<'_>, out: &mut Vec<u8>);
    /// Names and values.
    fn dimensions<'d>(pairs: impl Iterator<Item = (&'d str, &'d str)>, out: &mut Vec<u8>);
    fn notes(notes: Notes, out: &mut Vec<u8>);

    /// Name, time and comma.
    fn time(name: &str, time: Option<Instant>, out: &mut Vec<u8>) {
        let Some(time) = time else {
            return Self::member(name, None, out);
        };
        Self::name(name, out);
        out.extend_from_slice(Self::QUOTE.as_bytes());
        time.write(out);
        out.extend_from_slice(Self::QUOTE.as_bytes());
        out.push(b',');
    }

    /// Name, text and comma.
    fn member(name: &str, value: Option<&str>, out: &mut Vec<u8>) {
        Self::name(name, out);
        Self::text(value, out);
        out.push(b',');
    }
}

/// Writes the records of a table.
pub struct Writer<'t, S> {
    columns: &'t Columns,
    ids: Ids,
    /// Texts by code.
    fields: Vec<Option<FieldText>>,
    row: RowText<'t>,
    style: PhantomData<S>,
}

/// The text that a field has in each of its records.
struct FieldText {
    id: FieldPart,
    /// From the id to the account.
    provider: Vec<u8>,
    /// From the region to the dimensions.
    metric: Vec<u8>,
    /// From the dimensions to the quantity.
    kind: Vec<u8>,
    /// From the region to the quantity, if all dimensions belong to the field.
    whole_kind: Vec<u8>,
    /// From the quantity to the cost.
    unit: Vec<u8>,
    /// From the quantity to the start; empty if the field has a cost.
    no_cost: Vec<u8>,
    /// From the offset to the pointer.
    part_of: Vec<u8>,
    leaf_is_plain: bool,
    /// In a record without a cost: the number of bytes that come from the field, from the start to the pointer.
    length: usize,
    /// From the last part of the pointer to the end, for one page and one set of notes of a period.
    tail: Vec<u8>,
    tail_of: Option<(u32, Notes)>,
}

/// The text that a row has in each of its records.
#[derive(Default)]
struct RowText<'t> {
    row: Option<&'t Row>,
    /// Account to region.
    resource_key: Vec<u8>,
    currency: Vec<u8>,
    /// Start to offset.
    period: Vec<u8>,
    /// The pointer up to the row.
    place: Vec<u8>,
    place_is_plain: bool,
    has_no_dimensions: bool,
    /// The number of bytes of a record without a cost that come from the row.
    length: usize,
}

impl<'t, S: Style> Writer<'t, S> {
    pub fn new(columns: &'t Columns) -> Self {
        Self { columns, ids: Ids::default(), fields: Vec::new(), row: RowText::default(), style: PhantomData }
    }

    /// Appends records from `start` on, each followed by `end`, until `out` has `bytes` more bytes or there are no more records.
    /// Returns the index of the next record.
    pub fn lines(&mut self, start: usize, bytes: usize, end: &str, out: &mut Vec<u8>) -> usize {
        let most = out.len().saturating_add(bytes);
        for (row, slots) in self.columns.rows_between(start, self.columns.records) {
            for (slot, view) in self.columns.views_of(row).enumerate().skip(slots.start) {
                self.record(&view, out);
                out.extend_from_slice(end.as_bytes());
                if out.len() >= most {
                    return row.first_record as usize + slot + 1;
                }
            }
        }
        self.columns.records
    }

    /// The number of bytes of all lines.
    pub fn length(&mut self, end: &str) -> usize {
        let mut count = Count::default();
        for row in &self.columns.rows {
            for view in self.columns.views_of(row) {
                match self.simple_length(&view) {
                    Some(bytes) => count.bytes += bytes,
                    None => self.record(&view, &mut count),
                }
            }
        }
        count.bytes + end.len() * self.columns.records
    }

    /// The number of bytes of a record whose only own text is an integer, as in most records.
    #[inline]
    fn simple_length(&mut self, view: &RecordView<'t>) -> Option<usize> {
        self.row.turn_to::<S>(view);
        let field = self.fields.get_mut(view.field_code as usize)?.as_mut()?;
        let (Cell::Small(number, 0), Cell::Null) = view.cells() else { return None };
        let is_simple =
            self.row.place_is_plain && field.leaf_is_plain && !field.no_cost.is_empty() && self.row.has_no_dimensions;
        if !is_simple {
            return None;
        }
        field.turn_to::<S>(view);
        let digits = number.unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1);
        let quoted = digits + usize::from(number < 0) + 2 * S::QUOTE.len();
        Some(field.length + self.row.length + field.tail.len() + quoted)
    }

    /// Appends one record.
    pub fn record(&mut self, view: &RecordView<'t>, out: &mut impl Out) {
        self.row.turn_to::<S>(view);
        let code = view.field_code as usize;
        if code >= self.fields.len() {
            self.fields.resize_with(code + 1, || None);
        }
        let field = self.fields[code].get_or_insert_with(|| FieldText::new::<S>(view.field()));
        let (row, (quantity, cost)) = (&self.row, view.cells());
        out.put(S::OPEN.as_bytes());
        out.id(|| self.ids.of(view, &field.id));
        out.put(&field.provider);
        out.put(&row.resource_key);
        let of_resource_key = &view.resource_key().dimensions;
        if of_resource_key.is_empty() {
            out.put(&field.whole_kind);
        } else {
            out.put(&field.metric);
            out.write(|out| S::dimensions(merged(of_resource_key, &view.field().dimensions), out));
            out.put(&field.kind);
        }
        out.write(|out| S::number(quantity, out));
        if field.no_cost.is_empty() {
            out.put(&field.unit);
            out.write(|out| S::number(cost, out));
            out.put(&row.currency);
        } else {
            out.put(&field.no_cost);
        }
        out.put(&row.period);
        out.put(&field.part_of);
        let of_leaf = field.turn_to::<S>(view);
        if row.place_is_plain && field.leaf_is_plain {
            out.put(&row.place);
            out.put(&field.tail);
        } else {
            out.write(|out| S::text(Some(&view.pointer()), out));
            out.put(&field.tail[of_leaf..]);
        }
    }
}

/// The destination of a record's text.
pub trait Out {
    fn put(&mut self, text: &[u8]);
    /// Text that only this record has.
    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>));
    fn id(&mut self, id: impl FnOnce() -> [u8; ID_DIGITS]);
}

impl Out for Vec<u8> {
    #[inline]
    fn put(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
    }

    #[inline]
    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(self);
    }

    #[inline]
    fn id(&mut self, id: impl FnOnce() -> [u8; ID_DIGITS]) {
        self.extend_from_slice(&id());
    }
}

/// Counts bytes.
#[derive(Default)]
struct Count {
    bytes: usize,
    scratch: Vec<u8>,
}

impl Out for Count {
    fn put(&mut self, text: &[u8]) {
        self.bytes += text.len();
    }

    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.scratch.clear();
        write(&mut self.scratch);
        self.bytes += self.scratch.len();
    }

    fn id(&mut self, _id: impl FnOnce() -> [u8; ID_DIGITS]) {
        self.bytes += ID_DIGITS;
    }
}

impl FieldText {
    fn new<S: Style>(field: &Field) -> Self {
        let text = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            out
        };
        let provider = text(&|out| {
            out.extend_from_slice(S::QUOTE.as_bytes());
            out.push(b',');
            S::member("provider", Some(field.format.provider_name()), out);
            S::member("format", Some(field.format.as_str()), out);
        });
        let metric = text(&|out| {
            S::member("metric", Some(&field.metric), out);
            S::member("providerField", Some(&field.provider_field), out);
            S::name("dimensions", out);
        });
        let kind = text(&|out| {
            out.push(b',');
            S::member("kind", Some(field.kind.as_str()), out);
            S::name("quantity", out);
        });
        let unit = text(&|out| {
            out.push(b',');
            S::member("unit", field.unit.map(|unit| unit.to_string()).as_deref(), out);
            S::name("cost", out);
        });
        let mut made = Self {
            id: FieldPart::new(field),
            provider,
            whole_kind: text(&|out| {
                out.extend_from_slice(&metric);
                S::dimensions(merged(&Dimensions::default(), &field.dimensions), out);
                out.extend_from_slice(&kind);
            }),
            no_cost: text(&|out| {
                if !field.measures.has_cost() {
                    out.extend_from_slice(&unit);
                    S::number(Cell::Null, out);
                    out.push(b',');
                    S::member("currency", None, out);
                }
            }),
            metric,
            kind,
            unit,
            part_of: text(&|out| {
                S::member("partOf", field.part_of.as_deref(), out);
                S::name("pointer", out);
            }),
            leaf_is_plain: S::is_plain(&field.leaf),
            length: 0,
            tail: Vec::new(),
            tail_of: None,
        };
        let parts = [&made.provider, &made.whole_kind, &made.no_cost, &made.part_of];
        made.length = S::OPEN.len() + ID_DIGITS + parts.iter().map(|part| part.len()).sum::<usize>();
        made
    }

    /// Prepares the text after the quantity. Returns how many bytes of it belong to the pointer.
    fn turn_to<S: Style>(&mut self, view: &RecordView<'_>) -> usize {
        let leaf = view.field().leaf.as_bytes();
        let of_record = (view.locator().page, view.period().notes);
        if self.tail_of != Some(of_record) {
            self.tail_of = Some(of_record);
            let out = &mut self.tail;
            out.clear();
            out.extend_from_slice(leaf);
            out.extend_from_slice(S::QUOTE.as_bytes());
            out.push(b',');
            S::name("page", out);
            out.extend_from_slice(itoa::Buffer::new().format(of_record.0).as_bytes());
            out.push(b',');
            S::name("notes", out);
            S::notes(view.notes(), out);
            out.extend_from_slice(S::CLOSE.as_bytes());
        }
        leaf.len() + S::QUOTE.len()
    }
}

impl<'t> RowText<'t> {
    /// Prepares the text of a record's row, unless it is the current row.
    fn turn_to<S: Style>(&mut self, view: &RecordView<'t>) {
        let (row, last) = (view.row, self.row.replace(view.row));
        if last.is_some_and(|last| std::ptr::eq(last, row)) {
            return;
        }
        if last.is_none_or(|last| last.resource_key != row.resource_key) {
            let resource_key = view.resource_key();
            self.resource_key.clear();
            S::member("account", resource_key.account.as_deref(), &mut self.resource_key);
            S::member("resourceId", resource_key.resource_id.as_deref(), &mut self.resource_key);
            S::member("resourceName", resource_key.resource_name.as_deref(), &mut self.resource_key);
            S::member("resourceType", resource_key.resource_type.as_deref(), &mut self.resource_key);
            S::member("region", resource_key.region.as_deref(), &mut self.resource_key);
            self.currency.clear();
            self.currency.push(b',');
            S::member("currency", resource_key.currency.as_deref(), &mut self.currency);
            self.has_no_dimensions = resource_key.dimensions.is_empty();
        }
        if last.is_none_or(|last| last.period != row.period) {
            let period = view.period();
            self.period.clear();
            for (name, time) in [("start", period.start), ("end", period.end)] {
                S::time(name, time, &mut self.period);
            }
            S::member("utcOffset", period.offset.as_deref(), &mut self.period);
        }
        let locator = view.locator();
        self.place_is_plain = S::is_plain(&locator.before) && S::is_plain(&locator.after);
        self.place.clear();
        self.place.extend_from_slice(S::QUOTE.as_bytes());
        locator.write(row.index, &mut self.place);
        self.length = self.resource_key.len() + self.period.len() + self.place.len();
    }
}
