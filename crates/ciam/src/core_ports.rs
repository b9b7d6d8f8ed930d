//! What a host must bring.

use std::sync::Arc;

use ciam_ports::{
    Clock, Keys, NoticeSender, OtpSender, Outbox, PasswordHasher, Random, Store, TokenVerifier,
};

/// What account security needs of the world. Complete on purpose: a forgotten port does not compile.
#[derive(Clone)]
pub struct CorePorts {
    /// Users, sessions, flows, codes, counts, audit trail.
    pub store: Arc<dyn Store>,
    /// The notices that the store holds.
    pub outbox: Arc<dyn Outbox>,
    /// Password hashing.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Delivery of one-time codes.
    pub otp: Arc<dyn OtpSender>,
    /// Delivery of notices.
    pub notices: Arc<dyn NoticeSender>,
    /// Access tokens.
    pub tokens: Arc<dyn TokenVerifier>,
    /// Keys for digests of codes and tombstones.
    pub keys: Arc<dyn Keys>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
}
