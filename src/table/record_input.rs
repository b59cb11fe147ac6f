//! Record input: records that a caller passes in as JSON.

use std::collections::BTreeMap;

use crate::model::error::{Error, member};
use crate::model::names::Named;
use crate::model::record::{Note, UsageRecord};
use crate::number::decimal::RETURNED_DIGITS;
use crate::options::members::{NOT_JSON, any_of, missing, refuse};
use crate::read::{Element, Value, ValueType, read_json};

/// Appends the records of a JSON array, with what aggregation looks at: the rest is checked and stays empty.
///
/// # Errors
/// `invalid-option`, naming the record and the field (`records[3].quantity`), for a field that is missing or is not as a record
/// has it.
pub fn records_from_json(text: &str, records: &mut Vec<UsageRecord>) -> Result<(), Error> {
    let read = read_json(text, |root| {
        for record in root.children() {
            records.push(Fields::new(records.len(), record)?.record()?);
        }
        Ok(())
    });
    read.map_err(|fault| Error::option("records", fault.message()))?
}

/// The fields of a record. They are asked for in the order they come in, so each is found where the last one ended.
struct Fields<'r> {
    number: usize,
    fields: Vec<Element<'r>>,
    next: usize,
}

impl<'r> Fields<'r> {
    fn new(number: usize, record: Element<'r>) -> Result<Self, Error> {
        if record.value_type() != ValueType::Object {
            return Err(refused(&format!("records[{number}]"), "a UsageRecord", &record));
        }
        Ok(Self { number, fields: record.children().collect(), next: 0 })
    }

    fn record(mut self) -> Result<UsageRecord, Error> {
        self.text("id")?;
        let (provider, format) = (self.named("provider")?, self.named("format")?);
        let (account, resource_id) = (self.text_or_null("account")?, self.text_or_null("resourceId")?);
        self.nullable("resourceName")?;
        let (resource_type, region) = (self.text_or_null("resourceType")?, self.text_or_null("region")?);
        let metric = self.text("metric")?.text().into_owned();
        self.text("providerField")?;
        let record = UsageRecord {
            id: String::new(),
            provider,
            format,
            account,
            resource_id,
            resource_name: None,
            resource_type,
            region,
            metric,
            provider_field: String::new(),
            dimensions: self.dimensions()?,
            kind: self.named("kind")?,
            quantity: self.text_or_null("quantity")?,
            unit: self.text_or_null("unit")?,
            cost: self.text_or_null("cost")?,
            currency: self.text_or_null("currency")?,
            start: self.text_or_null("start")?,
            end: self.text_or_null("end")?,
            utc_offset: self.text_or_null("utcOffset")?,
            part_of: self.text_or_null("partOf")?,
            pointer: String::new(),
            page: 0,
            notes: Vec::new(),
        };
        self.text("pointer")?;
        let page = self.field("page")?;
        if page.value_type() != ValueType::Number || !page.raw().iter().all(u8::is_ascii_digit) {
            return Err(self.refuse("page", "a whole number", &page));
        }
        self.check_notes()?;
        Ok(record)
    }

    fn field(&mut self, name: &str) -> Result<Element<'r>, Error> {
        let later = self.fields[self.next..].iter().position(|field| field.name() == name);
        let at = later.map(|at| self.next + at).or_else(|| self.fields.iter().position(|field| field.name() == name));
        let at = at.ok_or_else(|| missing(&self.path(name), "a field of a UsageRecord"))?;
        self.next = at + 1;
        Ok(self.fields[at])
    }

    fn text(&mut self, name: &str) -> Result<Element<'r>, Error> {
        let field = self.field(name)?;
        if field.is_text() { Ok(field) } else { Err(self.refuse(name, "a string", &field)) }
    }

    fn nullable(&mut self, name: &str) -> Result<Option<Element<'r>>, Error> {
        let field = self.field(name)?;
        match field.is_null() {
            true => Ok(None),
            false if field.is_text() => Ok(Some(field)),
            false => Err(self.refuse(name, "a string or null", &field)),
        }
    }

    fn text_or_null(&mut self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.nullable(name)?.map(|field| field.text().into_owned()))
    }

    fn named<T: Named>(&mut self, name: &str) -> Result<T, Error> {
        let field = self.text(name)?;
        T::from_name(&field.text()).ok_or_else(|| self.refuse(name, &T::expected(), &field))
    }

    fn dimensions(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let field = self.field("dimensions")?;
        if field.value_type() != ValueType::Object {
            return Err(self.refuse("dimensions", "an object", &field));
        }
        let mut dimensions = BTreeMap::new();
        for value in field.children() {
            let name = value.name();
            if name == NOT_JSON {
                return Err(self.refuse("dimensions", "an object", &field));
            }
            if !value.is_text() {
                return Err(refused(&member(&self.path("dimensions"), &name), "a string", &value));
            }
            dimensions.insert(name.into_owned(), value.text().into_owned());
        }
        Ok(dimensions)
    }

    fn check_notes(&mut self) -> Result<(), Error> {
        let field = self.field("notes")?;
        if field.value_type() != ValueType::Array {
            return Err(self.refuse("notes", "an array", &field));
        }
        for (i, note) in field.children().enumerate() {
            if !note.is_text() || Note::from_name(&note.text()).is_none() {
                return Err(self.refuse(&format!("notes[{i}]"), &any_of(Note::NAMES), &note));
            }
        }
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        format!("records[{}].{name}", self.number)
    }

    #[cold]
    fn refuse(&self, name: &str, expected: &str, found: &Element<'_>) -> Error {
        refused(&self.path(name), expected, found)
    }
}

#[cold]
fn refused(path: &str, expected: &str, found: &Element<'_>) -> Error {
    match Value::read(found, &|_| false, RETURNED_DIGITS) {
        Ok(value) => refuse(path, expected, &value),
        Err(fault) => Error::option(path, format!("expected {expected}: {}", fault.message())),
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
            (r#""id":"x","#, "", "records[1].id"),
            (r#""wasabi","#, r#""AWS","#, "records[1].provider"),
            (r#""delta""#, "null", "records[1].kind"),
            (r#""api.calls""#, "null", "records[1].metric"),
            (r#""quantity":"5""#, r#""quantity":5"#, "records[1].quantity"),
            (r#"{"a\n":"b"}"#, "null", "records[1].dimensions"),
            (r#""a\n":"b""#, r#""not JSON":"a function""#, "records[1].dimensions"),
            (r#""a\n":"b""#, r#""a":{}"#, r#"records[1].dimensions["a"]"#),
            (r#""page":3"#, r#""page":-1"#, "records[1].page"),
            (r#""page":3"#, r#""page":1.5"#, "records[1].page"),
            (r#""assumed-utc""#, r#""assumed-utc","guessed""#, "records[1].notes[1]"),
            (r#"["assumed-utc"]"#, "null", "records[1].notes"),
            (r#""page":3"#, r#""page":"#, "records"),
        ] {
            let text = format!("[{RECORD},{}]", RECORD.replace(was, is));
            let error = records_from_json(&text, &mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
    }
}
