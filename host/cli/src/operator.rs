//! What the operator of this process allows and sets: networks, configuration values, secrets.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jackfield_sandbox::{Cidr, OperatorPolicy, Secrets};

use crate::args::OperatorArgs;
use crate::error::CliError;

/// What the operator allows and sets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operator {
    /// What is allowed, whatever plugins ask and workflows grant.
    pub(crate) policy: OperatorPolicy,
    /// Configuration values by name.
    pub(crate) config: BTreeMap<String, String>,
    /// Secrets by name.
    pub(crate) secrets: Secrets,
}

/// No honest file of secrets is larger, in bytes.
const SECRETS_BYTES_MAX: u64 = 1 << 20;
/// Mode bits that let somebody else read.
const READABLE_BY_OTHERS: u32 = 0o077;

impl Operator {
    /// What was typed and what the environment says; what was typed goes first.
    pub(crate) fn new(typed: &OperatorArgs, env: impl IntoIterator<Item = (String, String)>) -> Result<Self, CliError> {
        let mut operator = Self::default();
        let mut secrets = BTreeMap::new();
        for (name, value) in env {
            if let Some(name) = name.strip_prefix("JACKFIELD_CONFIG_") {
                operator.config.insert(name_of(name), value);
            } else if let Some(name) = name.strip_prefix("JACKFIELD_SECRET_") {
                secrets.insert(name_of(name), value);
            }
        }
        if let Some(path) = &typed.secrets_file {
            secrets.extend(read_secrets(path)?);
        }
        operator.config.extend(typed.config.iter().map(|pair| (pair.name.clone(), pair.value.clone())));
        operator.secrets = secrets.into_iter().collect();
        operator.policy.open_networks = typed.allow_network.iter().map(|network| parse_network(network)).collect::<Result<_, _>>()?;
        Ok(operator)
    }
}

/// A name as workflows write it: `SHOP_TOKEN` is `shop-token`.
fn name_of(variable: &str) -> String {
    variable.to_ascii_lowercase().replace('_', "-")
}

fn parse_network(text: &str) -> Result<Cidr, CliError> {
    text.parse().map_err(|error| CliError::Usage(format!("--allow-network: {error}")))
}

fn read_secrets(path: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let failed = |error| CliError::file(path, error);
    let file = File::open(path).map_err(failed)?;
    // The opened file is asked, not its name, so that it cannot be exchanged in between.
    let about = file.metadata().map_err(failed)?;
    if about.mode() & READABLE_BY_OTHERS != 0 {
        let mode = about.mode() & 0o777;
        let message =
            format!("{} can be read by others (mode {mode:03o}): chmod 600 {}", path.display(), crate::settings::shell_word(path));
        return Err(CliError::Refused(message));
    }
    let mut text = String::new();
    file.take(SECRETS_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > SECRETS_BYTES_MAX {
        return Err(CliError::Refused(format!("{} is larger than {SECRETS_BYTES_MAX} bytes", path.display())));
    }
    parse_secrets(&text).map_err(|line| CliError::Usage(format!("{}:{line}: write NAME=VALUE", path.display())))
}

/// Lines `NAME=VALUE`, empty lines, and comments that begin with `#`; the error is the number of a line that is neither.
fn parse_secrets(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let mut secrets = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        // The line is never shown: it may be a secret whose name was forgotten.
        let (name, value) = line.split_once('=').filter(|(name, _)| !name.trim().is_empty()).ok_or(at + 1)?;
        secrets.insert(name_of(name.trim()), value.to_owned());
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::args::Pair;
    use crate::exit::kind_of;

    fn pair(name: &str, value: &str) -> Pair {
        Pair { name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn names_of_the_environment_are_those_of_workflows() {
        let env = [("JACKFIELD_CONFIG_BASE_URL", "http://a"), ("JACKFIELD_SECRET_SHOP_TOKEN", "s3"), ("PATH", "/bin")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let typed =
            OperatorArgs { config: vec![pair("base-url", "http://b")], allow_network: vec!["127.0.0.0/8".into()], secrets_file: None };
        let operator = Operator::new(&typed, env).unwrap();
        assert_eq!(operator.config, BTreeMap::from([("base-url".to_owned(), "http://b".to_owned())]));
        assert_eq!(format!("{:?}", operator.secrets), r#"{"shop-token"}"#);
        assert_eq!(operator.policy.open_networks.len(), 1);
    }

    #[test]
    fn a_network_that_is_none_is_a_usage_error() {
        let typed = OperatorArgs { allow_network: vec!["localhost".into()], ..OperatorArgs::default() };
        let error = Operator::new(&typed, []).unwrap_err();
        assert_eq!(kind_of(&error).exit.code(), 2);
        assert!(error.to_string().contains("10.0.0.0/8"), "{error}");
    }

    #[test]
    fn secrets_are_lines() {
        let secrets = parse_secrets("# ours\nshop_token = a=b \n\nX=\n").unwrap();
        assert_eq!(secrets, BTreeMap::from([("shop-token".to_owned(), " a=b ".to_owned()), ("x".to_owned(), String::new())]));
        assert_eq!(parse_secrets("a=1\nnot a pair"), Err(2));
        assert_eq!(parse_secrets("=1"), Err(1));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"token=1\n").unwrap();
        let read = |mode| {
            file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).unwrap();
            read_secrets(file.path())
        };
        assert_eq!(read(0o600).unwrap().len(), 1);
        let error = read(0o640).unwrap_err();
        assert_eq!(kind_of(&error).exit.code(), 3);
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
