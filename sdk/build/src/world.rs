//! The WIT world of one plugin: it exports its tasks, and imports what it uses, no more.

use std::fmt::Write as _;
use std::path::Path;

use crate::embedded;
use crate::error::BuildError;

/// The world's name.
pub(crate) const WORLD: &str = "plugin";

/// What an SDK's module needs of the host.
pub(crate) struct Needs {
    /// The module.
    pub(crate) module: &'static str,
    /// The interface.
    pub(crate) interface: &'static str,
}

/// Modules have the same names in all SDKs.
pub(crate) const NEEDS: [Needs; 6] = [
    Needs { module: "config", interface: "wasi:config/store@0.2.0-rc.1" },
    Needs { module: "context", interface: "jackfield:task/context@0.1.0" },
    Needs { module: "http", interface: "wasi:http/outgoing-handler@0.2.12" },
    Needs { module: "log", interface: "jackfield:task/log@0.1.0" },
    Needs { module: "progress", interface: "jackfield:task/progress@0.1.0" },
    Needs { module: "secrets", interface: "jackfield:task/secrets@0.1.0" },
];

/// The interfaces that the modules of a plugin need.
pub(crate) fn needed(uses: impl Fn(&str) -> bool) -> Vec<&'static str> {
    NEEDS.iter().filter(|needs| uses(needs.module)).map(|needs| needs.interface).collect()
}

/// Writes the world of a plugin that imports these interfaces, with the packages it refers to, as the folder `dir`.
pub(crate) fn write(dir: &Path, imports: &[&str]) -> Result<(), BuildError> {
    let mut text = format!("package jackfield:plugin;\n\nworld {WORLD} {{\n");
    for interface in imports {
        let _ = writeln!(text, "    import {interface};");
    }
    text.push_str("    export jackfield:task/tasks@0.1.0;\n}\n");
    embedded::write_one(&dir.join("plugin.wit"), &text)?;
    embedded::write(embedded::WIT, &dir.join("deps"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_world_imports_what_is_used() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &needed(|module| module == "http")).unwrap();
        let text = fs::read_to_string(dir.path().join("plugin.wit")).unwrap();
        assert_eq!(text.matches("import").count(), 1, "{text}");
        assert!(text.contains("import wasi:http/outgoing-handler@0.2.12;\n    export jackfield:task/tasks@0.1.0;"), "{text}");
        assert!(dir.path().join("deps/task.wit").is_file());
    }
}
