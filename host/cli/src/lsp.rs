//! The language server: help for those who write workflows in an editor.
//!
//! Two threads beside those that carry messages: [`server`] answers at once from the text as it is, half-typed or not, and
//! [`checker`] does the same as `jackfield check` and hands over what it found out: problems, plugins, types of results.
//!
//! - [`outline`]: any text as a tree with places; [`language`]: what the language says about a place in it.
//! - [`view`]: the text together with what is [`known`]; [`expression`]: parts of expressions.
//! - one file per feature: [`diagnostics`], [`completion`], [`hover`], [`names`] (definition, references, rename), [`symbols`].

mod answers;
mod capabilities;
mod checker;
mod completion;
mod diagnostics;
mod document;
mod expression;
mod hover;
mod input;
mod known;
mod language;
mod names;
mod outline;
mod place;
mod server;
mod symbols;
#[cfg(test)]
mod tests;
mod view;

use jackfield_worker::Locking;
use lsp_server::Connection;
use lsp_types::{InitializeParams, InitializeResult, ServerInfo};

use crate::error::CliError;
use crate::home::Home;
use crate::operator::Operator;
use capabilities::Client;
use checker::Checker;
pub(crate) use server::End;
use server::Server;

/// Serves one editor over standard input and output until it leaves.
///
/// # Errors
/// When what begins the conversation is not the protocol, or the engine's parts cannot be opened.
pub(crate) fn serve(home: &Home) -> Result<End, CliError> {
    // While somebody types, nothing is asked for and nothing is locked.
    let mut settings = home.settings.clone();
    (settings.network.offline, settings.locking) = (true, Locking::Frozen);
    let plugins = Home { settings, output: home.output.clone() }.plugins(Operator::default())?;
    let checker = Checker::start(plugins)?;
    let (connection, threads) = Connection::stdio();
    let (id, params) = connection.initialize_start().map_err(|error| CliError::Usage(format!("no editor is there: {error}")))?;
    let params: InitializeParams =
        serde_json::from_value(params).map_err(|error| CliError::Usage(format!("the editor's greeting cannot be read: {error}")))?;
    let server = ServerInfo { name: "jackfield".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
    let result = InitializeResult { capabilities: capabilities::server(), server_info: Some(server) };
    let greeted = serde_json::to_value(result).map_err(|error| CliError::Usage(error.to_string()))?;
    connection.initialize_finish(id, greeted).map_err(|error| CliError::Usage(format!("the editor went away: {error}")))?;
    let pages = home.settings.cache.as_ref().map(|cache| cache.join("explain"));
    let end = Server::new(connection, checker, Client::of(&params), pages).serve();
    // What was said last is written before the program ends; whether anybody read it no longer matters.
    let _ = threads.join();
    Ok(end)
}
