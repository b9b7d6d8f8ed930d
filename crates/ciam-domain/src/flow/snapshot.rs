//! The stored form of a flow: JSON with a version, written and read here alone.

use serde::{Deserialize, Serialize};

use super::{Flow, Method, MethodSet, Operation, Proof, State};
use crate::user::{Channel, SecurityStamp};
use crate::{FlowKey, Instant, SessionId, TenantId, UserId};

/// A stored flow cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It was written by a newer version.
    #[error("the flow snapshot has an unknown version")]
    UnknownVersion,
    /// It is no flow.
    #[error("the flow snapshot is malformed")]
    Malformed,
}

const VERSION: u16 = 1;
/// What proves by having signed in stands where another proof has its method.
const SIGN_IN: &str = "SIGN_IN";

#[derive(Deserialize)]
struct Envelope {
    v: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowV1<'a> {
    v: u16,
    key: &'a str,
    tenant: &'a str,
    user: &'a str,
    session: &'a str,
    stamp: &'a str,
    operation: &'a str,
    opened_at: i64,
    expires_at: i64,
    revision: u32,
    sends: u8,
    password_tries: u8,
    #[serde(borrow)]
    state: StateV1<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case", deny_unknown_fields)]
enum StateV1<'a> {
    AwaitingFactor {
        #[serde(borrow)]
        allowed: Vec<&'a str>,
    },
    Ready {
        #[serde(borrow)]
        proof: Option<ProofV1<'a>>,
    },
    AwaitingAddress {
        #[serde(borrow)]
        proof: Option<ProofV1<'a>>,
        channel: &'a str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofV1<'a> {
    method: &'a str,
    at: i64,
}

impl Flow {
    /// The stored form.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let (key, stamp) = (hex::encode(self.key.as_bytes()), hex::encode(self.stamp.as_bytes()));
        let written = FlowV1 {
            v: VERSION,
            key: &key,
            tenant: self.tenant.as_str(),
            user: self.user.as_str(),
            session: self.session.as_str(),
            stamp: &stamp,
            operation: self.operation.as_str(),
            opened_at: self.opened_at.unix_micros(),
            expires_at: self.expires_at.unix_micros(),
            revision: self.revision,
            sends: self.sends,
            password_tries: self.password_tries,
            state: write_state(&self.state),
        };
        // Plain strings and numbers always have a JSON form.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// Reads the stored form back.
    ///
    /// # Errors
    /// [`SnapshotError`] for anything that [`Flow::snapshot`] did not write.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        match serde_json::from_slice::<FlowV1<'_>>(bytes) {
            Ok(read) if read.v == VERSION => restore(&read).ok_or(SnapshotError::Malformed),
            _ => Err(unreadable(bytes)),
        }
    }
}

/// What is wrong with what is not of this version, or not whole.
fn unreadable(bytes: &[u8]) -> SnapshotError {
    match serde_json::from_slice(bytes) {
        Ok(Envelope { v }) if v != VERSION => SnapshotError::UnknownVersion,
        _ => SnapshotError::Malformed,
    }
}

fn restore(read: &FlowV1<'_>) -> Option<Flow> {
    Some(Flow {
        key: FlowKey::from_bytes(hex_array(read.key)?),
        tenant: TenantId::parse(read.tenant).ok()?,
        user: UserId::parse(read.user).ok()?,
        session: SessionId::parse(read.session).ok()?,
        stamp: SecurityStamp::from_bytes(hex_array(read.stamp)?),
        operation: Operation::parse(read.operation)?,
        opened_at: Instant::from_unix_micros(read.opened_at),
        expires_at: Instant::from_unix_micros(read.expires_at),
        revision: read.revision,
        sends: read.sends,
        password_tries: read.password_tries,
        state: read_state(&read.state)?,
    })
}

fn hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

fn write_state(state: &State) -> StateV1<'static> {
    match state {
        State::AwaitingFactor { allowed } => {
            StateV1::AwaitingFactor { allowed: allowed.iter().map(Method::as_str).collect() }
        }
        State::Ready { proof } => StateV1::Ready { proof: write_proof(*proof) },
        State::AwaitingAddress { proof, channel } => {
            StateV1::AwaitingAddress { proof: write_proof(*proof), channel: channel.as_str() }
        }
    }
}

fn write_proof(proof: Proof) -> Option<ProofV1<'static>> {
    match proof {
        Proof::NotDemanded => None,
        Proof::SignIn { at } => Some(ProofV1 { method: SIGN_IN, at: at.unix_micros() }),
        Proof::Factor { method, at } => Some(ProofV1 { method: method.as_str(), at: at.unix_micros() }),
    }
}

fn read_state(state: &StateV1<'_>) -> Option<State> {
    Some(match state {
        StateV1::AwaitingFactor { allowed } => State::AwaitingFactor {
            allowed: allowed.iter().map(|name| Method::parse(name)).collect::<Option<MethodSet>>()?,
        },
        StateV1::Ready { proof } => State::Ready { proof: read_proof(proof.as_ref())? },
        StateV1::AwaitingAddress { proof, channel } => {
            State::AwaitingAddress { proof: read_proof(proof.as_ref())?, channel: Channel::parse(channel)? }
        }
    })
}

fn read_proof(proof: Option<&ProofV1<'_>>) -> Option<Proof> {
    let Some(proof) = proof else { return Some(Proof::NotDemanded) };
    let at = Instant::from_unix_micros(proof.at);
    Some(match proof.method {
        SIGN_IN => Proof::SignIn { at },
        method => Proof::Factor { method: Method::parse(method)?, at },
    })
}
