//! `wasi:filesystem`: directories by grant, and `/scratch`.
//!
//! Paths are resolved inside a directory by `cap-primitives`, which follows no link out of it. One tree is never given in
//! both modes: a read-only view of a tree that may be written through another name would promise nothing. Only regular
//! files and directories are opened: a pipe would block a thread of the host for ever, and a device is no file.

pub(crate) mod used;

use std::path::{Path, PathBuf};

use jackfield_flow::plan::{FileMode, Grant};
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView, WasiFilesystemView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, Host, HostDescriptor, OpenFlags, PathFlags,
};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::attempt::Capture;
use crate::state::State;

/// Where the run's own directory is seen.
const SCRATCH: &str = "/scratch";
/// The interface as this wasmtime defines it; a test fails when a new one defines another.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// Puts our functions in the place of wasmtime's: an `open-at` that opens no devices, and all that look into a directory or
/// change it, so that it is known what was used of the grant.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    link_open(linker)?;
    used::link(linker)
}

fn link_open(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    type Params = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    linker.instance(TYPES)?.func_wrap_async("[method]descriptor.open-at", |mut store, params: Params| {
        Box::new(async move {
            let (directory, path_flags, path, open_flags, flags) = params;
            let directory = directory.rep();
            used::note_opening(store.data(), directory, open_flags, flags);
            let mut view = store.data_mut().filesystem();
            match open_at(&mut view, directory, path_flags, path, open_flags, flags).await {
                Ok(opened) => {
                    store.data_mut().directories.opened(directory, opened.rep());
                    Ok((Ok(opened),))
                }
                Err(error) => Ok((Err(view.convert_error_code(error)?),)),
            }
        })
    })
}

/// Opens a regular file or a directory, and nothing else.
///
/// The kind is looked at before, so that opening a pipe does not block, and after, because it may have changed between.
async fn open_at(
    view: &mut WasiFilesystemCtxView<'_>,
    directory: u32,
    path_flags: PathFlags,
    path: String,
    open_flags: OpenFlags,
    flags: DescriptorFlags,
) -> FsResult<Resource<Descriptor>> {
    let before = view.stat_at(Resource::new_borrow(directory), path_flags, path.clone()).await;
    // What cannot be looked at (it is not there yet, say) gets its error from the opening itself.
    if before
        .is_ok_and(|stat| !matches!(stat.type_, DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink))
    {
        return Err(ErrorCode::NotPermitted.into());
    }
    let opened = view.open_at(Resource::new_borrow(directory), path_flags, path, open_flags, flags).await?;
    let kind = view.get_type(Resource::new_borrow(opened.rep())).await;
    if matches!(kind, Ok(DescriptorType::RegularFile | DescriptorType::Directory)) {
        return Ok(opened);
    }
    view.table.delete(opened)?;
    Err(ErrorCode::NotPermitted.into())
}

/// A directory that one attempt may open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The directory on the host, without links.
    directory: PathBuf,
    /// Its name inside.
    name: String,
    mode: FileMode,
}

/// Why the directories of a grant cannot be given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MountError {
    /// A directory cannot be opened.
    #[error("the granted directory `{path}` cannot be opened: {reason}")]
    Missing {
        /// The path as resolved.
        path: String,
        /// Why not.
        reason: std::io::Error,
    },
    /// A granted path is a file.
    #[error("the granted path `{0}` is not a directory; grant the directory it is in")]
    NotADirectory(String),
    /// One tree in both modes.
    #[error("`{read}` is granted for reading and `{write}` for writing, and one is inside the other: grant one tree in one mode")]
    BothModes {
        /// The read-only directory.
        read: String,
        /// The writable directory.
        write: String,
    },
    /// Two directories under one name.
    #[error("two granted directories are both called `{0}` inside the sandbox: give one another name with `as NAME`")]
    SameName(String),
    /// A grant with `scratch` outside a run.
    #[error("the step is granted `scratch`, but this attempt has no directory for it")]
    NoScratch,
}

/// The directories of a grant. Reads the file system.
///
/// # Errors
/// When one of them cannot be given as the grant says.
pub(crate) fn resolve(grant: &Grant, base_dir: &Path, scratch_dir: Option<&Path>) -> Result<Vec<Mount>, MountError> {
    let mut mounts = Vec::with_capacity(grant.files.len() + 1);
    for rule in &grant.files {
        mounts.push(mount(&base_dir.join(rule.path.trim_start_matches("./")), &rule.mount, rule.mode)?);
    }
    if grant.scratch {
        let directory = scratch_dir.ok_or(MountError::NoScratch)?;
        mounts.push(mount(directory, SCRATCH, FileMode::ReadWrite)?);
    }
    check_apart(&mounts)?;
    Ok(mounts)
}

fn mount(path: &Path, name: &str, mode: FileMode) -> Result<Mount, MountError> {
    let missing = |reason| MountError::Missing { path: path.display().to_string(), reason };
    // Who may change a directory may make it: a workflow's first run should not need a `mkdir` by hand.
    if mode == FileMode::ReadWrite {
        std::fs::create_dir_all(path).map_err(missing)?;
    }
    let directory = path.canonicalize().map_err(missing)?;
    if !directory.metadata().map_err(missing)?.is_dir() {
        return Err(MountError::NotADirectory(path.display().to_string()));
    }
    Ok(Mount { directory, name: name.to_owned(), mode })
}

fn check_apart(mounts: &[Mount]) -> Result<(), MountError> {
    for (at, one) in mounts.iter().enumerate() {
        for other in &mounts[at + 1..] {
            if one.name == other.name {
                return Err(MountError::SameName(one.name.clone()));
            }
            let nested = one.directory.starts_with(&other.directory) || other.directory.starts_with(&one.directory);
            if nested && one.mode != other.mode {
                let (read, write) = if one.mode == FileMode::ReadOnly { (one, other) } else { (other, one) };
                let shown = |mount: &Mount| mount.directory.display().to_string();
                return Err(MountError::BothModes { read: shown(read), write: shown(write) });
            }
        }
    }
    Ok(())
}

impl Mount {
    /// Gives the directory to a guest.
    ///
    /// It was there a moment ago; when it has gone since, the guest does not see it and the record says so.
    pub(crate) fn add_to(&self, builder: &mut WasiCtxBuilder, capture: &Capture) {
        let perms = match self.mode {
            FileMode::ReadOnly => FsPerms::ReadOnly,
            FileMode::ReadWrite => FsPerms::ReadWrite,
        };
        if let Err(reason) = builder.preopened_dir(&self.directory, &self.name, perms) {
            capture.host_line(&format!("the granted directory `{}` cannot be opened: {reason:#}", self.directory.display()));
        }
    }
}
