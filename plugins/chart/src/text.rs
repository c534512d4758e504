//! How wide a text will be, and how it is shortened.

/// Widths of the ASCII characters from the space on, in thousandths of the font size: those of Helvetica, which Arial, Liberation
/// Sans and Nimbus Sans share. What draws the chart chooses the font, so these are an estimate.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
    278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
    556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Other fonts are wider than Helvetica, by about so much.
const MARGIN: f64 = 1.08;

/// The width of a text in pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(char_width).sum::<f64>() * size * MARGIN
}

fn char_width(char: char) -> f64 {
    let from_space = usize::try_from(u32::from(char)).ok().and_then(|code| code.checked_sub(32));
    if let Some(width) = from_space.and_then(|at| WIDTHS.get(at)) {
        return f64::from(*width) / 1000.0;
    }
    // East Asian characters and pictures fill the square; other letters are about as wide as Latin ones.
    if u32::from(char) >= 0x1100 { 1.0 } else { 0.6 }
}

/// The text, or as much of it as fits the width, with an ellipsis.
pub(crate) fn shorten(text: &str, size: f64, width_max: f64) -> String {
    if width(text, size) <= width_max {
        return text.to_owned();
    }
    let mut room = width_max - width("…", size);
    let fits = |char: &char| {
        room -= char_width(*char) * size * MARGIN;
        room >= 0.0
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// The text in lines that fit the width, broken between words; at most `lines_max`, the last one shortened.
pub(crate) fn wrap(text: &str, size: f64, width_max: f64, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if lines_max == 0 || width(&format!("{line} {word}"), size) <= width_max => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > lines_max {
        let rest = lines.split_off(lines_max.saturating_sub(1)).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|line| shorten(line, size, width_max)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_texts_are_wider() {
        assert!(width("iii", 12.0) < width("MMM", 12.0));
        assert!((width("A", 24.0) - 2.0 * width("A", 12.0)).abs() < 1e-9);
        assert!(width("日本", 12.0) > width("ab", 12.0));
    }

    #[test]
    fn shortened_texts_fit() {
        assert_eq!(shorten("short", 12.0, 100.0), "short");
        let short = shorten("a rather long text that cannot fit", 12.0, 80.0);
        assert!(short.ends_with('…') && short.starts_with("a rather") && width(&short, 12.0) <= 80.0, "{short}");
        assert_eq!(shorten("anything", 12.0, 0.0), "…");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 10.0, width("one two", 10.0) + 0.1, 3), ["one two", "three"]);
        let lines = wrap("one two three four five six", 10.0, 40.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
        assert!(wrap("  ", 10.0, 40.0, 2).is_empty());
    }
}
