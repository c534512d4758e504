"""The SDK without WebAssembly: `python3 -m unittest discover -s tests` in `sdk/python`."""

import json
import sys
import unittest
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, TypedDict

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "build")]

import look  # noqa: E402
from jackfield import Permanent, RetryAfter, TaskError, Transient, UnknownOutcome, ask, config, context, http, log, progress, secrets, task  # noqa: E402
from jackfield import schema, tasks  # noqa: E402
from jackfield.testing import Host  # noqa: E402


class Color(Enum):
    RED = "red"


@dataclass
class Tree:
    """A tree.

    Attributes:
        name: Its name,
            on two lines.
    """

    name: str
    children: list["Tree"] = field(default_factory=list)


class Row(TypedDict):
    id: int
    note: NotRequired[str]


Id = NewType("Id", int)


def schema_of(hint):
    found = schema.Schemas().root(hint)
    del found["$schema"]
    return found


class Types(unittest.TestCase):
    def test_every_hint_has_its_schema(self):
        for hint, expected in [
            (bool, {"type": "boolean"}),
            (Id, {"type": "integer"}),
            (bytes, {"type": "string", "contentEncoding": "base64"}),
            (datetime, {"type": "string", "format": "date-time"}),
            (Optional[str], {"anyOf": [{"type": "string"}, {"type": "null"}]}),
            (list[int] | None, {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}),
            (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
            (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
            (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
            (Annotated[str, "Words."], {"type": "string", "description": "Words."}),
            (Any, {}),
            (list, {"type": "array", "items": {}}),
            (Color, {"$ref": "#/$defs/Color", "$defs": {"Color": {"type": "string", "enum": ["red"]}}}),
        ]:
            with self.subTest(hint):
                self.assertEqual(schema_of(hint), expected)

    def test_a_class_is_an_object_with_docs(self):
        tree = schema_of(Tree)["$defs"]["Tree"]
        self.assertEqual(tree["description"], "A tree.")
        self.assertEqual(tree["properties"]["name"], {"type": "string", "description": "Its name, on two lines."})
        self.assertEqual(tree["properties"]["children"]["items"], {"$ref": "#/$defs/Tree"})
        self.assertEqual((tree["required"], tree["additionalProperties"]), (["name"], False))
        row = schema_of(Row)["$defs"]["Row"]
        self.assertEqual((list(row["properties"]), row["required"]), (["id", "note"], ["id"]))

    def test_what_has_no_schema_is_refused_where_it_is_written(self):
        for hint in (set[int], object, dict[int, str], Literal[1], complex):
            with self.subTest(hint), self.assertRaises(TypeError):
                schema_of(hint)

    def test_values_come_and_go(self):
        for hint, text in [
            (int, "18446744073709551615"),
            (float, "1.5"),
            (bytes, '"AAEC/w=="'),
            (datetime, '"2026-01-02T03:04:05Z"'),
            (Optional[int], "null"),
            (tuple[int, str], '[1,"a"]'),
            (Tree, '{"name":"a","children":[{"name":"b","children":[]}]}'),
            (Row, '{"id":1}'),
            (Color, '"red"'),
            (Literal["a", "b"], '"b"'),
            (dict[str, list[int]], '{"a":[1]}'),
            (Any, '{"a":[1,null,true,"x"]}'),
        ]:
            with self.subTest(hint):
                value = schema.decode(hint, json.loads(text))
                self.assertEqual(json.loads(json.dumps(schema.encode(hint, value))), json.loads(text))

    def test_what_does_not_fit_says_where(self):
        for hint, value, words in [
            (int, True, "input: expected a whole number"),
            (int, 1 << 64, "64 bits"),
            (int, 1.0, "and not 1.0"),
            (str, None, "expected a string, and not null"),
            (list[int], [1, "x"], 'input[1]: expected a whole number of 64 bits, and not "x"'),
            (Tree, {"name": "a", "children": [{}]}, "input.children[0]: the field 'name' is missing"),
            (Tree, {"nam": "a"}, "there is no field 'nam'; there are: children, name"),
            (Row, {"note": 1}, "the field 'id' is missing"),
            (datetime, "2026-01-02T03:04:05", "a time with its offset"),
            (bytes, "%", "base64"),
            (Color, "blue", "one of red"),
            (tuple[int, str], [1], "an array of 2"),
        ]:
            with self.subTest(hint=hint, value=value), self.assertRaises(schema.Misfit) as caught:
                schema.decode(hint, value)
            self.assertIn(words, str(caught.exception))

    def test_what_is_no_json_is_not_answered(self):
        for hint, value in [(float, float("nan")), (Any, {1: 2}), (Any, {1}), (str, 1), (Tree, {"name": "a"}), (list[int], (1, "x")),
                            (tuple[int, str], [1]), (Row, {"id": "x"}), (Row, {}), (Any, 1 << 70), (int, b"x")]:
            with self.subTest(hint=hint, value=value), self.assertRaises(schema.Misfit):
                schema.encode(hint, value)


class Tasks(unittest.TestCase):
    def setUp(self):
        self.before = dict(tasks.TASKS)
        tasks.TASKS.clear()

    def tearDown(self):
        tasks.TASKS.clear()
        tasks.TASKS.update(self.before)

    def test_a_function_is_a_task(self):
        @task(errors={"empty": "There is none."}, example_input={"names": ["a"]}, asks=[ask("memory", "1MiB")])
        def count_names(names: list[str], *, twice: bool = False, limit: Annotated[int | None, "At most."] = None) -> int:
            """Counts.

            More words.

            Args:
                names: Which.
            """
            if not names:
                raise Permanent("empty", "no names", {"seen": 0})
            return len(names) * (2 if twice else 1)

        self.assertEqual((count_names.name, count_names.docs, count_names.effect), ("count-names", "Counts.\n\nMore words.", "pure"))
        self.assertEqual(count_names.asks[0].scope, ("1048576",))
        found = json.loads(count_names.input_schema())
        self.assertEqual(found["properties"]["names"]["description"], "Which.")
        self.assertEqual(found["properties"]["limit"]["description"], "At most.")
        self.assertEqual((found["properties"]["twice"]["default"], found["required"]), (False, ["names"]))
        self.assertEqual(count_names(["a", "b"]), 2)
        self.assertEqual(tasks.run("count-names", '{"names": ["a"], "twice": true}'), "2")
        with self.assertRaises(Permanent) as caught:
            tasks.run("count-names", '{"names": []}')
        self.assertEqual((caught.exception.code, caught.exception.data), ("empty", {"seen": 0}))
        for text in ("{", "[]", "{}", '{"names": [1]}', '{"names": [], "more": 1}', '{"names": NaN}'):
            with self.subTest(text), self.assertRaisesRegex(Permanent, "invalid-input"):
                tasks.run("count-names", text)
        with self.assertRaisesRegex(Permanent, "unknown-task: .*it has: count-names"):
            tasks.run("other", "{}")

    def test_an_answer_of_another_type_is_the_authors_mistake(self):
        @task
        def wrong() -> int:
            return "1"

        with self.assertRaisesRegex(Permanent, 'invalid-output: .*expected a whole number of 64 bits, and not "1"'):
            tasks.run("wrong", "{}")

    def test_what_cannot_be_a_task_is_refused_where_it_is_written(self):
        def untyped(a) -> None: ...
        def many(*names: str) -> None: ...
        def silent(a: int): ...
        async def later() -> None: ...
        def strange(a: object) -> None: ...

        for function in (untyped, many, silent, later, strange):
            with self.subTest(function.__name__), self.assertRaises(TypeError):
                task(function)
        for options in ({"name": "A"}, {"effect": "some"}, {"errors": {"A b": ""}}):
            with self.subTest(options), self.assertRaises(ValueError):
                task(**options)(lambda: None)
        for words in (("gpu",), ("memory",), ("memory", "lots")):
            with self.subTest(words), self.assertRaises(ValueError):
                ask(*words)

    def test_a_delay_is_in_whole_milliseconds(self):
        self.assertEqual(RetryAfter(timedelta(microseconds=1), "c", "m").delay_ms, 1)
        self.assertEqual(RetryAfter(1.5, "c", "m").delay_ms, 1500)
        for delay in (-1, float("nan"), float("inf")):
            with self.assertRaises(ValueError):
                RetryAfter(delay, "c", "m")


class Hosts(unittest.TestCase):
    def test_a_test_answers_for_the_host(self):
        with Host(attempt=2, config={"region": "eu"}, secrets={"token": "T"}) as host:
            log.info("read", rows=7)
            progress.report(1, 2, "half")
            self.assertIsNone(progress.load())
            progress.save({"at": 7})
            self.assertEqual(progress.load(), {"at": 7})
            self.assertEqual((context.attempt(), config.get("region"), config.get("x", "y")), (2, "eu", "y"))
            self.assertEqual((secrets.placeholder("token"), config.all()), ("T", {"region": "eu"}))
            self.assertEqual(context.deadline().tzinfo, timezone.utc)
            with self.assertRaisesRegex(Permanent, "secret-not-granted"):
                secrets.placeholder("other")
        self.assertEqual((host.lines, host.reports), ([("info", "read", {"rows": "7"})], [(1, 2, "half")]))

    def test_requests_are_what_was_asked_for(self):
        with Host(answer=lambda request: http.Response(200, [("Content-Type", b"x")], b'{"a": 1}')) as host:
            answer = http.post("https://a.example/x?y=1#z", query={"q": "a b"}, json={"ü": 1}, headers={"X-A": "1"})
            self.assertEqual((answer.json(), answer.header("content-type"), answer.check().method), ({"a": 1}, "x", "POST"))
            with self.assertRaisesRegex(Permanent, "http-body-too-large"):
                http.get("https://a.example", body_limit_bytes=3)
        made = host.requests[0]
        self.assertEqual((made.url, made.body), ("https://a.example/x?y=1&q=a+b#z", '{"ü": 1}'.encode()))
        self.assertEqual(made.headers, [("x-a", b"1"), ("content-type", b"application/json")])
        for url in ("", "a.example", "ftp://a.example/", "https:///x", "http://user:word@a.example/", "http://[::1/"):
            with self.subTest(url), self.assertRaisesRegex(Permanent, "http-bad-request"):
                http.get(url)

    def test_every_status_has_its_kind(self):
        def kind(method, status, headers=()):
            try:
                http.Response(status, list(headers), b"", method).check()
            except TaskError as error:
                return type(error)

        for status, get, post in [(304, None, None), (400, Permanent, Permanent), (408, Transient, Transient), (429, Transient, Transient),
                                  (500, Transient, Transient), (501, Permanent, Permanent), (502, Transient, UnknownOutcome),
                                  (504, Transient, UnknownOutcome), (505, Permanent, Permanent), (599, Transient, Transient)]:
            with self.subTest(status):
                self.assertEqual((kind("GET", status), kind("POST", status)), (get, post))
        for value in (b"7", b"Sun, 06 Nov 1994 08:49:37 GMT"):
            self.assertEqual(kind("GET", 503, [("Retry-After", value)]), RetryAfter)
        self.assertEqual(kind("GET", 404, [("Retry-After", b"7")]), Permanent)
        self.assertEqual(kind("GET", 503, [("Retry-After", b"soon")]), Transient)


class Build(unittest.TestCase):
    def test_only_what_is_imported_is_found(self):
        node = lambda text: look.imported(look.ast.parse(text).body[0], "a.b")  # noqa: E731
        self.assertEqual(node("import x.y, z"), ["x.y", "z"])
        self.assertEqual(node("from jackfield import http"), ["jackfield", "jackfield.http"])
        self.assertEqual(node("from .c import d"), ["a.b.c", "a.b.c.d"])
        self.assertEqual(node("from .. import d"), ["a", "a.d"])
        here = Path(__file__).parents[1]
        found = look.modules([here / "template", here], "plugin")
        self.assertIn("jackfield.tasks", found)
        self.assertFalse(found & {"jackfield.http", "jackfield.config", "jackfield.secrets", "jackfield.log"})


if __name__ == "__main__":
    unittest.main()
