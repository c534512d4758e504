// The SDK without WebAssembly: `node --test tests/` in `sdk/js`.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as config from "../jackfield/config.js";
import * as context from "../jackfield/context.js";
import * as http from "../jackfield/http.js";
import { Permanent, RetryAfter, Transient, UnknownOutcome, ask, t, task } from "../jackfield/index.js";
import { parse, stringify } from "../jackfield/json.js";
import * as log from "../jackfield/log.js";
import * as progress from "../jackfield/progress.js";
import * as secrets from "../jackfield/secrets.js";
import { TASKS, runTask } from "../jackfield/tasks.js";
import { withHost } from "../jackfield/testing.js";
import { toUtf8, tryUtf8 } from "../jackfield/text.js";
import * as time from "../jackfield/time.js";

test("JSON keeps whole numbers of 64 bits", () => {
    for (const text of [
        "18446744073709551615", "-9223372036854775808", "[9007199254740993,1]", '{"a":{"__proto__":9007199254740993,"b":"1234567890123456"}}',
        '"1234567890123456"', '[1234567890123456,null,true,false,"\\"[\\u00e9",[],{}]',
    ]) {
        const value = parse(` ${text} `);
        assert.equal(stringify(value), text.replace("\\u00e9", "é"));
    }
    assert.equal(parse("1234567890123456.5e3"), 1234567890123456.5e3);
    assert.equal(typeof parse("1234567890123456"), "number");
    const long = "1234567890123456";
    for (const text of [`[${long},]`, `[${long}`, `{"a" ${long}}`, `{a:${long}}`, `0${long}`, `${long} 1`, `-${long}.`, `"\n${long}"`, `[${long}`.repeat(300)]) {
        assert.throws(() => parse(text), SyntaxError, text);
    }
});

test("every type has its schema", () => {
    for (const [type, schema] of [
        [t.boolean(), { type: "boolean" }],
        [t.int(), { type: "integer" }],
        [t.bigint(), { type: "integer" }],
        [t.bytes(), { type: "string", contentEncoding: "base64" }],
        [t.date(), { type: "string", format: "date-time" }],
        [t.json(), {}],
        [t.nothing(), { type: "null" }],
        [t.oneOf("a", "b"), { type: "string", enum: ["a", "b"] }],
        [t.array(t.string()), { type: "array", items: { type: "string" } }],
        [t.record(t.number()), { type: "object", additionalProperties: { type: "number" } }],
        [t.optional(t.string().docs("Words.")), { anyOf: [{ type: "string" }, { type: "null" }], description: "Words." }],
        [
            t.object({ a: t.string().docs("One."), b: t.optional(t.int()) }),
            {
                type: "object",
                properties: { a: { type: "string", description: "One." }, b: { anyOf: [{ type: "integer" }, { type: "null" }] } },
                required: ["a"],
                additionalProperties: false,
            },
        ],
    ]) {
        assert.deepEqual(type.schema, schema);
    }
    for (const make of [() => t.array("string"), () => t.object({ a: 1 }), () => t.oneOf(), () => t.oneOf(1), () => t.optional(undefined)]) {
        assert.throws(make, TypeError);
    }
});

test("values come and go", () => {
    for (const [type, text] of [
        [t.bigint(), "18446744073709551615"],
        [t.bigint(), "1"],
        [t.number(), "1.5"],
        [t.bytes(), '"AAEC/w=="'],
        [t.bytes(), '""'],
        [t.date(), '"2026-01-02T03:04:05.000Z"'],
        [t.optional(t.int()), "null"],
        [t.record(t.array(t.int())), '{"__proto__":[1],"a":[]}'],
        [t.object({ a: t.string(), b: t.optional(t.int()) }), '{"a":"x"}'],
        [t.json(), '{"a":[1,null,true,"x",9007199254740993]}'],
    ]) {
        assert.equal(stringify(type.encode(type.decode(parse(text), "input"), "output")), text);
    }
});

