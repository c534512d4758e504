//! What the operator may type.

use std::path::PathBuf;

use clap::Args;

/// What the operator of this process allows and sets.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Operator options")]
pub(crate) struct OperatorArgs {
    /// Let granted HTTP requests reach a private network, such as 127.0.0.0/8
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow_network: Vec<String>,
    /// Set a configuration value; steps see those that their grants name
    #[arg(long, value_name = "NAME=VALUE", value_parser = Pair::parse)]
    pub(crate) config: Vec<Pair>,
    /// Read secrets from a file of NAME=VALUE lines that only its owner can read
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets_file: Option<PathBuf>,
}

/// `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Before the first `=`.
    pub(crate) name: String,
    /// After it.
    pub(crate) value: String,
}

impl Pair {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self { name: name.to_owned(), value: value.to_owned() }),
            _ => Err("write NAME=VALUE".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_equals_sign_counts() {
        let pair = Pair::parse("a=b=c").unwrap();
        assert_eq!((&*pair.name, &*pair.value), ("a", "b=c"));
        assert_eq!(Pair::parse("a=").unwrap().value, "");
        assert!(Pair::parse("a").is_err() && Pair::parse("=b").is_err());
    }
}
