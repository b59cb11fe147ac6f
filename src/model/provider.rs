//! The five providers and their eight formats.

use serde::{Deserialize, Serialize};

/// Who sent the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Intronis / Barracuda ECHOplatform (docs/formats.md#barracuda).
    Barracuda,
    /// deviceWISE / Telit TR50 (docs/formats.md#devicewise).
    Devicewise,
    /// CloudSigma 2.0 (docs/formats.md#cloudsigma).
    Cloudsigma,
    /// Wasabi WACA and its look-alikes (docs/formats.md#wasabi).
    Wasabi,
    /// OnApp (docs/formats.md#onapp).
    Onapp,
}

impl Provider {
    /// Every provider, in the order of the public contract.
    pub const ALL: [Self; 5] = [Self::Barracuda, Self::Devicewise, Self::Cloudsigma, Self::Wasabi, Self::Onapp];

    /// The name in the public contract, e.g. `"cloudsigma"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Barracuda => "barracuda",
            Self::Devicewise => "devicewise",
            Self::Cloudsigma => "cloudsigma",
            Self::Wasabi => "wasabi",
            Self::Onapp => "onapp",
        }
    }

    /// The provider of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == name)
    }
}

/// One reply shape of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// Stored bytes over time; JSON and XML; partner and account form.
    #[serde(rename = "barracuda.usage-history")]
    BarracudaUsageHistory,
    /// API calls a service and period; one or many TR50 commands in one reply.
    #[serde(rename = "devicewise.api-history")]
    DevicewiseApiHistory,
    /// Accumulated burst usage of a period.
    #[serde(rename = "cloudsigma.burst-usage")]
    CloudsigmaBurstUsage,
    /// Burst usage a day.
    #[serde(rename = "cloudsigma.daily-burst-usage")]
    CloudsigmaDailyBurstUsage,
    /// A bucket's day.
    #[serde(rename = "wasabi.bucket-daily")]
    WasabiBucketDaily,
    /// A bucket's invoice period, rolled up to GB-days.
    #[serde(rename = "wasabi.bucket-invoice")]
    WasabiBucketInvoice,
    /// An account's day, with or without its regions.
    #[serde(rename = "wasabi.account-daily")]
    WasabiAccountDaily,
    /// A user's costs, hourly or as a summary; JSON and XML.
    #[serde(rename = "onapp.user-statistics")]
    OnappUserStatistics,
}

impl Format {
    /// Every format, in the order of the public contract.
    pub const ALL: [Self; 8] = [
        Self::BarracudaUsageHistory,
        Self::DevicewiseApiHistory,
        Self::CloudsigmaBurstUsage,
        Self::CloudsigmaDailyBurstUsage,
        Self::WasabiBucketDaily,
        Self::WasabiBucketInvoice,
        Self::WasabiAccountDaily,
        Self::OnappUserStatistics,
    ];

    /// The name in the public contract, e.g. `"wasabi.bucket-daily"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BarracudaUsageHistory => "barracuda.usage-history",
            Self::DevicewiseApiHistory => "devicewise.api-history",
            Self::CloudsigmaBurstUsage => "cloudsigma.burst-usage",
            Self::CloudsigmaDailyBurstUsage => "cloudsigma.daily-burst-usage",
            Self::WasabiBucketDaily => "wasabi.bucket-daily",
            Self::WasabiBucketInvoice => "wasabi.bucket-invoice",
            Self::WasabiAccountDaily => "wasabi.account-daily",
            Self::OnappUserStatistics => "onapp.user-statistics",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == name)
    }

    /// Who sends it.
    pub const fn provider(self) -> Provider {
        match self {
            Self::BarracudaUsageHistory => Provider::Barracuda,
            Self::DevicewiseApiHistory => Provider::Devicewise,
            Self::CloudsigmaBurstUsage | Self::CloudsigmaDailyBurstUsage => Provider::Cloudsigma,
            Self::WasabiBucketDaily | Self::WasabiBucketInvoice | Self::WasabiAccountDaily => Provider::Wasabi,
            Self::OnappUserStatistics => Provider::Onapp,
        }
    }

    /// Whether one row of its replies has many metrics of a resource and period.
    pub(crate) const fn has_wide_rows(self) -> bool {
        matches!(self.provider(), Provider::Wasabi | Provider::Onapp)
    }

    /// The total that its rows state beside the parts (docs/formats.md#onapp-fields).
    pub(crate) const fn stated_total(self) -> Option<StatedTotal> {
        match self {
            Self::OnappUserStatistics => {
                Some(StatedTotal { total: "cost.total", parts: ["cost.vm", "cost.user_resources"] })
            }
            _ => None,
        }
    }
}

/// A total that a row states beside its parts: names of metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatedTotal {
    pub total: &'static str,
    pub parts: [&'static str; 2],
}

/// How a reply is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// RFC 8259.
    Json,
    /// XML 1.0 without a DOCTYPE.
    Xml,
}

/// What a body was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Detection {
    /// Who sent it.
    pub provider: Provider,
    /// Which of the provider's shapes it is.
    pub format: Format,
    /// How it is written.
    pub encoding: Encoding,
}

impl Detection {
    pub(crate) const fn new(format: Format, encoding: Encoding) -> Self {
        Self { provider: format.provider(), format, encoding }
    }
}
