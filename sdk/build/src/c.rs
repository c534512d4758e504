//! C and C++: `zig cc`, which is clang with a C library for WASI, from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, BUILD_LIMIT};
use crate::compile::{BuildOptions, Built, copy};
use crate::component;
use crate::embedded;
use crate::error::BuildError;
use crate::machine::Machine;
use crate::python;
use crate::scratch::Scratch;
use crate::step::Step;
use crate::world;

/// The compiler, in the version that plugins are built with: the same for everybody.
const ZIG: &str = "ziglang==0.15.2";

/// What a plugin's own files are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    C,
    Cpp,
}

impl Source {
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::C => &["c"],
            Self::Cpp => &["cpp", "cc", "cxx"],
        }
    }
}

/// Builds the plugin in `dir`, of its own sources and those of the SDK.
pub(crate) fn build(
    machine: &Machine,
    dir: &Path,
    source: Source,
    options: &BuildOptions,
    tell: &mut dyn FnMut(Step),
) -> Result<Built, BuildError> {
    let python = python::interpreter(machine)?;
    let environment = python::environment(machine, &python, ZIG, options.network, tell)?;
    let scratch = Scratch::new(machine.cache()?)?;
    let own = dir.join("jackfield");
    let sdk = if own.join("jackfield.h").is_file() { own } else { scratch.path().join("jackfield") };
    if sdk.starts_with(scratch.path()) {
        embedded::write(embedded::C_SDK, &sdk)?;
    }
    let zig = |compiler: &str| {
        let mut command = machine.command(environment.join("bin/python"));
        command.args(["-m", "ziglang", compiler, "-target", "wasm32-wasi", "-Os"]).arg("-I").arg(&sdk);
        command.env("ZIG_GLOBAL_CACHE_DIR", machine.cache.as_deref().unwrap_or(scratch.path()).join("zig"));
        command
    };

    let objects = scratch.path().join("objects");
    fs::create_dir_all(&objects).map_err(BuildError::file("cannot make", &objects))?;
    // One call each: of several files it would keep one object.
    for file in [sources(&sdk, &["c"])?, sources(&sdk.join("bindings"), &["c"])?].concat() {
        let object = file.file_name().map(|name| objects.join(name).with_extension("o")).unwrap_or_default();
        let mut command = zig("cc");
        command::run(command.args(["-c", "-std=gnu17"]).arg(&file).arg("-o").arg(object), BUILD_LIMIT, tell)?;
    }

    let module = scratch.path().join("module.wasm");
    let mut command = zig(if source == Source::C { "cc" } else { "c++" });
    flags(&mut command, source);
    command.current_dir(dir).args(sources(dir, source.endings())?).args(files(&objects, &["o"])?);
    command::run(command.arg("-o").arg(&module), BUILD_LIMIT, tell)?;

    let wit = scratch.path().join("wit");
    world::write(&wit, &world::needed(|module| module != "clock"))?;
    let bytes = fs::read(&module).map_err(BuildError::file("cannot read", &module))?;
    let file = scratch.path().join("plugin.wasm");
    fs::write(&file, component::from_module(bytes, &wit)?).map_err(BuildError::file("cannot write", &file))?;
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    copy(name, &file, options.output_dir.as_deref().unwrap_or(dir))
}

fn flags(command: &mut Command, source: Source) {
    // No symbols of the debugger; names of functions stay for backtraces.
    command.args(["-mexec-model=reactor", "-Wall", "-Wextra", "-g0"]);
    match source {
        Source::C => command.arg("-std=gnu17"),
        Source::Cpp => command.args(["-std=gnu++20", "-fno-exceptions", "-Wno-missing-field-initializers"]),
    };
}

/// The files of a folder to compile: all but the tests.
fn sources(dir: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, BuildError> {
    let is_test = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test"));
    Ok(files(dir, endings)?.into_iter().filter(|path| !is_test(path)).collect())
}

fn files(dir: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, BuildError> {
    let entries = fs::read_dir(dir).map_err(BuildError::file("cannot read", dir))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut found = paths.collect::<Result<Vec<_>, _>>().map_err(BuildError::file("cannot read", dir))?;
    found.retain(|path| path.is_file() && path.extension().is_some_and(|end| endings.iter().any(|known| end == *known)));
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_no_part_of_the_plugin() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["plugin.c", "more.c", "test.c", "test_more.c", "x.h", "plugin.cpp"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let names = |endings: &[&str]| {
            let names = sources(dir.path(), endings).unwrap();
            names.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(Source::C.endings()), ["more.c", "plugin.c"]);
        assert_eq!(names(Source::Cpp.endings()), ["plugin.cpp"]);
    }
}
