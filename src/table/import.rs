//! Checks record input and stores it in columns.

use super::columns::Columns;
use super::parts::code;
use super::parts::{Dimensions, Field, Measures, Period, ResourceKey, Row, Text};
use crate::collections::Codes;
use crate::model::error::{Error, quoted};
use crate::model::provider::Provider;
use crate::model::record::{Notes, UsageRecord};
use crate::model::time::{Instant, offset_seconds};
use crate::model::unit::Unit;
use crate::number::decimal::{Decimal, NumberError, RETURNED_DIGITS};

impl Columns {
    /// The columns of records, with the parts that aggregation uses: a record's position, its notes, its resource's
    /// name and its provider's field name are not stored.
    ///
    /// # Errors
    /// `invalid-option`, naming the record and the field (`[3].quantity`), for a value that is not a record.
    pub fn from_records(records: &[UsageRecord]) -> Result<Self, Error> {
        let mut columns = Self::default();
        // Equal values are read once.
        let mut known: [(Codes, Vec<u32>); 3] = Default::default();
        let [resource_keys, periods, fields] = &mut known;
        let (mut open, mut shape) = (None, Vec::new());
        for (i, r) in records.iter().enumerate() {
            let (key, is_new) = resource_keys.0.of(|key| {
                let dimensions =
                    r.dimensions.iter().flat_map(|(name, value)| [Some(name.as_str()), Some(value.as_str())]);
                let texts = [&r.account, &r.resource_id, &r.resource_type, &r.region, &r.currency];
                key.texts(texts.map(Option::as_deref)).texts(dimensions)
            });
            if is_new {
                resource_keys.1.push(code(&mut columns.resource_keys, resource_key(r)));
            }
            let resource_key = resource_keys.1[key as usize];
            let (key, is_new) = periods.0.of(|key| key.texts([&r.start, &r.end, &r.utc_offset].map(Option::as_deref)));
            if is_new {
                periods.1.push(code(&mut columns.periods, period(i, r)?));
            }
            let period = periods.1[key as usize];
            let measures = match (&r.quantity, &r.cost, &r.currency) {
                (_, None, None) => Measures::Quantity,
                (None, Some(_), _) => Measures::Cost,
                // An unknown cost also has a currency.
                _ => Measures::Both,
            };
            let breaks_down = r.part_of.as_deref() == Some(&r.metric);
            let (key, is_new) = fields.0.of(|key| {
                key.text(Some(r.provider.as_str())).text(Some(r.format.as_str())).number(r.kind as u64);
                key.number(measures as u64).number(breaks_down.into()).text(Some(&r.metric)).text(r.unit.as_deref())
            });
            if is_new {
                fields.1.push(code(&mut columns.fields, field(i, r, measures, breaks_down)?));
            }
            let field = fields.1[key as usize];
            let quantity = number(i, "quantity", &r.quantity)?;
            let cost = number(i, "cost", &r.cost)?;
            let row = (resource_key, period, r.provider);
            if open != Some(row) {
                columns.close(open, &mut shape);
                open = Some(row);
            }
            shape.push(field);
            if measures != Measures::Cost {
                columns.cells.push(quantity.as_ref());
            }
            if measures.has_cost() {
                columns.cells.push(cost.as_ref());
            }
        }
        columns.close(open, &mut shape);
        Ok(columns)
    }

    fn close(&mut self, open: Option<(u32, u32, Provider)>, fields: &mut Vec<u32>) {
        let Some((resource_key, period, _)) = open else { return };
        let cells: usize = fields.iter().map(|&field| self.fields[field as usize].measures.cells()).sum();
        let row = Row {
            resource_key,
            period,
            shape: self.shape(fields),
            locator: 0,
            index: 0,
            first_cell: (self.cells.len() - cells) as u32,
            first_record: self.records as u32,
        };
        self.rows.push(row);
        self.records += fields.len();
        fields.clear();
    }
}

fn resource_key(r: &UsageRecord) -> ResourceKey {
    let text = |text: &Option<String>| text.as_deref().map(Text::from);
    ResourceKey {
        account: text(&r.account),
        resource_id: text(&r.resource_id),
        resource_name: None,
        resource_type: text(&r.resource_type),
        region: text(&r.region),
        dimensions: r.dimensions.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
        currency: text(&r.currency),
    }
}

