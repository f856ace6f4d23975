//! The server: start in order, listen, stop without losing what was taken.
//!
//! The port is taken first, so that a second server on the same database stops before it touches anything.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::server_side::contacts::ContactKeys;
use app::server_side::epoch::Beats;
use app::store::Store;
use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::commands::open;
use crate::config::Settings;
use crate::failure::{Answer, Failure};
use crate::http::limits::{self, DeskBudget};
use crate::http::metrics::Metrics;
use crate::routes;
use crate::state::{AppState, Shared, Site};
use crate::tls;

/// `hailong serve`: runs until a signal ends it.
///
/// # Errors
/// Everything that keeps it from starting, each in one line.
pub async fn run(settings: &Settings) -> Result<Answer, Failure> {
    let files = settings.tls().map_err(Failure::Usage)?;
    let info = settings.site_info().map_err(Failure::Usage)?;
    let tls = files.as_ref().map(|(certificate, key)| tls::configuration(certificate, key)).transpose()?;
    let listener = listen(settings.listen)?;
    // LISTEN with port 0 lets the system choose: every address we print says what it chose.
    let mut settings = settings.clone();
    settings.listen = listener.local_addr().map_err(|error| Failure::System(format!("LISTEN: {error}")))?;
    let settings = &settings;
    let clock = Clock::System;
    let catalogue = Catalogue::builtin().map_err(|error| Failure::System(error.to_string()))?;
    let (store, keys) = open::with_key(settings, &clock).await?;
    store.start();
    let contact_keys = open::contact_keys(settings)?;
    let beats = Arc::new(Beats::beside(&settings.key_file().unwrap_or_default()));
    // Before anything is answered: a device must not be told an epoch that a restore has ended.
    beat(&store, &beats, true).await;

    let base_url = settings.base_url();
    let state = AppState::new(Shared {
        store: store.clone(),
        catalogue: Arc::new(catalogue),
        keys,
        contact_keys: contact_keys.clone(),
        metrics: Metrics::new(&clock),
        clock,
        site: Site {
            https: base_url.starts_with("https://"),
            base_url,
            info,
            metrics_open: settings.metrics_open,
            data_folder: settings.sqlite_file().map(open::folder_of),
        },
        desk_budget: DeskBudget::new(settings.budget_desk),
    });
    let signals = Signals::listen().map_err(|error| Failure::System(format!("no signals: {error}")))?;
    announce(&state, settings).await;

    let handle = Handle::new();
    let tls = tls.map(RustlsConfig::from_config);
    let anchoring = tokio::spawn(anchor_hourly(store.clone()));
    let erasing = tokio::spawn(erase_hourly(store.clone(), contact_keys));
    let beating = tokio::spawn(beat_on(store.clone(), Arc::clone(&beats)));
    let ending = tokio::spawn(signals.watch(handle.clone(), files.zip(tls.clone())));
    serve(listener, tls, routes::router(state), handle)
        .await
        .map_err(|error| Failure::System(format!("serving: {error}")))?;

    beating.abort();
    beat(&store, &beats, true).await;
    if tokio::time::timeout(limits::DRAIN_WRITER, store.shutdown()).await.is_err() {
        return Err(Failure::System(
            "the writer did not finish in time; what was acknowledged is on the disk".to_owned(),
        ));
    }
    ending.abort();
    anchoring.abort();
    erasing.abort();
    tracing::info!("stopped; everything that was acknowledged is on the disk");
    Ok(Answer::Yes)
}

/// Anchors the heads of the log's other chains into that of this process, every hour.
async fn anchor_hourly(store: Store) {
    let hour = std::time::Duration::from_millis(app::domain::limits::LOG_ANCHOR_MS.unsigned_abs());
    loop {
        tokio::time::sleep(hour).await;
        if let Err(error) = store.anchor_log().await {
            tracing::error!(%error, "the chains of the log were not anchored; the next hour tries again");
        }
    }
}

/// Counts up for the epoch of the database; `tell` says a failure.
async fn beat(store: &Store, beats: &Beats, tell: bool) -> bool {
    match beats.beat(store).await {
        Ok(false) => true,
        Ok(true) => {
            tracing::warn!("the database was restored to an earlier state: devices are asked for what they sent since");
            true
        }
        Err(error) => {
            if tell {
                tracing::error!(%error, "a restore by other means than hailong restore may not be noticed");
            }
            false
        }
    }
}

