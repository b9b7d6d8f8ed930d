//! One call: who makes it, and what they sent.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Method, StatusCode};
use ciam::domain::Refusal;
use ciam::domain::profile::StandardAttribute;
use ciam::{Ciam, Principal};
use serde::de::DeserializeOwned;

use super::Mounted;
use super::field::Field;
use super::literal::{self, chosen, code, documented};
use super::refusal::{self, Place, Row, Shape};
use crate::bearer::{self, Presented};
use crate::strict_json::{self, BodyError};
use crate::{client_source, failure};

/// Both spellings of the vendor's documents.
const TOKEN_PARAMETERS: [&str; 2] = ["access_token", "access_Token"];

/// A call whose token is verified.
pub(super) struct Call {
    pub(super) ciam: Arc<Ciam>,
    pub(super) who: Principal,
    pub(super) method: Method,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Body,
}

impl Call {
    /// Reads and verifies the token before anything else of the request.
    pub(super) async fn admit(mounted: &Mounted, request: Request) -> Result<Self, StepError> {
        let (parts, body) = request.into_parts();
        let (token, query) = tokens_apart(&parts.uri)?;
        let token = match bearer::presented(&parts.headers, token) {
            Presented::Once(token) => token,
            Presented::Missing => return Err(RequestError::TokenMissing.into()),
            Presented::Repeated => return Err(RequestError::TokenRepeated.into()),
        };
        let who = mounted.ciam.principal(&token, &mounted.options.scope).await?;
        let who = match client_source::source(&parts, mounted.options.trusted_hops) {
            Some(source) => who.with_source(source),
            None => who,
        };
        let (ciam, method) = (mounted.ciam.clone(), parts.method);
        Ok(Self { ciam, who, method, query, headers: parts.headers, body })
    }

    /// The one value of a query parameter.
    pub(super) fn parameter(&self, name: &str, field: Field) -> Result<Option<&str>, RequestError> {
        let mut values = self.query.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(String::as_str)),
            _ => Err(RequestError::Illegal(field)),
        }
    }

    /// Takes the body apart into the shape of the call; what the call is made with stays.
    pub(super) async fn read<T: DeserializeOwned>(self) -> Result<(Arc<Ciam>, Principal, T), StepError> {
        let body = strict_json::read(&self.headers, self.body).await.map_err(RequestError::Body)?;
        Ok((self.ciam, self.who, body))
    }

    /// The same of a shape that holds parts of the body as they were written.
    pub(super) async fn read_as_written<T: DeserializeOwned>(
        self,
    ) -> Result<(Arc<Ciam>, Principal, T), StepError> {
        let body =
            strict_json::read_as_written(&self.headers, self.body).await.map_err(RequestError::Body)?;
        Ok((self.ciam, self.who, body))
    }
}

type Parameters = Vec<(String, String)>;

fn tokens_apart(uri: &axum::http::Uri) -> Result<(Vec<String>, Parameters), RequestError> {
    if uri.query().is_none() {
        return Ok((Vec::new(), Vec::new()));
    }
    let Query(query) =
        Query::<Parameters>::try_from_uri(uri).map_err(|_| RequestError::Body(BodyError::Malformed))?;
    let (tokens, query): (Parameters, Parameters) =
        query.into_iter().partition(|(name, _)| TOKEN_PARAMETERS.contains(&name.as_str()));
    Ok((tokens.into_iter().map(|(_, token)| token).collect(), query))
}

/// What is wrong with a request before any use case hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestError {
    TokenMissing,
    TokenRepeated,
    Body(BodyError),
    Blank(Field),
    Illegal(Field),
    /// A `type` that is no second factor.
    UnknownFactor(Place),
    UnknownPath,
    WrongMethod,
    TimedOut,
    Panicked,
}

impl RequestError {
    pub(super) const fn row(self) -> Row {
        match self {
            // RFC 6750, 3.1: no error code in the header where no token was presented.
            Self::TokenMissing => {
                let (error, description) = ("invalid_token", "Invalid access token");
                let shape = Shape::Token { error, description, challenge: None };
                Row { shape, ..refusal::invalid_token() }
            }
            Self::TokenRepeated => {
                Row::token("invalid_request", "The access token is presented more than once")
                    .with_status(StatusCode::BAD_REQUEST)
            }
            Self::Body(BodyError::Malformed) => {
                Row::envelope(code::ILLEGAL, chosen::BODY).with_status(StatusCode::BAD_REQUEST)
            }
            Self::Body(BodyError::MediaType) => Row::envelope(code::MEDIA_TYPE, code::MEDIA_TYPE)
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::Body(BodyError::TooLarge) => Row::envelope(code::ILLEGAL, chosen::BODY_TOO_LARGE)
                .with_status(StatusCode::PAYLOAD_TOO_LARGE),
            Self::Blank(field) => refusal::blank(field),
            Self::Illegal(field) => refusal::illegal(field),
            Self::UnknownFactor(place) => refusal::unsupported_factor(place),
            Self::UnknownPath => {
                Row::envelope(code::NOT_FOUND, code::NOT_FOUND).with_status(StatusCode::NOT_FOUND)
            }
            Self::WrongMethod => {
                Row::envelope(code::DENIED, chosen::METHOD).with_status(StatusCode::METHOD_NOT_ALLOWED)
            }
            Self::TimedOut => internal(StatusCode::SERVICE_UNAVAILABLE).after(Some(failure::PAUSE)),
            Self::Panicked => internal(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

const fn internal(status: StatusCode) -> Row {
    Row::envelope(code::INTERNAL, code::INTERNAL).with_status(status)
}

/// Why a call is not done.
pub(super) enum StepError {
    Request(RequestError),
    UseCase(ciam::Error),
    /// A field of an update of the profile is refused.
    Field(Refusal, StandardAttribute),
}

impl From<RequestError> for StepError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<ciam::Error> for StepError {
    fn from(error: ciam::Error) -> Self {
        Self::UseCase(error)
    }
}

impl StepError {
    /// What to answer; what a use case refused and what failed is logged here.
    pub(super) fn row(&self, place: Place) -> Row {
        match self {
            Self::Request(error) => error.row(),
            Self::UseCase(ciam::Error::Refused(refusal)) => {
                tracing::info!(reason = refusal.reason(), "a call was refused");
                refusal::row(*refusal, place)
            }
            Self::Field(refusal, field) => {
                tracing::info!(reason = refusal.reason(), field = field.key(), "a call was refused");
                let named = literal::wrong_field(*field).map(|message| Row::envelope(code::ILLEGAL, message));
                named.unwrap_or_else(|| refusal::row(*refusal, place))
            }
            Self::UseCase(ciam::Error::Failed(failure)) => {
                let shown = failure::report(failure);
                let row = match place {
                    Place::BindGesture => {
                        Row::envelope(code::FAILURE, documented::BIND_FAILED).with_status(shown.status)
                    }
                    _ => internal(shown.status),
                };
                row.after(shown.retry_after)
            }
        }
    }
}
