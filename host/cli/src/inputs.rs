//! Inputs of a run: from words to values.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use jackfield_flow::plan::Plan;
use jackfield_flow::types::{Fields, JsonLimits, Type, Value};

use crate::args::Pair;
use crate::error::CliError;

/// The largest file or stream that is read as an input, in bytes.
pub(crate) const INPUT_BYTES_MAX: u64 = 16 << 20;

/// The inputs that were typed, together with those of a file; `--input` goes first.
///
/// # Errors
/// When a file cannot be read, a value cannot be, or a name is given twice. Whether the values fit is decided where the
/// run starts.
pub(crate) fn gather(plan: &Plan, typed: &[Pair], file: Option<&Path>) -> Result<Value, CliError> {
    let mut inputs = match file {
        Some(path) => from_file(path)?,
        None => Fields::new(),
    };
    let mut seen: Vec<&str> = Vec::new();
    for pair in typed {
        if seen.contains(&&*pair.name) {
            return Err(CliError::Usage(format!("the input `{}` is given twice", pair.name)));
        }
        seen.push(&pair.name);
        let declared = plan.inputs.iter().find(|input| *input.name == *pair.name);
        let value = value_of(&pair.name, declared.map(|input| &input.ty), &pair.value)?;
        inputs.insert(Arc::from(&*pair.name), value);
    }
    Ok(Value::Map(Arc::new(inputs)))
}

fn from_file(path: &Path) -> Result<Fields, CliError> {
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let text = utf8(&shown, read(path)?)?;
    match Value::from_json(&text, JsonLimits::default()) {
        Ok(Value::Map(fields)) => Ok(Arc::unwrap_or_clone(fields)),
        Ok(other) => {
            Err(CliError::Usage(format!("{shown}: inputs are a JSON object such as {{\"region\": \"eu\"}}, and this is {}", other.kind())))
        }
        Err(error) => Err(CliError::Usage(format!("{shown}: {error}"))),
    }
}

/// A file or, for `-`, standard input, within [`INPUT_BYTES_MAX`].
///
/// # Errors
/// When it cannot be read or is larger.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        return bounded(path, io::stdin().lock());
    }
    bounded(path, File::open(path).map_err(|error| CliError::file(path, error))?)
}

fn bounded(path: &Path, from: impl Read) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    from.take(INPUT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| CliError::file(path, error))?;
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(CliError::Refused(format!("{} is larger than {INPUT_BYTES_MAX} bytes, the most that is read", path.display())));
    }
    Ok(bytes)
}

/// Bytes as text.
///
/// # Errors
/// When they are not UTF-8; says where.
pub(crate) fn utf8(shown: &str, bytes: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(bytes)
        .map_err(|error| CliError::Usage(format!("{shown} is not UTF-8 text: byte {} is wrong", error.utf8_error().valid_up_to())))
}

/// What was written after `NAME=`, as a value of the type as far as the text can tell.
///
/// Of a name that nobody declared there is no type: whatever the value is, the name is what will be refused.
///
/// # Errors
/// When a file cannot be read, or the text is not JSON where it must be.
pub(crate) fn value_of(name: &str, ty: Option<&Type>, text: &str) -> Result<Value, CliError> {
    let (bytes, shown) = match text.strip_prefix('@') {
        Some(rest) if rest.starts_with('@') => (rest.as_bytes().to_vec(), format!("--input {name}")),
        Some(path) => (read(Path::new(path))?, path.to_owned()),
        None => (text.as_bytes().to_vec(), format!("--input {name}")),
    };
    let from_file = text.starts_with('@') && !text.starts_with("@@");
    let Some(ty) = ty.map(inner) else { return Ok(Value::string(utf8(&shown, bytes)?)) };
    match ty {
        Type::Bytes if from_file => Ok(Value::Bytes(bytes.into())),
        Type::String | Type::Enum(_) | Type::Bytes | Type::Timestamp | Type::Duration => {
            let text = utf8(&shown, bytes)?;
            // An editor ends the last line; no name, instant or span of time has a line end.
            let trimmed = if *ty == Type::String { &text } else { text.trim_end_matches(['\r', '\n']) };
            Ok(Value::string(trimmed))
        }
        wanted => json_value(wanted, &shown, &utf8(&shown, bytes)?),
    }
}

