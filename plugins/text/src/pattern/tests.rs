use super::*;

fn matches(text: &str, pattern: &str) -> Matches {
    find(text.to_owned(), pattern.to_owned(), Syntax::Regex, WithoutMatch::Accept, None).unwrap()
}

fn replaced(text: &str, pattern: &str, replacement: &str) -> Result<Replaced, PatternError> {
    replace(text.to_owned(), pattern.to_owned(), replacement.to_owned(), Syntax::Regex, None, WithoutMatch::Accept)
}

fn parts(text: &str, pattern: &str, syntax: Syntax, most: Option<u32>, skip_empty: bool) -> Vec<String> {
    split(text.to_owned(), pattern.to_owned(), syntax, most, skip_empty).unwrap()
}

#[test]
fn groups_and_names_are_told() {
    let answer = matches("é: k=v; only", r"(?<key>\w+)(?:=(\w+))?(!)?$|k=(v)");
    let texts: Vec<_> = answer.matches.iter().map(|one| (one.text.as_str(), one.start)).collect();
    assert_eq!(texts, [("k=v", 3), ("only", 8)]);
    assert_eq!(answer.matches[0].groups, [None, None, None, Some("v".to_owned())]);
    assert_eq!(answer.matches[0].names["key"], None);
    assert_eq!(answer.matches[1].names["key"].as_deref(), Some("only"));
}

#[test]
fn empty_matches_advance() {
    assert_eq!(matches("aé", "").matches.iter().map(|one| one.start).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn literals_are_not_patterns() {
    let answer = find("a.b ab".into(), "a.b".into(), Syntax::Literal, WithoutMatch::Accept, None).unwrap();
    assert_eq!(answer.matches.len(), 1);
    let answer = replace("1+1".into(), "+".into(), "$0$".into(), Syntax::Literal, None, WithoutMatch::Accept).unwrap();
    assert_eq!(answer.text, "1$0$1");
}

#[test]
fn no_match_is_an_answer_or_an_error() {
    assert_eq!(matches("abc", "x"), Matches { found: false, matches: vec![] });
    let error = find("abc".into(), "x".into(), Syntax::Regex, WithoutMatch::Fail, None).unwrap_err();
    assert!(matches!(error, PatternError::NoMatch { bytes: 3, .. }));
    let error = replace("abc".into(), "x".into(), String::new(), Syntax::Regex, None, WithoutMatch::Fail).unwrap_err();
    assert!(matches!(error, PatternError::NoMatch { .. }));
}

#[test]
fn matches_are_bounded() {
    let found = |limit| find("aaa".into(), "a".into(), Syntax::Regex, WithoutMatch::Accept, Some(limit));
    assert_eq!(found(3).unwrap().matches.len(), 3);
    assert!(matches!(found(2), Err(PatternError::TooManyResults { limit: 2 })));
}

#[test]
fn bad_patterns_are_refused_with_their_place() {
    for pattern in ["(", "a{2,1}", r"\1", "(?=a)", r"\w{1000}{1000}"] {
        let error = find("a".into(), pattern.into(), Syntax::Regex, WithoutMatch::Accept, None).unwrap_err();
        assert!(matches!(error, PatternError::BadPattern { .. }), "{pattern}: {error}");
    }
}

#[test]
fn messages_stay_short() {
    let long = format!("{}(", "é".repeat(2_000));
    let error = find("a".into(), long, Syntax::Regex, WithoutMatch::Accept, None).unwrap_err().to_string();
    assert!(error.len() < 200 && error.contains("unclosed group"), "{error}");
    let error = find("a".into(), "é".repeat(2_000), Syntax::Regex, WithoutMatch::Fail, None).unwrap_err().to_string();
    assert!(error.len() < 400, "{error}");
}

#[test]
fn no_pattern_takes_exponential_time() {
    assert!(!matches(&"a".repeat(10_000), "(a*)*b").found);
}

#[test]
fn replaces_with_groups() {
    assert_eq!(replaced("Lovelace, Ada", r"(?<last>\w+), (\w+)", "$2 ${last}!$$ $0").unwrap().text, "Ada Lovelace!$ Lovelace, Ada");
    assert_eq!(replaced("a1b2", r"\d", "").unwrap(), Replaced { text: "ab".into(), count: 2 });
    assert_eq!(replaced("5 $", r"5", "6 $ ").unwrap().text, "6 $  $");
}

#[test]
fn replaces_at_most_so_many() {
    let first = |limit| replace("aaa".into(), "a".into(), "b".into(), Syntax::Regex, Some(limit), WithoutMatch::Accept).unwrap();
    assert_eq!(first(2), Replaced { text: "bba".into(), count: 2 });
    assert_eq!(first(0), Replaced { text: "aaa".into(), count: 0 });
}

#[test]
fn unknown_groups_are_refused() {
    for replacement in ["$2", "$1th", "${nope}", "a $$ ${1}$9"] {
        let error = replaced("a", "(a)", replacement).unwrap_err();
        assert!(matches!(error, PatternError::NoSuchGroup { .. }), "{replacement}");
        assert!(error.to_string().contains("`0`, `1`"), "{error}");
    }
    assert_eq!(replaced("a", "(a)", "${1}th").unwrap().text, "ath");
}

#[test]
fn splits_at_patterns_and_literals() {
    assert_eq!(parts("a, b;;c", "[,;] *", Syntax::Regex, None, false), ["a", "b", "", "c"]);
    assert_eq!(parts("a, b;;c", "[,;] *", Syntax::Regex, None, true), ["a", "b", "c"]);
    assert_eq!(parts("a.b.c", ".", Syntax::Literal, Some(2), false), ["a", "b.c"]);
    assert_eq!(parts("", ",", Syntax::Literal, None, false), [""]);
    assert_eq!(parts("", ",", Syntax::Literal, None, true), Vec::<String>::new());
}

#[test]
fn parts_are_bounded() {
    let text = ",".repeat(RESULTS_MAX as usize);
    assert!(matches!(split(text, ",".into(), Syntax::Literal, None, false), Err(PatternError::TooManyResults { .. })));
}
