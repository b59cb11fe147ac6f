//! Lists of names. Each name is written once, with its description: `cargo xtask names` writes the lists of the npm
//! package, its types and the tables of the documentation from them.
//!
//! Most lists are closed. An open one also has the variant `Custom`, for names that a caller's format descriptor defines.

/// An enum that `names!` defines.
pub(crate) trait Named: Sized {
    /// The names of all its variants but `Custom`, in order.
    const NAMES: &'static [&'static str];

    /// What a message says is expected.
    fn expected() -> String {
        format!("one of {}", Self::NAMES.join(", "))
    }

    /// The one of that name.
    fn from_name(name: &str) -> Option<Self>;
}

/// Defines an enum whose variants have names in the public contract. The doc comment of a variant is its description, which
/// users of the crate and of the npm package read.
macro_rules! names {
    (
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $text:literal,)+ }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $name {
            /// All variants, in the order of the public contract.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name in the public contract.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The variant with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// What it means, as text with Markdown.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($variant_doc, "\n"),+),)+ }
            }
        }

        impl crate::model::names::Named for $name {
            const NAMES: &'static [&'static str] = &[$($text),+];

            fn from_name(name: &str) -> Option<Self> {
                Self::from_name(name)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_name(&name).ok_or_else(|| {
                    serde::de::Error::unknown_variant(&name, <Self as crate::model::names::Named>::NAMES)
                })
            }
        }
    };
    (
        open $custom:ident:
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $text:literal,)+ }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
            /// Another name, defined by a format descriptor.
            Custom($custom),
        }

        impl $name {
            /// The built-in ones, in the order of the public contract.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name in the public contract, or the descriptor's.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Custom(name) => name.as_str(),
                }
            }

            /// The one of that name, built in or not; none where the text is no such name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => $custom::new(name).map(Self::Custom),
                }
            }

            /// What it means, as text with Markdown.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($variant_doc, "\n"),+),)+
                    Self::Custom(_) => "Defined by a format descriptor.",
                }
            }
        }

        impl crate::model::names::Named for $name {
            const NAMES: &'static [&'static str] = &[$($text),+];

            fn from_name(name: &str) -> Option<Self> {
                Self::from_name(name)
            }

            fn expected() -> String {
                format!("one of {}, or {}", Self::NAMES.join(", "), $custom::EXPECTED)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_name(&name)
                    .ok_or_else(|| serde::de::Error::invalid_value(serde::de::Unexpected::Str(&name), &$custom::EXPECTED))
            }
        }
    };
}

pub(crate) use names;
