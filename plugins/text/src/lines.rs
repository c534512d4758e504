//! `lines` and `join`.

use jackfield_sdk::prelude::*;

/// Joins texts.
#[task(
    title = "Join texts",
    example_input = r#"{"texts":["a","b"],"separator":", "}"#,
    example_output = r#"{"text":"a, b"}"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn join(
    /// The texts.
    texts: Vec<String>,
    /// What stands between two of them; a line break unless given.
    #[serde(default = "line_break")]
    separator: String,
    /// What stands after the last one, such as a line break; nothing unless given, and nothing when there are no texts.
    #[serde(default)]
    end: String,
) -> Text {
    let mut text = texts.join(&separator);
    if !texts.is_empty() {
        text.push_str(&end);
    }
    Text { text }
}

/// Splits a text into lines.
///
/// Lines end with `\n` or `\r\n`, which do not belong to them; the end of the last line may be missing.
#[task(
    title = "Split into lines",
    example_input = r#"{"text":"a\r\n\nb\n"}"#,
    example_output = r#"["a","","b"]"#,
    annotations("since" = "0.1.0")
)]
pub(crate) fn lines(
    /// The text.
    text: String,
    /// Take white space away from both ends of every line.
    #[serde(default)]
    trim: bool,
    /// Leave empty lines out.
    #[serde(default)]
    skip_empty: bool,
) -> Vec<String> {
    let lines = text.lines().map(|line| if trim { line.trim() } else { line });
    lines.filter(|line| !(skip_empty && line.is_empty())).map(str::to_owned).collect()
}

/// A text.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Text {
    /// The text.
    pub(crate) text: String,
}

fn line_break() -> String {
    "\n".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_lines_of_both_kinds() {
        assert_eq!(lines("a\r\n\n b \nlast".into(), false, false), ["a", "", " b ", "last"]);
        assert_eq!(lines("a\r\n\n b \n \nlast\n".into(), true, true), ["a", "b", "last"]);
        assert_eq!(lines(String::new(), false, false), Vec::<String>::new());
    }

    #[test]
    fn joins_with_separator_and_end() {
        assert_eq!(join(vec!["a".into(), String::new(), "b".into()], ";".into(), "\n".into()).text, "a;;b\n");
        assert_eq!(join(vec![], ";".into(), "\n".into()).text, "");
    }
}
