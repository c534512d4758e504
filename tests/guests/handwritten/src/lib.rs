//! Components assembled from text.
//!
//! [`noop`] is the fastest plugin there can be; the benchmarks measure the engine with it. [`hostile`] lists plugins that
//! no toolchain would make: they lie about themselves, break the canonical ABI or ask for too much. [`not_components`] lists
//! files that are no plugin at all.

mod hostile;
mod module;

pub use hostile::{Expected, Hostile, hostile};

/// The component around a core module.
const SHIM: &str = include_str!("../shim.wat");

/// The task `inc`: `{"v": n}` → `{"v": n+1}`. Without imports, 64 KiB of memory.
///
/// # Panics
/// Never: its text is part of this library.
pub fn noop() -> Vec<u8> {
    component(include_str!("../noop.wat"))
}

/// A component whose tasks are those of a core module's text, `(core module $module …)`; `shim.wat` says what the module exports.
///
/// # Panics
/// When the text is not a module, with the place of the error.
pub fn component(module: &str) -> Vec<u8> {
    assemble(&SHIM.replace(";; CORE", module))
}

/// Files that are no component, each with its name (CASES row H26).
pub fn not_components() -> Vec<(&'static str, Vec<u8>)> {
    let whole = noop();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x80;
    let mut other_version = whole.clone();
    other_version[4] = 0x7f;
    vec![
        ("empty", Vec::new()),
        ("magic only", whole[..4].to_vec()),
        ("truncated", whole[..whole.len() / 2].to_vec()),
        ("bit flipped", flipped),
        ("other version", other_version),
        ("core module", assemble("(module)")),
        ("text", SHIM.as_bytes().to_vec()),
        ("elf", [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 57]].concat()),
        ("zip", [b"PK\x03\x04".as_slice(), &[0; 60]].concat()),
        ("precompiled", [b"\x7fELF\x02\x01\x01\xc8".as_slice(), &[0; 24], b"wasmtime".as_slice(), &[0; 32]].concat()),
        ("noise", (0_u8..=255).map(|n| n.wrapping_mul(167)).collect()),
    ]
}

/// A component that imports what nobody offers (`check` must name it).
pub fn unknown_import() -> Vec<u8> {
    let import = r#"(component (import "acme:door/open@1.0.0" (instance (export "open" (func)))) "#;
    let shim = SHIM.replace(";; CORE", include_str!("../noop.wat"));
    assemble(&shim.replacen("(component\n", &format!("{import}\n"), 1))
}

fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("a guest's text does not assemble: {error}"))
}

#[cfg(test)]
mod tests {
    use wasmparser::{Validator, WasmFeatures};

    use super::*;

    fn is_valid(bytes: &[u8]) -> Result<(), String> {
        Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn noop_is_a_small_valid_component() {
        let bytes = noop();
        assert_eq!(is_valid(&bytes), Ok(()));
        assert!(bytes.len() < 2_000, "{}", bytes.len());
    }

    #[test]
    fn every_hostile_guest_is_valid_wasm_with_a_name_of_its_own() {
        let all = hostile();
        for guest in &all {
            assert_eq!(is_valid(&guest.bytes), Ok(()), "{}", guest.name);
            assert_eq!(all.iter().filter(|other| other.name == guest.name).count(), 1, "{}", guest.name);
        }
    }

    #[test]
    fn what_is_no_component_does_not_validate_as_one() {
        for (name, bytes) in not_components().iter().filter(|(name, _)| *name != "core module") {
            assert!(!bytes.starts_with(b"\0asm\x0d\0\x01\0") || is_valid(bytes).is_err(), "{name}");
        }
        assert_eq!(is_valid(&unknown_import()), Ok(()));
    }
}