test("what does not fit says where", () => {
    for (const [type, value, words] of [
        [t.int(), 1.5, "input: expected a whole number"],
        [t.int(), 9007199254740993n, "and not 9007199254740993"],
        [t.bigint(), 1n << 64n, "64 bits"],
        [t.string(), null, "expected a string, and not null"],
        [t.array(t.int()), [1, "x"], 'input[1]: expected a whole number'],
        [t.object({ a: t.object({ b: t.int() }) }), { a: {} }, "input.a: the field `b` is missing"],
        [t.object({ a: t.int() }), { b: 1 }, "there is no field `b`; there are: a"],
        [t.object({ a: t.int() }), [], "expected an object"],
        [t.bytes(), "%", "base64"],
        [t.bytes(), "AAA", "base64"],
        [t.date(), "2026-01-02T03:04:05", "an RFC 3339 time"],
        [t.oneOf("a", "b"), "c", "one of a, b"],
    ]) {
        assert.throws(() => type.decode(value, "input"), (error) => error.message.includes(words) || assert.fail(error.message));
    }
    for (const [type, value] of [
        [t.number(), Number.NaN], [t.json(), Number.POSITIVE_INFINITY], [t.json(), undefined], [t.json(), () => 1], [t.json(), new Map()],
        [t.json(), 1n << 70n], [t.bytes(), [1]], [t.date(), new Date("x")], [t.bigint(), 1], [t.nothing(), 1], [t.json(), [new Date()]],
    ]) {
        assert.throws(() => type.encode(value, "output"), TypeError);
    }
});

test("a function is a task", () => {
    const count = task("count", {
        docs: "Counts.",
        input: { names: t.array(t.string()), twice: t.optional(t.boolean()) },
        output: t.int(),
        errors: { empty: "There is none." },
        asks: [ask("memory", ["1MiB"])],
        exampleInput: { names: ["a"] },
    }, ({ names, twice }) => {
        if (names.length === 0) {
            throw new Permanent("empty", "no names", { seen: 0 });
        }
        return names.length * (twice ? 2 : 1);
    });
    assert.equal(count({ names: ["a", "b"] }), 2);
    assert.equal(count.task, "count");
    const made = TASKS.get("count");
    assert.deepEqual([made.effect, made.asks[0].scope, made.annotations], ["pure", ["1048576"], [["example-input", '{"names":["a"]}']]]);
    assert.equal(runTask("count", '{"names": ["a"], "twice": true}'), "2");
    assert.throws(() => runTask("count", '{"names": []}'), { code: "empty", data: { seen: 0 } });
    for (const text of ["{", "[]", "{}", '{"names": [1]}', '{"names": [], "more": 1}', "null"]) {
        assert.throws(() => runTask("count", text), { code: "invalid-input", kind: "permanent" });
    }
    assert.throws(() => runTask("other", "{}"), { code: "unknown-task" });
    task("wrong", { output: t.int() }, () => "1");
    task("later", {}, () => Promise.resolve());
    assert.throws(() => runTask("wrong", "{}"), { code: "invalid-output" });
    assert.throws(() => runTask("later", "{}"), { code: "invalid-output" });
});

test("what cannot be a task is refused where it is written", () => {
    for (const make of [
        () => task("A", {}, () => {}),
        () => task("count", {}, () => {}),
        () => task("a", { doc: "x" }, () => {}),
        () => task("a", { effect: "some" }, () => {}),
        () => task("a", { errors: { "A b": "" } }, () => {}),
        () => task("a", { output: "string" }, () => {}),
        () => task("a", {}, async () => {}),
        () => task("a", {}),
        () => ask("gpu"),
        () => ask("memory", ["lots"]),
    ]) {
        assert.throws(make, TypeError);
    }
});

test("errors say what to do", () => {
    assert.equal(new RetryAfter(0.0001, "c", "m").delayMs, 1);
    assert.throws(() => new RetryAfter(Number.NaN, "c", "m"), RangeError);
    assert.throws(() => new Permanent("A b", "m"), TypeError);
    assert.deepEqual([new Transient("c", "m").kind, new UnknownOutcome("c", "m").kind], ["transient", "unknown-outcome"]);
});

