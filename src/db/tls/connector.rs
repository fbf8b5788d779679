//! What the driver opens TLS by: rustls on its sockets, and the login tied to the server's certificate (channel binding).
//!
//! Our own, because the published ones bind to the wrong hash for some certificates, or bring a second reader of certificates along.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::tls::{self, ChannelBinding, MakeTlsConnect, TlsConnect};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;

use super::certificate::Certificate;

/// Opens TLS sessions. Cheap to clone.
#[derive(Clone)]
pub(in crate::db) struct Connector(Arc<ClientConfig>);

impl Connector {
    pub(super) fn new(config: Arc<ClientConfig>) -> Self {
        Self(config)
    }
}

/// A TLS session could not be opened: the server's certificate is not accepted, ours is not, or there is no common protocol.
#[derive(Debug)]
pub(in crate::db) struct HandshakeError(String);

impl fmt::Display for HandshakeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for HandshakeError {}

impl<S> MakeTlsConnect<S> for Connector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = TlsStream<S>;
    type TlsConnect = NamedConnector;
    type Error = HandshakeError;

    fn make_tls_connect(&mut self, host: &str) -> Result<NamedConnector, HandshakeError> {
        Ok(NamedConnector { connector: TlsConnector::from(Arc::clone(&self.0)), host: host.to_owned() })
    }
}

/// Opens a TLS session with one host.
pub(in crate::db) struct NamedConnector {
    connector: TlsConnector,
    host: String,
}

impl<S> TlsConnect<S> for NamedConnector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = TlsStream<S>;
    type Error = HandshakeError;
    type Future = Pin<Box<dyn Future<Output = Result<TlsStream<S>, HandshakeError>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let name = ServerName::try_from(self.host).map_err(|error| {
                HandshakeError(format!("the host's name cannot be used for TLS: {error}"))
            })?;
            let stream = self.connector.connect(name, stream).await;
            stream.map(TlsStream).map_err(|error| HandshakeError(error.to_string()))
        })
    }
}

/// An open TLS session.
pub(in crate::db) struct TlsStream<S>(tokio_rustls::client::TlsStream<S>);

impl<S> tls::TlsStream for TlsStream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let der = session.peer_certificates().and_then(|chain| chain.first());
        let hash = der.and_then(|der| Certificate::read(der)?.channel_binding(der));
        hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
