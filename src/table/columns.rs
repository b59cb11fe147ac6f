//! The columns of a table and their dictionaries.

use foldhash::fast::RandomState;

use super::cells::Cells;
use super::parts::{Dictionary, Field, FieldList, Locator, Period, ResourceKey, Row, code};

/// The columns of a table and their dictionaries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub resource_keys: Dictionary<ResourceKey>,
    pub periods: Dictionary<Period>,
    pub fields: Dictionary<Field>,
    pub shapes: Dictionary<FieldList>,
    pub locators: Dictionary<Locator>,
    pub rows: Vec<Row>,
    pub cells: Cells,
    pub records: usize,
}

impl Columns {
    pub(super) fn shape(&mut self, fields: &[u32]) -> u32 {
        // Nearly always a row has the fields of the row before.
        if let Some(last) = self.rows.last()
            && *self.shapes[last.shape as usize] == *fields
        {
            return last.shape;
        }
        match self.shapes.get_index_of(fields) {
            Some(i) => i as u32,
            None => code(&mut self.shapes, FieldList::from(fields)),
        }
    }

    pub(super) fn append(&mut self, row: Row, cells: &Cells) {
        self.rows.push(row);
        self.records += self.shapes[row.shape as usize].len();
        self.cells.extend_from(cells);
    }

    /// The same columns without some records, given as row and slot.
    pub(super) fn without(&self, gone: &[(u32, u32)]) -> Self {
        let gone: std::collections::HashSet<_, RandomState> = gone.iter().copied().collect();
        let mut kept = Self {
            resource_keys: self.resource_keys.clone(),
            periods: self.periods.clone(),
            fields: self.fields.clone(),
            locators: self.locators.clone(),
            ..Self::default()
        };
        for (number, row) in self.rows.iter().enumerate() {
            let (mut fields, mut cells) = (Vec::new(), Cells::default());
            let mut cell = row.first_cell as usize;
            for (slot, &field) in self.shapes[row.shape as usize].iter().enumerate() {
                let count = self.fields[field as usize].measures.cells();
                if !gone.contains(&(number as u32, slot as u32)) {
                    fields.push(field);
                    (cell..cell + count).for_each(|i| cells.push_from(&self.cells, i));
                }
                cell += count;
            }
            if !fields.is_empty() {
                let row = Row {
                    shape: kept.shape(&fields),
                    first_cell: kept.cells.len() as u32,
                    first_record: kept.records as u32,
                    ..*row
                };
                kept.append(row, &cells);
            }
        }
        kept
    }
}
