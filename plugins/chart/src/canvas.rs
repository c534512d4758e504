//! SVG text, written element by element.

use std::fmt::{self, Write as _};

/// A text as XML: what has a meaning there is escaped, and what XML 1.0 cannot carry is replaced.
pub(crate) struct Xml<'a>(pub(crate) &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A length in pixels, with one decimal place where it has one.
#[derive(Clone, Copy)]
pub(crate) struct Px(pub(crate) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding zero takes the sign from a negative one.
        let rounded = (self.0 * 10.0).round() / 10.0 + 0.0;
        write!(f, "{rounded}")
    }
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Font {
    /// Its size in pixels.
    pub(crate) size: f64,
    /// Its colour.
    pub(crate) colour: &'static str,
    /// Its `font-weight`.
    pub(crate) weight: &'static str,
}

/// An SVG text that grows.
#[derive(Default)]
pub(crate) struct Canvas {
    text: String,
}

impl Canvas {
    /// Adds markup: `canvas.put(format_args!(…))`. Whatever comes from data must go through [`Xml`].
    pub(crate) fn put(&mut self, markup: fmt::Arguments<'_>) {
        self.text.write_fmt(markup).expect("a String takes every text");
    }

    /// Adds markup and ends the line.
    pub(crate) fn line(&mut self, markup: fmt::Arguments<'_>) {
        self.put(markup);
        self.text.push('\n');
    }

    /// A text at a place.
    pub(crate) fn label(&mut self, (x, y): (f64, f64), anchor: Anchor, font: Font, text: &str) {
        let Font { size, colour, weight } = font;
        self.put(format_args!("<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{colour}\"", Px(x), Px(y), Px(size)));
        if anchor != Anchor::Start {
            self.put(format_args!(" text-anchor=\"{}\"", anchor.name()));
        }
        if weight != "normal" {
            self.put(format_args!(" font-weight=\"{weight}\""));
        }
        self.line(format_args!(">{}</text>", Xml(text)));
    }

    /// The text so far.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_data_is_markup() {
        assert_eq!(
            Xml("<script>\"a\" & 'b'</script>\u{0}\n").to_string(),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;\u{fffd} "
        );
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!([Px(1.0), Px(1.25), Px(-0.04), Px(1e3)].map(|px| px.to_string()), ["1", "1.3", "0", "1000"]);
    }
}
