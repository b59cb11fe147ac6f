//! The meaning of OnApp's cost fields (docs/design.md#metrics-onapp, docs/design.md#totals;
//! docs/formats.md#onapp-fields).

use crate::model::kind::Kind;
use crate::model::provider::{Encoding, Format};
use crate::model::record::{Note, Notes};
use crate::read::escape_pointer;
use crate::table::{Field, Measures, Text, dimensions};

/// The owner of the costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    User,
    Machine,
}

/// The metric, and the metric that contains it; `None` for a field that is not a cost.
pub fn meaning(name: &str, owner: Owner) -> Option<(String, Option<&'static str>)> {
    if name == "total_cost_with_discount" && owner == Owner::User {
        return Some(("cost.total_with_discount".to_owned(), None));
    }
    if let Some(what) = name.strip_suffix("_discount_due_to_free").filter(|what| !what.is_empty()) {
        return Some((format!("discount.{what}"), None));
    }
    let what = name.strip_suffix("_cost").filter(|what| !what.is_empty())?;
    Some(match (owner, what) {
        (Owner::Machine, _) => (format!("cost.vm.{what}"), Some("cost.vm")),
        (Owner::User, "total") => ("cost.total".to_owned(), None),
        (Owner::User, "vm" | "user_resources") => (format!("cost.{what}"), Some("cost.total")),
        (Owner::User, _) => (format!("cost.{what}"), Some("cost.user_resources")),
    })
}

/// The table's field for a field of the reply. `occurrence` counts from 1; it is 0 if the name occurs once.
pub fn table_field(name: &str, owner: Owner, occurrence: u32, encoding: Encoding) -> Option<Field> {
    let (metric, part_of) = meaning(name, owner)?;
    let repeated = occurrence > 0;
    let mut leaf = "/".to_owned();
    escape_pointer(name, &mut leaf);
    // A JSON Pointer cannot distinguish two members of the same name; an XPath can.
    if repeated && encoding == Encoding::Xml {
        leaf = format!("{leaf}[{occurrence}]");
    }
    Some(Field {
        format: Format::OnappUserStatistics,
        metric: metric.into(),
        provider_field: name.into(),
        leaf: leaf.into(),
        dimensions: if repeated { dimensions([("occurrence", &occurrence.to_string())]) } else { Box::default() },
        kind: Kind::Delta,
        measures: Measures::Cost,
        unit: None,
        part_of: part_of.map(Text::from),
        notes: Notes::NONE.with_if(repeated, Note::DuplicateElement),
    })
}
