//! Gives imports of a component other names of the same length.

use wasmparser::{Parser, Payload};

use crate::error::BuildError;

/// Replaces the beginning and the end of the names of imports: of the component's own, not of what is inside it.
pub(crate) fn imports(component: &mut [u8], from: (&str, &str), to: (&str, &str)) -> Result<(), BuildError> {
    assert!(from.0.len() == to.0.len() && from.1.len() == to.1.len(), "nothing in the component moves");
    let mut sections = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| BuildError::Unreadable { command: "componentize".to_owned(), reason: error.to_string() })? {
            Payload::ComponentSection { .. } | Payload::ModuleSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => sections.push(section.range()),
            _ => {}
        }
    }
    for section in sections {
        rename(&mut component[section.clone()], from, to);
    }
    Ok(())
}

fn rename(bytes: &mut [u8], from: (&str, &str), to: (&str, &str)) {
    let (start, end) = (from.0.as_bytes(), from.1.as_bytes());
    let mut at = 0;
    while let Some(found) = position(&bytes[at..], start) {
        let begin = at + found;
        // A name is one word: what is between its two parts is its interface.
        let word = bytes[begin..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || b":/@.-".contains(byte)).count();
        if let Some(tail) = position(&bytes[begin..begin + word], end) {
            bytes[begin..begin + start.len()].copy_from_slice(to.0.as_bytes());
            bytes[begin + tail..begin + tail + end.len()].copy_from_slice(to.1.as_bytes());
        }
        at = begin + start.len();
    }
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_renamed_and_others_stay() {
        let mut bytes = b"\0\x16wasi:ix/streams@0.2.12\x05 wasi:ix/poll@0.2.9 wasi:io/poll@0.2.12 x:wasi:ix".to_vec();
        rename(&mut bytes, ("wasi:ix/", "@0.2.12"), ("wasi:io/", "@0.2.10"));
        assert_eq!(bytes, b"\0\x16wasi:io/streams@0.2.10\x05 wasi:ix/poll@0.2.9 wasi:io/poll@0.2.12 x:wasi:ix");
    }

    #[test]
    fn what_is_no_component_is_refused() {
        assert!(imports(&mut b"no".to_vec(), ("a", "b"), ("c", "d")).is_err());
    }
}
