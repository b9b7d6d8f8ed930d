//! `serve`, and how the server begins and ends.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::arguments;
use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::stop::Stop;
use crate::{background, connections, http, logging, output, social_source};

/// How long requests under way may take to finish once the server is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(7);
const LAST_TASKS: Duration = Duration::from_secs(1);

/// Serves the data directory until told to stop.
///
/// # Errors
/// [`Stop`] when it cannot begin.
pub(crate) async fn serve(arguments: arguments::Serve) -> Result<(), Stop> {
    let settings = Settings::load(arguments.place.config.as_deref())?;
    logging::start(&settings);
    let directory = Directory::open(&arguments.place.data_dir)?;
    let assembly = assemble(&settings, &directory)?;
    social_source::warn_of_unoffered(&assembly.ciam).await?;
    let stopped = told_to_stop()?;
    let (listener, address) = listen(arguments.listen.unwrap_or(settings.server.listen)).await?;
    output::line(format_args!("listening on http://{address}"))?;
    run(listener, assembly, &settings, stopped).await;
    Ok(())
}

/// Takes an address to listen on, and tells which it became.
///
/// # Errors
/// [`Stop::Refused`] when it cannot be had.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Stop> {
    let failed = |error| match std::io::Error::kind(&error) {
        std::io::ErrorKind::AddrInUse => Stop::Refused(format!(
            "{address} is in use by another process; choose another with --listen, such as --listen {}:0",
            address.ip()
        )),
        _ => Stop::failed(address, &error),
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Serves until `stopped`, then lets requests under way finish.
pub(crate) async fn run(
    listener: TcpListener,
    assembly: Assembly,
    settings: &Settings,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    let (stop, stopping) = watch::channel(false);
    let tasks = [
        tokio::spawn(background::relay(assembly.ciam.clone(), stopping.clone())),
        tokio::spawn(background::sweep(assembly.ciam.clone(), stopping.clone())),
        tokio::spawn(background::purge(assembly.ciam.clone(), assembly.deletions.clone(), stopping.clone())),
    ];
    let stopped = async move {
        stopped.await;
        tracing::info!("stopping");
        stop.send_replace(true);
    };
    let served =
        connections::serve(listener, http::application(&assembly, settings), settings, stopping.clone());
    tokio::select! {
        ((), ()) = async { tokio::join!(stopped, served) } => {}
        () = out_of_patience(stopping) => tracing::warn!("requests under way were cut off"),
    }
    let [relay, sweep, purge] = tasks;
    if timeout(LAST_TASKS, async { tokio::join!(relay, sweep, purge) }).await.is_err() {
        tracing::warn!("a background task did not end in time");
    }
}

async fn out_of_patience(mut stopping: watch::Receiver<bool>) {
    connections::told(&mut stopping).await;
    tokio::time::sleep(LAST_REQUESTS).await;
}

/// Waits for Ctrl-C or SIGTERM. From this call on they no longer end the process by themselves.
///
/// # Errors
/// [`Stop::Refused`] when the system does not let it.
pub(crate) fn told_to_stop() -> Result<impl Future<Output = ()> + Send + 'static, Stop> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |error| Stop::failed("signals", &error);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
