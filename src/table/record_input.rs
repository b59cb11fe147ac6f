//! Record input: records that a caller passes as JSON, whose fields `js/records.ts` has checked.

use std::collections::BTreeMap;

use crate::model::error::Error;
use crate::model::kind::Kind;
use crate::model::provider::{Format, Provider};
use crate::model::record::UsageRecord;
use crate::read::{Element, read_json};

/// Appends the records of a JSON array, with the parts that aggregation uses; the rest stays empty.
///
/// # Errors
/// `invalid-option`, naming the record and the field (`[3].quantity`), if a required text or name is missing.
pub fn records_from_json(text: &str, records: &mut Vec<UsageRecord>) -> Result<(), Error> {
    let read = read_json(text, |root| {
        for record in root.children() {
            records.push(Fields::new(records.len(), record).record()?);
        }
        Ok(())
    });
    read.map_err(|fault| Error::option("records", fault.message()))?
}

/// The fields of a record. They are requested in the order in which they usually come, so each is found where the last one ended.
struct Fields<'r> {
    number: usize,
    fields: Vec<Element<'r>>,
    next: usize,
}

impl<'r> Fields<'r> {
    fn new(number: usize, record: Element<'r>) -> Self {
        Self { number, fields: record.children().collect(), next: 0 }
    }

    fn record(mut self) -> Result<UsageRecord, Error> {
        Ok(UsageRecord {
            id: String::new(),
            provider: self.named("provider", Provider::from_name)?,
            format: self.named("format", Format::from_name)?,
            account: self.text("account")?,
            resource_id: self.text("resourceId")?,
            resource_name: None,
            resource_type: self.text("resourceType")?,
            region: self.text("region")?,
            metric: self.text("metric")?.ok_or_else(|| self.refuse("metric"))?,
            provider_field: String::new(),
            dimensions: self.dimensions()?,
            kind: self.named("kind", Kind::from_name)?,
            quantity: self.text("quantity")?,
            unit: self.text("unit")?,
            cost: self.text("cost")?,
            currency: self.text("currency")?,
            start: self.text("start")?,
            end: self.text("end")?,
            utc_offset: self.text("utcOffset")?,
            part_of: self.text("partOf")?,
            pointer: String::new(),
            page: 0,
            notes: Vec::new(),
        })
    }

    fn field(&mut self, name: &str) -> Option<Element<'r>> {
        let later = self.fields[self.next..].iter().position(|field| field.name() == name);
        let at =
            later.map(|at| self.next + at).or_else(|| self.fields.iter().position(|field| field.name() == name))?;
        self.next = at + 1;
        Some(self.fields[at])
    }

    /// A string; `None` if the field is null or absent.
    fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.field(name).filter(|field| !field.is_null()) {
            Some(field) if field.is_text() => Ok(Some(field.text().into_owned())),
            Some(_) => Err(self.refuse(name)),
            None => Ok(None),
        }
    }

    fn named<T>(&mut self, name: &str, from_name: fn(&str) -> Option<T>) -> Result<T, Error> {
        self.text(name)?.and_then(|text| from_name(&text)).ok_or_else(|| self.refuse(name))
    }

    fn dimensions(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let mut dimensions = BTreeMap::new();
        for value in self.field("dimensions").iter().flat_map(Element::children) {
            if !value.is_text() {
                return Err(self.refuse("dimensions"));
            }
            dimensions.insert(value.name().into_owned(), value.text().into_owned());
        }
        Ok(dimensions)
    }

    #[cold]
    fn refuse(&self, name: &str) -> Error {
        Error::option(&format!("[{}].{name}", self.number), "expected what a UsageRecord has there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"id":"x","provider":"wasabi","format":"wasabi.bucket-daily","account":"1","resourceId":"7","resourceName":"b","resourceType":"bucket",
        "region":null,"metric":"api.calls","providerField":"NumAPICalls","dimensions":{"a\n":"b"},"kind":"delta","quantity":"5","unit":"{call}","cost":null,
        "currency":null,"start":"2024-01-01T00:00:00Z","end":"2024-01-02T00:00:00Z","utcOffset":"Z","partOf":null,"pointer":"/0","page":3,"notes":["assumed-utc"]}"#;

    #[test]
    fn a_record_comes_back_with_what_aggregation_looks_at() {
        let mut records = Vec::new();
        records_from_json(&format!("[{RECORD},{RECORD}]"), &mut records).unwrap();
        let whole: UsageRecord = serde_json::from_str(RECORD).unwrap();
        let read = UsageRecord {
            id: String::new(),
            resource_name: None,
            provider_field: String::new(),
            pointer: String::new(),
            page: 0,
            notes: Vec::new(),
            ..whole
        };
        assert_eq!(records, [read.clone(), read]);
    }

    #[test]
    fn what_is_wrong_with_a_record_is_named() {
        for (was, is, name) in [
            (r#""wasabi","#, r#""AWS","#, "[1].provider"),
            (r#""delta""#, "null", "[1].kind"),
            (r#""api.calls""#, "null", "[1].metric"),
            (r#""quantity":"5""#, r#""quantity":5"#, "[1].quantity"),
            (r#""b"}"#, "1}", "[1].dimensions"),
            (r#""page":3"#, r#""page":"#, "records"),
        ] {
            let text = format!("[{RECORD},{}]", RECORD.replace(was, is));
            let error = records_from_json(&text, &mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
    }
}
