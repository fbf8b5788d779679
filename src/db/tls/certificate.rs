//! Reading a certificate (X.509, RFC 5280, in DER): as much of it as the TLS library does not tell.

use sha2::{Digest, Sha256, Sha384, Sha512};
use time::{Date, Month, PrimitiveDateTime, Time};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, around the version.
const VERSION: u8 = 0xa0;
/// `[3]`, around the extensions.
const EXTENSIONS: u8 = 0xa3;

/// 2.5.4.3, commonName.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 2.5.29.17, subjectAltName.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The algorithms that sign certificates, by object identifier: 1.2.840.113549.1.1.n (RSA) and 1.2.840.10045.4.n (ECDSA).
const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const ECDSA: [u8; 6] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];

/// The parts of a certificate.
pub(super) struct Certificate<'a> {
    /// 1 to 3. Version 1 has no extensions: `openssl x509 -req` made such ones until OpenSSL 3.4.
    pub(super) version: u8,
    /// What the issuer signed.
    pub(super) signed: &'a [u8],
    /// The algorithm of that signature, without its outer tag.
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    /// Seconds since 1970.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    /// The whole SubjectPublicKeyInfo.
    pub(super) public_key: &'a [u8],
    /// The key's algorithm, without its outer tag.
    pub(super) key_algorithm: &'a [u8],
    pub(super) key: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads `der`; None when that is no certificate.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Reader(Reader(der).expect(SEQUENCE)?.content);
        let signed = outer.expect(SEQUENCE)?;
        let algorithm = outer.expect(SEQUENCE)?.content;
        let signature = outer.bits()?;

        let mut inner = Reader(signed.content);
        let version = match inner.take_if(VERSION) {
            Some(version) => Reader(version.content).expect(INTEGER)?.content.last()?.checked_add(1)?,
            None => 1,
        };
        inner.expect(INTEGER)?; // the serial number
        inner.expect(SEQUENCE)?; // the algorithm once more
        let issuer = inner.expect(SEQUENCE)?.content;
        let mut validity = Reader(inner.expect(SEQUENCE)?.content);
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        let subject = inner.expect(SEQUENCE)?.content;
        let public_key = inner.expect(SEQUENCE)?;
        let mut key = Reader(public_key.content);
        let key_algorithm = key.expect(SEQUENCE)?.content;
        let key = key.bits()?;
        let extensions = match inner.skip_to(EXTENSIONS) {
            Some(extensions) => Reader(extensions.content).expect(SEQUENCE)?.content,
            None => &[],
        };
        Some(Self {
            version,
            signed: signed.whole,
            algorithm,
            signature,
            issuer,
            subject,
            not_before,
            not_after,
            public_key: public_key.whole,
            key_algorithm,
            key,
            extensions,
        })
    }

    /// True when the names it is for stand in an extension.
    pub(super) fn has_alternative_names(&self) -> bool {
        let mut extensions = Reader(self.extensions);
        std::iter::from_fn(|| extensions.expect(SEQUENCE)).any(|extension| {
            Reader(extension.content)
                .expect(OBJECT_IDENTIFIER)
                .is_some_and(|id| id.content == SUBJECT_ALT_NAME)
        })
    }

    /// The subject's (first) common name.
    pub(super) fn common_name(&self) -> Option<&'a str> {
        let mut subject = Reader(self.subject);
        while let Some(set) = subject.expect(SET) {
            let mut attributes = Reader(set.content);
            while let Some(attribute) = attributes.expect(SEQUENCE) {
                let mut attribute = Reader(attribute.content);
                if attribute.expect(OBJECT_IDENTIFIER)?.content == COMMON_NAME {
                    return std::str::from_utf8(attribute.next()?.content).ok();
                }
            }
        }
        None
    }

    /// What ties a login to this certificate (RFC 5929, tls-server-end-point): its hash, by the function that its signature
    /// uses, and SHA-256 in place of the weak ones. None where the signature names no one function, as PostgreSQL has it.
    pub(super) fn channel_binding(&self, der: &[u8]) -> Option<Vec<u8>> {
        let id = Reader(self.algorithm).expect(OBJECT_IDENTIFIER)?.content;
        match (id.strip_prefix(&RSA), id.strip_prefix(&ECDSA)) {
            // MD5, SHA-1 or SHA-256 with RSA; SHA-1 or SHA-256 with ECDSA.
            (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Some(Sha256::digest(der).to_vec()),
            (Some([12]), _) | (_, Some([3, 3])) => Some(Sha384::digest(der).to_vec()),
            (Some([13]), _) | (_, Some([3, 4])) => Some(Sha512::digest(der).to_vec()),
            _ => None,
        }
    }
}