fn period(i: usize, r: &UsageRecord) -> Result<Period, Error> {
    let time = |name: &str, text: &Option<String>| {
        let read = |text: &String| {
            Instant::parse(text).map_err(|expected| refuse(i, name, format_args!("{expected}, found {}", quoted(text))))
        };
        text.as_ref().map(read).transpose()
    };
    let (start, end) = (time("start", &r.start)?, time("end", &r.end)?);
    match (start, end) {
        (None, Some(_)) => return Err(refuse(i, "end", "an end without a start")),
        (Some(start), Some(end)) if end < start => {
            return Err(refuse(i, "end", format_args!("{end} is before the start, {start}")));
        }
        _ => {}
    }
    let written = r.utc_offset.as_ref().map(|text| {
        offset_seconds(text).ok_or_else(|| {
            refuse(i, "utcOffset", format_args!("expected an offset such as -05:00, found {}", quoted(text)))
        })
    });
    Ok(Period {
        start,
        end,
        offset: r.utc_offset.as_deref().map(Text::from),
        offset_seconds: written.transpose()?.unwrap_or(0),
        notes: Notes::NONE,
    })
}

fn field(i: usize, r: &UsageRecord, measures: Measures, breaks_down: bool) -> Result<Field, Error> {
    if r.format.provider() != r.provider {
        return Err(refuse(
            i,
            "format",
            format_args!("expected a format of {}, found {}", r.provider.as_str(), r.format.as_str()),
        ));
    }
    let unit = r.unit.as_ref().map(|code| {
        Unit::parse(code)
            .ok_or_else(|| refuse(i, "unit", format_args!("expected a unit of the vocabulary, found {}", quoted(code))))
    });
    Ok(Field {
        format: r.format,
        metric: r.metric.as_str().into(),
        provider_field: Box::default(),
        leaf: Box::default(),
        dimensions: Dimensions::default(),
        kind: r.kind,
        measures,
        unit: unit.transpose()?,
        part_of: breaks_down.then(|| r.metric.as_str().into()),
        notes: Notes::NONE,
    })
}

fn number(i: usize, name: &str, text: &Option<String>) -> Result<Option<Decimal>, Error> {
    let Some(text) = text else { return Ok(None) };
    let digits = RETURNED_DIGITS;
    Decimal::parse(text, digits).map(Some).map_err(|error| match error {
        NumberError::Invalid => refuse(i, name, format_args!("expected a decimal, found {}", quoted(text))),
        NumberError::OutOfRange => refuse(i, name, format_args!("a number of more than {digits} digits")),
    })
}

fn refuse(i: usize, name: &str, expected: impl std::fmt::Display) -> Error {
    Error::option(&format!("[{i}].{name}"), expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> UsageRecord {
        serde_json::from_str(
            r#"{"id":"","provider":"wasabi","format":"wasabi.bucket-daily","account":"1","resourceId":"7","resourceName":"b","resourceType":"bucket",
                "region":"eu","metric":"api.calls","providerField":"NumAPICalls","dimensions":{},"kind":"delta","quantity":"5","unit":"{call}","cost":null,
                "currency":null,"start":"2024-01-01T00:00:00Z","end":"2024-01-02T00:00:00Z","utcOffset":"Z","partOf":null,"pointer":"","page":0,"notes":[]}"#,
        )
        .unwrap()
    }

    #[test]
    fn records_of_one_resource_key_and_period_share_a_row() {
        let other = UsageRecord { metric: "api.calls.get".into(), part_of: Some("api.calls".into()), ..record() };
        let later =
            UsageRecord { start: Some("2024-01-02T00:00:00Z".into()), end: None, cost: Some("0.5".into()), ..record() };
        let columns = Columns::from_records(&[record(), other, later.clone(), record()]).unwrap();
        assert_eq!((columns.rows.len(), columns.records, columns.cells.len()), (3, 4, 5));
        let view = columns.views_of(&columns.rows[1]).next().unwrap();
        assert_eq!(view.numbers().1.unwrap().to_string(), "0.5");
        assert_eq!(view.period().start.unwrap().to_string(), later.start.unwrap());
    }

    #[test]
    fn what_is_wrong_with_a_record_is_named() {
        let broken = [
            ("quantity", UsageRecord { quantity: Some("five".into()), ..record() }),
            ("quantity", UsageRecord { quantity: Some("9".repeat(257)), ..record() }),
            ("cost", UsageRecord { cost: Some("1,5".into()), ..record() }),
            ("unit", UsageRecord { unit: Some("furlong".into()), ..record() }),
            ("start", UsageRecord { start: Some("yesterday".into()), ..record() }),
            ("end", UsageRecord { end: Some("2023-01-01T00:00:00Z".into()), ..record() }),
            ("end", UsageRecord { start: None, ..record() }),
            ("utcOffset", UsageRecord { utc_offset: Some("CET".into()), ..record() }),
            ("format", UsageRecord { provider: Provider::Onapp, ..record() }),
        ];
        for (name, broken) in broken {
            let error = Columns::from_records(&[record(), broken]).unwrap_err();
            assert_eq!(error.code(), crate::model::error::ErrorCode::InvalidOption);
            assert!(error.to_string().contains(&format!("`[1].{name}`")), "{error}");
        }
    }
}
