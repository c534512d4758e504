//! The command line: `jackfield`.
//!
//! What was typed ([`args`]) becomes what it means ([`settings`], [`operator`], [`inputs`]); a [`command`] does it with what
//! [`home`] opens, and says it through [`output`], which is the only place that prints. [`exit`] has the table from kinds
//! of errors to exit codes.

mod archive;
mod args;
mod audit;
mod beside;
mod bulk;
mod command;
mod compare;
mod confirm;
mod control;
mod drive;
mod error;
mod exit;
mod filter;
mod find;
mod graph;
mod home;
mod inputs;
mod log_line;
mod logging;
mod lsp;
mod operator;
mod output;
mod packages;
mod panics;
mod problems;
mod progress;
mod reason;
mod report;
mod settings;
mod timeline;
mod trials;
mod wave;
mod workflow;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::{Cli, Global, When};
use crate::error::CliError;
use crate::exit::{Exit, kind_of};
use crate::home::Home;
use crate::output::Output;
use crate::settings::Settings;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let exit = match parse(&words) {
        Ok(cli) => run(cli),
        Err(error) => misspelt(&error, &words),
    };
    ExitCode::from(exit.code())
}

fn parse(words: &[OsString]) -> Result<Cli, clap::Error> {
    let color = match wish(words).color {
        When::Auto => clap::ColorChoice::Auto,
        When::Always => clap::ColorChoice::Always,
        When::Never => clap::ColorChoice::Never,
    };
    let matches = Cli::command().color(color).try_get_matches_from(words)?;
    Cli::from_arg_matches(&matches)
}

/// How the person wants to be told that the rest of the words make no sense, as far as the words tell.
fn wish(words: &[OsString]) -> Global {
    let has = |word: &str| words.iter().any(|known| known == word);
    let follows = |word: &str, value: &str| words.windows(2).any(|pair| pair[0] == word && pair[1] == value);
    let color = |value: &str| has(&format!("--color={value}")) || follows("--color", value);
    let color = match (color("never"), color("always")) {
        (true, _) => When::Never,
        (_, true) => When::Always,
        _ => When::Auto,
    };
    Global { json: has("--json"), color, ..Global::default() }
}

fn run(cli: Cli) -> Exit {
    let settings = Settings::new(&cli.global, &|name| std::env::var_os(name), terminal_width());
    let home = Home { output: Output::new(settings.look), settings };
    logging::begin(&home.output, home.settings.log);
    match panics::caught(|| command::run(&home, cli.command)) {
        Ok(exit) => exit,
        Err(error) => {
            home.output.error(&error);
            kind_of(&error).exit
        }
    }
}

/// Help and version are no errors; everything else that clap says is a usage error.
fn misspelt(error: &clap::Error, words: &[OsString]) -> Exit {
    if error.use_stderr() && wish(words).json {
        let settings = Settings::new(&wish(words), &|name| std::env::var_os(name), None);
        let text = error.render().to_string();
        let message = text.trim().strip_prefix("error: ").unwrap_or(text.trim());
        Output::new(settings.look).error(&CliError::Usage(message.to_owned()));
        return Exit::Usage;
    }
    // That nobody reads it is no error.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

/// Columns of the terminal that people look at: the one results go to, or else the one talk goes to.
fn terminal_width() -> Option<usize> {
    let of = |size: Option<(terminal_size::Width, terminal_size::Height)>| size.map(|(width, _)| usize::from(width.0));
    of(terminal_size::terminal_size_of(std::io::stdout())).or_else(|| of(terminal_size::terminal_size_of(std::io::stderr())))
}
