//! JavaScript and TypeScript: `esbuild` makes one file of the source, `componentize-qjs` puts it into QuickJS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::command::{self, BUILD_LIMIT, ask, words};
use crate::compile::{BuildOptions, Built, Network, copy};
use crate::embedded;
use crate::error::BuildError;
use crate::machine::Machine;
use crate::rename;
use crate::scratch::{Scratch, once};
use crate::step::Step;
use crate::world;

/// The tools, in the versions that plugins are built with: the same for everybody.
const TOOLS: [&str; 2] = ["componentize-qjs@0.4.5", "esbuild@0.28.2"];
/// The Node.js that is the oldest to run them.
const NODE_MIN: u32 = 18;
const ADVICE: &str = "install Node.js 18 or newer with npm: `apt-get install nodejs npm` on Debian and Ubuntu, `dnf install nodejs` on Fedora, \
`brew install node` on macOS, or https://nodejs.org/en/download";

/// The componentizer runs the source once, to keep what comes of it, in a host that has WASI's streams and no HTTP. There the streams of
/// HTTP are of another package, which the host knows as little as HTTP itself; the component's imports get their right name afterwards. The
/// version differs from that of the runtime's own streams, because no two imports may have one name; every host takes both for the same.
const STREAMS_THERE: (&str, &str) = ("wasi:ix/", "@0.2.12");
const STREAMS: (&str, &str) = ("wasi:io/", "@0.2.10");

/// Builds the plugin in `dir`, whose source begins in the file `entry`.
pub(crate) fn build(
    machine: &Machine,
    dir: &Path,
    entry: &str,
    options: &BuildOptions,
    tell: &mut dyn FnMut(Step),
) -> Result<Built, BuildError> {
    check_node(machine)?;
    let tools = tools(machine, options.network, tell)?;
    let scratch = Scratch::new(machine.cache()?)?;
    let bundle = bundle(machine, &tools, dir, entry, scratch.path(), tell)?;

    let wit = scratch.path().join("wit");
    let imports: Vec<&str> = bundle.imports.iter().map(String::as_str).collect();
    world::write(&wit, &imports)?;
    part_streams(&wit.join("deps"))?;
    let file = scratch.path().join("plugin.wasm");
    let mut command = machine.command("node");
    command.current_dir(dir).arg(tools.join("node_modules/componentize-qjs/bin/componentize-qjs"));
    command.args(["--sync", "--opt-size", "--minify", "--world", world::WORLD, "--wit"]).arg(&wit);
    command.arg("--js").arg(&bundle.file).arg("--output").arg(&file);
    command::run(&mut command, BUILD_LIMIT, tell)?;
    let mut component = fs::read(&file).map_err(BuildError::file("cannot read", &file))?;
    rename::imports(&mut component, STREAMS_THERE, STREAMS)?;
    fs::write(&file, component).map_err(BuildError::file("cannot write", &file))?;
    copy(name(dir)?, &file, options.output_dir.as_deref().unwrap_or(dir))
}

/// The name in package.json, or else that of the folder.
fn name(dir: &Path) -> Result<String, BuildError> {
    let path = dir.join("package.json");
    let folder = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !path.is_file() {
        return Ok(folder);
    }
    let text = fs::read_to_string(&path).map_err(BuildError::file("cannot read", &path))?;
    let package: Value = serde_json::from_str(&text)
        .map_err(|error| BuildError::Unreadable { command: path.display().to_string(), reason: error.to_string() })?;
    // Of `@team/hello`, the last part.
    Ok(package["name"].as_str().and_then(|name| name.rsplit('/').next()).filter(|name| !name.is_empty()).unwrap_or(&folder).to_owned())
}

fn check_node(machine: &Machine) -> Result<(), BuildError> {
    if let Some(program) = ["node", "npm"].into_iter().find(|program| !machine.has(program)) {
        return Err(BuildError::NoProgram { program: program.to_owned(), advice: ADVICE });
    }
    let mut command = machine.command("node");
    let answer = ask(command.arg("--version"))?;
    let major = answer.trim().strip_prefix('v').and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MIN => Ok(()),
        Some(_) => Err(BuildError::TooOld { program: "node".to_owned(), version: answer.trim().to_owned(), advice: ADVICE }),
        None => Err(BuildError::Unreadable { command: words(&command), reason: format!("{answer:?} is no version") }),
    }
}

