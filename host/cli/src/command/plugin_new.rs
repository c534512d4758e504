//! `jackfield plugin new --lang LANGUAGE NAME`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jackfield_build::Language;
use serde::Serialize;

use crate::args::PluginNewArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::home::Home;
use crate::output::Format;
use crate::settings::shell_word;

/// Where the SDK of this version is, when the program was built in a checkout that is still there.
const SDK_HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/rust");

/// What was made, for programs.
#[derive(Debug, Serialize)]
struct Made<'a> {
    name: &'a str,
    directory: &'a Path,
}

/// Copies the template.
pub(crate) fn run(home: &Home, args: &PluginNewArgs) -> Result<Exit, CliError> {
    check_name(&args.name)?;
    let directory = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    if fs::read_dir(&directory).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CliError::Usage(format!("{} is not empty: choose another directory with `--dir`", directory.display())));
    }
    for (file, template) in args.lang.template() {
        let path = directory.join(&file);
        let text = if file.starts_with("jackfield/") { template.to_owned() } else { filled(args.lang, template, &args.name) };
        write_new(&path, &text).map_err(|error| CliError::file(&path, error))?;
    }
    if home.output.format() == Format::Json {
        home.output.json(&Made { name: &args.name, directory: &directory })?;
    } else {
        let word = shell_word(&directory);
        home.output.say(&format!("{} is a working plugin; next: jackfield plugin build {word}", directory.display()));
    }
    Ok(Exit::Done)
}

fn check_name(name: &str) -> Result<(), CliError> {
    let letters = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if letters && name.len() <= 64 && name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(CliError::Usage(format!("`{name}` cannot name a plugin: write 1 to 64 characters of a-z, 0-9 and -, beginning with a letter")))
}

/// How the new plugin finds the SDK: in the checkout that this program is of, or by its version.
fn sdk(here: &Path) -> String {
    match fs::canonicalize(here) {
        Ok(path) if path.join("Cargo.toml").is_file() => {
            format!("path = {}", serde_json::Value::from(path.to_string_lossy()))
        }
        _ => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
    }
}

fn filled(language: Language, template: &str, name: &str) -> String {
    let named = template.replace("NAME", name);
    // The other languages carry their SDK with them.
    if language == Language::Rust { named.replace("{ SDK }", &format!("{{ {} }}", sdk(Path::new(SDK_HERE)))) } else { named }
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::File::create_new(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_filled_in() {
        for language in Language::all() {
            let own = language.template().into_iter().filter(|(file, _)| !file.starts_with("jackfield/"));
            let texts: Vec<String> = own.map(|(_, text)| filled(*language, text, "hello")).collect();
            assert!(texts.iter().any(|text| text.contains("hello.wasm")), "{language}: {texts:?}");
            assert!(!texts.iter().any(|text| text.contains("NAME") || text.contains("SDK }")), "{language}: {texts:?}");
        }
    }

    #[test]
    fn the_sdk_is_found_here_or_by_its_version() {
        assert!(sdk(Path::new(SDK_HERE)).starts_with("path = \"/"));
        assert_eq!(sdk(Path::new("/no/such/place")), concat!("version = \"", env!("CARGO_PKG_VERSION"), "\""));
    }

    #[test]
    fn names_are_those_of_plugins() {
        for name in ["hello", "a", "group-by-2"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "2a", "-a", "Hello", "a b", "../x", "é", &"a".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
