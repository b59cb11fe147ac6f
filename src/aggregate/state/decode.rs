//! Decodes a state. The bytes are untrusted: everything is checked.

use twox_hash::XxHash3_128;

use super::bytes::{Reader, broken, unfold};
use super::{DIGEST, MAGIC, MAX_MAGNITUDE, VERSION, number};
use crate::aggregate::spec::AggregateSpec;
use crate::model::error::Error;
use crate::model::kind::Kind;
use crate::model::provider::Format;
use crate::model::record::Notes;
use crate::model::time::Instant;
use crate::model::unit::Unit;
use crate::number::decimal::{Decimal, MAX_FRACTION_DIGITS};
use crate::number::wide::Wide;
use crate::table::{Columns, Dictionary, Dimensions, Field, FieldList, Measures, Period, ResourceKey, Row, Text};

const HOLDS: [Measures; 3] = [Measures::Quantity, Measures::Cost, Measures::Both];

/// The largest offset from UTC, in seconds.
const DAY: i64 = 86_400;

/// The records of a state.
///
/// # Errors
/// `invalid-option`, naming `state`, for a state of another version or spec, and for other bytes.
pub fn decode(bytes: &[u8], spec: &AggregateSpec) -> Result<Columns, Error> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(broken)?;
    let (&version, rest) = rest.split_first().ok_or_else(broken)?;
    if version != VERSION {
        return Err(Error::option("state", format!("it is of version {version}, and this is version {VERSION}")));
    }
    let (digest, rest) = rest.split_at_checked(DIGEST).ok_or_else(broken)?;
    let (payload, checksum) = rest.split_at_checked(rest.len().wrapping_sub(DIGEST)).ok_or_else(broken)?;
    if XxHash3_128::oneshot(&bytes[..bytes.len() - DIGEST]).to_le_bytes() != checksum {
        return Err(broken());
    }
    if digest != spec.digest() {
        return Err(Error::option("state", "it is of an aggregator with another spec"));
    }
    let mut reader = Reader::new(payload);
    let columns = read_columns(&mut reader)?;
    if reader.is_at_end() { Ok(columns) } else { Err(broken()) }
}

fn read_columns(reader: &mut Reader) -> Result<Columns, Error> {
    let mut texts: Vec<Text> = Vec::new();
    for _ in 0..reader.count()? {
        texts.push(std::str::from_utf8(reader.bytes()?).map_err(|_| broken())?.into());
    }
    let mut columns = Columns::default();
    for _ in 0..reader.count()? {
        insert(&mut columns.resource_keys, read_resource_key(reader, &texts)?)?;
    }
    let mut before = 0;
    for _ in 0..reader.count()? {
        insert(&mut columns.periods, read_period(reader, &mut before)?)?;
    }
    for _ in 0..reader.count()? {
        insert(&mut columns.fields, read_field(reader, &texts)?)?;
    }
    for _ in 0..reader.count()? {
        let length = reader.count()?;
        let shape = (0..length).map(|_| reader.code(columns.fields.len())).collect::<Result<FieldList, _>>()?;
        let provider = |field: &u32| columns.fields[*field as usize].format.provider();
        if shape.is_empty() || shape.windows(2).any(|pair| provider(&pair[0]) != provider(&pair[1])) {
            return Err(broken());
        }
        insert(&mut columns.shapes, shape)?;
    }
    let mut resource_key = 0;
    for _ in 0..reader.count()? {
        read_row(reader, &mut columns, &mut resource_key)?;
    }
    Ok(columns)
}

fn insert<T: std::hash::Hash + Eq>(dictionary: &mut Dictionary<T>, value: T) -> Result<(), Error> {
    if dictionary.insert(value) { Ok(()) } else { Err(broken()) }
}

fn optional_text(reader: &mut Reader, texts: &[Text]) -> Result<Option<Text>, Error> {
    let code = reader.code(texts.len() + 1)?;
    Ok(code.checked_sub(1).map(|code| texts[code as usize].clone()))
}