/// The folder with the tools in its `node_modules`, made when it is not there.
fn tools(machine: &Machine, network: Network, tell: &mut dyn FnMut(Step)) -> Result<PathBuf, BuildError> {
    let place = machine.cache()?.join("tools").join(TOOLS.join("-").replace('@', "-"));
    if place.is_dir() {
        return Ok(place);
    }
    if network == Network::Offline {
        return Err(BuildError::Offline { what: TOOLS.join(", ") });
    }
    tell(Step::Started(format!("installing {} from npm, once", TOOLS.join(" and "))));
    once(&place, |half| {
        fs::create_dir_all(half).map_err(BuildError::file("cannot make", half))?;
        let mut npm = machine.command("npm");
        // No package runs a script of its own here.
        npm.current_dir(half).args(["install", "--prefix", ".", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        command::run(npm.args(TOOLS), BUILD_LIMIT, tell).map(drop)
    })?;
    Ok(place)
}

/// The source as one file.
struct Bundle {
    file: PathBuf,
    /// The interfaces that it imports from the host.
    imports: Vec<String>,
}

fn bundle(
    machine: &Machine,
    tools: &Path,
    dir: &Path,
    entry: &str,
    scratch: &Path,
    tell: &mut dyn FnMut(Step),
) -> Result<Bundle, BuildError> {
    // The plugin's own copy of the SDK, whose table its tasks are in.
    let own = dir.join("jackfield");
    let sdk = if own.join("component.js").is_file() { own } else { scratch.join("jackfield") };
    if sdk.starts_with(scratch) {
        embedded::write(embedded::JAVASCRIPT_SDK, &sdk)?;
    }
    let path = |path: PathBuf| json!(path.to_string_lossy()).to_string();
    let app = format!("import {};\nexport {{ tasks }} from {};\n", path(dir.join(entry)), path(sdk.join("component.js")));
    let (start, file, meta) = (scratch.join("app.js"), scratch.join("bundle.js"), scratch.join("meta.json"));
    embedded::write_one(&start, &app)?;
    let mut command = esbuild(machine, tools, dir);
    command.arg(&start).args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main", "--conditions=jackfield"]);
    command.args(["--external:jackfield:*", "--external:wasi:*", "--target=es2023", "--log-level=warning"]);
    command.arg(format!("--alias:jackfield={}", sdk.display()));
    command.arg(format!("--outfile={}", file.display())).arg(format!("--metafile={}", meta.display()));
    command::run(&mut command, BUILD_LIMIT, tell)?;
    let text = fs::read_to_string(&meta).map_err(BuildError::file("cannot read", &meta))?;
    let told: Value =
        serde_json::from_str(&text).map_err(|error| BuildError::Unreadable { command: words(&command), reason: error.to_string() })?;
    Ok(Bundle { file, imports: externals(&told) })
}

fn esbuild(machine: &Machine, tools: &Path, dir: &Path) -> Command {
    let mut command = machine.command("node");
    command.current_dir(dir).arg(tools.join("node_modules/esbuild/bin/esbuild"));
    command
}

/// What the bundle still imports, as esbuild tells it.
fn externals(told: &Value) -> Vec<String> {
    let outputs = told["outputs"].as_object().into_iter().flatten();
    let imports = outputs.filter_map(|(_, output)| output["imports"].as_array()).flatten();
    let mut found: Vec<String> =
        imports.filter(|import| import["external"] == true).filter_map(|import| Some(import["path"].as_str()?.to_owned())).collect();
    found.sort();
    found.dedup();
    found
}

/// Gives the HTTP package streams of a package of their own.
fn part_streams(deps: &Path) -> Result<(), BuildError> {
    let other = |text: &str| text.replace("wasi:io", "wasi:ix");
    let text = |name: &str| embedded::WIT.iter().find(|(path, _)| *path == name).map_or("", |(_, text)| *text);
    embedded::write_one(&deps.join("ix.wit"), &other(text("io.wit")))?;
    embedded::write_one(&deps.join("http.wit"), &other(text("http.wit")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn refused(programs: &[(&str, &str)]) -> String {
        let dir = tempfile::tempdir().unwrap();
        for (name, script) in programs {
            let path = dir.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let machine = Machine { path: dir.path().into(), cache: Some(dir.path().join("cache")), ..Machine::this() };
        match check_node(&machine) {
            Err(error) => error.to_string(),
            Ok(()) => tools(&machine, Network::Offline, &mut |_| {}).unwrap_err().to_string(),
        }
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_it() {
        assert!(refused(&[]).contains("there is no program `node`; install Node.js 18"));
        assert!(refused(&[("node", "")]).contains("there is no program `npm`; install Node.js 18"));
        let old = refused(&[("node", "echo v16.20.1"), ("npm", "")]);
        assert!(old.contains("`node` is of version v16.20.1, which is too old"), "{old}");
        assert!(refused(&[("node", "echo what"), ("npm", "")]).contains("is no version"));
        assert!(
            refused(&[("node", "echo v20.1.0"), ("npm", "exit 1")])
                .contains("componentize-qjs@0.4.5, esbuild@0.28.2 is not on this machine")
        );
    }

    #[test]
    fn a_plugin_is_named_by_its_package_or_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("hello");
        fs::create_dir(&folder).unwrap();
        assert_eq!(name(&folder).unwrap(), "hello");
        for (package, expected) in [(r#"{"name": "@team/greet"}"#, "greet"), (r#"{"name": "greet"}"#, "greet"), ("{}", "hello")] {
            fs::write(folder.join("package.json"), package).unwrap();
            assert_eq!(name(&folder).unwrap(), expected);
        }
        fs::write(folder.join("package.json"), "{").unwrap();
        assert!(name(&folder).is_err());
    }

    #[test]
    fn imports_are_told_once_each() {
        let import = |path: &str, external: bool| json!({ "path": path, "external": external });
        let told =
            json!({ "outputs": { "a.js": { "imports": [import("b", true), import("a", true), import("a", true), import("c", false)] } } });
        assert_eq!(externals(&told), ["a", "b"]);
    }
}
