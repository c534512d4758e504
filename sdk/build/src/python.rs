//! Python: `componentize-py`, which brings CPython as WebAssembly.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::command::{self, BUILD_LIMIT, ask, words};
use crate::compile::{BuildOptions, Built, Network, copy};
use crate::embedded;
use crate::error::BuildError;
use crate::machine::Machine;
use crate::scratch::{Scratch, once};
use crate::step::Step;
use crate::world;

/// The version that plugins are built with: the same for everybody, so that the same source becomes the same component.
const COMPONENTIZE_PY: &str = "componentize-py==0.25.0";
/// The version of Python inside the component, for which dependencies are chosen.
const PYTHON_INSIDE: &str = "3.14";
/// Whether this Python can build: new enough, and able to make an environment of its own.
const PROBE: &str = "import sys, importlib.util as u; \
print(*sys.version_info[:2], u.find_spec('venv') is not None and u.find_spec('ensurepip') is not None)";
/// The Python that is the oldest to have what the build uses.
const PYTHON_MIN: (u32, u32) = (3, 11);
const ADVICE: &str = "install Python 3.11 or newer: `apt-get install python3 python3-venv` on Debian and Ubuntu, \
`dnf install python3` on Fedora, `brew install python` on macOS, or https://www.python.org/downloads";

/// The module that the component is made of.
const APP: &str = "import plugin\nfrom jackfield.component import Tasks\n";
const APP_MODULE: &str = "jackfield_app";

/// The interfaces that the SDK calls, and its names for them.
const NAMES: [(&str, &str); 9] = [
    ("jackfield:task/types@0.1.0", "jf_types"),
    ("jackfield:task/context@0.1.0", "jf_context"),
    ("jackfield:task/log@0.1.0", "jf_log"),
    ("jackfield:task/progress@0.1.0", "jf_progress"),
    ("jackfield:task/secrets@0.1.0", "jf_secrets"),
    ("wasi:config/store@0.2.0-rc.1", "wasi_config"),
    ("wasi:http/outgoing-handler@0.2.12", "wasi_http_handler"),
    ("wasi:http/types@0.2.12", "wasi_http_types"),
    ("wasi:io/streams@0.2.12", "wasi_streams"),
];

/// What the source tells.
#[derive(Debug, Deserialize)]
struct Looked {
    name: String,
    dependencies: Vec<String>,
    modules: Vec<String>,
}

/// Builds the plugin in `dir`.
pub(crate) fn build(machine: &Machine, dir: &Path, options: &BuildOptions, tell: &mut dyn FnMut(Step)) -> Result<Built, BuildError> {
    let python = interpreter(machine)?;
    let tool = environment(machine, &python, COMPONENTIZE_PY, options.network, tell)?;
    let scratch = Scratch::new(machine.cache()?)?;
    let sdk = scratch.path().join("sdk");
    embedded::write(embedded::PYTHON_SDK, &sdk.join("jackfield"))?;
    embedded::write_one(&sdk.join(format!("{APP_MODULE}.py")), APP)?;
    let looked = look(machine, &python, dir, scratch.path())?;
    let dependencies = dependencies(machine, &tool, &looked, scratch.path(), options.network, tell)?;

    let wit = scratch.path().join("wit");
    let uses = |module: &str| looked.modules.iter().any(|known| known == &format!("jackfield.{module}"));
    // What no task caught is logged, so the log is always there.
    world::write(&wit, &world::needed(|module| module == "log" || uses(module)))?;
    let component = scratch.path().join("plugin.wasm");
    let mut command = tool_call(machine, &tool);
    command.current_dir(dir).arg("--wit-path").arg(&wit).args(["--world", world::WORLD]);
    for (interface, name) in NAMES.iter().filter(|(interface, _)| is_imported(interface, &uses)) {
        command.arg("--import-interface-name").arg(format!("{interface}={name}"));
    }
    command.args(["componentize", APP_MODULE, "--output"]).arg(&component);
    // The first place that has a module wins: the plugin's own copy of the SDK before this one.
    for place in [Some(dir), Some(&sdk), dependencies.as_deref()].into_iter().flatten() {
        command.arg("--python-path").arg(place);
    }
    command::run(&mut command, BUILD_LIMIT, tell).map_err(shortened)?;
    let output = options.output_dir.as_deref().unwrap_or(dir);
    copy(looked.name, &component, output)
}

/// Whether the world has the interface, by itself or because another one refers to it.
fn is_imported(interface: &str, uses: &impl Fn(&str) -> bool) -> bool {
    match interface {
        "jackfield:task/types@0.1.0" | "jackfield:task/log@0.1.0" => true,
        "wasi:http/types@0.2.12" | "wasi:io/streams@0.2.12" => uses("http"),
        _ => world::NEEDS.iter().any(|needs| needs.interface == interface && uses(needs.module)),
    }
}

