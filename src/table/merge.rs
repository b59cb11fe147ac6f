//! Merges several tables: joins their dictionaries and appends their numbers.

use std::borrow::Cow;

use super::columns::Columns;
use super::parts::code;
use super::parts::{Dimensions, Field, FieldList, ResourceKey, Row, Text};
use super::view::merged;
use crate::collections::{Codes, Pairs};

/// The columns of all parts together, for aggregation. The positions of rows are not stored. A single part is not copied.
///
/// A dimension may belong to the resource key of a row or to its fields. If a name occurs in both places, all such dimensions
/// are moved to the resource keys, so that equal series have equal keys.
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

/// Whether a dimension belongs to a field and, here or in another part, to a resource key.
fn names_meet(parts: &[&Columns]) -> bool {
    let mut codes = Codes::default();
    let mut code_of = |(name, _): &(Text, Text)| codes.of(|key| key.text(Some(name))).0;
    let of_fields = parts.iter().flat_map(|part| &part.fields).flat_map(|field| &field.dimensions);
    let Some(last) = of_fields.map(&mut code_of).max() else { return false };
    let mut of_resource_keys =
        parts.iter().flat_map(|part| &part.resource_keys).flat_map(|resource_key| &resource_key.dimensions);
    of_resource_keys.any(|dimension| code_of(dimension) <= last)
}

/// The fields of a shape that have the same dimensions, and where their numbers are in the row.
struct Piece {
    /// The field whose dimensions are moved to the resource key; `NOTHING` if there are none.
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
        // By resource key of the part, and field whose dimensions are moved to it.
        let (mut known, mut resource_keys) = (Pairs::default(), Vec::new());
        for row in &part.rows {
            for (piece, shape) in &shapes[row.shape as usize] {
                let next = resource_keys.len() as u32;
                let resource_key = known.of(row.resource_key.into(), piece.lifted.into(), next);
                if resource_key == next {
                    resource_keys.push(self.lifted_resource_key(part, row.resource_key, piece.lifted));
                }
                self.rows.push(Row {
                    resource_key: resource_keys[resource_key as usize],
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

    fn lifted_resource_key(&mut self, part: &Self, resource_key: u32, lifted: u32) -> u32 {
        let mut resource_key: ResourceKey = part.resource_keys[resource_key as usize].clone();
        if lifted != NOTHING {
            let all = merged(&resource_key.dimensions, &part.fields[lifted as usize].dimensions);
            resource_key.dimensions = all.map(|(name, value)| (name.into(), value.into())).collect();
        }
        code(&mut self.resource_keys, resource_key)
    }

    /// A shape of a part with the codes of this table, divided if dimensions are moved.
    fn pieces(&mut self, part: &Self, shape: &FieldList, fields: &[u32], lift: bool) -> Vec<(Piece, u32)> {
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
            let cells = part.fields[field as usize].measures.cells() as u32;
            pieces[at].fields.push(fields[field as usize]);
            pieces[at].cells.extend(cell..cell + cells);
            cell += cells;
        }
        let coded = pieces.into_iter().map(|piece| {
            let shape = code(&mut self.shapes, FieldList::from(piece.fields.as_slice()));
            (piece, shape)
        });
        coded.collect()
    }
}