fn read_resource_key(reader: &mut Reader, texts: &[Text]) -> Result<ResourceKey, Error> {
    let mut text = || optional_text(reader, texts);
    let (account, resource_id, resource_type, region, currency) = (text()?, text()?, text()?, text()?, text()?);
    let count = reader.count()?;
    let dimension = |_| Ok((reader.one_of(texts)?.clone(), reader.one_of(texts)?.clone()));
    let dimensions = (0..count).map(dimension).collect::<Result<Dimensions, Error>>()?;
    if !dimensions.is_sorted_by(|a, b| a.0 <= b.0) {
        return Err(broken());
    }
    Ok(ResourceKey { account, resource_id, resource_name: None, resource_type, region, dimensions, currency })
}

fn read_period(reader: &mut Reader, before: &mut i64) -> Result<Period, Error> {
    let form = reader.code(3)?;
    let offset = reader.signed()?;
    if offset.abs() > DAY {
        return Err(broken());
    }
    let mut time = |from: i64| {
        let seconds = reader.signed()?.checked_add(from).ok_or_else(broken)?;
        let nanos = reader.code(1_000_000_000)?;
        let time = Instant::from_seconds(seconds).ok_or_else(broken)?;
        Ok::<_, Error>(Instant { nanos, ..time })
    };
    let start = (form > 0).then(|| time(*before)).transpose()?;
    let end = start.filter(|_| form > 1).map(|start| time(start.seconds)).transpose()?;
    *before = start.map_or(*before, |start| start.seconds);
    Ok(Period { start, end, offset: None, offset_seconds: offset as i32, notes: Notes::NONE })
}

fn read_field(reader: &mut Reader, texts: &[Text]) -> Result<Field, Error> {
    let format = Format::from_name(reader.one_of(texts)?).ok_or_else(broken)?;
    let metric = reader.one_of(texts)?.clone();
    let kind = *reader.one_of(&Kind::ALL)?;
    let unit = match reader.bytes()? {
        [] => None,
        code => Some(std::str::from_utf8(code).ok().and_then(Unit::parse).ok_or_else(broken)?),
    };
    let breaks_down = *reader.one_of(&[false, true])?;
    let measures = *reader.one_of(&HOLDS)?;
    Ok(Field {
        format,
        provider_field: Box::default(),
        leaf: Box::default(),
        dimensions: Dimensions::default(),
        kind,
        measures,
        unit,
        part_of: breaks_down.then(|| metric.clone()),
        metric,
        notes: Notes::NONE,
    })
}

fn read_row(reader: &mut Reader, columns: &mut Columns, resource_key: &mut u32) -> Result<(), Error> {
    let step = reader.code(columns.resource_keys.len())?;
    *resource_key = resource_key
        .checked_add(step)
        .filter(|resource_key| (*resource_key as usize) < columns.resource_keys.len())
        .ok_or_else(broken)?;
    let period = reader.code(columns.periods.len())?;
    let shape = reader.code(columns.shapes.len())?;
    columns.rows.push(Row {
        resource_key: *resource_key,
        period,
        shape,
        locator: 0,
        index: 0,
        first_cell: u32::try_from(columns.cells.len()).map_err(|_| broken())?,
        first_record: u32::try_from(columns.records).map_err(|_| broken())?,
    });
    let fields = &columns.shapes[shape as usize];
    columns.records += fields.len();
    for &field in fields {
        let measures = columns.fields[field as usize].measures;
        for _ in 0..measures.cells() {
            let value = read_number(reader)?;
            if value.is_none() && measures == Measures::Cost {
                return Err(broken());
            }
            columns.cells.push(value.as_ref());
        }
    }
    Ok(())
}

fn read_number(reader: &mut Reader) -> Result<Option<Decimal>, Error> {
    let first = reader.whole()?;
    if first % 2 == 0 {
        return Ok(Some(Decimal::from(unfold(first >> 1))));
    }
    if first == number::NULL {
        return Ok(None);
    }
    let scale = reader.code(MAX_FRACTION_DIGITS as usize + 1)?;
    let mantissa = match first {
        number::SCALED => Wide::from(reader.signed()?),
        number::WIDE | number::WIDE_NEGATIVE => {
            let magnitude = reader.bytes()?;
            if magnitude.len() > MAX_MAGNITUDE {
                return Err(broken());
            }
            Wide::from_bytes(first == number::WIDE_NEGATIVE, magnitude)
        }
        _ => return Err(broken()),
    };
    Ok(Some(Decimal::from_wide(mantissa, scale)))
}
