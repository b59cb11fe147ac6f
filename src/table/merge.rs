//! Merges several tables: joins their dictionaries and appends their numbers.

use std::borrow::Cow;

use super::columns::Columns;
use super::parts::code;
use super::parts::{Dimensions, Field, Row, Shape, Subject, Text};
use super::view::merged;
use crate::collections::{Codes, Pairs};

/// The columns of all parts together, for aggregation: where their rows stood is not kept. One part is not copied.
///
/// A dimension may stand with the subject of a row or with its fields. Where one name stands here and there, all
/// are brought to the subjects, so that equal series look equal.
pub fn merge<'c>(parts: &[&'c Columns]) -> Cow<'c, Columns> {
    let lift = names_meet(parts);
    match parts {
        [one] if !lift => Cow::Borrowed(one),
        _ => {
            let mut all = Columns::default();
            parts.iter().for_each(|part| all.append_part(part, lift));
            Cow::Owned(all)
        }
    }
}

/// Whether any dimension stands with a field and, here or in another part, with a subject.
fn names_meet(parts: &[&Columns]) -> bool {
    let mut codes = Codes::default();
    let mut code_of = |(name, _): &(Text, Text)| codes.of(|key| key.text(Some(name))).0;
    let of_fields = parts.iter().flat_map(|part| &part.fields).flat_map(|field| &field.dimensions);
    let Some(last) = of_fields.map(&mut code_of).max() else { return false };
    let mut of_subjects = parts.iter().flat_map(|part| &part.subjects).flat_map(|subject| &subject.dimensions);
    of_subjects.any(|dimension| code_of(dimension) <= last)
}

/// The fields of a shape that have the same dimensions, and where their numbers stand in the row.
struct Piece {
    /// The field whose dimensions are lifted onto the subject; `NOTHING` where none are.
    lifted: u32,
    fields: Vec<u32>,
    cells: Vec<u32>,
}

const NOTHING: u32 = u32::MAX;

impl Columns {
    /// Appends another table as [`merge`] does.
    pub fn append_table(&mut self, part: &Self) {
        self.append_part(part, false);
    }

    fn append_part(&mut self, part: &Self, lift: bool) {
        let periods: Vec<u32> = part.periods.iter().map(|period| code(&mut self.periods, period.clone())).collect();
        let mut fields = Vec::with_capacity(part.fields.len());
        for field in &part.fields {
            let dimensions = if lift { Dimensions::default() } else { field.dimensions.clone() };
            fields.push(code(&mut self.fields, Field { dimensions, ..field.clone() }));
        }
        let shapes: Vec<Vec<(Piece, u32)>> =
            part.shapes.iter().map(|shape| self.pieces(part, shape, &fields, lift)).collect();
        // By subject of the part, and field whose dimensions are lifted onto it.
        let (mut known, mut subjects) = (Pairs::default(), Vec::new());
        for row in &part.rows {
            for (piece, shape) in &shapes[row.shape as usize] {
                let next = subjects.len() as u32;
                let subject = known.of(row.subject.into(), piece.lifted.into(), next);
                if subject == next {
                    subjects.push(self.lifted_subject(part, row.subject, piece.lifted));
                }
                self.rows.push(Row {
                    subject: subjects[subject as usize],
                    period: periods[row.period as usize],
                    shape: *shape,
                    locator: 0,
                    index: 0,
                    first_cell: self.cells.len() as u32,
                    first_record: self.records as u32,
                });
                self.records += piece.fields.len();
                piece.cells.iter().for_each(|cell| self.cells.push_from(&part.cells, (row.first_cell + cell) as usize));
            }
        }
    }

    fn lifted_subject(&mut self, part: &Self, subject: u32, lifted: u32) -> u32 {
        let mut subject: Subject = part.subjects[subject as usize].clone();
        if lifted != NOTHING {
            let all = merged(&subject.dimensions, &part.fields[lifted as usize].dimensions);
            subject.dimensions = all.map(|(name, value)| (name.into(), value.into())).collect();
        }
        code(&mut self.subjects, subject)
    }

    /// A shape of a part in the codes of this table, taken apart where dimensions are lifted.
    fn pieces(&mut self, part: &Self, shape: &Shape, fields: &[u32], lift: bool) -> Vec<(Piece, u32)> {
        let dimensions = |field: u32| &part.fields[field as usize].dimensions;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut cell = 0;
        for &field in shape {
            let is_lifted = lift && !dimensions(field).is_empty();
            let belongs = |piece: &Piece| match piece.lifted {
                NOTHING => !is_lifted,
                lifted => is_lifted && dimensions(lifted) == dimensions(field),
            };
            let at = pieces.iter().position(belongs).unwrap_or_else(|| {
                let lifted = if is_lifted { field } else { NOTHING };
                pieces.push(Piece { lifted, fields: Vec::new(), cells: Vec::new() });
                pieces.len() - 1
            });
            let cells = part.fields[field as usize].holds.cells() as u32;
            pieces[at].fields.push(fields[field as usize]);
            pieces[at].cells.extend(cell..cell + cells);
            cell += cells;
        }
        let coded = pieces.into_iter().map(|piece| {
            let shape = code(&mut self.shapes, Shape::from(piece.fields.as_slice()));
            (piece, shape)
        });
        coded.collect()
    }
}