test("a test answers for the host", () => {
    const { host } = withHost({ attempt: 2, config: { region: "eu" }, secrets: { token: "T" } }, () => {
        log.info("read", { rows: 7 });
        progress.report(1, 2, "half");
        assert.equal(progress.load(), undefined);
        progress.save({ at: 7, big: 9007199254740993n });
        assert.deepEqual(progress.load(), { at: 7, big: 9007199254740993n });
        assert.deepEqual([context.attempt(), context.item(), config.get("region"), config.get("x")], [2, undefined, "eu", undefined]);
        assert.deepEqual([secrets.placeholder("token"), config.all()], ["T", { region: "eu" }]);
        assert.throws(() => secrets.placeholder("other"), { code: "secret-not-granted" });
        time.sleep(5);
    });
    assert.deepEqual([host.lines, host.waited], [[{ level: "info", message: "read", fields: { rows: "7" } }], [5]]);
    assert.deepEqual(host.reports, [{ done: 1, total: 2, message: "half" }]);
});

test("requests are what was asked for", () => {
    const { host } = withHost({ answer: () => new http.Response(200, [["Content-Type", "x"]], '{"a": 1}') }, () => {
        const answer = http.post("https://a.example/x?y=1#z", { query: { q: "a b&c" }, json: { ü: 1 }, headers: { "X-A": "1" } });
        assert.deepEqual([answer.json(), answer.header("content-type"), answer.check().method], [{ a: 1 }, "x", "POST"]);
        assert.throws(() => http.get("https://a.example", { bodyLimitBytes: 3 }), { code: "http-body-too-large" });
        assert.throws(() => http.post("https://a.example", { body: "hi", headers: { "content-length": "3" } }), { code: "http-bad-request" });
        for (const url of ["", "a.example", "ftp://a.example/", "https:///x", "http://user:word@a.example/"]) {
            assert.throws(() => http.get(url), { code: "http-bad-request" }, url);
        }
    });
    const made = host.requests[0];
    assert.deepEqual([made.url, tryUtf8(made.body)], ["https://a.example/x?y=1&q=a%20b%26c#z", '{"ü":1}']);
    assert.deepEqual(made.headers.map(([name, value]) => [name, tryUtf8(value)]), [["x-a", "1"], ["content-type", "application/json"]]);
});

test("every status has its kind", () => {
    const kind = (method, status, headers) => {
        try {
            new http.Response(status, headers, "", method).check();
            return undefined;
        } catch (error) {
            return error.kind;
        }
    };
    for (const [status, get, post] of [
        [304, undefined, undefined], [400, "permanent", "permanent"], [408, "transient", "transient"], [429, "transient", "transient"],
        [500, "transient", "transient"], [501, "permanent", "permanent"], [502, "transient", "unknown-outcome"],
        [504, "transient", "unknown-outcome"], [505, "permanent", "permanent"], [599, "transient", "transient"],
    ]) {
        assert.deepEqual([kind("GET", status), kind("POST", status)], [get, post], status);
    }
    for (const wish of ["7", "Sun, 06 Nov 1994 08:49:37 GMT"]) {
        assert.equal(kind("GET", 503, [["Retry-After", wish]]), "retry-after");
    }
    assert.deepEqual([kind("GET", 404, [["Retry-After", "7"]]), kind("GET", 503, [["Retry-After", "soon"]])], ["permanent", "transient"]);
});

test("UTF-8 is the same as everywhere", () => {
    for (const text of ["", "a", "ß→漢🦀", "\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}"]) {
        assert.deepEqual(toUtf8(text), Uint8Array.from(new TextEncoder().encode(text)));
        assert.equal(tryUtf8(toUtf8(text)), text);
    }
    assert.deepEqual(toUtf8("\ud800"), Uint8Array.from([0xef, 0xbf, 0xbd]));
    for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x28, 0xa1]]) {
        assert.equal(tryUtf8(Uint8Array.from(bytes)), undefined);
    }
});
