//! `read` and `read-bytes`.

use std::fs::File;
use std::io::Read;

use jackfield_sdk::prelude::*;

use crate::error::{Action, FilesError, check_path};

#[cfg(test)]
mod tests;

/// How large a file may be unless the task is told otherwise, in bytes.
const LIMIT_DEFAULT: u64 = 8 << 20;
/// How large a file may be at all, in bytes: what a step's output may be.
const LIMIT_MAX: u64 = 64 << 20;

/// A file of text.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct TextFile {
    /// The path as given.
    pub(crate) path: String,
    /// The content, without a byte order mark.
    pub(crate) text: String,
}

/// A file of bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BytesFile {
    /// The path as given.
    pub(crate) path: String,
    /// The content, in base64.
    pub(crate) bytes: Bytes,
}

/// Reads a file of UTF-8 text.
#[task(
    effect = reads,
    asks(files_read),
    title = "Read a text file",
    example_input = r#"{"path":"data/orders.json"}"#,
    example_output = r#"{"path":"data/orders.json","text":"[]"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn read(
    /// The file.
    path: String,
    /// The most bytes to read; a larger file is the error `too-large`. 8 MiB unless given, 64 MiB at most.
    limit: Option<u64>,
) -> Result<TextFile, FilesError> {
    let content = content(&path, limit)?;
    let text =
        String::from_utf8(content).map_err(|error| FilesError::NotText { path: path.clone(), at: error.utf8_error().valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(TextFile { path, text })
}

/// Reads a file of any bytes.
#[task(
    effect = reads,
    asks(files_read),
    title = "Read a file as bytes",
    example_input = r#"{"path":"data/logo.png"}"#,
    example_output = r#"{"path":"data/logo.png","bytes":"iVBORw=="}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn read_bytes(
    /// The file.
    path: String,
    /// The most bytes to read; a larger file is the error `too-large`. 8 MiB unless given, 64 MiB at most.
    limit: Option<u64>,
) -> Result<BytesFile, FilesError> {
    let bytes = content(&path, limit)?.into();
    Ok(BytesFile { path, bytes })
}

fn content(path: &str, limit: Option<u64>) -> Result<Vec<u8>, FilesError> {
    check_path(path)?;
    let limit = limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
    let failed = |error| Action::Reading.failed(path, &error);
    let file = File::open(path).map_err(failed)?;
    let mut content = Vec::new();
    // The size that the system reports is a hint at most: the file may grow while it is read.
    file.take(limit + 1).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > limit {
        let instead = "read it in parts with a task of your own";
        return Err(FilesError::TooLarge { path: path.to_owned(), limit, most: LIMIT_MAX, unit: "bytes", instead });
    }
    Ok(content)
}
