//! Says hello.

use jackfield_sdk::prelude::*;

/// What is said.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Greeting {
    /// The words.
    text: String,
}

/// Greets somebody by name.
#[task(example_input = r#"{"name": "Ada"}"#)]
fn greet(
    /// Who to greet.
    name: String,
) -> Result<Greeting, TaskError> {
    if name.is_empty() {
        return Err(TaskError::permanent("no-name", "the name is empty"));
    }
    Ok(Greeting { text: format!("Hello, {name}!") })
}

plugin!(greet);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_by_name() {
        assert_eq!(greet("Ada".to_owned()).unwrap().text, "Hello, Ada!");
        assert_eq!(greet(String::new()).unwrap_err().code(), "no-name");
    }
}
