//! The table of functions.

use super::super::ast::{BindKind, FoldKind};
use super::Shape::{Any, Bool, Bytes, Duration, Float, Int, Item, Json, Ordered, String, Timestamp};
use super::{Cost, Function, Overload, Shape, Uses, convert, format, instant, list, number, option, text};

const ITEMS: Shape = Shape::List(&Item);
const ITEMS_OF_ITEMS: Shape = Shape::List(&ITEMS);
const ORDERED: Shape = Shape::List(&Ordered);
const STRINGS: Shape = Shape::List(&String);
const ANYTHING: Shape = Shape::List(&Any);
const JSONS: Shape = Shape::List(&Json);
const INTS: Shape = Shape::List(&Int);
const FLOATS: Shape = Shape::List(&Float);
const MAP: Shape = Shape::Map(&Item);
const JSON_MAP: Shape = Shape::Map(&Json);
const OPTION: Shape = Shape::Option(&Item);

type Run = fn(&mut super::Call<'_>) -> Result<crate::types::Value, super::Fault>;

const fn one(takes: &'static [Shape], gives: Shape, run: Run) -> Overload {
    Overload { takes, gives, cost: Cost::One, run }
}

const fn sized(takes: &'static [Shape], gives: Shape, run: Run) -> Overload {
    Overload { takes, gives, cost: Cost::Sized, run }
}

const fn function(name: &'static str, overloads: &'static [Overload], doc: &'static str) -> Function {
    Function { name, doc, uses: Uses::Overloads(overloads), takes_any_number: false }
}

const fn fold(name: &'static str, kind: FoldKind, doc: &'static str) -> Function {
    Function { name, doc, uses: Uses::Fold(kind), takes_any_number: false }
}

const fn bind(name: &'static str, kind: BindKind, doc: &'static str) -> Function {
    Function { name, doc, uses: Uses::Bind(kind), takes_any_number: false }
}

/// A function of a list whose elements may be written as its arguments.
const fn of_many(name: &'static str, overloads: &'static [Overload], doc: &'static str) -> Function {
    Function { name, doc, uses: Uses::Overloads(overloads), takes_any_number: true }
}

const ABS: &[Overload] = &[one(&[Int], Int, number::abs), one(&[Float], Float, number::abs)];
const TWO_INTS_AND: &[Overload] = &[one(&[Int, Int], Int, number::bit_and)];
const TWO_INTS_OR: &[Overload] = &[one(&[Int, Int], Int, number::bit_or)];
const TWO_INTS_XOR: &[Overload] = &[one(&[Int, Int], Int, number::bit_xor)];

const TO_FLOAT: &[Overload] = &[
    one(&[Float], Float, convert::same),
    one(&[Int], Float, convert::to_float),
    sized(&[String], Float, convert::to_float),
    one(&[Json], Float, convert::to_float),
];

/// Every function. Within one, the first overload that takes the arguments counts; `json` comes last, for what is known only at run time.
pub(super) const FUNCTIONS: &[Function] = &[
    // Presence.
    Function { name: "has", doc: "Whether a field is there and not null.", uses: Uses::Has, takes_any_number: false },
    function("orValue", &[one(&[OPTION, Item], Item, option::or_value)], "The value, or another one in place of nothing."),
    function("or", &[one(&[OPTION, OPTION], OPTION, option::or_value)], "The value, or another option in place of nothing."),
    function("hasValue", &[one(&[OPTION], Bool, option::has_value)], "Whether there is a value."),
    function("value", &[one(&[OPTION], Item, option::value)], "The value; that there is none is an error when it runs."),
    bind("optMap", BindKind::OptMap, "What is made of the value, or nothing of nothing."),
    bind("optFlatMap", BindKind::OptFlatMap, "What is made of the value, which may be nothing, or nothing of nothing."),
    function("optional.of", &[one(&[Item], OPTION, option::of)], "The value, as one that may be nothing."),
    function("optional.none", &[one(&[], OPTION, option::none)], "Nothing."),
    function(
        "optional.ofNonZeroValue",
        &[one(&[OPTION], OPTION, option::of_non_zero), one(&[Item], OPTION, option::of_non_zero)],
        "The value, or nothing when it is 0, false or empty.",
    ),
    // Each element.
    fold("all", FoldKind::All, "Whether the condition holds for all elements (of a map: names)."),
    fold("exists", FoldKind::Exists, "Whether the condition holds for at least one element."),
    fold("exists_one", FoldKind::ExistsOne, "Whether the condition holds for exactly one element."),
    fold("existsOne", FoldKind::ExistsOne, "The same as `exists_one`."),
    fold("filter", FoldKind::Filter, "The elements for which the condition holds."),
    fold("map", FoldKind::Map, "The value computed for each element, or for each for which the condition holds."),
    fold("sortBy", FoldKind::SortBy, "The elements in the order of a key; equal keys keep their order."),
    fold("transformList", FoldKind::TransformList, "The value computed for each position and element (of a map: name and value)."),
    fold("transformMap", FoldKind::TransformMap, "A map of the same names, with the value computed for each."),
    fold("transformMapEntry", FoldKind::TransformMapEntry, "One map of the names and values computed for each element."),
    bind("cel.bind", BindKind::Always, "What is computed with a name for a value."),
    // Conversions.
    function(
        "int",
        &[
            one(&[Int], Int, convert::same),
            one(&[Float], Int, convert::to_int),
            sized(&[String], Int, convert::to_int),
            one(&[Timestamp], Int, convert::to_int),
            one(&[Json], Int, convert::to_int),
        ],
        "A whole number: of a float without its fraction, of a text in decimal, of a timestamp in seconds since 1970.",
    ),
    function(
        "uint",
        &[
            one(&[Int], Int, convert::to_uint),
            one(&[Float], Int, convert::to_uint),
            sized(&[String], Int, convert::to_uint),
            one(&[Json], Int, convert::to_uint),
        ],
        "The same as `int`, of what is not negative.",
    ),
    function("float", TO_FLOAT, "A double: of a whole number (rounded when it is beyond 2^53) or of a text."),
    function("double", TO_FLOAT, "The same as `float`."),
    function(
        "string",
        &[
            one(&[String], String, convert::same),
            one(&[Int], String, convert::to_string),
            one(&[Float], String, convert::to_string),
            one(&[Bool], String, convert::to_string),
            sized(&[Bytes], String, convert::to_string),
            one(&[Timestamp], String, convert::to_string),
            one(&[Duration], String, convert::to_string),
            sized(&[Json], String, convert::to_string),
        ],
        "The value as text; bytes must be UTF-8. Of lists and maps: `to_json`.",
    ),
    function(
        "bool",
        &[one(&[Bool], Bool, convert::same), one(&[String], Bool, convert::to_bool), one(&[Json], Bool, convert::to_bool)],
        "A truth value: of the texts `true` and `false`.",
    ),
    function(
        "bytes",
        &[one(&[Bytes], Bytes, convert::same), sized(&[String], Bytes, convert::to_bytes)],
        "The UTF-8 bytes of a text. Of base64 text: `base64Decode`.",
    ),
    function(
        "timestamp",
        &[
            one(&[Timestamp], Timestamp, convert::same),
            one(&[String], Timestamp, convert::to_timestamp),
            one(&[Int], Timestamp, convert::to_timestamp),
            one(&[Json], Timestamp, convert::to_timestamp),
        ],
        "An instant: of RFC 3339 text, or of seconds since 1970.",
    ),
    function(
        "duration",
        &[
            one(&[Duration], Duration, convert::same),
            one(&[String], Duration, convert::to_duration),
            one(&[Json], Duration, convert::to_duration),
        ],
        "A span of time: of text such as `1h30m` or `1.5s`.",
    ),
    function("type", &[one(&[Any], String, convert::type_name)], "The name of a value's type as text."),
    function("dyn", &[one(&[Any], Json, convert::same)], "The value as `json`: its type is forgotten."),
    function("asBool", &[one(&[Json], Bool, convert::as_bool), one(&[Bool], Bool, convert::same)], "The truth value that a json value is."),
    function("asInt", &[one(&[Json], Int, convert::as_int), one(&[Int], Int, convert::same)], "The whole number that a json value is."),
    function("asFloat", &[one(&[Json], Float, convert::as_float), one(&[Float], Float, convert::same)], "The number that a json value is."),
    function(
        "asString",
        &[one(&[Json], String, convert::as_string), one(&[String], String, convert::same)],
        "The text that a json value is.",
    ),
    function("asList", &[one(&[Json], JSONS, convert::as_list), one(&[ITEMS], ITEMS, convert::same)], "The list that a json value is."),
    function("asMap", &[one(&[Json], JSON_MAP, convert::as_map), one(&[MAP], MAP, convert::same)], "The map that a json value is."),
    Function {
        name: "asType",
        doc: "The value as one of a type written as in a workflow file: `asType(x, {'fields': {'id': 'int'}})`.",
        uses: Uses::As,
        takes_any_number: false,
    },
    function("json", &[sized(&[String], Json, convert::from_json)], "The value of a JSON text."),
    function("to_json", &[one(&[Any], String, convert::to_json)], "The value as compact JSON text."),
    function("base64Encode", &[sized(&[Bytes], String, convert::base64_encode)], "Bytes as base64 text."),
    function(
        "base64Decode",
        &[sized(&[String], Bytes, convert::base64_decode)],
        "The bytes of a base64 text, with or without `=` at its end.",
    ),
    function("base64.encode", &[sized(&[Bytes], String, convert::base64_encode)], "The same as `base64Encode`."),
    function("base64.decode", &[sized(&[String], Bytes, convert::base64_decode)], "The same as `base64Decode`."),
    // Texts.
    function(
        "size",
        &[sized(&[String], Int, text::size), one(&[Bytes], Int, text::size), one(&[ITEMS], Int, text::size), one(&[MAP], Int, text::size)],
        "How many characters, bytes, elements or names there are.",
    ),
    function("contains", &[sized(&[String, String], Bool, text::contains)], "Whether a text is somewhere in the text."),
    function("startsWith", &[one(&[String, String], Bool, text::starts_with)], "Whether the text begins with another."),
    function("endsWith", &[one(&[String, String], Bool, text::ends_with)], "Whether the text ends with another."),
    function(
        "matches",
        &[sized(&[String, String], Bool, text::matches)],
        "Whether a regular expression (RE2, linear time; \\d \\w \\s \\b are about ASCII) matches somewhere in the text.",
    ),
    function("lowerAscii", &[sized(&[String], String, text::lower)], "The text with the letters A to Z in lower case."),
    function("upperAscii", &[sized(&[String], String, text::upper)], "The text with the letters a to z in upper case."),
    function("trim", &[sized(&[String], String, text::trim)], "The text without white space around it."),
    function(
        "split",
        &[sized(&[String, String], STRINGS, text::split), sized(&[String, String, Int], STRINGS, text::split)],
        "The parts between a separator, at most so many; an empty separator splits into characters.",
    ),
    function(
        "join",
        &[sized(&[STRINGS], String, text::join), sized(&[STRINGS, String], String, text::join)],
        "The texts one after another, with a separator between them.",
    ),
    function(
        "replace",
        &[sized(&[String, String, String], String, text::replace), sized(&[String, String, String, Int], String, text::replace)],
        "The text with every occurrence (or the first so many) of one text replaced by another.",
    ),
    function(
        "substring",
        &[sized(&[String, Int], String, text::substring), sized(&[String, Int, Int], String, text::substring)],
        "The characters from a position on, up to another one.",
    ),
    function(
        "indexOf",
        &[sized(&[String, String], Int, text::index_of), sized(&[String, String, Int], Int, text::index_of)],
        "The position of the first occurrence of a text (from a position on), or -1.",
    ),
    function(
        "lastIndexOf",
        &[sized(&[String, String], Int, text::last_index_of), sized(&[String, String, Int], Int, text::last_index_of)],
        "The position of the last occurrence of a text (that begins at a position or before it), or -1.",
    ),
    function("charAt", &[sized(&[String, Int], String, text::char_at)], "The character at a position; an empty text at the end."),
    function(
        "format",
        &[sized(&[String, ANYTHING], String, format::format)],
        "The text with %s %d %f %.2f %e %x %X %o %b %% filled in from a list.",
    ),
    function("strings.quote", &[sized(&[String], String, text::quote)], "The text as a literal, in quotes and with escapes."),
    // Numbers.
    function("abs", ABS, "The number without its sign."),
    function(
        "round",
        &[one(&[Float], Float, number::round), one(&[Float, Int], Float, number::round)],
        "The nearest whole number, halves away from zero; or with so many decimals.",
    ),
    function("floor", &[one(&[Float], Float, number::floor)], "The next lower whole number."),
    function("ceil", &[one(&[Float], Float, number::ceil)], "The next higher whole number."),
    function(
        "min",
        &[one(&[Ordered, Ordered], Ordered, number::min), sized(&[ORDERED], Ordered, number::min)],
        "The least of two values or of a list.",
    ),
    function(
        "max",
        &[one(&[Ordered, Ordered], Ordered, number::max), sized(&[ORDERED], Ordered, number::max)],
        "The greatest of two values or of a list.",
    ),
    of_many(
        "math.greatest",
        &[
            one(&[Int], Int, number::same),
            one(&[Float], Float, number::same),
            sized(&[INTS], Int, number::max),
            sized(&[FLOATS], Float, number::max),
        ],
        "The greatest of numbers, or of a list of them.",
    ),
    of_many(
        "math.least",
        &[
            one(&[Int], Int, number::same),
            one(&[Float], Float, number::same),
            sized(&[INTS], Int, number::min),
            sized(&[FLOATS], Float, number::min),
        ],
        "The least of numbers, or of a list of them.",
    ),
    function("math.abs", ABS, "The same as `abs`."),
    function("math.ceil", &[one(&[Float], Float, number::ceil)], "The same as `ceil`."),
    function("math.floor", &[one(&[Float], Float, number::floor)], "The same as `floor`."),
    function("math.round", &[one(&[Float], Float, number::round)], "The nearest whole number, halves away from zero."),
    function("math.trunc", &[one(&[Float], Float, number::trunc)], "The number without its fraction."),
    function("math.sign", &[one(&[Int], Int, number::sign), one(&[Float], Float, number::sign)], "-1, 0 or 1."),
    function(
        "math.sqrt",
        &[one(&[Int], Float, number::sqrt), one(&[Float], Float, number::sqrt)],
        "The square root of what is not negative.",
    ),
    function("math.bitAnd", TWO_INTS_AND, "The bits that both numbers have."),
    function("math.bitOr", TWO_INTS_OR, "The bits that one of the numbers has."),
    function("math.bitXor", TWO_INTS_XOR, "The bits that one of the numbers has and the other has not."),
    function("math.bitNot", &[one(&[Int], Int, number::bit_not)], "The other bits: of `n`, `-1 - n`."),
    function(
        "math.bitShiftLeft",
        &[one(&[Int, Int], Int, number::shift_left)],
        "The 64 bits of the number moved up by so many; what moves out is gone.",
    ),
    function(
        "math.bitShiftRight",
        &[one(&[Int, Int], Int, number::shift_right)],
        "The 64 bits of the number moved down by so many, with zeros from above.",
    ),
    function("sum", &[sized(&[INTS], Int, number::sum), sized(&[FLOATS], Float, number::sum)], "The sum of a list; 0 of an empty one."),
    // Lists and maps.
    function(
        "range",
        &[one(&[Int], INTS, list::range), one(&[Int, Int], INTS, list::range)],
        "Whole numbers from 0 or a start up to, and without, an end.",
    ),
    function("sort", &[one(&[ORDERED], ORDERED, list::sort)], "The elements in order."),
    function("distinct", &[one(&[ITEMS], ITEMS, list::distinct)], "The elements without repetitions, each where it first stands."),
    function("flatten", &[sized(&[ITEMS_OF_ITEMS], ITEMS, list::flatten)], "The elements of all lists in one list."),
    function(
        "reverse",
        &[sized(&[ITEMS], ITEMS, list::reverse), sized(&[String], String, text::reverse)],
        "The elements or characters in the other direction.",
    ),
    function("slice", &[one(&[ITEMS, Int, Int], ITEMS, list::slice)], "The elements from a position up to, and without, another."),
    function("first", &[one(&[ITEMS], OPTION, list::first)], "The first element, or nothing."),
    function("last", &[one(&[ITEMS], OPTION, list::last)], "The last element, or nothing."),
    function("keys", &[sized(&[MAP], STRINGS, list::keys)], "The names of a map, in order."),
    function("values", &[sized(&[MAP], ITEMS, list::values)], "The values of a map, in order."),
    // Times. Each takes an offset such as `+02:00` as well, and is UTC without one.
    function("getFullYear", &[one(&[Timestamp], Int, instant::year), one(&[Timestamp, String], Int, instant::year)], "The year."),
    function("getMonth", &[one(&[Timestamp], Int, instant::month), one(&[Timestamp, String], Int, instant::month)], "The month, from 0."),
    function(
        "getDate",
        &[one(&[Timestamp], Int, instant::date), one(&[Timestamp, String], Int, instant::date)],
        "The day of the month, from 1.",
    ),
    function(
        "getDayOfMonth",
        &[one(&[Timestamp], Int, instant::day_of_month), one(&[Timestamp, String], Int, instant::day_of_month)],
        "The day of the month, from 0.",
    ),
    function(
        "getDayOfWeek",
        &[one(&[Timestamp], Int, instant::day_of_week), one(&[Timestamp, String], Int, instant::day_of_week)],
        "The day of the week, from 0 for Sunday.",
    ),
    function(
        "getDayOfYear",
        &[one(&[Timestamp], Int, instant::day_of_year), one(&[Timestamp, String], Int, instant::day_of_year)],
        "The day of the year, from 0.",
    ),
    function(
        "getHours",
        &[one(&[Timestamp], Int, instant::hours), one(&[Timestamp, String], Int, instant::hours), one(&[Duration], Int, instant::hours)],
        "The hour of the day; of a duration all its full hours.",
    ),
    function(
        "getMinutes",
        &[
            one(&[Timestamp], Int, instant::minutes),
            one(&[Timestamp, String], Int, instant::minutes),
            one(&[Duration], Int, instant::minutes),
        ],
        "The minute of the hour; of a duration all its full minutes.",
    ),
    function(
        "getSeconds",
        &[
            one(&[Timestamp], Int, instant::seconds),
            one(&[Timestamp, String], Int, instant::seconds),
            one(&[Duration], Int, instant::seconds),
        ],
        "The second of the minute; of a duration all its full seconds.",
    ),
    function(
        "getMilliseconds",
        &[
            one(&[Timestamp], Int, instant::milliseconds),
            one(&[Timestamp, String], Int, instant::milliseconds),
            one(&[Duration], Int, instant::milliseconds),
        ],
        "The milliseconds within the second.",
    ),
];
