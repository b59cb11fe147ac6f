//! The five providers and their eight formats.

use crate::model::names::names;

// docs/formats.md describes what each provider sends.
names! {
    /// A built-in provider.
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
    /// A format of a provider's replies.
    Format {
        /// Stored bytes over time. JSON and XML; partner and account form.
        BarracudaUsageHistory = "barracuda.usage-history",
        /// API calls by service and period. JSON; one or many TR50 commands in one reply.
        DevicewiseApiHistory = "devicewise.api-history",
        /// Accumulated burst usage of a period. JSON.
        CloudsigmaBurstUsage = "cloudsigma.burst-usage",
        /// Burst usage of each day. JSON.
        CloudsigmaDailyBurstUsage = "cloudsigma.daily-burst-usage",
        /// The days of buckets. JSON.
        WasabiBucketDaily = "wasabi.bucket-daily",
        /// The invoice periods of buckets, rolled up to GB-days. JSON.
        WasabiBucketInvoice = "wasabi.bucket-invoice",
        /// The days of accounts, with or without `RegionalUtilizations`. JSON, no bucket.
        WasabiAccountDaily = "wasabi.account-daily",
        /// A user's costs, by the hour or as a summary. JSON and XML.
        OnappUserStatistics = "onapp.user-statistics",
    }
}

impl Format {
    /// The provider that sends this format.
    pub const fn provider(self) -> Provider {
        match self {
            Self::BarracudaUsageHistory => Provider::Barracuda,
            Self::DevicewiseApiHistory => Provider::Devicewise,
            Self::CloudsigmaBurstUsage | Self::CloudsigmaDailyBurstUsage => Provider::Cloudsigma,
            Self::WasabiBucketDaily | Self::WasabiBucketInvoice | Self::WasabiAccountDaily => Provider::Wasabi,
            Self::OnappUserStatistics => Provider::Onapp,
        }
    }

    /// Whether one row of a reply has many metrics of one resource and period.
    pub(crate) const fn has_wide_rows(self) -> bool {
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
    pub(crate) const fn new(format: Format, encoding: Encoding) -> Self {
        Self { provider: format.provider(), format, encoding }
    }
}
