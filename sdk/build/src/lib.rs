//! From plugin source to component: finds or makes the Wasm toolchain, builds, and puts the components in one place.
//!
//! ```no_run
//! use jackfield_build::{BuildOptions, build_plugin};
//!
//! let built = build_plugin("my-plugin".as_ref(), &BuildOptions::default(), &mut |step| eprintln!("{step}"))?;
//! for plugin in built {
//!     println!("{}", plugin.path.display());
//! }
//! # Ok::<(), jackfield_build::BuildError>(())
//! ```
//!
//! The language is told by the files of the folder ([`Language::of`]). What a build needs besides a compiler is fetched once from the
//! registry of that language, in a version that is fixed here, and kept in the user's cache.
//!
//! For Rust, the toolchain comes one of three ways, tried in this order (see [`Toolchain::find`]): the user's own Rust has the
//! target `wasm32-wasip2`; `rustup` adds it; or Debian's packages give a compiler with its library sources, from which
//! the standard library is built once and kept. Nothing here changes the user's default compiler.

mod c;
mod command;
mod compile;
mod component;
mod embedded;
mod error;
mod javascript;
mod language;
mod machine;
mod members;
mod places;
mod plugin;
mod python;
mod rename;
mod scratch;
mod step;
mod toolchain;
mod world;

pub use command::forget_caller;
pub use compile::{BuildOptions, Built, Network, Profile, build_rust_plugin};
pub use error::BuildError;
pub use language::Language;
pub use places::{cache_dir, plugins_dir, target_dir};
pub use plugin::build_plugin;
pub use step::Step;
pub use toolchain::{Toolchain, Way, Wish};
