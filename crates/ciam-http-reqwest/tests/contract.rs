//! The client keeps every rule of its port.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
use ciam_ports::{HttpClient, HttpError, HttpReply, HttpRequest};
use ciam_testkit::contract::HttpFixture;
use tokio::runtime::{Builder, Runtime};

/// The client on the runtime that it needs.
struct OnRuntime {
    client: ReqwestClient,
    runtime: Runtime,
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send(request).await }).await.unwrap()
    }
}

fn fixture() -> HttpFixture {
    let bounds = Bounds { timeout: Duration::from_millis(1_500), max_bytes: 10_000, ..Bounds::default() };
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let client = ReqwestClient::new(bounds, Proxies::None).unwrap();
    let client = Arc::new(OnRuntime { client, runtime });
    HttpFixture { client, max_bytes: bounds.max_bytes }
}

ciam_testkit::http_contract!(fixture);