/// When a list of revocations was made, in seconds since 1970; None when it is no list, or one of version 1.
pub(super) fn list_made_at(der: &[u8]) -> Option<i64> {
    let mut outer = Reader(Reader(der).expect(SEQUENCE)?.content);
    let mut inner = Reader(outer.expect(SEQUENCE)?.content);
    inner.expect(INTEGER)?; // the version, which version 1 does not give
    inner.expect(SEQUENCE)?; // the signature's algorithm
    inner.expect(SEQUENCE)?; // the issuer
    inner.time()
}

/// One value: its tag and length with it, and without.
struct Value<'a> {
    tag: u8,
    whole: &'a [u8],
    content: &'a [u8],
}

/// What is left of a list of values.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        // Up to 127 the length itself; from 128 on the number of bytes that hold it.
        let length_bytes = usize::from(first).saturating_sub(128);
        if first == 128 || length_bytes > 4 || tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = rest.split_at_checked(length_bytes)?;
        let length = match length {
            [] => usize::from(first),
            bytes => bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)),
        };
        let (content, after) = rest.split_at_checked(length)?;
        let whole = &self.0[..self.0.len() - after.len()];
        self.0 = after;
        Some(Value { tag, whole, content })
    }

    fn take_if(&mut self, tag: u8) -> Option<Value<'a>> {
        if self.0.first() == Some(&tag) { self.next() } else { None }
    }

    fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag)
    }

    /// The first value with this tag, over the values before it.
    fn skip_to(&mut self, tag: u8) -> Option<Value<'a>> {
        std::iter::from_fn(|| self.next()).find(|value| value.tag == tag)
    }

    /// A string of bits that fills its bytes.
    fn bits(&mut self) -> Option<&'a [u8]> {
        self.expect(BIT_STRING)?.content.strip_prefix(&[0])
    }

    /// Seconds since 1970.
    fn time(&mut self) -> Option<i64> {
        let value = self.next()?;
        let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
        let (year, rest) = match value.tag {
            UTC_TIME => {
                let year: i32 = text.get(..2)?.parse().ok()?;
                (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
            }
            GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?),
            _ => return None,
        };
        let part = |index: usize| rest.get(2 * index..2 * index + 2)?.parse::<u8>().ok();
        let date = Date::from_calendar_date(year, Month::try_from(part(0)?).ok()?, part(1)?).ok()?;
        let time = Time::from_hms(part(2)?, part(3)?, part(4)?).ok()?;
        Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData, date_time_ymd};

    use super::*;

    fn made_up() -> (Vec<u8>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["db.example.com".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::OrganizationName, "House");
        params.distinguished_name.push(DnType::CommonName, "db");
        (params.not_before, params.not_after) = (date_time_ymd(1999, 12, 31), date_time_ymd(2050, 1, 1));
        (params.self_signed(&key).unwrap().der().to_vec(), key)
    }

    #[test]
    fn the_parts_of_a_certificate_are_found() {
        let (der, key) = made_up();
        let read = Certificate::read(&der).unwrap();
        assert_eq!((read.version, read.common_name(), read.has_alternative_names()), (3, Some("db"), true));
        assert_eq!(read.public_key, key.subject_public_key_info());
        assert_eq!(read.key, key.public_key_raw());
        assert_eq!(read.issuer, read.subject);
        // The one as UTCTime, the other as GeneralizedTime.
        assert_eq!((read.not_before, read.not_after), (946_598_400, 2_524_608_000));
        assert_eq!(read.channel_binding(&der).unwrap(), Sha256::digest(&der).to_vec());
    }

    #[test]
    fn what_is_no_certificate_is_not_read() {
        let (der, _) = made_up();
        for length in 0..der.len() {
            assert!(Certificate::read(&der[..length]).is_none(), "{length} bytes");
        }
        // Every byte otherwise: whatever comes out, nothing panics.
        for place in 0..der.len() {
            for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut other = der.clone();
                other[place] = value;
                if let Some(read) = Certificate::read(&other) {
                    let _ = (read.common_name(), read.has_alternative_names(), read.channel_binding(&other));
                }
            }
        }
    }
}
