//! The files that a build brings along: the contract, the SDKs and their templates. They are part of this program, so that what it
//! builds never depends on what else is on the machine.

use std::fs;
use std::path::Path;

use crate::error::BuildError;

/// Files of a folder: paths in it, and texts.
pub(crate) type Folder = &'static [(&'static str, &'static str)];

macro_rules! folder {
    ($root:literal: $($path:literal),+ $(,)?) => { &[$(($path, include_str!(concat!("../../", $root, "/", $path)))),+] };
}

pub(crate) const RUST_TEMPLATE: Folder = folder!("rust/template": ".gitignore", "Cargo.toml", "README.md", "src/lib.rs");

pub(crate) const PYTHON_TEMPLATE: Folder =
    folder!("python/template": ".gitignore", "README.md", "plugin.py", "pyproject.toml", "test_plugin.py");

/// The Python package `jackfield`.
pub(crate) const PYTHON_SDK: Folder = folder!(
    "python/jackfield": "__init__.py", "component.py", "config.py", "context.py", "errors.py", "host.py", "http.py", "log.py",
    "progress.py", "schema.py", "secrets.py", "tasks.py", "testing.py",
);

pub(crate) const JAVASCRIPT_TEMPLATE: Folder =
    folder!("js/template": ".gitignore", "README.md", "package.json", "plugin.js", "plugin.test.js");

pub(crate) const TYPESCRIPT_TEMPLATE: Folder =
    folder!("js/template-ts": ".gitignore", "README.md", "package.json", "plugin.test.ts", "plugin.ts", "tsconfig.json");

/// The package `jackfield` of JavaScript and TypeScript.
pub(crate) const JAVASCRIPT_SDK: Folder = folder!(
    "js/jackfield": "component.js", "config.d.ts", "config.js", "context.d.ts", "context.js", "errors.d.ts", "errors.js", "host/clock.js",
    "host/config.js", "host/context.js", "host/log.js", "host/progress.js", "host/secrets.js", "host/send.js", "http-errors.js", "http.d.ts",
    "http.js", "index.d.ts", "index.js", "json.js", "log.d.ts", "log.js", "native/clock.js", "native/config.js", "native/context.js",
    "native/current.js", "native/log.js", "native/progress.js", "native/secrets.js", "native/send.js", "package.json", "progress.d.ts",
    "progress.js", "said.js", "secrets.d.ts", "secrets.js", "tasks.js", "testing.d.ts", "testing.js", "text.js", "time.d.ts", "time.js",
    "types.d.ts", "types.js",
);

pub(crate) const C_TEMPLATE: Folder = folder!("c/template": ".gitignore", "Makefile", "README.md", "plugin.c", "test.c");

pub(crate) const CPP_TEMPLATE: Folder = folder!("c/template-cpp": ".gitignore", "Makefile", "README.md", "plugin.cpp", "test.cpp");

/// The header and the sources of the SDK for C, and for what is linked with C.
pub(crate) const C_SDK: Folder = folder!(
    "c/jackfield": "bindings/plugin.c", "bindings/plugin.h", "host.c", "http.c", "internal.h", "jackfield.h", "json.c", "native.c", "tasks.c",
    "types.c",
);

/// What the Python build asks a plugin's source.
pub(crate) const PYTHON_LOOK: &str = include_str!("../../python/build/look.py");

/// The contract, and the WASI interfaces that SDKs use.
pub(crate) const WIT: Folder = &[
    ("task.wit", include_str!("../../../wit/task-0.1.0/task.wit")),
    ("clocks.wit", include_str!("../../rust/wit/deps/clocks.wit")),
    ("config.wit", include_str!("../../rust/wit/deps/config.wit")),
    ("http.wit", include_str!("../../rust/wit/deps/http.wit")),
    ("io.wit", include_str!("../../rust/wit/deps/io.wit")),
];

/// Writes the files of a folder below `dir`.
pub(crate) fn write(folder: Folder, dir: &Path) -> Result<(), BuildError> {
    folder.iter().try_for_each(|(path, text)| write_one(&dir.join(path), text))
}

/// Writes one file, and the folders it lies in.
pub(crate) fn write_one(path: &Path, text: &str) -> Result<(), BuildError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(BuildError::file("cannot make", parent))?;
    }
    fs::write(path, text).map_err(BuildError::file("cannot write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of what lies directly below a place in a folder.
    fn names(folder: Folder, place: &str) -> Vec<&'static str> {
        folder.iter().filter_map(|(path, _)| path.strip_prefix(place)?.split('/').next()).collect()
    }

    /// A file that is beside the others and not in the list would be missing from every plugin.
    #[test]
    fn nothing_is_forgotten() {
        for (root, files) in [
            ("c/jackfield", names(C_SDK, "")),
            ("c/template", names(C_TEMPLATE, "")),
            ("c/template-cpp", names(CPP_TEMPLATE, "")),
            ("js/jackfield", names(JAVASCRIPT_SDK, "")),
            ("js/jackfield/host", names(JAVASCRIPT_SDK, "host/")),
            ("js/jackfield/native", names(JAVASCRIPT_SDK, "native/")),
            ("js/template", names(JAVASCRIPT_TEMPLATE, "")),
            ("js/template-ts", names(TYPESCRIPT_TEMPLATE, "")),
            ("python/jackfield", names(PYTHON_SDK, "")),
            ("python/template", names(PYTHON_TEMPLATE, "")),
            ("rust/template", names(RUST_TEMPLATE, "")),
        ] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root);
            for entry in fs::read_dir(root).unwrap().map(|entry| entry.unwrap()) {
                let name = entry.file_name().into_string().unwrap();
                assert!(
                    files.contains(&name.as_str()) || ["__pycache__", "node_modules"].contains(&name.as_str()),
                    "{name} is not embedded"
                );
            }
        }
    }
}
