//! Requests: which feature answers which.

use std::collections::{BTreeMap, HashMap};

use lsp_server::{ErrorCode, Request};
use lsp_types::request::{
    Completion, DocumentSymbolRequest, GotoDefinition, HoverRequest, PrepareRenameRequest, References, Rename, Request as _,
};
use lsp_types::{
    CompletionParams, CompletionResponse, DocumentSymbolParams, DocumentSymbolResponse, GotoDefinitionParams, GotoDefinitionResponse,
    HoverParams, Location, PrepareRenameResponse, Range, ReferenceParams, RenameParams, TextDocumentPositionParams, TextEdit, Uri,
    WorkspaceEdit,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::uri_of;
use super::names::{self, Target};
use super::server::Open;
use super::{completion, hover, symbols};

type Answer = Result<Value, (ErrorCode, String)>;

/// The answer to a request.
pub(crate) fn answer(open: &BTreeMap<String, Open>, request: Request) -> Answer {
    let params = request.params;
    match request.method.as_str() {
        Completion::METHOD => {
            let params: CompletionParams = read(params)?;
            with(open, &params.text_document_position, |open, byte| {
                Ok(Some(CompletionResponse::Array(completion::at(&open.document, &open.known, byte))))
            })
        }
        HoverRequest::METHOD => {
            let params: HoverParams = read(params)?;
            with(open, &params.text_document_position_params, |open, byte| Ok(hover::at(&open.document, &open.known, byte)))
        }
        GotoDefinition::METHOD => {
            let params: GotoDefinitionParams = read(params)?;
            with(open, &params.text_document_position_params, |open, byte| Ok(definition(open, byte)))
        }
        References::METHOD => {
            let params: ReferenceParams = read(params)?;
            with(open, &params.text_document_position, |open, byte| {
                let places = names::references(&open.document, byte).into_iter();
                let places = places.skip(usize::from(!params.context.include_declaration));
                Ok(Some(places.map(|span| location(open, open.document.range(span))).collect::<Vec<_>>()))
            })
        }
        PrepareRenameRequest::METHOD => {
            let params: TextDocumentPositionParams = read(params)?;
            with(open, &params, |open, byte| Ok(prepare(open, byte)))
        }
        Rename::METHOD => {
            let params: RenameParams = read(params)?;
            with(open, &params.text_document_position, |open, byte| rename(open, byte, &params.new_name))
        }
        DocumentSymbolRequest::METHOD => {
            let params: DocumentSymbolParams = read(params)?;
            let document = open.get(params.text_document.uri.as_str()).map(|open| &open.document);
            write(document.map(|document| DocumentSymbolResponse::Nested(symbols::of(document))))
        }
        method => Err((ErrorCode::MethodNotFound, format!("`{method}` is not known here"))),
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn write(result: impl Serialize) -> Answer {
    serde_json::to_value(result).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

/// Asks a feature about a place; of a document that is not open there is nothing to say.
fn with<T: Serialize>(
    open: &BTreeMap<String, Open>,
    at: &TextDocumentPositionParams,
    feature: impl FnOnce(&Open, usize) -> Result<Option<T>, (ErrorCode, String)>,
) -> Answer {
    match open.get(at.text_document.uri.as_str()) {
        Some(open) => write(feature(open, open.document.byte(at.position))?),
        None => Ok(Value::Null),
    }
}

fn location(open: &Open, range: Range) -> Location {
    Location { uri: open.document.uri.clone(), range }
}

fn definition(open: &Open, byte: usize) -> Option<GotoDefinitionResponse> {
    let location = match names::definition(&open.document, byte)? {
        Target::Here(span) => location(open, open.document.range(span)),
        Target::File(path) => {
            let path = open.document.path()?.parent()?.join(path);
            Location { uri: uri_of(&std::path::absolute(path).ok()?)?, range: Range::default() }
        }
    };
    Some(GotoDefinitionResponse::Scalar(location))
}

fn prepare(open: &Open, byte: usize) -> Option<PrepareRenameResponse> {
    let places = names::references(&open.document, byte);
    let here = places.into_iter().find(|span| span.start <= byte && byte <= span.end)?;
    Some(PrepareRenameResponse::Range(open.document.range(here)))
}

fn rename(open: &Open, byte: usize, to: &str) -> Result<Option<WorkspaceEdit>, (ErrorCode, String)> {
    let edits = names::rename(&open.document, byte, to).map_err(|why| (ErrorCode::RequestFailed, why))?;
    let edit = |(span, new_text)| TextEdit { range: open.document.range(span), new_text };
    #[expect(clippy::mutable_key_type, reason = "the protocol's type of edits is keyed by its type of URIs")]
    let changes: HashMap<Uri, Vec<TextEdit>> = HashMap::from([(open.document.uri.clone(), edits.into_iter().map(edit).collect())]);
    Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
}
