//! Which granted directories were looked into, and which were changed.
//!
//! Whatever is opened below a directory belongs to the grant of that directory, so nothing here looks at a path.

use std::collections::BTreeMap;

use jackfield_flow::plan::FileMode;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView, WasiFilesystemView};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::preopens::Host as _;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, Host as _, HostDescriptor as _, NewTimestamp, OpenFlags, PathFlags,
};

use super::{SCRATCH, TYPES};
use crate::state::State;

/// The interface as this wasmtime defines it; a test fails when a new one defines another.
const PREOPENS: &str = "wasi:filesystem/preopens@0.2.12";

/// To which granted directory the open files and directories of an attempt belong.
#[derive(Default)]
pub(crate) struct Directories {
    by_descriptor: BTreeMap<u32, Root>,
}

/// A directory that was given to the guest.
#[derive(Clone, Copy)]
enum Root {
    /// That of a rule, by its index in the grant.
    Granted(usize),
    Scratch,
}

impl Directories {
    /// What was opened below a directory belongs to where that one does.
    pub(crate) fn opened(&mut self, directory: u32, opened: u32) {
        // A number is given again after its descriptor was closed.
        match self.by_descriptor.get(&directory).copied() {
            Some(root) => self.by_descriptor.insert(opened, root),
            None => self.by_descriptor.remove(&opened),
        };
    }
}

/// Notes that something below a directory is about to be opened.
pub(super) fn note_opening(state: &State, directory: u32, open_flags: OpenFlags, flags: DescriptorFlags) {
    let makes = open_flags.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE);
    note(state, directory, if makes || flags.contains(DescriptorFlags::WRITE) { FileMode::ReadWrite } else { FileMode::ReadOnly });
}

fn note(state: &State, descriptor: u32, mode: FileMode) {
    match state.directories.by_descriptor.get(&descriptor) {
        Some(Root::Scratch) => state.used().scratch = true,
        Some(Root::Granted(at)) => {
            if let Some(rule) = state.grant.files.get(*at) {
                // What is refused, because it may only be read, is no use of more than that.
                state.used().note_file(rule, if rule.mode == FileMode::ReadOnly { rule.mode } else { mode });
            }
        }
        None => {}
    }
}

/// Links a function of a directory that notes its use before it does what it did.
macro_rules! noted {
    ($linker:ident, $mode:ident, $name:literal, $method:ident($($argument:ident: $kind:ty),*)) => {
        $linker.instance(TYPES)?.func_wrap_async(
            concat!("[method]descriptor.", $name),
            |mut store, (directory, $($argument,)*): (Resource<Descriptor>, $($kind,)*)| {
                Box::new(async move {
                    note(store.data(), directory.rep(), FileMode::$mode);
                    let mut view = store.data_mut().filesystem();
                    let answer = view.$method(directory, $($argument),*).await;
                    answered(&mut view, answer)
                })
            },
        )?;
    };
}

/// The same for one that has a second directory.
macro_rules! noted_both {
    ($linker:ident, $name:literal, $method:ident($($argument:ident: $kind:ty),*; $to:ident)) => {
        $linker.instance(TYPES)?.func_wrap_async(
            concat!("[method]descriptor.", $name),
            |mut store, (directory, $($argument,)* $to, new_path): (Resource<Descriptor>, $($kind,)* Resource<Descriptor>, String)| {
                Box::new(async move {
                    note(store.data(), directory.rep(), FileMode::ReadWrite);
                    note(store.data(), $to.rep(), FileMode::ReadWrite);
                    let mut view = store.data_mut().filesystem();
                    let answer = view.$method(directory, $($argument,)* $to, new_path).await;
                    answered(&mut view, answer)
                })
            },
        )?;
    };
}

/// Links what is noted. Files need no functions of their own: they were opened for what is done to them.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.instance(PREOPENS)?.func_wrap("get-directories", |mut store, (): ()| {
        let given = store.data_mut().filesystem().get_directories()?;
        let state = store.data_mut();
        for (descriptor, name) in &given {
            let granted = state.grant.files.iter().position(|rule| rule.mount == *name).map(Root::Granted);
            let root = granted.or((name == SCRATCH).then_some(Root::Scratch));
            root.map(|root| state.directories.by_descriptor.insert(descriptor.rep(), root));
        }
        Ok((given,))
    })?;
    noted!(linker, ReadOnly, "stat", stat());
    noted!(linker, ReadOnly, "stat-at", stat_at(flags: PathFlags, path: String));
    noted!(linker, ReadOnly, "readlink-at", readlink_at(path: String));
    noted!(linker, ReadOnly, "metadata-hash", metadata_hash());
    noted!(linker, ReadOnly, "metadata-hash-at", metadata_hash_at(flags: PathFlags, path: String));
    noted!(linker, ReadOnly, "read-directory", read_directory());
    noted!(linker, ReadWrite, "create-directory-at", create_directory_at(path: String));
    noted!(linker, ReadWrite, "remove-directory-at", remove_directory_at(path: String));
    noted!(linker, ReadWrite, "unlink-file-at", unlink_file_at(path: String));
    noted!(linker, ReadWrite, "symlink-at", symlink_at(target: String, path: String));
    noted!(linker, ReadWrite, "set-times", set_times(accessed: NewTimestamp, changed: NewTimestamp));
    noted!(linker, ReadWrite, "set-times-at", set_times_at(flags: PathFlags, path: String, accessed: NewTimestamp, changed: NewTimestamp));
    noted_both!(linker, "rename-at", rename_at(path: String; directory_to));
    noted_both!(linker, "link-at", link_at(flags: PathFlags, path: String; directory_to));
    Ok(())
}

fn answered<T>(view: &mut WasiFilesystemCtxView<'_>, answer: FsResult<T>) -> wasmtime::Result<(Result<T, ErrorCode>,)> {
    match answer {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(view.convert_error_code(error)?),)),
    }
}
