//! The dialect of the user APIs of Alibaba Cloud CIAM; `docs/dialects/alibaba.md` has its tables.

mod call;
mod captcha;
mod change_contact;
mod change_password;
mod consents;
mod delete_account;
mod dictionary;
mod enrolment;
mod envelope;
mod field;
mod gesture;
mod literal;
mod login_history;
mod operation_check;
mod options;
mod passkey;
mod profile;
mod refusal;
mod request_id;
mod second_factor;
mod social;
mod token_check;
mod update_profile;

pub use options::{Options, TokenCheckReply};

use std::pin::{Pin, pin};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use ciam::Ciam;

use call::{Call, RequestError, StepError};
use envelope::Reply;
use refusal::Place;

use crate::caught::caught;

/// Where the vendor mounts these calls.
pub const MOUNT: &str = "/api/bff/v1.2/developer/ciam";

/// What every call of the dialect works with.
struct Mounted {
    ciam: Arc<Ciam>,
    options: Options,
}

/// The calls of the dialect at the vendor's paths, and its answer to every other path below [`MOUNT`]. Merge it into
/// the host's router: that takes less of each call than nesting [`router`].
///
/// Limits by source need the peer's address: serve with
/// [`axum::Router::into_make_service_with_connect_info`] of a [`std::net::SocketAddr`].
pub fn mounted(ciam: Arc<Ciam>, options: Options) -> Router {
    routes(MOUNT)
        .route(MOUNT, any(unknown_path))
        .route(&format!("{MOUNT}/"), any(unknown_path))
        .route(&format!("{MOUNT}/{{*rest}}"), any(unknown_path))
        .with_state(Arc::new(Mounted { ciam, options }))
}

/// The calls of the dialect by paths relative to [`MOUNT`], for a host that nests them elsewhere; for the rest see
/// [`mounted`].
pub fn router(ciam: Arc<Ciam>, options: Options) -> Router {
    routes("").fallback(unknown_path).with_state(Arc::new(Mounted { ciam, options }))
}

fn routes(mount: &str) -> Router<Arc<Mounted>> {
    let calls = [
        ("/captcha", only(Method::GET, Place::Other, captcha::fetch)),
        ("/user/token/check", only(Method::GET, Place::Other, token_check::check)),
        ("/user/operate_check", only(Method::GET, Place::Other, operation_check::check)),
        ("/user/2fa/obtain_code", only(Method::POST, Place::ObtainFactor, second_factor::obtain)),
        ("/user/2fa/verify_code", only(Method::POST, Place::VerifyFactor, second_factor::verify)),
        ("/user/change_pwd", only(Method::PUT, Place::Other, change_password::change)),
        ("/user/change_phone_or_email/obtain_code", only(Method::POST, Place::Other, change_contact::obtain)),
        // What a published client of the vendor's calls it where it sends captcha fields.
        (
            "/user/change_phone_or_email/obtain_code_v2",
            only(Method::POST, Place::Other, change_contact::obtain),
        ),
        ("/user/change_phone_or_email/verify_code", only(Method::POST, Place::Other, change_contact::verify)),
        ("/user/gesture/bind", only(Method::POST, Place::BindGesture, gesture::bind)),
        // Ours: the vendor's document leaves challenges and keys of devices out.
        ("/user/gesture/challenge", only(Method::GET, Place::Other, gesture::challenge)),
        ("/user/gesture/device", only(Method::POST, Place::Other, gesture::register)),
        ("/user/gesture/device/list", only(Method::GET, Place::Other, gesture::list)),
        ("/user/gesture/unbind", only(Method::POST, Place::Other, gesture::unbind)),
        ("/user/login/history/list", only(Method::GET, Place::Other, login_history::list)),
        ("/user/get_agree_records", only(Method::GET, Place::Other, consents::list)),
        ("/user/agree_records/recall", only(Method::POST, Place::Other, consents::recall)),
        ("/user/social_bind_info", only(Method::GET, Place::Other, social::list)),
        ("/user/social/bind", only(Method::POST, Place::Other, social::bind)),
        ("/user/social/unbind", only(Method::POST, Place::Other, social::unbind)),
        ("/user/info", some([Method::GET, Method::PUT], Place::Other, profile::serve)),
        ("/user/unsubscribe", only(Method::POST, Place::Other, delete_account::delete)),
        ("/user/totp/begin", only(Method::POST, Place::Other, enrolment::begin_totp)),
        ("/user/totp/confirm", only(Method::POST, Place::Other, enrolment::confirm_totp)),
        ("/user/totp/remove", only(Method::POST, Place::Other, enrolment::remove_totp)),
        ("/user/passkey/begin", only(Method::POST, Place::Other, passkey::begin)),
        ("/user/passkey/confirm", only(Method::POST, Place::Other, passkey::confirm)),
        ("/user/passkey/list", only(Method::GET, Place::Other, passkey::list)),
        ("/user/passkey/remove", only(Method::POST, Place::Other, passkey::remove)),
        ("/user/passkey/challenge", only(Method::POST, Place::Other, passkey::challenge)),
        ("/user/recovery_code/renew", only(Method::POST, Place::Other, enrolment::renew_recovery_codes)),
    ];
    calls
        .into_iter()
        .fold(Router::new(), |routes, (path, call)| routes.route(&format!("{mount}{path}"), call))
}

