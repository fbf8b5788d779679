//! The end of a file of any size, such as a log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The last `limit` bytes of the file, or all of a shorter one. The first line may be cut.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(limit as u64)))?;
    let mut bytes = Vec::new();
    file.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last `count` lines of the last `limit` bytes, without empty ones; what is no UTF-8 is replaced.
///
/// # Errors
/// The file cannot be read.
pub fn lines(path: &Path, limit: usize, count: usize) -> std::io::Result<Vec<String>> {
    let bytes = read(path, limit)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if bytes.len() == limit && lines.len() > 1 {
        lines.remove(0); // cut somewhere in its middle
    }
    Ok(lines.split_off(lines.len().saturating_sub(count)).into_iter().map(str::to_owned).collect())
}
