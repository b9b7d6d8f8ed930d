//! Statements about authenticators: nobody asks for one, so none is taken but those that say nothing of a make.

use ciam_ports::domain::passkey::PasskeyFlaw;
use ciborium::Value;

/// Whether the object holds the data of an authenticator with no statement, or with the passkey's own signature
/// (`WebAuthn` Level 3, 8.2 and 8.7), and nothing else before or after it.
pub(crate) fn is_plain(object: &[u8]) -> Result<(), PasskeyFlaw> {
    let mut rest = object;
    let value: Value = ciborium::from_reader(&mut rest).map_err(|_| PasskeyFlaw::Malformed)?;
    let Value::Map(entries) = value else { return Err(PasskeyFlaw::Malformed) };
    let entry =
        |name: &str| entries.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value);
    let (Some(Value::Text(format)), Some(Value::Map(statement)), Some(Value::Bytes(_))) =
        (entry("fmt"), entry("attStmt"), entry("authData"))
    else {
        return Err(PasskeyFlaw::Malformed);
    };
    if entries.len() != 3 || !rest.is_empty() {
        return Err(PasskeyFlaw::Malformed);
    }
    let certified = |(key, _): &(Value, Value)| !matches!(key.as_text(), Some("alg" | "sig"));
    let plain = match format.as_str() {
        "none" => statement.is_empty(),
        "packed" => statement.len() == 2 && !statement.iter().any(certified),
        _ => false,
    };
    if plain { Ok(()) } else { Err(PasskeyFlaw::Attestation) }
}
