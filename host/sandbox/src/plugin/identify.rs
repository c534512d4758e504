//! What a file is when it is not a component.

use wasmtime::{Engine, Precompiled};

/// What a file is instead of a component. Code `install.not-a-component`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAComponent {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It ends too early.
    #[error("the file is cut off after {0} bytes")]
    Truncated(usize),
    /// A core module.
    #[error("it is a core WebAssembly module; make it a component with `jackfield plugin build`, or `wasm-tools component new`")]
    CoreModule,
    /// An encoding of another time.
    #[error("it is WebAssembly of the unknown encoding {0:#010x}; build it with newer tools")]
    UnknownEncoding(u32),
    /// WebAssembly as text.
    #[error("it is WebAssembly text (.wat); turn it into a component with `wasm-tools parse`")]
    Text,
    /// Machine code from wasmtime. It is never loaded, because it runs with all rights of this program.
    #[error("it is compiled machine code (.cwasm), which is never loaded; give the component it was compiled from")]
    Precompiled,
    /// Another kind of file.
    #[error("it is {0}")]
    Other(&'static str),
    /// Nothing that is known.
    #[error("it begins with the bytes {0}, which is no format known here")]
    Unknown(String),
}

/// Beginnings of files that people mistake for components.
const MAGIC: [(&[u8], &str); 14] = [
    (b"\x7fELF", "a native Linux program or library (ELF)"),
    (b"MZ", "a native Windows program (PE)"),
    (b"\xcf\xfa\xed\xfe", "a native macOS program (Mach-O)"),
    (b"\xca\xfe\xba\xbe", "a native macOS program (Mach-O) or a Java class"),
    (b"PK\x03\x04", "a zip archive; unpack it and give the .wasm file inside"),
    (b"\x1f\x8b", "compressed by gzip; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd; decompress it first"),
    (b"BZh", "compressed by bzip2; decompress it first"),
    (b"\xfd7zXZ", "compressed by xz; decompress it first"),
    (b"BC\xc0\xde", "LLVM bitcode; link it into a component"),
    (b"!<arch>", "a static library; link it into a component"),
    (b"#!", "a script; build a component from it with `jackfield plugin build`"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
];

/// First words of source files, after comments, with what they tell.
const SOURCES: [(&str, &str); 22] = [
    ("def ", "Python source"),
    ("class ", "Python or JavaScript source"),
    ("from ", "Python source"),
    ("async def ", "Python source"),
    ("@", "Python or TypeScript source"),
    ("import ", "Python, JavaScript or TypeScript source"),
    ("export ", "JavaScript or TypeScript source"),
    ("const ", "JavaScript or TypeScript source"),
    ("let ", "JavaScript or TypeScript source"),
    ("var ", "JavaScript source"),
    ("function ", "JavaScript source"),
    ("async function ", "JavaScript source"),
    ("'use strict'", "JavaScript source"),
    ("\"use strict\"", "JavaScript source"),
    ("use ", "Rust source"),
    ("fn ", "Rust source"),
    ("pub ", "Rust source"),
    ("mod ", "Rust source"),
    ("#include", "C or C++ source"),
    ("workflow:", "a workflow file; give it to `jackfield check` or `jackfield run`"),
    ("<", "an HTML or XML page, perhaps an error page of the server it came from"),
    ("{", "JSON"),
];

/// How much of a text is looked at.
const LOOKED_AT: usize = 4096;

/// Answers nothing for what looks like a component.
///
/// # Errors
/// With what it is instead.
pub(super) fn identify(bytes: &[u8]) -> Result<(), NotAComponent> {
    if bytes.is_empty() {
        return Err(NotAComponent::Empty);
    }
    if let Some(rest) = bytes.strip_prefix(b"\0asm") {
        return wasm(rest, bytes.len());
    }
    if b"\0asm".starts_with(bytes) {
        return Err(NotAComponent::Truncated(bytes.len()));
    }
    if let Some(Precompiled::Module | Precompiled::Component) = Engine::detect_precompiled(bytes) {
        return Err(NotAComponent::Precompiled);
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(NotAComponent::Other(what));
    }
    Err(text(bytes).unwrap_or_else(|| NotAComponent::Unknown(format!("{:02x?}", &bytes[..bytes.len().min(8)]))))
}

fn wasm(after_magic: &[u8], length: usize) -> Result<(), NotAComponent> {
    let Some(version) = after_magic.first_chunk::<4>() else { return Err(NotAComponent::Truncated(length)) };
    match u32::from_le_bytes(*version) {
        0x0001_000d => Ok(()),
        1 => Err(NotAComponent::CoreModule),
        other => Err(NotAComponent::UnknownEncoding(other)),
    }
}

fn text(bytes: &[u8]) -> Option<NotAComponent> {
    let beginning = &bytes[..bytes.len().min(LOOKED_AT)];
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        // A character may be cut in two at the end.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&beginning[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    if text.contains('\0') {
        return None;
    }
    let code = after_comments(text.trim_start_matches('\u{feff}'));
    if code.starts_with("(component") || code.starts_with("(module") || code.starts_with("(;") {
        return Some(NotAComponent::Text);
    }
    let what = SOURCES.iter().find(|(word, _)| code.starts_with(word)).map_or("text, not WebAssembly", |(_, what)| what);
    Some(NotAComponent::Other(what))
}

/// The text from its first line on that is no comment in any of these languages.
fn after_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let comment_end = match text {
            _ if text.starts_with("/*") => text.find("*/").map(|at| at + 2),
            _ if text.starts_with("\"\"\"") => text[3..].find("\"\"\"").map(|at| at + 6),
            _ if text.starts_with("//") || text.starts_with(";;") || (text.starts_with('#') && !text.starts_with("#include")) => {
                text.find('\n')
            }
            _ => return text,
        };
        let Some(end) = comment_end else { return text };
        text = &text[end..];
    }
}

#[cfg(test)]
mod tests;
