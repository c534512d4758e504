//! What else a plugin might learn of the world: configuration by grant, random bytes (H20), and an empty environment.

use std::io::Read;

use jackfield_sdk::config;
use jackfield_sdk::prelude::*;

/// Answers the value of a configuration key, or null.
#[task(effect = reads, asks(config(optional)))]
pub(crate) fn config_value(
    /// The key.
    key: String,
) -> Result<Option<String>, TaskError> {
    Ok(config::get(&key)?)
}

/// Answers random bytes, asked for in one call (H20); the same in every attempt of a pure step.
#[task]
pub(crate) fn random(
    /// How many.
    bytes: u32,
) -> Result<Bytes, TaskError> {
    let mut buffer = vec![0; bytes as usize];
    getrandom::fill(&mut buffer).or_permanent("no-random")?;
    Ok(Bytes(buffer))
}

/// What a program usually finds around it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Surroundings {
    /// Environment variables: must be none.
    variables: Vec<(String, String)>,
    /// Arguments: must be none.
    arguments: Vec<String>,
    /// Standard input: must be empty.
    stdin: String,
    /// Entries of the directory that it starts in, or the error: nothing without a grant.
    directory: Vec<String>,
}

/// Answers what a program usually finds around it.
#[task]
pub(crate) fn surroundings() -> Surroundings {
    let mut stdin = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut stdin) {
        stdin = format!("error: {error}");
    }
    let directory = match std::fs::read_dir(".") {
        Ok(entries) => entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect(),
        Err(error) => vec![format!("error: {error}")],
    };
    Surroundings { variables: std::env::vars().collect(), arguments: std::env::args().collect(), stdin, directory }
}
