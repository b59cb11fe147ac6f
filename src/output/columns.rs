//! Records as arrays, for charts and data frames.

use crate::model::time::Instant;
use crate::table::{Cell, Dictionary, Measures, ResourceKey, Text, UsageTable};

/// The records of a table as columns, with one entry for each record.
///
/// Times are epoch milliseconds. Numbers are the nearest doubles, NaN if there is none: use them for charts, not for
/// sums.
#[derive(Clone, Debug, Default)]
pub struct ColumnArrays {
    /// Epoch milliseconds.
    pub start: Vec<f64>,
    /// Epoch milliseconds, exclusive.
    pub end: Vec<f64>,
    /// Nearest double.
    pub quantity: Vec<f64>,
    /// Nearest double.
    pub cost: Vec<f64>,
    /// E.g. `storage.stored`.
    pub metric: DictionaryColumn,
    /// The provider's own id of what was used.
    pub resource_id: DictionaryColumn,
    /// The customer.
    pub account: DictionaryColumn,
    /// The region of the resource.
    pub region: DictionaryColumn,
    /// The unit of `quantity`.
    pub unit: DictionaryColumn,
    /// The currency of `cost`.
    pub currency: DictionaryColumn,
}

/// Strings as codes into a list of distinct values; code −1 is null.
#[derive(Clone, Debug, Default)]
pub struct DictionaryColumn {
    /// The distinct values, in the order of their first occurrence.
    pub values: Vec<String>,
    /// One code for each record.
    pub codes: Vec<i32>,
}

const NULL: i32 = -1;

/// For each entry of one of the table's own dictionaries, its code in one column.
struct Coded {
    values: Dictionary<String>,
    codes: Vec<i32>,
}

impl Coded {
    fn new<'a, T: 'a>(entries: impl Iterator<Item = &'a T>, text: impl Fn(&'a T) -> Option<String>) -> Self {
        let mut values = Dictionary::default();
        let codes = entries.map(|entry| text(entry).map_or(NULL, |value| values.insert_full(value).0 as i32)).collect();
        Self { values, codes }
    }

    fn column(self, codes: Vec<i32>) -> DictionaryColumn {
        DictionaryColumn { values: self.values.into_iter().collect(), codes }
    }
}

impl UsageTable {
    /// The records as arrays.
    pub fn to_columns(&self) -> ColumnArrays {
        let columns = &self.columns;
        let of_resource_key = |text: fn(&ResourceKey) -> &Option<Text>| {
            Coded::new(columns.resource_keys.iter(), move |resource_key| {
                text(resource_key).as_deref().map(str::to_owned)
            })
        };
        let resource = of_resource_key(|s| &s.resource_id);
        let account = of_resource_key(|s| &s.account);
        let region = of_resource_key(|s| &s.region);
        let currency = of_resource_key(|s| &s.currency);
        let metric = Coded::new(columns.fields.iter(), |field| Some(field.metric.to_string()));
        let unit = Coded::new(columns.fields.iter(), |field| field.unit.map(|unit| unit.to_string()));

        let mut out = ColumnArrays::default();
        let (mut metrics, mut resources, mut accounts, mut regions, mut units, mut currencies) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for row in &columns.rows {
            let period = &columns.periods[row.period as usize];
            let millis = |time: Option<Instant>| time.map_or(f64::NAN, Instant::epoch_millis);
            let (start, end, resource_key) = (millis(period.start), millis(period.end), row.resource_key as usize);
            let mut cell = row.first_cell as usize;
            for &field in &columns.shapes[row.shape as usize] {
                let measures = columns.fields[field as usize].measures;
                let (quantity, cost) = match measures {
                    Measures::Quantity => (Some(cell), None),
                    Measures::Cost => (None, Some(cell)),
                    Measures::Both => (Some(cell), Some(cell + 1)),
                };
                cell += measures.cells();
                let cost = cost.map_or(Cell::Null, |at| columns.cells.small(at));
                out.start.push(start);
                out.end.push(end);
                out.quantity.push(quantity.map_or(f64::NAN, |at| double(columns.cells.small(at))));
                out.cost.push(double(cost));
                metrics.push(metric.codes[field as usize]);
                units.push(unit.codes[field as usize]);
                resources.push(resource.codes[resource_key]);
                accounts.push(account.codes[resource_key]);
                regions.push(region.codes[resource_key]);
                currencies.push(if measures.has_cost() { currency.codes[resource_key] } else { NULL });
            }
        }
        out.metric = metric.column(metrics);
        out.unit = unit.column(units);
        out.resource_id = resource.column(resources);
        out.account = account.column(accounts);
        out.region = region.column(regions);
        out.currency = currency.column(currencies);
        out
    }
}

fn double(cell: Cell<'_>) -> f64 {
    match cell {
        Cell::Null => f64::NAN,
        Cell::Small(mantissa, 0) if mantissa.unsigned_abs() < (1 << 53) => mantissa as f64,
        Cell::Small(mantissa, scale) => crate::number::decimal::Decimal::from_parts(mantissa.into(), scale).to_f64(),
        Cell::Wide(value) => value.to_f64(),
    }
}
