//! The table of the providers. A new provider is one file that implements [`ProviderFormats`] and
//! [`RowReader`](super::row_reader::RowReader), and one line here.

use super::row_reader::ProviderFormats;
use super::{barracuda, cloudsigma, devicewise, onapp, wasabi};
use crate::model::metric::is_in_vocabulary;
use crate::model::provider::Provider;

/// All providers.
pub(crate) const PROVIDERS: [&dyn ProviderFormats; 5] =
    [&barracuda::Barracuda, &devicewise::Devicewise, &cloudsigma::Cloudsigma, &wasabi::Wasabi, &onapp::Onapp];

/// The entry of a provider in [`PROVIDERS`].
pub(crate) fn formats_of(provider: Provider) -> Option<&'static dyn ProviderFormats> {
    PROVIDERS.into_iter().find(|formats| formats.provider() == provider)
}

/// Whether the vocabulary has this metric, or a provider uses the name.
pub(crate) fn is_metric(name: &str) -> bool {
    is_in_vocabulary(name) || PROVIDERS.into_iter().any(|formats| formats.is_metric(name))
}
