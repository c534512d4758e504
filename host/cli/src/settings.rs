//! What the command line means: the typed words together with the environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use jackfield_registry::{Network, Patience};
use jackfield_worker::Locking;
use tracing::Level;

use crate::args::{Global, When};
use crate::output::{Format, Look, Talk};

/// What every command needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The data directory.
    pub(crate) data: PathBuf,
    /// How a command that is suggested must begin, so that it finds the same directory.
    command: String,
    /// Where compiled code and signatures of plugins are kept between runs; nothing when there is no home.
    pub(crate) cache: Option<PathBuf>,
    /// How registries are reached.
    pub(crate) network: Network,
    /// The operator's policy on packages.
    pub(crate) policy: Option<PathBuf>,
    /// What is done about packages that are not locked.
    pub(crate) locking: Locking,
    /// How the person looks at it.
    pub(crate) look: Look,
    /// How grave what the engine's parts tell must be to be shown.
    pub(crate) log: Level,
}

/// The data directory when none is named.
const DATA_DEFAULT: &str = ".jackfield";

/// What is looked up in the environment, as a function so that tests need not change theirs.
pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

impl Settings {
    /// What the words mean in this environment. `terminal` is the width of the terminal, when there is one.
    pub(crate) fn new(typed: &Global, env: Env<'_>, terminal: Option<usize>) -> Self {
        let path = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let (data, command) = match (&typed.data, path("JACKFIELD_DATA")) {
            (Some(data), _) => (data.clone(), format!("jackfield --data {}", shell_word(data))),
            (None, Some(data)) => (data, "jackfield".to_owned()),
            (None, None) => (PathBuf::from(DATA_DEFAULT), "jackfield".to_owned()),
        };
        let home = || path("HOME").map(|home| home.join(".cache"));
        // A relative XDG_CACHE_HOME is invalid by its specification and means none.
        let xdg = path("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let cache = path("JACKFIELD_CACHE").or_else(|| Some(xdg.or_else(home)?.join("jackfield")));
        let (talk, log) = match (typed.quiet, typed.verbose) {
            (true, _) => (Talk::Quiet, Level::ERROR),
            (false, 0) => (Talk::Normal, Level::WARN),
            (false, 1) => (Talk::Verbose, Level::INFO),
            (false, 2) => (Talk::Verbose, Level::DEBUG),
            (false, _) => (Talk::Verbose, Level::TRACE),
        };
        let columns = env("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok()).filter(|columns| *columns > 0);
        let look = Look {
            format: if typed.json { Format::Json } else { Format::Text },
            talk,
            color: match typed.color {
                When::Auto => ColorChoice::Auto,
                When::Always => ColorChoice::Always,
                When::Never => ColorChoice::Never,
            },
            width: columns.or(terminal),
        };
        let network = network(typed, env);
        let in_ci = env("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0");
        let locking = if typed.locked || in_ci { Locking::Frozen } else { Locking::Grow };
        Self { data, command, cache, network, policy: path("JACKFIELD_POLICY"), locking, look, log }
    }

    /// A command to type next, which finds the same data directory.
    pub(crate) fn hint(&self, rest: impl AsRef<str>) -> String {
        format!("{} {}", self.command, rest.as_ref())
    }

    /// Where compiled code is kept.
    pub(crate) fn compiled(&self) -> Option<PathBuf> {
        self.cache.as_ref().map(|cache| cache.join("compiled"))
    }
}

/// How registries are reached from here.
fn network(typed: &Global, env: Env<'_>) -> Network {
    let path = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let insecure = env("JACKFIELD_INSECURE_REGISTRIES").and_then(|hosts| hosts.into_string().ok()).unwrap_or_default();
    Network {
        docker_config: path("DOCKER_CONFIG").or_else(|| Some(path("HOME")?.join(".docker"))),
        insecure: insecure.split(',').map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect(),
        certificates: path("SSL_CERT_FILE"),
        offline: typed.offline,
        patience: Patience::default(),
    }
}

/// A path as one word of a POSIX shell.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;

    fn settings(words: &[&str], env: &[(&str, &str)]) -> Settings {
        let cli = Cli::try_parse_from(["jackfield"].iter().chain(words).chain(&["doctor"])).unwrap();
        let get = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        Settings::new(&cli.global, &get, Some(80))
    }

    #[test]
    fn the_data_directory_is_typed_or_in_the_environment_or_here() {
        assert_eq!(settings(&[], &[]).data, Path::new(".jackfield"));
        assert_eq!(settings(&[], &[("JACKFIELD_DATA", "/d")]).data, Path::new("/d"));
        assert_eq!(settings(&[], &[("JACKFIELD_DATA", "")]).data, Path::new(".jackfield"));
        let typed = settings(&["--data", "/a b"], &[("JACKFIELD_DATA", "/d")]);
        assert_eq!(typed.data, Path::new("/a b"));
        assert_eq!(typed.hint("resume 7"), "jackfield --data '/a b' resume 7");
        assert_eq!(settings(&[], &[("JACKFIELD_DATA", "/d")]).hint("resume 7"), "jackfield resume 7");
    }

    #[test]
    fn packages_are_locked_where_nobody_would_see_that_they_change() {
        assert_eq!(settings(&[], &[]).locking, Locking::Grow);
        assert_eq!(settings(&["--locked"], &[]).locking, Locking::Frozen);
        assert_eq!(settings(&[], &[("CI", "true")]).locking, Locking::Frozen);
        assert_eq!(settings(&[], &[("CI", "false")]).locking, Locking::Grow);
        assert!(settings(&["--offline"], &[]).network.offline);
        let network = settings(&[], &[("HOME", "/h"), ("JACKFIELD_INSECURE_REGISTRIES", "a:1, b:2")]).network;
        assert_eq!((network.insecure, network.docker_config), (vec!["a:1".to_owned(), "b:2".to_owned()], Some("/h/.docker".into())));
    }

    #[test]
    fn the_cache_follows_the_base_directory_specification() {
        let cache = |env: &[(&str, &str)]| settings(&[], env).compiled();
        assert_eq!(cache(&[("HOME", "/h")]), Some("/h/.cache/jackfield/compiled".into()));
        assert_eq!(cache(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]), Some("/x/jackfield/compiled".into()));
        assert_eq!(cache(&[("HOME", "/h"), ("XDG_CACHE_HOME", "x")]), Some("/h/.cache/jackfield/compiled".into()));
        assert_eq!(cache(&[("HOME", "/h"), ("JACKFIELD_CACHE", "/c")]), Some("/c/compiled".into()));
        assert_eq!(cache(&[]), None);
    }

    #[test]
    fn the_width_is_that_of_the_terminal_unless_columns_says_otherwise() {
        assert_eq!(settings(&[], &[]).look.width, Some(80));
        assert_eq!(settings(&[], &[("COLUMNS", "20")]).look.width, Some(20));
        assert_eq!(settings(&[], &[("COLUMNS", "wide")]).look.width, Some(80));
    }

    #[test]
    fn shell_words_survive_quotes() {
        assert_eq!(shell_word(Path::new("a/b-c.d")), "a/b-c.d");
        assert_eq!(shell_word(Path::new("it's")), r"'it'\''s'");
        assert_eq!(shell_word(Path::new("")), "''");
    }
}