fn json_value(ty: &Type, shown: &str, text: &str) -> Result<Value, CliError> {
    match (Value::from_json(text, JsonLimits::default()), ty) {
        (Ok(value), _) => Ok(value),
        // A case without a value is written by its bare name.
        (Err(_), Type::Variant(variant)) if variant.case(text.trim()) == Some(None) => Ok(Value::string(text.trim())),
        (Err(error), Type::Json) => {
            let quoted = Value::string(text.chars().take(40).collect::<String>()).to_json();
            Err(CliError::Usage(format!("{shown}: {error}; a text of a `json` input is written as JSON, such as '{quoted}'")))
        }
        (Err(error), _) => Err(CliError::Usage(format!("{shown}: it must be {ty}, written as JSON: {error}"))),
    }
}

/// The type, or what an option holds.
fn inner(ty: &Type) -> &Type {
    match ty {
        Type::Option(some) => some,
        _ => ty,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use jackfield_flow::types::VariantType;

    use super::*;
    use crate::exit::kind_of;

    fn check(ty: &Type, text: &str, expected: Result<&str, &str>) {
        match (value_of("x", Some(ty), text), expected) {
            (Ok(value), Ok(json)) => assert_eq!(value.to_json(), json),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{error}");
                assert_eq!(kind_of(&error).exit.code(), 2);
            }
            (got, expected) => panic!("{got:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn texts_are_taken_as_they_are_and_the_rest_is_json() {
        check(&Type::String, "42", Ok("\"42\""));
        check(&Type::String, "", Ok("\"\""));
        check(&Type::option(Type::String), "null", Ok("\"null\""));
        check(&Type::one_of(["eu", "us"]), "eu", Ok("\"eu\""));
        check(&Type::Duration, "5m", Ok("\"5m\""));
        check(&Type::Int, "42", Ok("42"));
        check(&Type::Int, "18446744073709551615", Ok("18446744073709551615"));
        check(&Type::Int, "4x", Err("it must be int, written as JSON"));
        check(&Type::option(Type::Int), "null", Ok("null"));
        check(&Type::list(Type::Int), "[1, 2]", Ok("[1,2]"));
        check(&Type::Json, "{\"a\": 1}", Ok("{\"a\":1}"));
        check(&Type::Json, "hello", Err("such as '\"hello\"'"));
    }

    #[test]
    fn a_case_without_a_value_is_a_bare_name() {
        let ty = Type::Variant(Arc::new(VariantType { cases: vec![("all".into(), None), ("some".into(), Some(Type::Int))] }));
        check(&ty, "all", Ok("\"all\""));
        check(&ty, "{\"some\": 3}", Ok("{\"some\":3}"));
        check(&ty, "some", Err("written as JSON"));
    }

    #[test]
    fn at_signs_read_files() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"eu\n").unwrap();
        let at = format!("@{}", file.path().display());
        check(&Type::String, &at, Ok("\"eu\\n\""));
        check(&Type::one_of(["eu"]), &at, Ok("\"eu\""));
        check(&Type::Bytes, &at, Ok("\"ZXUK\""));
        check(&Type::Int, &at, Err("it must be int"));
        check(&Type::String, "@@here", Ok("\"@here\""));
        check(&Type::String, "@/no/such/file", Err("/no/such/file: "));
    }

    #[test]
    fn the_value_of_a_name_that_nobody_declared_is_whatever_it_is() {
        assert_eq!(value_of("nmae", None, "Ada {").unwrap(), Value::string("Ada {"));
    }

    #[test]
    fn what_is_not_text_says_where() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"ab\xff").unwrap();
        check(&Type::String, &format!("@{}", file.path().display()), Err("byte 2 is wrong"));
    }
}
