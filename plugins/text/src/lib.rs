//! Text tasks: `match`, `replace` and `split` (regular expressions), `lines`, `join` and `template`.
//!
//! All of them are pure. Regular expressions are those of the crate `regex`: they take time linear in the text, so that
//! no pattern can hang a step; there are no back-references and no look-around.

mod lines;
mod pattern;
mod template;

/// How much of a text stands in an error message, in bytes: inputs may be large, and messages are for people.
const SHOWN_BYTES_MAX: usize = 300;

/// The beginning of a text, for a message.
fn shortened(text: &str) -> String {
    if text.len() <= SHOWN_BYTES_MAX {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(SHOWN_BYTES_MAX)])
}

jackfield_sdk::plugin!(pattern::find, pattern::replace, pattern::split, lines::lines, lines::join, template::fill);
