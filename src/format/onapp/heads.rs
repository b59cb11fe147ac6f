//! The resource of the costs of a `user_stat` and their position, computed once for rows with equal values.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::layout::Layout;
use crate::format::faults::optional_id;
use crate::format::row_reader::Context;
use crate::model::error::Fault;
use crate::model::record::Note;
use crate::read::{Item, ValueType};
use crate::table::{Locator, ResourceKey, Text, dimensions};

/// The resource key and position of each section of a layout, with the texts that they were made from.
#[derive(Debug, Default)]
pub struct Heads {
    pub sections: Vec<SectionHead>,
    /// By node.
    texts: Vec<(u32, ValueType, Box<[u8]>)>,
}

#[derive(Debug)]
pub struct SectionHead {
    pub resource_key: u32,
    pub locator: u32,
    /// The fields of the section's costs, one by one, and as one list.
    pub fields: Vec<u32>,
    pub shape: u32,
}

/// The text before and after a row's index in its pointer, and whether there is an index.
pub type PointerParts = (String, bool, &'static str);

impl Heads {
    /// Whether they are valid for this row too, which has the same layout.
    pub fn fit(&self, item: &Item<'_>) -> bool {
        let is_same = |(node, shape, text): &(u32, ValueType, Box<[u8]>)| {
            let element = item.element(*node);
            element.value_type() == *shape && *element.raw() == **text
        };
        !self.sections.is_empty() && self.texts.iter().all(is_same)
    }

    /// The heads of a row. `user` is the user for a row that does not have one.
    pub fn new(
        cx: &mut Context<'_>,
        item: &Item<'_>,
        layout: &Layout,
        (before, indexed, after): PointerParts,
        user: Option<&str>,
    ) -> Result<Self, Fault> {
        let text = |node: Option<u32>| optional_id(node.map(|node| item.element(node)));
        let user: Option<Text> = text(layout.user)?.as_deref().or(user).map(Text::from);
        let currency: Option<Text> =
            text(layout.currency)?.as_deref().or(cx.options.currency.as_deref()).map(Text::from);
        let ids: Vec<_> = layout.sections.iter().map(|section| text(section.id)).collect::<Result<_, _>>()?;
        // Deleted machines all have the id 0 (docs/formats.md#onapp-fields): entries with one id are distinguished by their order.
        let mut entries: HashMap<Option<&str>, (u32, u32), RandomState> = HashMap::default();
        ids.iter().skip(1).for_each(|id| entries.entry(id.as_deref()).or_default().0 += 1);

        let mut sections = Vec::with_capacity(ids.len());
        for (i, (section, id)) in layout.sections.iter().zip(&ids).enumerate() {
            let mut fields = section.fields.clone();
            let mut resource_key =
                ResourceKey { account: user.clone(), currency: currency.clone(), ..ResourceKey::default() };
            if i == 0 {
                resource_key.resource_type = Some("user".into());
                resource_key.resource_id = user.clone();
            } else {
                resource_key.resource_type = Some("virtual-machine".into());
                resource_key.resource_id = id.as_deref().map(Text::from);
                let (of_this_id, so_far) = entries.entry(id.as_deref()).or_default();
                *so_far += 1;
                if *of_this_id > 1 {
                    resource_key.dimensions = dimensions([("occurrence", &so_far.to_string())]);
                    fields.iter_mut().for_each(|field| *field = cx.out.field_with_note(*field, Note::DuplicateElement));
                }
            }
            let after = format!("{after}{}", section.tail).into();
            let locator = Locator { page: cx.page, before: before.as_str().into(), indexed, after };
            sections.push(SectionHead {
                resource_key: cx.out.resource_key(resource_key),
                locator: cx.out.locator(locator),
                shape: cx.out.shape(&fields),
                fields,
            });
        }
        let nodes = layout.sections.iter().map(|section| section.id).chain([layout.user, layout.currency]).flatten();
        let texts =
            nodes.map(|node| (node, item.element(node).value_type(), item.element(node).raw().into())).collect();
        Ok(Self { sections, texts })
    }
}
