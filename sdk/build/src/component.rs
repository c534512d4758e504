//! From a core module to a component.

use std::fmt::Display;
use std::path::Path;

use wasi_preview1_component_adapter_provider::{WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::error::BuildError;
use crate::world::WORLD;

/// The component of a core module that was compiled for the world in the folder `wit`. Of the world's imports it has those that the module
/// uses.
pub(crate) fn from_module(mut module: Vec<u8>, wit: &Path) -> Result<Vec<u8>, BuildError> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).map_err(said)?;
    let world = resolve.select_world(&[package], Some(WORLD)).map_err(said)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).map_err(said)?;
    let encoder = ComponentEncoder::default().module(&module).map_err(said)?;
    let mut encoder = encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER).map_err(said)?;
    encoder.encode().map_err(said)
}

/// With all that led to it.
fn said(error: impl Display) -> BuildError {
    BuildError::Component(format!("{error:#}"))
}
