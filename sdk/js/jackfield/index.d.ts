/**
 * Tasks for Jackfield workflows, in JavaScript and TypeScript.
 *
 * A task is an ordinary function, and a description of what goes in and comes out, from which the static types are inferred:
 *
 *     export const greet = task("greet", {
 *         docs: "Greets somebody by name.",
 *         input: { name: t.string().docs("Who to greet.") },
 *         output: t.string(),
 *     }, ({ name }) => `Hello, ${name}!`);
 *
 * What a task may ask of the host is in modules of their own: `./config.js`, `./context.js`, `./http.js`, `./log.js`,
 * `./progress.js`, `./secrets.js`, `./time.js`. A component imports from the host what is used of these, and nothing else.
 */

import type * as t from "./types.js";

export * as t from "./types.js";
export { Permanent, RetryAfter, TaskError, Transient, UnknownOutcome } from "./errors.js";

/** What a task can do to the world. */
export type Effect = "pure" | "reads" | "effects";

/** The capabilities there are. */
export type Capability = "http" | "files-read" | "files-write" | "config" | "secrets" | "scratch" | "memory";

/** Something a task asks to touch. */
export interface Ask {
    readonly name: Capability;
    readonly scope: readonly string[];
    readonly required: boolean;
    readonly docs: string;
}

/**
 * Asks to touch something: `ask("http", ["GET https://api.example/*"], { docs: "Reads the orders." })`. The scope is empty for whatever
 * the workflow gives; of `memory` it is one amount, `256MiB`. An optional one is what the task also works without.
 */
export function ask(name: Capability, scope?: readonly string[], more?: { optional?: boolean; docs?: string }): Ask;

/** The fields of an object. */
export type Fields = Record<string, t.Type<unknown>>;

/** What describes a task. */
export interface Options<I extends Fields, O> {
    /** What it does, in Markdown; the first line is the summary. */
    docs?: string;
    /** A name for people. */
    title?: string;
    /** The fields of its input; none otherwise. */
    input?: I;
    /** The type of its output; nothing otherwise. */
    output?: t.Type<O>;
    /** The codes it may fail with, and when that happens. */
    errors?: Record<string, string>;
    /** What it can do to the world; `pure` for a task that asks to touch nothing, and `effects` for others. */
    effect?: Effect;
    /** What it asks to touch. */
    asks?: readonly Ask[];
    /** An input, which `jackfield plugin check` calls a pure task with. */
    exampleInput?: unknown;
    /** What it answers to that. */
    exampleOutput?: unknown;
    /** Anything else as name and value. */
    annotations?: Record<string, string>;
}

/** A task: calling it calls the function. */
export interface Task<I extends Fields, O> {
    (input: t.Values<I>): O;
    readonly task: string;
}

/** Makes a function a task of this plugin. It is not async: a call that waits for the host simply waits. */
export function task<I extends Fields = {}, O = void>(name: string, options: Options<I, O>, run: (input: t.Values<I>) => O): Task<I, O>;
