// Tasks for Jackfield workflows; see index.d.ts for what each of these is.

export { Permanent, RetryAfter, TaskError, Transient, UnknownOutcome } from "./errors.js";
export { ask, task } from "./tasks.js";
export * as t from "./types.js";