/// The same while the server runs. A failure that lasts is told once.
async fn beat_on(store: Store, beats: Arc<Beats>) {
    let pause = std::time::Duration::from_millis(app::domain::limits::EPOCH_BEAT_MS.unsigned_abs());
    let mut well = true;
    loop {
        tokio::time::sleep(pause).await;
        well = beat(&store, &beats, well).await;
    }
}

/// Erases the contact data that are due, at the start and every hour.
async fn erase_hourly(store: Store, keys: ContactKeys) {
    let hour = std::time::Duration::from_hours(1);
    loop {
        if let Err(error) = keys.purge_due(&store).await {
            tracing::error!(%error, "contact data that are due were not erased; the next hour tries again");
        }
        tokio::time::sleep(hour).await;
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        Failure::System(match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("LISTEN: {address} is taken by another program (perhaps a server that still runs); stop it or choose another port")
            }
            io::ErrorKind::AddrNotAvailable => format!("LISTEN: {address} is not an address of this machine"),
            io::ErrorKind::PermissionDenied => {
                format!("LISTEN: {address} may not be taken by this user; choose a port above 1023")
            }
            _ => format!("LISTEN: {address}: {error}"),
        })
    })
}

/// Accepts connections until `handle` says stop, then waits for requests under way.
async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .first_request_timeout(limits::HEADERS)
        .accept_error_handler(|_, error| tracing::warn!(%error, "a connection could not be accepted"));
    let http = server.http_builder();
    http.http1().header_read_timeout(limits::HEADERS).max_buf_size(limits::HEAD_BYTES);
    http.http2()
        .max_concurrent_streams(limits::STREAMS)
        .max_header_list_size(limits::HEAD_BYTES as u32)
        .keep_alive_interval(limits::HEADERS)
        .keep_alive_timeout(limits::HEADERS);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        None => server.acceptor(NoDelayAcceptor::new()).serve(service).await,
        Some(config) => {
            server.acceptor(RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new())).serve(service).await
        }
    }
}

/// The signals that concern us.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The first SIGTERM or SIGINT stops gracefully, the second at once; SIGHUP reads the certificates again.
    async fn watch(
        mut self,
        handle: Handle<SocketAddr>,
        tls: Option<((std::path::PathBuf, std::path::PathBuf), RustlsConfig)>,
    ) {
        let mut stopping = false;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
                _ = self.hang_up.recv() => {
                    if let Some(((certificate, key), config)) = &tls {
                        match tls::configuration(certificate, key) {
                            Ok(new) => {
                                config.reload_from_config(new);
                                tracing::info!("the certificate has been read again");
                            }
                            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
                        }
                    }
                    continue;
                }
            }
            if stopping {
                tracing::warn!("stopped at once by a second signal; what was acknowledged is on the disk");
                std::process::exit(3);
            }
            stopping = true;
            tracing::info!("stopping: no new connections; requests under way are finished first");
            handle.graceful_shutdown(Some(limits::DRAIN));
        }
    }
}

/// Says where the pages are: to people, on standard error.
async fn announce(state: &AppState, settings: &Settings) {
    let base = &state.site.base_url;
    let desk = match state.store.desks().await {
        Ok(desks) => desks.first().map(|desk| format!("{base}/k/{}", desk.desk.code)),
        Err(error) => {
            tracing::warn!(%error, "the desks cannot be listed");
            None
        }
    };
    let mut text = format!(
        "Hài Lòng {}\n  Trang đầu · home       {base}/\n  Kết quả · results      {base}/ket-qua\n",
        env!("CARGO_PKG_VERSION")
    );
    match &desk {
        Some(desk) => text.push_str(&format!("  Một quầy · one desk    {desk}\n")),
        None => text.push_str("  Chưa có quầy nào · no desk yet: hailong demo\n"),
    }
    if settings.listen.ip().is_unspecified()
        && let Ok(code) = fast_qr::QRBuilder::new(desk.unwrap_or_else(|| base.clone())).build()
    {
        text.push_str(&code.to_str());
        text.push('\n');
    }
    // Where standard error is closed nobody reads it.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_under_way_is_finished_before_the_end() {
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "finished"
        };
        let router = Router::new().route("/slow", axum::routing::get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let handle = Handle::new();
        let server = tokio::spawn(serve(listener, None, router, handle.clone()));

        let mut stream = tokio::net::TcpStream::connect(address).await.expect("connected");
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("sent");
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.graceful_shutdown(Some(limits::DRAIN));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.ends_with("finished"), "{answer}");
        let ended = tokio::time::timeout(Duration::from_secs(5), server).await;
        assert!(matches!(ended, Ok(Ok(Ok(())))), "{ended:?}");
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}
