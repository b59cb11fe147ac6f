//! What a test of a descriptor lacks in a body: for the author of the descriptor.

use super::head::HeadNode;
use super::head_tests::{Captures, HeadTests, Truth, captured};
use crate::descriptor::model::{Shape, Test, TextTest};
use crate::model::names::Named;

impl<'h> HeadTests<'h> {
    /// The paths and texts that a test of `detect` or `errors` lacks.
    pub fn missing(&self, test: &Test) -> Vec<String> {
        let mut missing = Vec::new();
        self.missing_at(test, HeadNode::Root, &Vec::new(), "", &mut missing);
        missing
    }

    /// The same at a place; `before` stands before each path.
    fn missing_at(&self, test: &Test, at: HeadNode, captures: &Captures<'h>, before: &str, missing: &mut Vec<String>) {
        let mut lacks = |holds: bool, what: String| {
            if !holds {
                missing.push(format!("{before}{what}"));
            }
        };
        if let Some(encoding) = test.encoding {
            lacks(encoding == self.head.encoding, format!("encoding {}", encoding.as_str()));
        }
        lacks(!test.named || self.is_named, "the option `provider` or `format`".to_owned());
        lacks(test.request.as_ref().is_none_or(|test| self.request.holds(test, &[])), "the request".to_owned());
        let is_other = test.not_request.as_ref().is_none_or(|test| !self.request.holds(test, &[]));
        lacks(is_other, "another request".to_owned());
        for (name, shape) in &test.shape {
            let fits = captured(captures, name).is_some_and(|text| shape.fits(text));
            lacks(fits, format!("{{{name}}} of the form {}", Shape::NAMES[*shape as usize]));
        }
        for path in &test.has {
            lacks(self.absent(at, &path.steps) == Truth::No, path.to_string());
        }
        let has_one = test.has_one.iter().any(|path| self.absent(at, &path.steps) == Truth::No);
        for path in &test.has_one {
            lacks(has_one, path.to_string());
        }
        for path in &test.lacks {
            lacks(self.absent(at, &path.steps) == Truth::Yes, format!("no {path}"));
        }
        let names: Vec<String> = test.only.iter().map(ToString::to_string).collect();
        lacks(self.only(at, &test.only) == Truth::Yes, format!("nothing beside {}", names.join(", ")));
        for path in &test.empty {
            lacks(self.empty(at, path) == Truth::Yes, format!("an empty {path}"));
        }
        for text in &test.is {
            lacks(self.text(text, at, captures) == Truth::Yes, expected(text));
        }
        let Some(tests) = &test.row else { return };
        let rows = self.rows();
        let passes = |test: &Test| rows.iter().any(|(row, captures)| self.test_at(test, *row, captures) == Truth::Yes);
        match rows.first() {
            None => lacks(false, "a row".to_owned()),
            Some(_) if tests.iter().any(passes) => {}
            Some((row, captures)) => {
                for test in tests {
                    self.missing_at(test, *row, captures, "row: ", missing);
                }
            }
        }
    }
}

/// `/success "true" or "1"`
fn expected(test: &TextTest) -> String {
    let texts: Vec<String> = test
        .texts
        .iter()
        .map(|text| text.as_ref().map_or_else(|| "null".to_owned(), |pattern| format!("\"{pattern}\"")))
        .collect();
    format!("{} {}", test.path, texts.join(" or "))
}
