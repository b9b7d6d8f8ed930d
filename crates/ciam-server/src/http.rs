//! The HTTP surface: every dialect at its mount, two probes, and what holds for all of them. Each dialect
//! bounds the bodies it reads.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ciam::Ciam;
use ciam::ports::Clock;
use ciam_system_native::{SystemClock, SystemRandom};
use ciam_transport_http::alibaba;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;

use crate::assembly::Assembly;
use crate::configuration::Settings;

/// How long the ports may take to say that they can be used.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Readiness {
    ciam: Arc<Ciam>,
    patience: Duration,
}

/// The whole application.
pub(crate) fn application(assembly: &Assembly, settings: &Settings) -> Router {
    let Assembly { ciam, jwks, .. } = assembly.clone();
    let mut routes = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(Readiness {
            ciam: ciam.clone(),
            patience: PATIENCE.min(settings.server.request_timeout.0 / 2),
        })
        .route("/.well-known/jwks.json", get(|| async { (PUBLISHED, jwks) }))
        .method_not_allowed_fallback(|| async {
            failure(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        })
        .fallback(|| async { failure(StatusCode::NOT_FOUND, "not_found") })
        .layer(middleware::from_fn_with_state(settings.server.request_timeout.0, end_in_time));
    if settings.dialects.alibaba.enabled {
        routes = routes.merge(alibaba::mounted(ciam, alibaba_options(settings)));
    }
    guarded(routes)
}

/// What holds for every route.
fn guarded(routes: Router) -> Router {
    routes.layer(CatchPanicLayer::custom(panicked)).layer(middleware::from_fn(log))
}

fn alibaba_options(settings: &Settings) -> alibaba::Options {
    let chosen = &settings.dialects.alibaba;
    let mut options = alibaba::Options::new(Arc::new(SystemClock), Arc::new(SystemRandom));
    options.scope.clone_from(&chosen.scope);
    options.token_check = chosen.token_check.0.into();
    options.trusted_hops = settings.server.trusted_hops;
    options.request_timeout = Some(settings.server.request_timeout.0);
    options
}

/// What goes with a document that holds no secret and seldom changes.
const PUBLISHED: [(HeaderName, &str); 2] =
    [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];

async fn healthz() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

async fn readyz(State(Readiness { ciam, patience }): State<Readiness>) -> Response {
    let silent = ciam.readiness_within(tokio::time::sleep(patience)).await;
    if silent.is_empty() {
        return Json(json!({"status": "ok"})).into_response();
    }
    let body = json!({"status": "unavailable", "ports": silent});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

async fn end_in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let late = |_| failure(StatusCode::SERVICE_UNAVAILABLE, "timeout");
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(late)
}

// What a panic says may be personal; the panic hook has told its place.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    failure(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

/// Tells each request by its route alone: paths, queries and bodies may hold what is personal or secret.
async fn log(route: Option<MatchedPath>, method: Method, request: Request, next: Next) -> Response {
    let started = SystemClock.now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let (status, took) = (response.status().as_u16(), SystemClock.now().since(started));
    tracing::info!(%method, route, status, micros = took.as_micros(), "answered");
    response
}

fn failure(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use axum::body::Body;
    use ciam::ports::{DeliveryError, NoticeMessage, NoticeSender, OtpMessage, OtpSender};
    use ciam::{Config, CorePorts};
    use ciam_storage_memory::MemoryStore;
    use ciam_testkit::{Backend, World};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::configuration::Span;

    async fn get_of(routes: Router, path: &str) -> (u16, String) {
        let response = routes.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn world() -> World {
        let memory = Arc::new(MemoryStore::new());
        World::new(Backend::of(memory))
    }

    fn over(ciam: Arc<Ciam>) -> Assembly {
        let deletions = Arc::new(MemoryStore::new());
        Assembly { ciam, deletions, jwks: r#"{"keys":[]}"#.to_owned() }
    }

    /// Codes hang, notices fail.
    struct Broken;

    #[async_trait]
    impl OtpSender for Broken {
        async fn send(&self, _: OtpMessage) -> Result<(), DeliveryError> {
            Err(DeliveryError::Undeliverable)
        }

        async fn ping(&self) -> Result<(), DeliveryError> {
            std::future::pending().await
        }
    }

    #[async_trait]
    impl NoticeSender for Broken {
        async fn send(&self, _: NoticeMessage) -> Result<(), DeliveryError> {
            Err(DeliveryError::Undeliverable)
        }

        async fn ping(&self) -> Result<(), DeliveryError> {
            Err(DeliveryError::Unavailable("it is broken".into()))
        }
    }

    #[tokio::test]
    async fn ports_that_hang_are_named_beside_those_that_fail() {
        let ports = CorePorts { otp: Arc::new(Broken), notices: Arc::new(Broken), ..world().ports.clone() };
        let ciam = Arc::new(Ciam::new(ports, Config::default()).unwrap());
        let mut settings = Settings::default();
        settings.server.request_timeout = Span(Duration::from_millis(400));
        let (status, body) = get_of(application(&over(ciam), &settings), "/readyz").await;
        let named = r#"{"ports":["otp","notices"],"status":"unavailable"}"#;
        assert_eq!((status, body.as_str()), (503, named));
    }

    #[tokio::test]
    async fn a_port_that_does_not_answer_is_named_and_the_process_lives_on() {
        let world = world();
        let application = application(&over(world.ciam.clone()), &Settings::default());
        assert_eq!(get_of(application.clone(), "/readyz").await.0, 200);
        world.keys.set_broken(true);
        let (status, body) = get_of(application.clone(), "/readyz").await;
        assert_eq!((status, body.as_str()), (503, r#"{"ports":["keys"],"status":"unavailable"}"#));
        assert_eq!(get_of(application, "/healthz").await.0, 200);
    }

    #[tokio::test]
    async fn a_panic_is_answered_without_its_text() {
        async fn broken() -> Response {
            panic!("secret")
        }
        let routes = guarded(Router::new().route("/", get(broken)));
        assert_eq!(get_of(routes, "/").await, (500, r#"{"error":"internal"}"#.to_owned()));
    }
}
