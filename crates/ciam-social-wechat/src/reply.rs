//! What the service answers: always status 200, and an `errcode` where it refuses.

use ciam_ports::domain::social::{SocialTextError, Subject as Name};
use serde::Deserialize;

use crate::settings::Subject;

/// Why a reply names nobody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplyError {
    /// The code is unknown, used or over.
    #[error("the code is not accepted")]
    Code,
    #[error("the service answered with the error {0}")]
    Service(i64),
    #[error("the service answered with the status {0}")]
    Status(u16),
    #[error("the reply of the service is unreadable")]
    Unreadable(#[source] serde_json::Error),
    #[error("the reply of the service names nobody")]
    Nobody,
    #[error("the service names somebody oddly")]
    Name(#[from] SocialTextError),
    #[error("the service gave no unionid: the application belongs to no account of the Open Platform")]
    NoUnionId,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    errcode: i64,
    openid: Option<String>,
    unionid: Option<String>,
}

/// The subject that a reply names.
pub(crate) fn subject(status: u16, body: &[u8], wanted: &Subject) -> Result<Name, ReplyError> {
    if status != 200 {
        return Err(ReplyError::Status(status));
    }
    let reply: Reply = serde_json::from_slice(body).map_err(ReplyError::Unreadable)?;
    match reply.errcode {
        0 => {}
        // Unknown, used, over, and one that is none at all.
        40029 | 40163 | 42003 | 41008 => return Err(ReplyError::Code),
        other => return Err(ReplyError::Service(other)),
    }
    let named = match wanted {
        Subject::OpenId => reply.openid.ok_or(ReplyError::Nobody),
        Subject::UnionId(_) => reply.unionid.ok_or(ReplyError::NoUnionId),
    };
    Ok(Name::parse(&named?)?)
}
