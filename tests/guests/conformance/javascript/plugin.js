// The conformance plugin; see ../README.md.

import * as config from "./jackfield/config.js";
import * as context from "./jackfield/context.js";
import * as http from "./jackfield/http.js";
import { Permanent, RetryAfter, Transient, UnknownOutcome, ask, t, task } from "./jackfield/index.js";
import * as log from "./jackfield/log.js";
import * as progress from "./jackfield/progress.js";
import * as secrets from "./jackfield/secrets.js";
import * as time from "./jackfield/time.js";

export const echo = task("echo", {
    docs: "Answers what it is given.",
    effect: "pure",
    input: { value: t.json().docs("Anything.") },
    output: t.json(),
    exampleInput: { value: [1, null, "é"] },
    exampleOutput: [1, null, "é"],
}, ({ value }) => value);

const everything = {
    flag: t.boolean(),
    whole: t.bigint(),
    ratio: t.number(),
    text: t.string(),
    data: t.bytes(),
    names: t.array(t.string()),
    counts: t.record(t.int()),
    choice: t.oneOf("red", "green").docs("One of two."),
    nested: t.object({ id: t.bigint() }),
    maybe: t.optional(t.string()),
};

export const typed = task("typed", { docs: "Answers its input.", effect: "pure", input: everything, output: t.object(everything) }, (input) => input);

export const report = task("report", { docs: "Reports progress." }, () => {
    progress.report(1, 2, "half");
    progress.report(2, undefined, "whole");
});

export const savepoint = task("savepoint", { docs: "Counts in a savepoint.", output: t.int() }, () => {
    const found = progress.load() ?? 0;
    progress.save(found + 1);
    return found;
});

export const logLines = task("log", { docs: "Writes a line of each level." }, () => {
    for (const level of ["trace", "debug", "info", "warn", "error"]) {
        log.write(level, "a line", { level });
    }
});

export const fail = task("fail", {
    docs: "Fails.",
    input: { kind: t.string().docs("How.") },
    errors: { "asked-for": "It always fails." },
}, ({ kind }) => {
    const about = ["asked-for", "as asked", { kind }];
    if (kind === "retry-after") {
        throw new RetryAfter(1.5, ...about);
    }
    throw new ({ transient: Transient, "unknown-outcome": UnknownOutcome }[kind] ?? Permanent)(...about);
});

export const crash = task("crash", { docs: "Goes wrong." }, () => undefined.nobody.foresaw);

export const secret = task("secret", {
    docs: "Answers a placeholder.",
    input: { name: t.string() },
    output: t.string(),
    asks: [ask("secrets", [], { optional: true, docs: "To show a placeholder." })],
}, ({ name }) => secrets.placeholder(name));

export const configValue = task("config", {
    docs: "Answers a configuration value.",
    input: { name: t.string() },
    output: t.optional(t.string()),
    asks: [ask("config", [], { optional: true, docs: "To show a value." })],
}, ({ name }) => config.get(name));

export const fetch = task("fetch", {
    docs: "Sends a GET.",
    effect: "reads",
    input: { url: t.string(), secret: t.optional(t.string()) },
    output: t.object({ status: t.int(), body: t.string() }),
    asks: [ask("http", [], { optional: true, docs: "To fetch." }), ask("secrets", [], { optional: true, docs: "To send one." })],
}, ({ url, secret }) => {
    const headers = secret === undefined ? {} : { authorization: `Bearer ${secrets.placeholder(secret)}` };
    const answer = http.get(url, { headers }).check();
    return { status: answer.status, body: answer.text() };
});

export const who = task("context", {
    docs: "Answers who is running.",
    output: t.object({
        run: t.string(),
        workflow: t.string(),
        step: t.string(),
        attempt: t.int(),
        max_attempts: t.int(),
        deadline_ms: t.int(),
        key: t.string(),
        item: t.optional(t.int()),
    }),
}, () => ({
    run: context.runId(),
    workflow: context.workflow(),
    step: context.step(),
    attempt: context.attempt(),
    max_attempts: context.maxAttempts(),
    deadline_ms: context.deadline().getTime(),
    key: context.idempotencyKey(),
    item: context.item(),
}));

export const sleep = task("sleep", { docs: "Waits.", effect: "reads", input: { ms: t.int() } }, ({ ms }) => time.sleep(ms));

export const spin = task("spin", { docs: "Computes for ever.", effect: "pure" }, () => {
    for (;;);
});

export const grow = task("grow", { docs: "Takes memory for ever.", effect: "pure" }, () => {
    const taken = [];
    for (;;) {
        taken.push(new Uint8Array(1 << 20));
    }
});
