//! Meterglot reads the usage and billing replies of five providers and turns them into one exact usage model.
