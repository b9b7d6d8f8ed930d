//! The stored form of a flow: JSON with a version, written and read here alone.

mod plain;

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
/// Enough for nearly every flow.
const ROOM: usize = 512;
/// What proves by having signed in stands where another proof has its method.
const SIGN_IN: &str = "SIGN_IN";

#[derive(Deserialize)]
struct Envelope {
    v: u16,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
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

/// A state by its name, with what this one has: flat, for a tagged enum is read twice.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateV1<'a> {
    at: &'a str,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<&'a str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    proof: Option<ProofV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
}

const AWAITING_FACTOR: &str = "awaiting_factor";
const READY: &str = "ready";
const AWAITING_ADDRESS: &str = "awaiting_address";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofV1<'a> {
    method: &'a str,
    at: i64,
}

impl Flow {
    /// The stored form.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let (mut key, mut stamp) = ([0; 64], [0; 32]);
        let written = FlowV1 {
            v: VERSION,
            key: hexadecimal(self.key.as_bytes(), &mut key),
            tenant: self.tenant.as_str(),
            user: self.user.as_str(),
            session: self.session.as_str(),
            stamp: hexadecimal(self.stamp.as_bytes(), &mut stamp),
            operation: self.operation.as_str(),
            opened_at: self.opened_at.unix_micros(),
            expires_at: self.expires_at.unix_micros(),
            revision: self.revision,
            sends: self.sends,
            password_tries: self.password_tries,
            state: write_state(&self.state),
        };
        let mut snapshot = Vec::with_capacity(ROOM);
        match serde_json::to_writer(&mut snapshot, &written) {
            Ok(()) => snapshot,
            // Plain strings and numbers always have a JSON form.
            Err(_) => Vec::new(),
        }
    }

    /// Reads the stored form back.
    ///
    /// # Errors
    /// [`SnapshotError`] for anything that [`Flow::snapshot`] did not write.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        if let Some(read) = plain::read(bytes) {
            return restore(&read).ok_or(SnapshotError::Malformed);
        }
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

fn hexadecimal<'a>(bytes: &[u8], place: &'a mut [u8]) -> &'a str {
    match hex::encode_to_slice(bytes, place) {
        Ok(()) => std::str::from_utf8(place).unwrap_or_default(),
        Err(_) => "",
    }
}

fn hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

fn write_state(state: &State) -> StateV1<'static> {
    match state {
        State::AwaitingFactor { allowed } => StateV1 {
            at: AWAITING_FACTOR,
            allowed: Some(allowed.iter().map(Method::as_str).collect()),
            ..StateV1::default()
        },
        State::Ready { proof } => StateV1 { at: READY, proof: write_proof(*proof), ..StateV1::default() },
        State::AwaitingAddress { proof, channel } => StateV1 {
            at: AWAITING_ADDRESS,
            proof: write_proof(*proof),
            channel: Some(channel.as_str()),
            ..StateV1::default()
        },
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
    let StateV1 { at, allowed, proof, channel } = state;
    Some(match (*at, allowed, proof, channel) {
        (AWAITING_FACTOR, Some(allowed), None, None) => State::AwaitingFactor {
            allowed: allowed.iter().map(|name| Method::parse(name)).collect::<Option<MethodSet>>()?,
        },
        (READY, None, proof, None) => State::Ready { proof: read_proof(proof.as_ref())? },
        (AWAITING_ADDRESS, None, proof, Some(channel)) => {
            State::AwaitingAddress { proof: read_proof(proof.as_ref())?, channel: Channel::parse(channel)? }
        }
        _ => return None,
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
