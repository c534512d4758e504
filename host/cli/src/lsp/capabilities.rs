//! What the server can do, and what the editor can.

use std::path::PathBuf;

use lsp_server::{Request, RequestId};
use lsp_types::notification::{DidChangeWatchedFiles, Notification as _};
use lsp_types::request::{RegisterCapability, Request as _};
use lsp_types::{
    CompletionOptions, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, HoverProviderCapability, InitializeParams,
    OneOf, Registration, RegistrationParams, RenameOptions, SaveOptions, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
};

use super::document::path_of;

/// What matters of an editor.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// Where relative paths of documents start that are no files.
    pub(crate) root: PathBuf,
    /// Whether it shows links beside the codes of problems.
    pub(crate) shows_links: bool,
    /// Whether it tells of changed files when it is asked to.
    watches: bool,
}

impl Client {
    /// What an editor says of itself.
    pub(crate) fn of(params: &InitializeParams) -> Self {
        let folder = params.workspace_folders.as_ref().and_then(|folders| path_of(&folders.first()?.uri));
        let text = params.capabilities.text_document.as_ref();
        let problems = text.and_then(|text| text.publish_diagnostics.as_ref());
        let watch = params.capabilities.workspace.as_ref().and_then(|workspace| workspace.did_change_watched_files.as_ref());
        Self {
            root: folder.or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| PathBuf::from(".")),
            shows_links: problems.and_then(|problems| problems.code_description_support).unwrap_or_default(),
            watches: watch.and_then(|watch| watch.dynamic_registration).unwrap_or_default(),
        }
    }

    /// The wish to be told of plugins and workflows that change on the disk.
    pub(crate) fn wish_to_watch(&self) -> Option<Request> {
        let watcher = |glob: &str| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None };
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: ["**/*.wasm", "**/*.{yaml,yml}"].map(watcher).to_vec() };
        let registration = Registration {
            id: "files".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        self.watches.then(|| Request::new(RequestId::from("watch".to_owned()), RegisterCapability::METHOD.to_owned(), params))
    }
}

/// What the server can do.
pub(crate) fn server() -> ServerCapabilities {
    let letters = [".", "$", "{", "\"", "'", ":", " ", "["].map(ToOwned::to_owned).to_vec();
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions { trigger_characters: Some(letters), ..CompletionOptions::default() }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions { prepare_provider: Some(true), work_done_progress_options: Default::default() })),
        ..ServerCapabilities::default()
    }
}
