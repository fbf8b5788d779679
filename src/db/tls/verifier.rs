//! Whom we talk to: the check of the server's certificate.
//!
//! rustls' own check (webpki) knows only certificates of version 3 with alternative names, of which none is both the server's and an
//! authority's. Servers of a house often have others, made by the few openssl commands in PostgreSQL's documentation, and libpq takes
//! them. So two simple cases are checked here: a certificate that is itself in the file of trusted ones, and one of version 1 that an
//! authority in this file has signed. Everything else is webpki's.

use std::sync::Arc;

use rustls::CertificateError::{
    BadSignature, Expired, NotValidForName, NotValidForNameContext, NotValidYet, UnknownIssuer,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, ServerName, SignatureVerificationAlgorithm,
    SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, RootCertStore, SignatureScheme,
};

use super::certificate::Certificate;

/// The check of a server's certificate.
#[derive(Debug)]
pub(super) struct Verifier {
    algorithms: WebPkiSupportedAlgorithms,
    /// None: whoever answers is accepted, and the session is merely encrypted.
    authority: Option<Authority>,
}

/// Whom we trust.
#[derive(Debug)]
struct Authority {
    roots: Vec<CertificateDer<'static>>,
    webpki: Arc<WebPkiServerVerifier>,
    has_revocations: bool,
    /// Whether the certificate has to be for this host.
    checks_name: bool,
}

