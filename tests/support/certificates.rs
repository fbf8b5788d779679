//! Certificates made for a test: authorities, and what they sign.

// Each test binary uses its own part of it.
#![allow(dead_code)]

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, RevokedCertParams,
    SerialNumber, SignatureAlgorithm, SigningKey, date_time_ymd,
};

/// A certificate authority.
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
    name: String,
}

/// A certificate and its key, both in PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

/// What a certificate says.
pub struct Wish<'a> {
    /// The subject's common name.
    pub common_name: &'a str,
    /// Names and addresses in the extension.
    pub alternative_names: &'a [&'a str],
    pub is_expired: bool,
    pub serial: u64,
    pub algorithm: &'static SignatureAlgorithm,
}

impl Default for Wish<'_> {
    fn default() -> Self {
        Self {
            common_name: "localhost",
            alternative_names: &["localhost"],
            is_expired: false,
            serial: 1,
            algorithm: &PKCS_ECDSA_P256_SHA256,
        }
    }
}

impl Authority {
    /// A new authority, whose own key has this algorithm.
    pub fn new(name: &str, algorithm: &'static SignatureAlgorithm) -> Self {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, issuer: Issuer::new(params, key), name: name.to_owned() }
    }

    /// The authority's own certificate.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Signs a new key.
    pub fn issue(&self, wish: &Wish<'_>) -> Identity {
        let key = KeyPair::generate_for(wish.algorithm).unwrap();
        let certificate = params(wish).signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// Signs a new key as `openssl x509 -req` does: version 1, a common name and nothing else.
    pub fn issue_version_1(&self, common_name: &str) -> Identity {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        // ecdsa-with-SHA256
        let algorithm = der(0x30, &der(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
        let validity = [der(0x17, b"200101000000Z"), der(0x18, b"20990101000000Z")].concat();
        let parts = [
            der(0x02, &[7]),
            algorithm.clone(),
            distinguished_name(&self.name),
            der(0x30, &validity),
            distinguished_name(common_name),
            key.subject_public_key_info(),
        ];
        let signed = der(0x30, &parts.concat());
        let signature = self.issuer.key().sign(&signed).unwrap();
        let signature = der(0x03, &[&[0][..], &signature].concat());
        let whole = der(0x30, &[signed, algorithm, signature].concat());
        Identity { certificate: pem("CERTIFICATE", &whole), key: key.serialize_pem() }
    }

    /// A list of certificates that are taken back, by their serial numbers.
    pub fn revoke(&self, serials: &[u64]) -> String {
        self.revoke_between(2020, 2099, serials)
    }

    /// Such a list that was made in one year, and is to be replaced in another.
    pub fn revoke_between(&self, made: i32, replaced: i32, serials: &[u64]) -> String {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(made, 1, 1),
            next_update: date_time_ymd(replaced, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

/// A certificate that nobody but itself signs, and which says that it is an authority, as `openssl req -x509` makes it.
pub fn self_signed(wish: &Wish<'_>) -> Identity {
    let key = KeyPair::generate_for(wish.algorithm).unwrap();
    let mut params = params(wish);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Identity { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

fn params(wish: &Wish<'_>) -> CertificateParams {
    let names: Vec<String> = wish.alternative_names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, wish.common_name);
    params.serial_number = Some(SerialNumber::from(wish.serial));
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(if wish.is_expired { 2021 } else { 2099 }, 1, 1);
    params
}

/// A value with its tag and length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut whole = vec![tag];
    match length {
        0..128 => whole.push(length as u8),
        128..256 => whole.extend([0x81, length as u8]),
        _ => whole.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    whole.extend(content);
    whole
}

/// A name of one part, the common name.
fn distinguished_name(common_name: &str) -> Vec<u8> {
    let attribute = [der(0x06, &[0x55, 0x04, 0x03]), der(0x0c, common_name.as_bytes())].concat();
    der(0x30, &der(0x31, &der(0x30, &attribute)))
}

fn pem(label: &str, der: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut lines = String::new();
    for (index, chunk) in der.chunks(3).enumerate() {
        if index % 16 == 0 {
            lines.push('\n');
        }
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            lines.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    format!("-----BEGIN {label}-----{lines}\n-----END {label}-----\n")
}