/// The user's Python.
pub(crate) fn interpreter(machine: &Machine) -> Result<PathBuf, BuildError> {
    let Some(python) = ["python3", "python"].into_iter().find(|name| machine.has(name)) else {
        return Err(BuildError::NoProgram { program: "python3".to_owned(), advice: ADVICE });
    };
    let mut command = machine.command(python);
    let answer = ask(command.args(["-c", PROBE]))?;
    let version = |word: Option<&str>| word.and_then(|word| word.parse::<u32>().ok());
    let mut answered = answer.split_whitespace();
    let (Some(major), Some(minor), Some(can)) = (version(answered.next()), version(answered.next()), answered.next()) else {
        return Err(BuildError::Unreadable { command: words(&command), reason: format!("{answer:?} is no version") });
    };
    if (major, minor) < PYTHON_MIN {
        return Err(BuildError::TooOld { program: python.to_owned(), version: format!("{major}.{minor}"), advice: ADVICE });
    }
    if can != "True" {
        return Err(BuildError::Lacking {
            program: python.to_owned(),
            what: "cannot make an environment, because its modules `venv` and `ensurepip` are missing",
            advice: "install them: `apt-get install python3-venv` on Debian and Ubuntu",
        });
    }
    Ok(PathBuf::from(python))
}

/// The folder of an environment with one package of PyPI in it, made when it is not there. `package` is a name and a version, as in
/// `name==1.2.3`; the module to import has the same name.
pub(crate) fn environment(
    machine: &Machine,
    python: &Path,
    package: &str,
    network: Network,
    tell: &mut dyn FnMut(Step),
) -> Result<PathBuf, BuildError> {
    let place = machine.cache()?.join("tools").join(package.replace("==", "-"));
    let module = package.split("==").next().unwrap_or(package).replace('-', "_");
    if place.is_dir() && ask(machine.command(place.join("bin/python")).args(["-c", &format!("import {module}")])).is_err() {
        // The Python that it was made with is gone.
        std::fs::remove_dir_all(&place).map_err(BuildError::file("cannot remove", &place))?;
    }
    if place.is_dir() {
        return Ok(place);
    }
    if network == Network::Offline {
        return Err(BuildError::Offline { what: package.to_owned() });
    }
    tell(Step::Started(format!("installing {package} from PyPI, once")));
    once(&place, |half| {
        ask(machine.command(python).args(["-m", "venv"]).arg(half))?;
        let mut pip = machine.command(half.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", package]);
        command::run(&mut pip, BUILD_LIMIT, tell).map(drop)
    })?;
    Ok(place)
}

/// A call of `componentize-py`, by the interpreter: its script holds a path that the environment no longer has.
fn tool_call(machine: &Machine, tool: &Path) -> Command {
    let mut command = machine.command(tool.join("bin/python"));
    command.args(["-c", "import sys; from componentize_py import script; sys.exit(script())"]);
    // It would look for more modules in another environment, and show where it is itself in its errors.
    command.env_remove("VIRTUAL_ENV").env_remove("PYTHONPATH").env("RUST_BACKTRACE", "0");
    command
}

fn look(machine: &Machine, python: &Path, dir: &Path, scratch: &Path) -> Result<Looked, BuildError> {
    let script = scratch.join("look.py");
    embedded::write_one(&script, embedded::PYTHON_LOOK)?;
    let mut command = machine.command(python);
    command.arg(&script).arg(dir).arg(scratch.join("sdk"));
    let answer = ask(&mut command)?;
    serde_json::from_str(&answer).map_err(|error| BuildError::Unreadable { command: words(&command), reason: error.to_string() })
}

/// The folder with what the plugin depends on; nothing when it depends on nothing.
fn dependencies(
    machine: &Machine,
    tool: &Path,
    looked: &Looked,
    scratch: &Path,
    network: Network,
    tell: &mut dyn FnMut(Step),
) -> Result<Option<PathBuf>, BuildError> {
    if looked.dependencies.is_empty() {
        return Ok(None);
    }
    if network == Network::Offline {
        return Err(BuildError::Offline { what: looked.dependencies.join(", ") });
    }
    tell(Step::Started(format!("installing {}", looked.dependencies.join(", "))));
    let place = scratch.join("dependencies");
    let mut pip = machine.command(tool.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--target"]).arg(&place);
    // A component has no native code, so only packages of pure Python are taken.
    pip.args(["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", PYTHON_INSIDE]);
    pip.args(&looked.dependencies);
    command::run(&mut pip, BUILD_LIMIT, tell)?;
    Ok(Some(place))
}

/// The failure without what follows the plugin's own traceback.
fn shortened(error: BuildError) -> BuildError {
    match error {
        BuildError::Failed { command, status, output } => {
            let own = output.split("\n\nCaused by:").next().unwrap_or(&output);
            // The innermost traceback is the plugin's; those around it are of the tool.
            let at = own.rfind("AssertionError: ").map_or(0, |at| at + "AssertionError: ".len());
            BuildError::Failed { command, status, output: own[at..].trim().to_owned() }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
