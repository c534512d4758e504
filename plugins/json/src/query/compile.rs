//! From filter text to a program, with places for what is wrong.

use jackfield_sdk::prelude::*;
use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Filter};
use jaq_json::Val;

/// One thing that is wrong with a filter.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Line in the filter, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
    /// What is wrong there.
    pub(crate) message: String,
}

/// All problems on one line, for a person.
pub(crate) fn list(problems: &[Problem]) -> String {
    let one = |problem: &Problem| format!("line {}, column {}: {}", problem.line, problem.column, problem.message);
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Compiles a filter that may use the given variables (with their `$`).
pub(crate) fn compile(filter: &str, variables: &[String]) -> Result<Filter<JustLut<Val>>, Vec<Problem>> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(definitions).load(&arena, File { code: filter, path: () }).map_err(|files| {
        let errors = files.into_iter().map(|(_, error)| error);
        errors.flat_map(|error| load_problems(filter, error)).collect::<Vec<_>>()
    })?;
    let compiler = Compiler::default().with_funs(functions).with_global_vars(variables.iter().map(String::as_str));
    compiler.compile(modules).map_err(|files| {
        let unknown = files.into_iter().flat_map(|(_, errors)| errors);
        unknown.map(|(name, kind)| problem(filter, name, format!("there is no {} `{name}`", undefined(&kind)))).collect()
    })
}

fn undefined(kind: &jaq_core::compile::Undefined) -> String {
    match kind {
        jaq_core::compile::Undefined::Filter(arity) => format!("filter with {arity} arguments called"),
        other => other.as_str().to_owned(),
    }
}

fn load_problems(filter: &str, error: load::Error<&str>) -> Vec<Problem> {
    match error {
        load::Error::Io(all) => all.into_iter().map(|(path, message)| problem(filter, path, format!("`{path}`: {message}"))).collect(),
        load::Error::Lex(all) => {
            let expected = |(wanted, at): (load::lex::Expect<&str>, &str)| {
                problem(filter, at, format!("expected {}, found {}", wanted.as_str(), found(at)))
            };
            all.into_iter().map(expected).collect()
        }
        load::Error::Parse(all) => {
            let expected = |(wanted, at): (load::parse::Expect<&str>, &str)| {
                problem(filter, at, format!("expected {}, found {}", wanted.as_str(), found(at)))
            };
            all.into_iter().map(expected).collect()
        }
    }
}

/// The beginning of the text at a place, quoted.
fn found(at: &str) -> String {
    let line = at.lines().next().unwrap_or_default();
    if line.is_empty() {
        return "the end of the line or filter".to_owned();
    }
    let start: String = line.chars().take(20).collect();
    format!("`{start}`")
}

fn problem(filter: &str, at: &str, message: String) -> Problem {
    // Every place that jaq reports is a slice of the filter; an unexpected one is told as the end.
    let offset = (at.as_ptr() as usize).wrapping_sub(filter.as_ptr() as usize);
    let before = filter.get(..offset).unwrap_or(filter);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[line_start..].chars().count() + 1;
    Problem { line: before.matches('\n').count() + 1, column, message }
}
