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
use rustls::CertificateError::{
    BadSignature, Expired, ExpiredContext, ExpiredRevocationList, ExpiredRevocationListContext,
    NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext, Revoked, UnknownIssuer,
    UnknownRevocationStatus, UnsupportedSignatureAlgorithmContext,
    UnsupportedSignatureAlgorithmForPublicKeyContext,
};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;

use super::certificate::Certificate;

/// Opens TLS sessions, or says why it cannot. Cheap to clone.
#[derive(Clone)]
pub(in crate::db) struct Connector(Result<Arc<ClientConfig>, String>);

impl Connector {
    pub(super) fn new(config: Arc<ClientConfig>) -> Self {
        Self(Ok(config))
    }

    /// Opens none, for `reason`: where TLS is not required, a key that cannot be read is no problem until a server has TLS.
    pub(in crate::db) fn failing(reason: String) -> Self {
        Self(Err(reason))
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
        Ok(NamedConnector { config: self.0.clone(), host: host.to_owned() })
    }
}

/// Opens a TLS session with one host.
pub(in crate::db) struct NamedConnector {
    config: Result<Arc<ClientConfig>, String>,
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
            let connector = TlsConnector::from(self.config.map_err(HandshakeError)?);
            let name = ServerName::try_from(self.host).map_err(|error| {
                HandshakeError(format!("the host's name cannot be used for TLS: {error}"))
            })?;
            let stream = connector.connect(name, stream).await;
            stream.map(TlsStream).map_err(|error| HandshakeError(explain(&error)))
        })
    }
}

/// Puts a failed handshake into words.
fn explain(error: &io::Error) -> String {
    let reason = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(reason)) = reason else { return error.to_string() };
    let words = match reason {
        Expired | ExpiredContext { .. } => "it has expired",
        NotValidYet | NotValidYetContext { .. } => "it is not valid yet; is the clock right?",
        UnknownIssuer => "it is not signed by an authority in the file that sslrootcert names",
        NotValidForName | NotValidForNameContext { .. } => {
            "it is for another host than the one in the address, and sslmode=verify-full compares them"
        }
        Revoked => "its authority took it back (sslcrl, sslcrldir)",
        UnknownRevocationStatus => {
            "no list in sslcrl or sslcrldir is its authority's, so nobody can tell whether it was taken back"
        }
        ExpiredRevocationList | ExpiredRevocationListContext { .. } => {
            "its authority's list in sslcrl or sslcrldir is older than it may be; fetch the next one"
        }
        BadSignature => "its signature is wrong; its authority only has the name of one in sslrootcert",
        // The library's own words list every algorithm by its bytes.
        UnsupportedSignatureAlgorithmContext { .. }
        | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it or its authority's is signed by an algorithm that is not supported here (such as ECDSA with SHA-512)"
        }
        other => return format!("the server's certificate is refused: {other}"),
    };
    format!("the server's certificate is refused: {words}")
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