impl Verifier {
    /// Accepts every certificate whose key the server has.
    pub(super) fn accepting_anybody(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms, authority: None }
    }

    /// Accepts what `roots` vouch for and `revocations` do not take back.
    ///
    /// # Errors
    /// None of the roots can be used, or a list of revocations cannot.
    pub(super) fn new(
        provider: &Arc<CryptoProvider>,
        roots: Vec<CertificateDer<'static>>,
        revocations: Vec<CertificateRevocationListDer<'static>>,
        checks_name: bool,
    ) -> Result<Self, VerifierBuilderError> {
        let mut store = RootCertStore::empty();
        // A system's collection may hold some that cannot be used; they vouch for nobody.
        store.add_parsable_certificates(roots.iter().cloned());
        let has_revocations = !revocations.is_empty();
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
            .with_crls(revocations)
            // An old list does not tell what was taken back since.
            .enforce_revocation_expiration()
            .build()?;
        let authority = Authority { roots, webpki, has_revocations, checks_name };
        Ok(Self { algorithms: provider.signature_verification_algorithms, authority: Some(authority) })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        let certificate = Certificate::read(end_entity).ok_or(CertificateError::BadEncoding)?;
        let is_trusted_itself = authority.roots.iter().any(|root| root == end_entity);
        if (is_trusted_itself || certificate.version == 1) && !authority.has_revocations {
            if !is_trusted_itself {
                check_signed_by_root(&certificate, &authority.roots, self.algorithms.all, now)?;
            }
            check_validity(&certificate, now)?;
            if authority.checks_name {
                check_name(end_entity, &certificate, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let checked =
            authority.webpki.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match checked {
            // The name is checked last: all else is right.
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                if authority.checks_name {
                    check_name(end_entity, &certificate, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match Certificate::read(certificate) {
            Some(parts) if parts.version == 1 => {
                let algorithms = self.algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
                let (_, algorithms) =
                    algorithms.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
                check_signature(&parts, algorithms, None, message, signed.signature())?;
                Ok(HandshakeSignatureValid::assertion())
            }
            _ => verify_tls12_signature(message, certificate, signed, &self.algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match Certificate::read(certificate) {
            Some(parts) if parts.version == 1 => {
                let key = SubjectPublicKeyInfoDer::from(parts.public_key);
                verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms)
            }
            _ => verify_tls13_signature(message, certificate, signed, &self.algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Checks that one of the roots, itself valid today, has signed the certificate.
fn check_signed_by_root(
    certificate: &Certificate<'_>,
    roots: &[CertificateDer<'_>],
    algorithms: &[&'static dyn SignatureVerificationAlgorithm],
    now: UnixTime,
) -> Result<(), Error> {
    let issuers = roots.iter().filter_map(|root| Certificate::read(root));
    let mut outcome = Err(UnknownIssuer.into());
    for issuer in issuers.filter(|root| root.subject == certificate.issuer) {
        let (algorithm, signature) = (certificate.algorithm, certificate.signature);
        outcome = check_signature(&issuer, algorithms, Some(algorithm), certificate.signed, signature)
            .and_then(|()| check_validity(&issuer, now));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Checks a signature by the key of `owner`, made by one of `algorithms`, and by `wanted` among them when that is given.
fn check_signature(
    owner: &Certificate<'_>,
    algorithms: &[&'static dyn SignatureVerificationAlgorithm],
    wanted: Option<&[u8]>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    let is_right = algorithms.iter().any(|algorithm| {
        wanted.is_none_or(|wanted| algorithm.signature_alg_id().as_ref() == wanted)
            && algorithm.public_key_alg_id().as_ref() == owner.key_algorithm
            && algorithm.verify_signature(owner.key, message, signature).is_ok()
    });
    if is_right { Ok(()) } else { Err(BadSignature.into()) }
}

fn check_validity(certificate: &Certificate<'_>, now: UnixTime) -> Result<(), Error> {
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if seconds < certificate.not_before {
        return Err(NotValidYet.into());
    }
    if seconds > certificate.not_after {
        return Err(Expired.into());
    }
    Ok(())
}

/// Checks that the certificate is for this host: by its alternative names, else, as libpq does, by its common name.
fn check_name(
    der: &CertificateDer<'_>,
    certificate: &Certificate<'_>,
    server_name: &ServerName<'_>,
) -> Result<(), Error> {
    if certificate.has_alternative_names() {
        return rustls::client::verify_server_name(&ParsedCertificate::try_from(der)?, server_name);
    }
    let host = server_name.to_str();
    let is_address = matches!(server_name, ServerName::IpAddress(_));
    if certificate.common_name().is_some_and(|pattern| name_fits(pattern, &host, is_address)) {
        return Ok(());
    }
    Err(NotValidForName.into())
}

/// True when `pattern` is the host's name, or `*.` and all but the first part of it.
fn name_fits(pattern: &str, host: &str, is_address: bool) -> bool {
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(suffix), Some((first, rest))) = (pattern.strip_prefix("*."), host.split_once('.')) else {
        return false;
    };
    !is_address && !first.is_empty() && suffix.contains('.') && suffix.eq_ignore_ascii_case(rest)
}

#[cfg(test)]
#[path = "../../../tests/support/certificates.rs"]
mod certificates;

#[cfg(test)]
mod tests {
    use rcgen::PKCS_ECDSA_P256_SHA256;
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject;
    use rustls::sign::{CertifiedKey, SingleCertAndKey};
    use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, SupportedProtocolVersion};

    use super::certificates::{Authority as TestAuthority, Identity, Wish};
    use super::*;

    /// Shakes hands with a server that shows `shown` and signs with the key of `held`.
    fn shake_hands(
        verifier: Verifier,
        shown: &Identity,
        held: &Identity,
        version: &'static SupportedProtocolVersion,
    ) -> Result<(), Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[version])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let chain = vec![CertificateDer::from_pem_slice(shown.certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(held.key.as_bytes()).unwrap();
        let key = CertifiedKey::new(chain, provider.key_provider.load_private_key(key)?);
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name)?;
        let mut server = ServerConnection::new(Arc::new(server))?;
        while client.is_handshaking() {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).unwrap();
            server.read_tls(&mut bytes.as_slice()).unwrap();
            server.process_new_packets()?;
            let mut bytes = Vec::new();
            server.write_tls(&mut bytes).unwrap();
            client.read_tls(&mut bytes.as_slice()).unwrap();
            client.process_new_packets()?;
        }
        Ok(())
    }

    /// One that accepts anybody, and one that trusts the authority.
    fn verifiers(authority: &TestAuthority) -> [Verifier; 2] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = vec![CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()];
        let anybody = Verifier::accepting_anybody(provider.signature_verification_algorithms);
        [anybody, Verifier::new(&provider, roots, Vec::new(), true).unwrap()]
    }

    #[test]
    fn a_certificate_without_its_key_is_refused_whatever_is_checked() {
        let authority = TestAuthority::new("Good", &PKCS_ECDSA_P256_SHA256);
        let other = authority.issue(&Wish::default());
        for shown in [authority.issue(&Wish::default()), authority.issue_version_1("localhost")] {
            for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
                for verifier in verifiers(&authority) {
                    shake_hands(verifier, &shown, &shown, version).unwrap();
                }
                for verifier in verifiers(&authority) {
                    let refused = shake_hands(verifier, &shown, &other, version).unwrap_err();
                    assert_eq!(refused, Error::InvalidCertificate(BadSignature));
                }
            }
        }
    }

    #[test]
    fn a_star_stands_for_one_part_of_a_name() {
        for (pattern, host, fits) in [
            ("db.example.com", "DB.example.com", true),
            ("*.example.com", "db.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.com", "example.com", false),
            ("*", "db", false),
            ("", "", true),
        ] {
            assert_eq!(name_fits(pattern, host, false), fits, "{pattern} {host}");
        }
        assert!(!name_fits("*.0.0.1", "127.0.0.1", true));
        assert!(name_fits("127.0.0.1", "127.0.0.1", true));
    }
}
