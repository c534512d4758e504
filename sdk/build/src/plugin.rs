//! From a plugin's folder to its components, whatever language it is written in.

use std::path::Path;
use std::time::Instant;

use crate::c;
use crate::compile::{BuildOptions, Built, build_rust_plugin};
use crate::error::BuildError;
use crate::javascript;
use crate::language::Language;
use crate::machine::Machine;
use crate::python;
use crate::step::Step;

/// Builds the plugin in `dir`; a Rust workspace may hold several. The component comes to lie in `options.output_dir`, or else in the
/// plugin's folder; of Rust, as [`build_rust_plugin`] says.
///
/// # Errors
/// When there is no plugin in the folder, a tool is missing, or the build fails; the error says what to do.
pub fn build_plugin(dir: &Path, options: &BuildOptions, tell: &mut dyn FnMut(Step)) -> Result<Vec<Built>, BuildError> {
    let language = Language::of(dir)?;
    if language == Language::Rust {
        return build_rust_plugin(dir, options, tell);
    }
    // Tools are called from within the folder, where a path that counts from here would count from there.
    let dir = &std::path::absolute(dir).map_err(BuildError::file("cannot find", dir))?;
    let output_dir = options.output_dir.as_ref().map(std::path::absolute).transpose().map_err(BuildError::file("cannot find", dir))?;
    let options = BuildOptions { output_dir, ..options.clone() };
    let machine = Machine::this();
    let start = Instant::now();
    let built = match language {
        Language::Rust => return build_rust_plugin(dir, &options, tell),
        Language::Python => python::build(&machine, dir, &options, tell)?,
        Language::JavaScript => javascript::build(&machine, dir, "plugin.js", &options, tell)?,
        Language::TypeScript => javascript::build(&machine, dir, "plugin.ts", &options, tell)?,
        Language::C => c::build(&machine, dir, c::Source::C, &options, tell)?,
        Language::Cpp => c::build(&machine, dir, c::Source::Cpp, &options, tell)?,
    };
    tell(Step::Finished { what: format!("building {} from {language}", built.package), took: start.elapsed() });
    Ok(vec![built])
}
