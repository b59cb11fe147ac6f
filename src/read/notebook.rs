//! For tests: writes down all that a walker reads, so that two ways to read a body can be held against each other.

use super::{Element, Halt, Item, Opening, Path, Plan, Visitor};

/// Writes down everything that can be asked of the items it takes, and every text between elements.
///
/// It goes into the root and into what is called `in`; all else is taken as `plan` says. Rows are held against the row
/// before them; what is taken as a part of the envelope never is.
pub struct Notebook {
    pub plan: Plan,
    pub notes: String,
    /// How many items were read by the names of another.
    pub familiar: usize,
}

impl Notebook {
    pub fn new(plan: Plan) -> Self {
        Self { plan, notes: String::new(), familiar: 0 }
    }

    fn note(&mut self, element: Element<'_>) {
        let number = element.number(76).map_err(|fault| format!("{:?} {:?}", fault.offset(), fault.code()));
        if let Some((mantissa, scale)) = element.small_number(76) {
            let text = std::str::from_utf8(element.raw()).expect("a number");
            let parsed = crate::decimal::Decimal::parse(text, 76).expect("a number");
            assert_eq!(parsed.small(), Some((mantissa, scale.into())), "{text}");
        }
        let said = (element.offset(), element.name(), element.shape(), element.hint(), element.raw(), element.text());
        self.notes += &format!("{said:?} {number:?} {}\n", element.path());
        element.children().for_each(|child| self.note(child));
    }
}

impl Visitor for Notebook {
    fn plan(&mut self, path: &Path, opening: Opening) -> Plan {
        // The root of an XML body has a name; that of a JSON body has none.
        let above = path.depth() - usize::from(opening == Opening::Element);
        if above == 0 || path.name(path.depth() - 1) == "in" { Plan::Enter } else { self.plan }
    }

    fn take(&mut self, path: &Path, _plan: Plan, item: &Item<'_>) -> Result<(), Halt> {
        self.familiar += usize::from(!std::ptr::eq(item.names, item.bytes));
        self.notes += &path.pointer();
        self.note(item.root());
        Ok(())
    }

    fn leave(&mut self, path: &Path) -> Result<(), Halt> {
        self.notes += &format!("end of {}\n", path.pointer());
        Ok(())
    }

    fn stray_text(&mut self, path: &Path, offset: u64, text: &str) -> Result<(), Halt> {
        self.notes += &format!("{} {offset} {text:?}\n", path.pointer());
        Ok(())
    }
}
