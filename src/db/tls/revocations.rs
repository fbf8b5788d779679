//! Lists of certificates that their authorities took back (CRL): a file of them, a folder of such files, or both.

use std::cmp::Reverse;
use std::path::Path;

use rustls::pki_types::CertificateRevocationListDer;

use super::certificate::list_made_at;
use super::{pem_list, pem_list_if_any, wrong_file};
use crate::error::{Error, Result};

type List = CertificateRevocationListDer<'static>;

/// Reads all lists, the newest first: of several of one authority, the check takes the first. OpenSSL finds the files of a
/// folder by a hash in their names (`openssl rehash`); here their names do not matter, and a file without a list is passed over.
///
/// # Errors
/// Usage: a file cannot be read, has a list that cannot be used, or there is no list where one is promised.
pub(super) fn read(file: Option<&Path>, folder: Option<&Path>) -> Result<Vec<List>> {
    let mut dated = Vec::new();
    if let Some(path) = file {
        let lists = pem_list(path, "sslcrl")?;
        add(&mut dated, lists, |problem| wrong_file(path, "sslcrl", problem))?;
    }
    if let Some(folder) = folder {
        add_folder(&mut dated, folder)?;
    }
    dated.sort_by_key(|(made_at, _)| Reverse(*made_at));
    Ok(dated.into_iter().map(|(_, list)| list).collect())
}

fn add_folder(dated: &mut Vec<(i64, List)>, folder: &Path) -> Result<()> {
    const PARAMETER: &str = "sslcrldir";
    let wrong = |error: std::io::Error| wrong_file(folder, PARAMETER, error);
    let before = dated.len();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        // A link that leads nowhere is an error: what it led to may have been a list.
        let metadata = std::fs::metadata(&path).map_err(|error| wrong_file(&path, PARAMETER, error))?;
        if metadata.is_file() {
            let lists = pem_list_if_any(&path, PARAMETER)?;
            add(dated, lists, |problem| wrong_file(&path, PARAMETER, problem))?;
        }
    }
    if dated.len() == before {
        return Err(wrong_file(folder, PARAMETER, "no file in it holds a revocation list in PEM"));
    }
    Ok(())
}

/// Adds the lists of one file, each with the time when it was made.
fn add(dated: &mut Vec<(i64, List)>, lists: Vec<List>, wrong: impl Fn(&str) -> Error) -> Result<()> {
    for list in lists {
        let made_at = list_made_at(&list).ok_or_else(|| {
            wrong(
                "a revocation list in it is of version 1, or damaged; expected version 2 (openssl ca -gencrl makes it \
                 when its configuration has crlnumber and crl_extensions)",
            )
        })?;
        dated.push((made_at, list));
    }
    Ok(())
}
