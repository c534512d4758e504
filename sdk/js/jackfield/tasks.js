// Tasks, and the table of them.

import { Permanent, checkCode } from "./errors.js";
import { parse, stringify } from "./json.js";
import { Type, json, nothing, object } from "./types.js";

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const CAPABILITIES = ["http", "files-read", "files-write", "config", "secrets", "scratch", "memory"];
const EFFECTS = ["pure", "reads", "effects"];
const KNOWN = [
    "docs", "title", "input", "output", "errors", "effect", "asks", "exampleInput", "exampleOutput", "annotations",
];

/** Every task of the plugin, by name. */
export const TASKS = new Map();

export function ask(name, scope = [], { optional = false, docs = "" } = {}) {
    if (!CAPABILITIES.includes(name)) {
        throw new TypeError(`unknown capability ${JSON.stringify(name)}; they are ${CAPABILITIES.join(", ")}`);
    }
    return { name, scope: name === "memory" ? [memoryBytes(scope)] : [...scope], required: !optional, docs };
}

// `256MiB` as bytes, which is what the contract says.
function memoryBytes(scope) {
    const found = scope.length === 1 ? /^(\d+) *(KiB|MiB|GiB)?$/.exec(scope[0]) : null;
    if (found === null) {
        throw new TypeError('how much memory? `ask("memory", ["256MiB"])`, or a number of bytes');
    }
    return String(Number(found[1]) * 1024 ** [undefined, "KiB", "MiB", "GiB"].indexOf(found[2]));
}

export function task(name, options, run) {
    const { docs = "", input = {}, output = nothing(), errors = {}, asks = [], annotations = {} } = options;
    if (typeof name !== "string" || !NAME.test(name)) {
        throw new TypeError(`the task name ${JSON.stringify(name)} is not 1 to 64 characters of a-z, 0-9 and -, beginning with a letter`);
    }
    if (TASKS.has(name)) {
        throw new TypeError(`there are two tasks of the name \`${name}\``);
    }
    const unknown = Object.keys(options).find((option) => !KNOWN.includes(option));
    if (unknown !== undefined) {
        throw new TypeError(`\`${name}\`: there is no option \`${unknown}\`; there are: ${KNOWN.join(", ")}`);
    }
    const effect = options.effect ?? (asks.some((asked) => asked.name !== "memory") ? "effects" : "pure");
    if (!EFFECTS.includes(effect)) {
        throw new TypeError(`\`${name}\`: an effect is ${EFFECTS.join(", ")}, and not ${JSON.stringify(effect)}`);
    }
    if (!(output instanceof Type) || typeof run !== "function" || run.constructor.name === "AsyncFunction") {
        throw new TypeError(`\`${name}\`: a task has an output type of \`t\`, and a function that is not async`);
    }
    Object.keys(errors).forEach(checkCode);
    const notes = [["title", options.title], ["example-input", example(options.exampleInput)], ["example-output", example(options.exampleOutput)]];
    const made = {
        name,
        docs,
        input: object(input),
        output,
        errors,
        effect,
        asks,
        annotations: [...notes.filter(([, value]) => value !== undefined), ...Object.entries(annotations)],
        run,
    };
    TASKS.set(name, made);
    return Object.assign((values) => run(values), { task: name });
}

function example(value) {
    return value === undefined ? undefined : stringify(json().encode(value, "example"));
}

/** Runs the task of a name as the engine does: JSON text in, JSON text out. */
export function runTask(name, text) {
    const found = TASKS.get(name);
    if (found === undefined) {
        throw new Permanent("unknown-task", `this plugin has no task \`${name}\`; it has: ${[...TASKS.keys()].join(", ")}`);
    }
    const input = attempt("invalid-input", "the input does not fit the task", () => found.input.decode(parse(text), "input"));
    const answer = found.run(input);
    if (typeof answer?.then === "function") {
        throw new Permanent("invalid-output", "the task answers a promise, which nobody waits for");
    }
    return attempt("invalid-output", "the output is not of its type", () => stringify(found.output.encode(answer, "output")));
}

function attempt(code, words, run) {
    try {
        return run();
    } catch (error) {
        throw new Permanent(code, `${words}: ${error.message}`);
    }
}
