//! Several tables as one: their dictionaries brought together, their numbers one after another.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::builder::code;
use super::view::merged;
use super::{Columns, Dimensions, Field, Row, Shape, Subject};

/// The columns of all parts together, for aggregation: where their rows stood is not kept. One part is not copied.
///
/// A dimension may stand with the subject of a row or with its fields. Where one name stands here and there, all
/// are brought to the subjects, so that equal series look equal.
pub fn merge<'c>(parts: &[&'c Columns]) -> Cow<'c, Columns> {
    let on_subjects: HashSet<&str, RandomState> =
        parts.iter().flat_map(|part| &part.subjects).flat_map(|subject| names(&subject.dimensions)).collect();
    let mut on_fields = parts.iter().flat_map(|part| &part.fields).flat_map(|field| names(&field.dimensions));
    let lift = on_fields.any(|name| on_subjects.contains(name));
    match parts {
        [one] if !lift => Cow::Borrowed(one),
        _ => {
            let mut all = Columns::default();
            parts.iter().for_each(|part| all.append_part(part, lift));
            Cow::Owned(all)
        }
    }
}

fn names(dimensions: &Dimensions) -> impl Iterator<Item = &str> {
    dimensions.iter().map(|(name, _)| &**name)
}

/// The fields of a shape that have the same dimensions, and where their numbers stand in the row.
struct Piece<'c> {
    dimensions: Option<&'c Dimensions>,
    shape: u32,
    records: u32,
    cells: Vec<u32>,
}

impl Columns {
    /// Appends another part as [`merge`] does.
    pub fn append_table(&mut self, part: &Self) {
        self.append_part(part, false);
    }

    fn append_part(&mut self, part: &Self, lift: bool) {
        let periods: Vec<u32> = part.periods.iter().map(|period| code(&mut self.periods, period.clone())).collect();
        let fields: Vec<u32> = part
            .fields
            .iter()
            .map(|field| {
                let dimensions = if lift { Dimensions::default() } else { field.dimensions.clone() };
                code(&mut self.fields, Field { dimensions, ..field.clone() })
            })
            .collect();
        let shapes: Vec<Vec<Piece>> = part.shapes.iter().map(|shape| self.pieces(part, shape, &fields, lift)).collect();
        // By subject, and field of the part whose dimensions are lifted onto it.
        let mut subjects: HashMap<(u32, Option<&Dimensions>), u32, RandomState> = HashMap::default();
        for row in &part.rows {
            for piece in &shapes[row.shape as usize] {
                let subject = *subjects.entry((row.subject, piece.dimensions)).or_insert_with(|| {
                    let subject = part.subjects[row.subject as usize].clone();
                    let dimensions = piece.dimensions.map_or_else(
                        || subject.dimensions.clone(),
                        |lifted| {
                            merged(&subject.dimensions, lifted)
                                .map(|(name, value)| (name.into(), value.into()))
                                .collect()
                        },
                    );
                    code(&mut self.subjects, Subject { dimensions, ..subject })
                });
                self.rows.push(Row {
                    subject,
                    period: periods[row.period as usize],
                    shape: piece.shape,
                    locator: 0,
                    index: 0,
                    first_cell: self.cells.len() as u32,
                    first_record: self.records as u32,
                });
                self.records += piece.records as usize;
                piece.cells.iter().for_each(|cell| self.cells.push_from(&part.cells, (row.first_cell + cell) as usize));
            }
        }
    }

    fn pieces<'c>(&mut self, part: &'c Self, shape: &Shape, fields: &[u32], lift: bool) -> Vec<Piece<'c>> {
        let mut pieces: Vec<(Option<&Dimensions>, Vec<u32>, Vec<u32>)> = Vec::new();
        let mut cell = 0;
        for &field in shape {
            let Field { dimensions, holds, .. } = &part.fields[field as usize];
            let dimensions = (lift && !dimensions.is_empty()).then_some(dimensions);
            let at = pieces.iter().position(|(known, ..)| *known == dimensions).unwrap_or_else(|| {
                pieces.push((dimensions, Vec::new(), Vec::new()));
                pieces.len() - 1
            });
            let cells = holds.cells() as u32;
            pieces[at].1.push(fields[field as usize]);
            pieces[at].2.extend(cell..cell + cells);
            cell += cells;
        }
        let coded = pieces.into_iter().map(|(dimensions, fields, cells)| Piece {
            dimensions,
            records: fields.len() as u32,
            shape: code(&mut self.shapes, Shape::from(fields)),
            cells,
        });
        coded.collect()
    }
}
