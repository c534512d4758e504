//! JSON → memory → JSON is the same JSON, for any type; and through a component as well.

use jackfield_flow::types::{JsonLimits, Type, Value};
use proptest::prelude::*;

use super::super::adapter::BASE;
use super::super::decode::Image;
use super::super::encode::arguments;
use super::super::shape::{Case, Int, Kind, Member, Shape};
use super::super::{Answer, TypedTask, schema};
use crate::RawTaskInfo;

/// Shapes of any kind, not very deep.
fn shapes() -> impl Strategy<Value = Shape> {
    let ints = vec![Int::U8, Int::U16, Int::U32, Int::U64, Int::S8, Int::S16, Int::S32, Int::S64];
    let names = || prop::collection::btree_set("[a-z]{1,3}(-[a-z]{1,2})?", 1..6);
    let case = |name: String, shape| Case { name, docs: String::new(), shape };
    let leaf = prop_oneof![
        prop::sample::select(vec![Kind::Bool, Kind::F32, Kind::F64, Kind::Char, Kind::String, Kind::Bytes]),
        prop::sample::select(ints).prop_map(Kind::Int),
        names().prop_map(|names| Kind::Flags(names.into_iter().collect())),
        names().prop_map(move |names| Kind::Enum(names.into_iter().map(|name| case(name, None)).collect())),
    ]
    .prop_map(Shape::new);
    leaf.prop_recursive(4, 20, 4, move |inner| {
        let optional = prop::option::of(inner.clone());
        prop_oneof![
            inner
                .clone()
                .prop_filter("that is bytes", |shape| shape.kind != Kind::Int(Int::U8))
                .prop_map(|item| Kind::List(Box::new(item))),
            inner
                .clone()
                .prop_filter("JSON cannot tell", |shape| !matches!(shape.kind, Kind::Option(_)))
                .prop_map(|some| Kind::Option(Box::new(some))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Kind::Tuple),
            prop::collection::btree_map("[a-z]{1,3}(-[a-z]{1,2})?", inner, 1..4).prop_map(|fields| {
                let field = |(name, shape): (String, Shape)| Member { key: name.replace('-', "_"), name, docs: String::new(), shape };
                Kind::Record(fields.into_iter().map(field).collect())
            }),
            prop::collection::btree_map("[a-z]{1,3}", optional.clone(), 1..4)
                .prop_map(move |cases| Kind::Variant(cases.into_iter().map(|(name, shape)| case(name, shape)).collect())),
            (optional.clone(), optional)
                .prop_map(move |(ok, err)| Kind::Result(Box::new([case("ok".to_owned(), ok), case("err".to_owned(), err)]))),
        ]
        .prop_map(Shape::new)
    })
}

/// A value of a shape, as JSON has it when it comes back.
fn values(shape: &Shape) -> BoxedStrategy<Value> {
    match &shape.kind {
        Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::Int(int) => {
            let (least, greatest) = int.range();
            (least..=greatest)
                .prop_map(|number| u64::try_from(number).map_or_else(|_| Value::Int(i64::try_from(number).unwrap()), Value::uint))
                .boxed()
        }
        Kind::F32 => any::<f32>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| Value::Float(format!("{number:?}").parse().unwrap()))
            .boxed(),
        Kind::F64 => any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Float).boxed(),
        Kind::Char => any::<char>().prop_map(|letter| Value::string(letter.to_string())).boxed(),
        Kind::String => any::<String>().prop_map(Value::string).boxed(),
        Kind::Bytes => prop::collection::vec(any::<u8>(), 0..9)
            .prop_map(|bytes| Value::string(Value::Bytes(bytes.into()).to_json().trim_matches('"')))
            .boxed(),
        Kind::List(item) => prop::collection::vec(values(item), 0..4).prop_map(Value::list).boxed(),
        Kind::Tuple(items) => items.iter().map(values).collect::<Vec<_>>().prop_map(Value::list).boxed(),
        Kind::Record(fields) => {
            let keys: Vec<String> = fields.iter().map(|field| field.key.clone()).collect();
            let all: Vec<_> = fields.iter().map(|field| values(&field.shape)).collect();
            all.prop_map(move |values| Value::map(keys.iter().map(String::as_str).zip(values))).boxed()
        }
        Kind::Flags(names) => {
            let names = names.clone();
            prop::sample::subsequence(names.clone(), 0..=names.len())
                .prop_map(|set| Value::list(set.into_iter().map(Value::string)))
                .boxed()
        }
        Kind::Enum(cases) => prop::sample::select(cases.iter().map(|case| Value::string(case.name.as_str())).collect::<Vec<_>>()).boxed(),
        Kind::Variant(cases) => one_of(cases),
        Kind::Result(cases) => one_of(&cases[..]),
        Kind::Option(some) => prop_oneof![Just(Value::Null), values(some)].boxed(),
    }
}

fn one_of(cases: &[Case]) -> BoxedStrategy<Value> {
    let case = |case: &Case| {
        let name = case.name.clone();
        match &case.shape {
            None => Just(Value::string(name)).boxed(),
            Some(shape) => values(shape).prop_map(move |value| Value::map([(name.as_str(), value)])).boxed(),
        }
    };
    prop::strategy::Union::new(cases.iter().map(case)).boxed()
}

fn task(shape: &Shape, more: usize) -> TypedTask {
    let member = |name: String, shape: Shape| Member { key: name.clone(), name, docs: String::new(), shape };
    let mut params = vec![member("x".to_owned(), shape.clone())];
    params.extend((0..more).map(|at| member(format!("p{at}"), Shape::new(Kind::Int(Int::U64)))));
    let info = RawTaskInfo {
        name: "f".to_owned(),
        docs: String::new(),
        input_schema: String::new(),
        output_schema: String::new(),
        errors: Vec::new(),
        effect: jackfield_flow::plan::Effect::Pure,
        capabilities: Vec::new(),
        annotations: Vec::new(),
    };
    TypedTask { info, interface: None, function: "f".to_owned(), params, answer: Answer::Value(shape.clone()), pure: true }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read((shape, value) in shapes().prop_flat_map(|shape| { let values = values(&shape); (Just(shape), values) })) {
        // Enough parameters that they are passed in memory.
        let task = task(&shape, 17);
        let others = (0..17).map(|at| (format!("p{at}"), Value::Int(0)));
        let input = Value::map([("x".to_owned(), value.clone())].into_iter().chain(others));
        let bytes = arguments(&task, &input, 1 << 20).map_err(|unfit| TestCaseError::fail(unfit.to_string()))?;
        let mut text = String::new();
        Image { bytes: &bytes }.write(&shape, BASE, &mut text, 1 << 20).map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert_eq!(&text, &value.to_json());
        // The type that workflows see takes it as well.
        let ty = Type::from_schema(&schema::of_answer(&task.answer)).unwrap();
        let read = Value::from_json(&text, JsonLimits::default()).unwrap();
        prop_assert!(ty.check(&read).is_ok(), "{} is not {}", text, ty);
    }

    #[test]
    fn any_memory_is_read_within_bounds(shape in shapes(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut text = String::new();
        let _ = Image { bytes: &bytes }.write(&shape, BASE, &mut text, 4_096);
        prop_assert!(text.len() <= 4_096 + 512);
    }

    #[test]
    fn any_value_is_taken_or_refused(shape in shapes(), other in shapes().prop_flat_map(|shape| values(&shape))) {
        let _ = arguments(&task(&shape, 0), &Value::map([("x", other)]), 4_096);
    }
}
