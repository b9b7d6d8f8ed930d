//! Replies, and how they look on the wire.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use ciam::GestureChallenge;
use ciam::TotpEnrolment;
use ciam::domain::FlowId;
use ciam::domain::flow::NextStep;
use ciam::domain::secret::SecretText;
use ciam::ports::CaptchaChallenge;
use serde::Serialize;

use super::consents::Agreed;
use super::gesture::Device;
use super::login_history::Line;
use super::passkey::{Ceremony, Passkey};
use super::profile::Person;
use super::refusal::{Row, Shape};
use super::social::Source;
use super::{Mounted, TokenCheckReply, literal, request_id};
use crate::{bearer, retry_after};

/// What a call answers.
pub(super) enum Reply {
    /// Done, with nothing to tell.
    Done,
    /// The token is valid.
    TokenValid,
    /// A code is on its way.
    CodeSent(FlowId),
    /// The flow goes on.
    Flow(FlowId, NextStep),
    /// The login history.
    Logins(Vec<Line>),
    /// What the person agreed to.
    Agreed(Vec<Agreed>),
    /// The sources of accounts elsewhere.
    Sources(Vec<Source>),
    /// A captcha to be shown.
    Captcha(CaptchaChallenge),
    /// An authenticator app to be set up.
    Totp(TotpEnrolment),
    /// Recovery codes to be written down.
    RecoveryCodes(Vec<SecretText>),
    /// A device is bound.
    GestureBound,
    /// A challenge for a device to sign.
    GestureChallenge(GestureChallenge),
    /// The devices.
    Devices(Vec<Device>),
    /// What a browser is to do with a passkey.
    Passkey(Ceremony),
    /// The passkeys.
    Passkeys(Vec<Passkey>),
    /// A profile.
    Profile(Box<Person>),
    /// Refused.
    Refused(Row),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    success: bool,
    code: Class,
    message: Option<&'static str>,
    request_id: String,
    data: Option<Payload<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Class {
    Name(&'static str),
    Number(u16),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    #[serde(rename_all = "camelCase")]
    Flow {
        f_id: &'a str,
        flow_type: &'static str,
        additional: (),
    },
    #[serde(rename_all = "camelCase")]
    Code {
        f_id: &'a str,
    },
    Logins {
        historys: Vec<Line>,
    },
    Agreed(Vec<Agreed>),
    Sources(Vec<Source>),
    Profile(Box<Person>),
    #[serde(rename_all = "camelCase")]
    Challenge {
        challenge: &'a str,
        expire_time: i64,
    },
    Devices(Vec<Device>),
    Ceremony(Ceremony),
    Passkeys(Vec<Passkey>),
    #[serde(rename_all = "camelCase")]
    Captcha {
        captcha_code: &'a str,
        image: String,
    },
    Totp {
        secret: &'a str,
        uri: &'a str,
    },
    Codes {
        codes: Vec<&'a str>,
    },
}

#[derive(Serialize)]
struct TokenError {
    error: &'static str,
    error_description: &'static str,
}

impl Mounted {
    /// A reply on the wire; none may be kept by a cache (ASVS 5.0, 14.3.2).
    pub(super) fn render(&self, reply: Reply) -> Response {
        let mut response = match reply {
            Reply::Done => self.success(None),
            Reply::TokenValid => self.token_valid(),
            Reply::CodeSent(flow) => self.success(Some(Payload::Code { f_id: flow.expose() })),
            Reply::Flow(flow, next) => {
                let flow_type = literal::flow_type(next);
                self.success(Some(Payload::Flow { f_id: flow.expose(), flow_type, additional: () }))
            }
            Reply::Logins(historys) => self.success(Some(Payload::Logins { historys })),
            Reply::Agreed(records) => self.success(Some(Payload::Agreed(records))),
            Reply::Sources(sources) => self.success(Some(Payload::Sources(sources))),
            Reply::Captcha(captcha) => {
                let image = BASE64_STANDARD.encode(&captcha.image);
                self.success(Some(Payload::Captcha { captcha_code: captcha.code.expose(), image }))
            }
            Reply::Totp(begun) => {
                self.success(Some(Payload::Totp { secret: begun.secret.expose(), uri: begun.uri.expose() }))
            }
            Reply::RecoveryCodes(codes) => {
                let codes = codes.iter().map(SecretText::expose).collect();
                self.success(Some(Payload::Codes { codes }))
            }
            // Documented: here success is a number in a text, and has no message.
            Reply::GestureBound => {
                self.envelope(StatusCode::OK, (true, Class::Name(literal::code::BOUND), None), None)
            }
            Reply::GestureChallenge(challenge) => {
                let (text, expire_time) = (challenge.text.expose(), challenge.expires_at);
                let expire_time = expire_time.unix_micros().div_euclid(1_000);
                self.success(Some(Payload::Challenge { challenge: text, expire_time }))
            }
            Reply::Devices(devices) => self.success(Some(Payload::Devices(devices))),
            Reply::Passkey(ceremony) => self.success(Some(Payload::Ceremony(ceremony))),
            Reply::Passkeys(passkeys) => self.success(Some(Payload::Passkeys(passkeys))),
            Reply::Profile(person) => self.success(Some(Payload::Profile(person))),
            Reply::Refused(row) => self.refused(row),
        };
        insert(&mut response, CACHE_CONTROL, Some(HeaderValue::from_static("no-store")));
        response
    }

    fn success(&self, data: Option<Payload<'_>>) -> Response {
        let name = literal::code::SUCCESS;
        self.envelope(StatusCode::OK, (true, Class::Name(name), Some(name)), data)
    }

    fn token_valid(&self) -> Response {
        match self.options.token_check {
            TokenCheckReply::Numeric => self.envelope(StatusCode::OK, (true, Class::Number(200), None), None),
            TokenCheckReply::Named => self.success(None),
        }
    }

    fn refused(&self, row: Row) -> Response {
        let mut response = match row.shape {
            Shape::Envelope { code, message } => {
                self.envelope(row.status, (false, Class::Name(code), Some(message)), None)
            }
            Shape::Token { error, description, challenge } => {
                let body = TokenError { error, error_description: description };
                let mut response = json(row.status, &body);
                let scope = row.names_scope().then_some(self.options.scope.as_str());
                insert(&mut response, WWW_AUTHENTICATE, bearer::challenge(challenge, scope));
                response
            }
        };
        insert(&mut response, RETRY_AFTER, row.retry_after.map(retry_after::header));
        response
    }

    fn envelope(
        &self,
        status: StatusCode,
        (success, code, message): (bool, Class, Option<&'static str>),
        data: Option<Payload<'_>>,
    ) -> Response {
        let request_id = request_id::draw(&*self.options.clock, &*self.options.random);
        json(status, &Envelope { success, code, message, request_id, data })
    }
}

/// Written at once into room that most replies fit in.
fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(512);
    if serde_json::to_writer(&mut bytes, body).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    insert(&mut response, CONTENT_TYPE, Some(HeaderValue::from_static("application/json")));
    response
}

fn insert(response: &mut Response, name: axum::http::HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        response.headers_mut().insert(name, value);
    }
}