/// One method for one path: `HEAD` must not begin a flow, and `OPTIONS` is the host's (ASVS 5.0, 4.1.4).
fn only<F, T>(method: Method, place: Place, step: F) -> MethodRouter<Arc<Mounted>>
where
    F: FnOnce(Call) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Result<Reply, StepError>> + Send,
{
    some([method], place, step)
}

/// The few methods of one path.
fn some<const N: usize, F, T>(methods: [Method; N], place: Place, step: F) -> MethodRouter<Arc<Mounted>>
where
    F: FnOnce(Call) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Result<Reply, StepError>> + Send,
{
    any(Endpoint { methods, place, step })
}

/// What one path does. A handler of its own, since layers and extractors each cost an allocation or a copy.
#[derive(Clone)]
struct Endpoint<const N: usize, F> {
    methods: [Method; N],
    place: Place,
    step: F,
}

impl<const N: usize, F, T> Handler<Mounted, Arc<Mounted>> for Endpoint<N, F>
where
    F: FnOnce(Call) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Result<Reply, StepError>> + Send,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, mounted: Arc<Mounted>) -> Self::Future {
        let Self { methods, place, step } = self;
        Box::pin(async move {
            // Pinned where it stands: whatever takes a future by value is as large as it, twice.
            let call = pin!(async {
                if !methods.contains(request.method()) {
                    return mounted.wrong_method(&methods);
                }
                let answer = match Call::admit(&mounted, request).await {
                    Ok(call) => step(call).await,
                    Err(error) => Err(error),
                };
                mounted.render(answer.unwrap_or_else(|error| Reply::Refused(error.row(place))))
            });
            let Some(response) = caught(mounted.end_in_time(call)).await else {
                tracing::error!("a call panicked");
                return mounted.render(Reply::Refused(RequestError::Panicked.row()));
            };
            response
        })
    }
}

async fn unknown_path(State(mounted): State<Arc<Mounted>>) -> Response {
    mounted.render(Reply::Refused(RequestError::UnknownPath.row()))
}

impl Mounted {
    async fn end_in_time(&self, call: impl Future<Output = Response>) -> Response {
        let Some(limit) = self.options.request_timeout else { return call.await };
        if let Ok(response) = tokio::time::timeout(limit, call).await {
            return response;
        }
        tracing::warn!("a call took too long");
        self.render(Reply::Refused(RequestError::TimedOut.row()))
    }

    fn wrong_method(&self, right: &[Method]) -> Response {
        let mut response = self.render(Reply::Refused(RequestError::WrongMethod.row()));
        let right: Vec<_> = right.iter().map(Method::as_str).collect();
        if let Ok(right) = HeaderValue::from_str(&right.join(", ")) {
            response.headers_mut().insert(ALLOW, right);
        }
        response
    }
}
