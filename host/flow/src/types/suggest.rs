//! "Did you mean": the nearest of some known words.

/// Words longer than this are not compared: nobody mistypes them letter by letter, and the work stays small.
const WORD_CHARS_MAX: usize = 64;

/// The known word nearest to `word`, if it is near enough to be what was meant: at most a third of the letters differ.
///
/// The distance is the restricted Damerau-Levenshtein distance (optimal string alignment) over lower-case letters, where
/// `-` and `_` are the same; of equally near words the first wins.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(word)?;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let Some(known) = letters(candidate) else { continue };
        let near = (wanted.len().max(known.len()) / 3).max(1);
        let allowed = best.map_or(near, |(distance, _)| near.min(distance.saturating_sub(1)));
        if wanted.len().abs_diff(known.len()) > allowed || candidate == word {
            continue;
        }
        let distance = distance(&wanted, &known);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) && distance < wanted.len().max(known.len()) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = word.chars().take(WORD_CHARS_MAX + 1).collect();
    let same = |letter: char| if letter == '_' { '-' } else { letter };
    (letters.len() <= WORD_CHARS_MAX).then(|| letters.iter().flat_map(|letter| letter.to_lowercase()).map(same).collect())
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn nearest_word_that_is_near_enough() {
        let words = ["region", "since", "limit", "max-parallel", "retry"];
        let cases = [
            ("regoin", Some("region")),
            ("Region", Some("region")),
            ("sinc", Some("since")),
            ("maxparallel", Some("max-parallel")),
            ("max_parallel", Some("max-parallel")),
            ("retries", None),
            ("retri", Some("retry")),
            ("x", None),
            ("", None),
            ("colour", None),
        ];
        for (word, expected) in cases {
            assert_eq!(did_you_mean(word, words), expected, "{word}");
        }
    }

    #[test]
    fn the_first_of_equally_near_words_wins_and_long_words_are_left_alone() {
        assert_eq!(did_you_mean("cat", ["bat", "car"]), Some("bat"));
        assert_eq!(did_you_mean(&"x".repeat(100_000), ["x"]), None);
        assert_eq!(did_you_mean("ab", ["cd"]), None);
    }
}
