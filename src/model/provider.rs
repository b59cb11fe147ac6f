//! Providers and formats: the five that are built in with their eight formats, and those of format descriptors.

use crate::model::names::names;

// docs/formats.md describes what each provider sends.
names! {
    open ProviderName:
    /// A provider: one that is built in, or one that a format descriptor names.
    Provider {
        /// Intronis, now Barracuda ECHOplatform.
        Barracuda = "barracuda",
        /// deviceWISE by Telit, with the TR50 API.
        Devicewise = "devicewise",
        /// CloudSigma, API 2.0.
        Cloudsigma = "cloudsigma",
        /// Wasabi: WACA and the Stats API.
        Wasabi = "wasabi",
        /// OnApp.
        Onapp = "onapp",
    }
}

names! {
    open FormatName:
    /// A format of a provider's replies: one that is built in, or one that a descriptor defines.
    Format {
        /// Stored bytes over time. JSON and XML; partner and account form.
        BarracudaUsageHistory = "barracuda.usage-history",
        /// API calls by service and period. JSON; one or many TR50 commands in one reply.
        DevicewiseApiHistory = "devicewise.api-history",
        /// Accumulated burst usage of a period. JSON.
        CloudsigmaBurstUsage = "cloudsigma.burst-usage",
        /// Burst usage of each day. JSON.
        CloudsigmaDailyBurstUsage = "cloudsigma.daily-burst-usage",
        /// Readings of each resource, taken every five minutes. JSON.
        CloudsigmaUsage = "cloudsigma.usage",
        /// The days of buckets. JSON.
        WasabiBucketDaily = "wasabi.bucket-daily",
        /// The invoice periods of buckets, rolled up to GB-days. JSON.
        WasabiBucketInvoice = "wasabi.bucket-invoice",
        /// The days of accounts, with or without `RegionalUtilizations`. JSON, no bucket.
        WasabiAccountDaily = "wasabi.account-daily",
        /// Usages of accounts and buckets by WACM Connect. JSON.
        WasabiWacmUsages = "wasabi.wacm-usages",
        /// A user's costs, by the hour or as a summary. JSON and XML.
        OnappUserStatistics = "onapp.user-statistics",
        /// The hours of virtual servers: their costs, and the resources that were billed. JSON and XML.
        OnappVmStats = "onapp.vm-stats",
    }
}

/// Bytes that the name of a provider may have.
pub(crate) const PROVIDER_BYTES: usize = 32;
/// Bytes that the name of a format may have.
pub(crate) const FORMAT_BYTES: usize = 64;

/// A short name, stored in place: it is copied into detections, errors and fields, and there is nothing to free.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Name<const MOST: usize> {
    /// Filled up with zeros, so that names are in the order of their text.
    bytes: [u8; MOST],
    length: u8,
}

impl<const MOST: usize> Name<MOST> {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; MOST];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    fn as_str(&self) -> &str {
        // It was a text.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl<const MOST: usize> std::fmt::Debug for Name<MOST> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Whether a text may be the name of a provider, or the part of a format's name behind the dot.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The name of a provider that is not built in: `[a-z0-9-]+`, at most 32 bytes. [`Provider::from_name`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderName(Name<PROVIDER_BYTES>);

impl ProviderName {
    pub(crate) const EXPECTED: &'static str = "the name of a provider: at most 32 of a-z, 0-9 and -";

    fn new(name: &str) -> Option<Self> {
        is_name(name).then(|| Name::new(name).map(Self))?
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The name of a format that is not built in: `<provider>.<name>`, at most 64 bytes. [`Format::from_name`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FormatName(Name<FORMAT_BYTES>);

impl FormatName {
    pub(crate) const EXPECTED: &'static str = "the name of a format: `<provider>.<name>`, at most 64 of a-z, 0-9 and -";

    fn new(name: &str) -> Option<Self> {
        let (provider, own) = name.split_once('.')?;
        (is_name(own) && Provider::from_name(provider).is_some()).then(|| Name::new(name).map(Self))?
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Format {
    /// Who sends it.
    pub fn provider(self) -> Provider {
        Provider::from_name(self.provider_name()).expect("a format's name begins with that of its provider")
    }

    /// The name of who sends it.
    pub(crate) fn provider_name(&self) -> &str {
        self.as_str().split('.').next().unwrap_or_default()
    }

    /// Whether one row of its replies has many metrics of a resource and period.
    pub(crate) fn has_wide_rows(self) -> bool {
        matches!(self.provider(), Provider::Wasabi | Provider::Onapp)
    }

    /// The total that a row states, with its parts (docs/formats.md#onapp-fields).
    pub(crate) const fn stated_total(self) -> Option<StatedTotal> {
        match self {
            Self::OnappUserStatistics => {
                Some(StatedTotal { total: "cost.total", parts: ["cost.vm", "cost.user_resources"] })
            }
            _ => None,
        }
    }
}

/// A total that a row states, and its parts, as names of metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatedTotal {
    pub total: &'static str,
    pub parts: [&'static str; 2],
}

names! {
    /// How a reply is written.
    Encoding {
        /// RFC 8259.
        Json = "json",
        /// XML 1.0 without a DOCTYPE.
        Xml = "xml",
    }
}

/// The result of [`detect`](crate::detect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Detection {
    /// The provider that sent the body.
    pub provider: Provider,
    /// The format of the body.
    pub format: Format,
    /// How it is written.
    pub encoding: Encoding,
}

impl Detection {
    pub(crate) fn new(format: Format, encoding: Encoding) -> Self {
        Self { provider: format.provider(), format, encoding }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_built_in_has_the_form_of_one() {
        let acme = Provider::from_name("acme-2").unwrap();
        let usage = Format::from_name("acme-2.usage").unwrap();
        assert_eq!((acme.as_str(), usage.as_str(), usage.provider()), ("acme-2", "acme-2.usage", acme));
        assert_eq!(Format::from_name("wasabi.wacm-usages").unwrap().provider(), Provider::Wasabi);
        assert_eq!(Format::from_name("wasabi.bucket-daily"), Some(Format::WasabiBucketDaily));
        let (longest, too_long) = ("a".repeat(PROVIDER_BYTES), "a".repeat(PROVIDER_BYTES + 1));
        assert_eq!(Provider::from_name(&longest).unwrap().as_str(), longest);
        let of = |bytes: usize| format!("acme.{}", "b".repeat(bytes - 5));
        assert_eq!(Format::from_name(&of(FORMAT_BYTES)).unwrap().as_str(), of(FORMAT_BYTES));
        for name in ["", "Acme", "ac me", "acme.usage", "é", &too_long] {
            assert_eq!(Provider::from_name(name), None, "{name}");
        }
        for name in
            ["", "acme", "acme.", ".usage", "acme.a.b", "acme.Usage", &of(FORMAT_BYTES + 1), &format!("{too_long}.a")]
        {
            assert_eq!(Format::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_in_the_order_of_their_text_behind_the_built_in_ones() {
        let names = ["wasabi.bucket-daily", "acme.a", "acme.a-b", "acme.b", "zeta.a"];
        let formats = names.map(|name| Format::from_name(name).unwrap());
        assert!(formats.is_sorted());
    }
}
