//! Connections: as many as there is room for, ended when they are silent, and finished when the server stops.

use std::future::pending;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Layer;

use crate::configuration::Settings;

/// How long nothing is taken after the system refused a connection, such as for want of file descriptors.
const BREATH: Duration = Duration::from_secs(1);

/// Serves until told to stop, then takes no more, ends idle connections and waits for requests under way.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    settings: &Settings,
    mut stopping: watch::Receiver<bool>,
) {
    let patience = settings.server.header_timeout.0;
    let places = settings.server.connections.get();
    let room = Arc::new(Semaphore::new(places.into()));
    let mut door = Door { listener, room: room.clone(), is_told: false };
    let ending = stopping.clone();
    loop {
        let guest = tokio::select! {
            () = told(&mut stopping) => break,
            guest = door.next() => guest,
        };
        tokio::spawn(guest.entertain(routes.clone(), patience, ending.clone()));
    }
    drop(door);
    // All places are free once every connection has ended.
    drop(room.acquire_many(places.into()).await);
}

/// Returns once the server is told to stop.
pub(crate) async fn told(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        pending::<()>().await;
    }
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    room: Arc<Semaphore>,
    is_told: bool,
}

/// One connection, and its place.
struct Guest {
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
}

impl Door {
    /// The next connection once there is a place for it. Until then it waits in the queue of the system.
    async fn next(&mut self) -> Guest {
        let place = self.place().await;
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => return Guest { stream, peer, place },
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be taken");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    async fn place(&mut self) -> OwnedSemaphorePermit {
        if let Ok(place) = self.room.clone().try_acquire_owned() {
            self.is_told = false;
            return place;
        }
        if !self.is_told {
            tracing::warn!("server.connections are open; new ones wait");
            self.is_told = true;
        }
        match self.room.clone().acquire_owned().await {
            Ok(place) => place,
            // It is never closed.
            Err(_) => pending().await,
        }
    }
}

impl Guest {
    async fn entertain(self, routes: Router, patience: Duration, mut stopping: watch::Receiver<bool>) {
        let Self { stream, peer, place } = self;
        let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
        // Runs from the end of the reply before, so that it ends idle connections too.
        http.http1().timer(TokioTimer::new()).header_read_timeout(patience);
        let routes = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(routes));
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), routes));
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = told(&mut stopping) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(error = %error, "a connection broke");
        }
        drop(place);
    }
}

/// Whether the client went away before it was let in.
fn is_of_the_client(error: &Error) -> bool {
    let kinds = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];
    kinds.contains(&error.kind())
}
