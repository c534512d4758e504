//! Making foreign text harmless to look at.
//!
//! What a task, a plugin or a file says may hold escape sequences that move the cursor, set the title or forge a line,
//! and marks that turn the direction of writing round (Boucher and Anderson, "Trojan Source", 2021). They are shown as
//! what they are. The stored text is never changed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text as one line: line ends and tabs are shown as `\n` and `\t`.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|letter| push(&mut out, letter));
    Cow::Owned(out)
}

/// Text as lines, each behind `indent`. Tabs stay; a carriage return before a line end is dropped with it.
pub(crate) fn block(text: &str, indent: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for part in text.split('\n') {
        let part = part.strip_suffix('\r').unwrap_or(part);
        out.push_str(indent);
        part.chars().for_each(|letter| if letter == '\t' { out.push('\t') } else { push(&mut out, letter) });
        out.push('\n');
    }
    out.truncate(out.trim_end_matches(['\n', ' ']).len());
    out
}

/// Text as one line of at most so many characters, with `…` for what is left out.
pub(crate) fn brief(text: &str, chars_max: usize) -> String {
    let escaped: String = line(text).chars().take(chars_max + 1).collect();
    if escaped.chars().count() <= chars_max {
        return escaped;
    }
    escaped.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

fn push(out: &mut String, letter: char) {
    if is_harmless(letter) {
        out.push(letter);
        return;
    }
    // Writing to a String cannot fail.
    let _ = match letter {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\0' => out.write_str("\\0"),
        _ if u32::from(letter) < 0x100 => write!(out, "\\x{:02x}", u32::from(letter)),
        _ => write!(out, "\\u{{{:x}}}", u32::from(letter)),
    };
}

/// Whether a terminal shows the character as itself and nothing else changes by it.
pub(crate) fn is_harmless(letter: char) -> bool {
    !letter.is_control() && !is_invisible(letter)
}

/// Marks of direction, line separators, tags, and other characters that change how their neighbours look.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_is_shown_as_what_it_is() {
        let cases = [
            ("plain ünïcode ✓ 👩‍👩‍👧", "plain ünïcode ✓ 👩‍👩‍👧"),
            ("\x1b[2Jgone", "\\x1b[2Jgone"),
            ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
            ("good\rbad", "good\\rbad"),
            ("a\nerror: forged", "a\\nerror: forged"),
            ("nul\0", "nul\\0"),
            ("c1 \u{9b}31m", "c1 \\x9b31m"),
            ("del\x7f", "del\\x7f"),
            ("user\u{202e}nimda", "user\\u{202e}nimda"),
            ("\u{feff}bom", "\\u{feff}bom"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
        ];
        for (text, shown) in cases {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn a_block_keeps_its_lines_and_nothing_else() {
        assert_eq!(block("a\r\n\tb\x1b[1m\n\n", "  "), "  a\n  \tb\\x1b[1m");
        assert_eq!(block("", "  "), "");
    }

    #[test]
    fn brief_counts_what_is_shown() {
        assert_eq!(brief("abcdef", 6), "abcdef");
        assert_eq!(brief("abcdefg", 6), "abcde…");
        assert_eq!(brief("\x1b\x1b", 6), "\\x1b\\…");
    }
}
