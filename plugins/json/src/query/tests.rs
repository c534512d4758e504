use super::*;

fn run(filter: &str, input: Value) -> Result<Value, QueryError> {
    query(input, filter.to_owned(), BTreeMap::new(), Results::First, None)
}

fn all(filter: &str, input: Value, limit: Option<u32>) -> Result<Value, QueryError> {
    query(input, filter.to_owned(), BTreeMap::new(), Results::All, limit)
}

#[test]
fn first_result_is_the_answer() {
    assert_eq!(run(".[]", json!([7, 8])).unwrap(), json!(7));
    assert_eq!(run(".a.b", json!({"a": {"b": [1, {"c": null}]}})).unwrap(), json!([1, {"c": null}]));
}

#[test]
fn all_results_are_a_list() {
    assert_eq!(all(".[] | . * 2", json!([1, 2]), None).unwrap(), json!([2, 4]));
    assert_eq!(all("empty", json!(null), None).unwrap(), json!([]));
}

#[test]
fn the_standard_library_is_there() {
    let orders = json!([{"id": 2}, {"id": 1}, {"id": 2}]);
    assert_eq!(run("unique_by(.id) | map(.id)", orders).unwrap(), json!([1, 2]));
    assert_eq!(run(r#"test("^a.c$")"#, json!("abc")).unwrap(), json!(true));
    assert_eq!(run("1700000000 | todate", json!(null)).unwrap(), json!("2023-11-14T22:13:20Z"));
    assert_eq!(run("@base64", json!("hi")).unwrap(), json!("aGk="));
}

#[test]
fn names_keep_their_order() {
    let answer = run(". + {a: 3}", json!({"z": 1, "m": 2})).unwrap();
    assert_eq!(answer.to_string(), r#"{"z":1,"m":2,"a":3}"#);
}

#[test]
fn variables_are_bound_by_name() {
    let variables = BTreeMap::from([("least".to_owned(), json!(2)), ("a_1".to_owned(), json!({"x": 5}))]);
    let answer = query(json!([1, 2, 3]), "map(select(. >= $least) + $a_1.x)".to_owned(), variables, Results::First, None);
    assert_eq!(answer.unwrap(), json!([7, 8]));
}

#[test]
fn bad_variable_names_are_refused() {
    for name in ["$x", "", "1x", "a-b", "ä"] {
        let variables = BTreeMap::from([(name.to_owned(), json!(1))]);
        let error = query(json!(null), ".".to_owned(), variables, Results::First, None).unwrap_err();
        assert!(matches!(error, QueryError::BadVariable { .. }), "{name}: {error}");
    }
}

#[test]
fn whole_numbers_stay_exact() {
    for number in [json!(9_007_199_254_740_993_u64), json!(u64::MAX), json!(i64::MIN), json!(-0.5), json!(1e300)] {
        assert_eq!(run(".", number.clone()).unwrap(), number);
    }
    assert_eq!(run(". - 1", json!(9_007_199_254_740_993_u64)).unwrap(), json!(9_007_199_254_740_992_u64));
    assert_eq!(run(". + 1", json!(i64::MAX)).unwrap(), json!(9_223_372_036_854_775_808_u64));
}

#[test]
fn what_json_cannot_carry_is_refused() {
    for filter in ["nan", "infinite", "-infinite", "18446744073709551615 + 1", "{(1|tojson): 1} | {a: nan}", "{1: 2}"] {
        let error = run(filter, json!(null)).unwrap_err();
        assert!(matches!(error, QueryError::NotJson { .. } | QueryError::BadFilter { .. }), "{filter}: {error}");
    }
    assert!(matches!(run("nan", json!(null)), Err(QueryError::NotJson { .. })));
}

#[test]
fn problems_have_places() {
    let error = run(".a |\n  nope(1) + $x", json!(null)).unwrap_err();
    let QueryError::BadFilter { problems } = &error else { panic!("{error}") };
    let places: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(places, [(2, 3), (2, 13)], "{error}");
    assert!(error.to_string().contains("there is no variable `$x`"), "{error}");
}

#[test]
fn syntax_errors_have_places() {
    for (filter, line, column) in [(".[", 1, 3), ("1 +", 1, 4), (". | )", 1, 5), ("\n\n .a §", 3, 5)] {
        let error = run(filter, json!(null)).unwrap_err();
        let QueryError::BadFilter { problems } = &error else { panic!("{filter}: {error}") };
        assert_eq!((problems[0].line, problems[0].column), (line, column), "{filter}: {error}");
    }
}

#[test]
fn modules_cannot_be_loaded() {
    let error = run(r#"include "secrets"; ."#, json!(null)).unwrap_err();
    assert!(matches!(error, QueryError::BadFilter { .. }), "{error}");
}

#[test]
fn errors_of_the_filter_are_passed_on() {
    let error = run(r#"error("no " + .name)"#, json!({"name": "luck"})).unwrap_err();
    assert_eq!(error.to_string(), "the filter failed: no luck");
    assert!(matches!(run(".[0]", json!(5)), Err(QueryError::Failed { .. })));
}

#[test]
fn long_errors_are_cut() {
    let error = run("error(\"é\" * 2000)", json!(null)).unwrap_err().to_string();
    assert!(error.len() < MESSAGE_BYTES_MAX + 40 && error.ends_with('…'), "{}", error.len());
}

#[test]
fn halt_does_not_end_the_program() {
    assert!(matches!(run("halt", json!(null)), Err(QueryError::Failed { .. })));
}

#[test]
fn no_result_is_not_null() {
    assert!(matches!(run("empty", json!(null)), Err(QueryError::NoResult)));
}

#[test]
fn results_are_bounded() {
    assert_eq!(all("range(3)", json!(null), Some(3)).unwrap(), json!([0, 1, 2]));
    assert!(matches!(all("range(4)", json!(null), Some(3)), Err(QueryError::TooManyResults { limit: 3 })));
    let endless = all("repeat(1)", json!(null), Some(u32::MAX));
    assert!(matches!(endless, Err(QueryError::TooManyResults { limit: RESULTS_MAX })));
}
