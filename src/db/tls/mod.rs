//! TLS to the database: what is asked of the server's certificate, and what is shown of our own.

mod certificate;
mod connector;
mod revocations;
mod verifier;

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{ResolvesClientCert, VerifierBuilderError};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, SupportedProtocolVersion};

pub(super) use connector::{Connector, HandshakeError};

use self::certificate::Certificate;
use self::verifier::Verifier;
use crate::error::{Error, Result};

/// The protocol's registered name, which a server needs to be told when TLS comes first.
const ALPN: &[u8] = b"postgresql";

/// What is checked of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Check {
    /// Who signed it, when a file of authorities is given; else nothing.
    AuthorityIfGiven,
    /// Who signed it.
    Authority,
    /// Who signed it, and that it is for this host.
    Name,
}

/// What the parameters say about TLS.
#[derive(Debug, Clone)]
pub(in crate::db) struct Settings {
    pub(in crate::db) check: Check,
    /// The authorities' certificates (PEM), or `system`.
    pub(in crate::db) root_certificates: Option<PathBuf>,
    /// A file with lists of certificates that the authorities took back (PEM).
    pub(in crate::db) revocations: Option<PathBuf>,
    /// A folder with such files.
    pub(in crate::db) revocation_folder: Option<PathBuf>,
    /// Our own certificate with those between it and the authority (PEM).
    pub(in crate::db) certificate: Option<PathBuf>,
    /// Its key (PEM).
    pub(in crate::db) key: Option<PathBuf>,
    /// Whether the server is told which host is meant (SNI).
    pub(in crate::db) sends_name: bool,
    pub(in crate::db) has_tls_1_2: bool,
    pub(in crate::db) has_tls_1_3: bool,
    /// TLS begins without asking the server whether it has it.
    pub(in crate::db) is_direct: bool,
}

impl Settings {
    /// Reads the files and makes what opens TLS.
    ///
    /// # Errors
    /// Usage: a file is missing, cannot be read, or holds something else; the message names it and the parameter.
    pub(in crate::db) fn connector(&self) -> Result<Connector> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut versions: Vec<&'static SupportedProtocolVersion> = Vec::new();
        versions.extend(self.has_tls_1_3.then_some(&rustls::version::TLS13));
        versions.extend(self.has_tls_1_2.then_some(&rustls::version::TLS12));
        let verifier = self.verifier(&provider)?;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| Error::usage(format!("TLS: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match self.own_certificate(&provider)? {
            Some(certificate) => builder.with_client_cert_resolver(certificate),
            None => builder.with_no_client_auth(),
        };
        config.enable_sni = self.sends_name;
        if self.is_direct {
            config.alpn_protocols = vec![ALPN.to_vec()];
        }
        // A session that is taken up again would not be checked again; and each is used once.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Connector::new(Arc::new(config)))
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Verifier> {
        let algorithms = provider.signature_verification_algorithms;
        let Some(path) = &self.root_certificates else {
            if self.check != Check::AuthorityIfGiven {
                return Err(Error::usage(
                    "sslmode=verify-ca and verify-full need the certificate of the server's authority: name its \
                     file by sslrootcert (PGSSLROOTCERT), put it at ~/.postgresql/root.crt, or, for a certificate of \
                     a public authority, set sslrootcert=system",
                ));
            }
            return Ok(Verifier::accepting_anybody(algorithms));
        };
        let roots =
            if path.as_os_str() == "system" { system_roots()? } else { certificates(path, "sslrootcert")? };
        let revocations = revocations::read(self.revocations.as_deref(), self.revocation_folder.as_deref())?;
        Verifier::new(provider, roots, revocations, self.check == Check::Name).map_err(|error| match error {
            VerifierBuilderError::InvalidCrl(reason) => {
                Error::usage(format!("sslcrl, sslcrldir: a revocation list cannot be used: {reason:?}"))
            }
            other => wrong_file(path, "sslrootcert", other),
        })
    }

    /// Our own certificate and key, when there is one.
    fn own_certificate(&self, provider: &CryptoProvider) -> Result<Option<Arc<dyn ResolvesClientCert>>> {
        let Some(path) = &self.certificate else { return Ok(None) };
        let chain = certificates(path, "sslcert")?;
        let Some(key_path) = &self.key else {
            return Err(Error::usage(format!(
                "sslcert: {} needs its key: name its file by sslkey (PGSSLKEY)",
                path.display()
            )));
        };
        let wrong = |problem: &str| Error::usage(format!("sslkey: {}: {problem}", key_path.display()));
        check_key_mode(key_path).map_err(|problem| wrong(&problem))?;
        let key = PrivateKeyDer::from_pem_file(key_path).map_err(|error| {
            wrong(&format!(
                "{error}; expected a key in PEM, not encrypted (decrypt one: openssl pkey -in KEY -out NEW)"
            ))
        })?;
        let key = provider.key_provider.load_private_key(key).map_err(|error| wrong(&error.to_string()))?;
        let owner = chain.first().and_then(|first| Certificate::read(first));
        let fits =
            owner.zip(key.public_key()).is_none_or(|(owner, public)| owner.public_key == public.as_ref());
        if !fits {
            return Err(wrong(&format!("it is not the key of the certificate {}", path.display())));
        }
        Ok(Some(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)))))
    }
}

/// As in libpq: nobody but its owner may read a key, or, when that is root, a group.
fn check_key_mode(path: &Path) -> std::result::Result<(), String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & forbidden != 0 {
        let mode = metadata.mode() & 0o777;
        return Err(format!("others may read it (mode {mode:04o}); chmod 0600 it"));
    }
    Ok(())
}

fn certificates(path: &Path, parameter: &str) -> Result<Vec<CertificateDer<'static>>> {
    pem_list(path, parameter)
}

/// Everything of one kind in a PEM file; at least one.
fn pem_list<T: PemObject>(path: &Path, parameter: &str) -> Result<Vec<T>> {
    let list = pem_list_if_any(path, parameter)?;
    if list.is_empty() {
        let problem = "nothing of the kind is in it; expected PEM (-----BEGIN …)";
        return Err(wrong_file(path, parameter, problem));
    }
    Ok(list)
}

/// Everything of one kind in a file, which may hold none.
fn pem_list_if_any<T: PemObject>(path: &Path, parameter: &str) -> Result<Vec<T>> {
    let bytes = std::fs::read(path).map_err(|error| wrong_file(path, parameter, error))?;
    T::pem_slice_iter(&bytes)
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| wrong_file(path, parameter, format!("it is not PEM: {error}")))
}

/// What is wrong with the file or folder that a parameter names.
fn wrong_file(path: &Path, parameter: &str, problem: impl fmt::Display) -> Error {
    Error::usage(format!("{parameter}: {}: {problem}", path.display()))
}

/// The public authorities that this system trusts.
fn system_roots() -> Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(Error::usage(format!(
            "sslrootcert=system: no certificates of public authorities are installed ({}); install the package \
             ca-certificates, or set SSL_CERT_FILE",
            reasons.join("; ")
        )));
    }
    Ok(found.certs)
}
