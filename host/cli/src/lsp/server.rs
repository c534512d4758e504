//! The loop: messages of the editor, answers of the checker.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::select;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Notification as _,
    PublishDiagnostics,
};
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    PublishDiagnosticsParams, Uri,
};
use serde::de::DeserializeOwned;

use super::answers;
use super::capabilities::Client;
use super::checker::{Checked, Checker, Job};
use super::diagnostics::{self, Explanations};
use super::document::Document;
use super::known::Known;

/// How the conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The editor said goodbye.
    Farewell,
    /// The editor was gone.
    Gone,
}

/// An open document, and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// The document.
    pub(crate) document: Document,
    /// What the last check found out.
    pub(crate) known: Arc<Known>,
}

/// The server.
pub(crate) struct Server {
    connection: Connection,
    checker: Checker,
    client: Client,
    explanations: Explanations,
    /// By URI.
    open: BTreeMap<String, Open>,
}

impl Server {
    /// A server for an editor that has been greeted.
    pub(crate) fn new(connection: Connection, checker: Checker, client: Client, pages: Option<PathBuf>) -> Self {
        let explanations = Explanations { folder: pages.filter(|_| client.shows_links) };
        Self { connection, checker, client, explanations, open: BTreeMap::new() }
    }

    /// Serves until the editor leaves.
    pub(crate) fn serve(mut self) -> End {
        if let Some(request) = self.client.wish_to_watch() {
            self.send(request.into());
        }
        let (messages, answers) = (self.connection.receiver.clone(), self.checker.answers.clone());
        loop {
            select! {
                recv(messages) -> message => match message {
                    Ok(Message::Request(request)) => match self.connection.handle_shutdown(&request) {
                        Ok(true) => return End::Farewell,
                        Ok(false) => self.request(request),
                        Err(_) => return End::Gone,
                    },
                    Ok(Message::Notification(notification)) if notification.method == "exit" => return End::Gone,
                    Ok(Message::Notification(notification)) => self.notification(notification),
                    Ok(Message::Response(_)) => {}
                    Err(_) => return End::Gone,
                },
                recv(answers) -> checked => match checked {
                    Ok(checked) => self.checked(checked),
                    Err(_) => return End::Gone,
                },
            }
        }
    }

    fn send(&self, message: Message) {
        // Nobody listens any more: the loop ends with the next message that does not come.
        let _ = self.connection.sender.send(message);
    }

    /// Answers a request. A defect in one answer is told, and the server goes on.
    fn request(&self, request: Request) {
        let id = request.id.clone();
        let answered = catch_unwind(AssertUnwindSafe(|| answers::answer(&self.open, request)));
        let response = match answered {
            Ok(Ok(result)) => Response::new_ok(id, result),
            Ok(Err((code, message))) => Response::new_err(id, code as i32, message),
            Err(_) => Response::new_err(id, ErrorCode::InternalError as i32, "a defect of this program; please report it".to_owned()),
        };
        self.send(response.into());
    }

    fn notification(&mut self, notification: Notification) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Some(DidOpenTextDocumentParams { text_document }) = read(notification) else { return };
                let known = Arc::default();
                self.keep(Open { document: Document::new(text_document.uri, text_document.version, text_document.text), known });
            }
            DidChangeTextDocument::METHOD => {
                let Some(DidChangeTextDocumentParams { text_document, content_changes }) = read(notification) else { return };
                let Some(open) = self.open.get(text_document.uri.as_str()) else { return };
                let document = open.document.changed(text_document.version, &content_changes);
                self.keep(Open { document, known: Arc::clone(&open.known) });
            }
            DidSaveTextDocument::METHOD => {
                let Some(DidSaveTextDocumentParams { text_document, .. }) = read(notification) else { return };
                if let Some(open) = self.open.get(text_document.uri.as_str()) {
                    self.want_check(&open.document);
                }
            }
            DidCloseTextDocument::METHOD => {
                let Some(DidCloseTextDocumentParams { text_document }) = read(notification) else { return };
                self.open.remove(text_document.uri.as_str());
                self.publish(text_document.uri, None, Vec::new());
            }
            // A plugin was built anew, or a file that others start as a sub-workflow changed.
            DidChangeWatchedFiles::METHOD => self.open.values().for_each(|open| self.want_check(&open.document)),
            _ => {}
        }
    }

    fn keep(&mut self, open: Open) {
        self.want_check(&open.document);
        self.open.insert(open.document.uri.as_str().to_owned(), open);
    }

    fn want_check(&self, document: &Document) {
        let beside = document.path().and_then(|path| Some(path.parent()?.to_owned()));
        let directory = beside.unwrap_or_else(|| self.client.root.clone());
        self.checker.want(Job { document: document.clone(), directory });
    }

    fn checked(&mut self, checked: Checked) {
        let Checked { document, diagnostics, known } = checked;
        let Some(open) = self.open.get_mut(document.uri.as_str()) else { return };
        if let Some(known) = known {
            open.known = known;
        }
        if open.document.version == document.version {
            let shown = diagnostics::shown(&document, &diagnostics, &self.explanations);
            self.publish(document.uri, Some(document.version), shown);
        }
    }

    fn publish(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<lsp_types::Diagnostic>) {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.send(Notification::new(PublishDiagnostics::METHOD.to_owned(), params).into());
    }
}

/// What a notification says; one that cannot be read has nobody to complain to.
fn read<T: DeserializeOwned>(notification: Notification) -> Option<T> {
    serde_json::from_value(notification.params).ok()
}
