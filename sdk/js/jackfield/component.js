// The plugin's side of the contract: what the component exports. Imported by the build alone.

import { RetryAfter, TaskError } from "./errors.js";
import { stringify } from "./json.js";
import * as log from "./log.js";
import { TASKS, runTask } from "./tasks.js";
import { json } from "./types.js";

// There is no console inside; what is written to it is logged.
const line = (write) => (...parts) => write(parts.map((part) => (typeof part === "string" ? part : shown(part))).join(" "));
globalThis.console ??= {
    trace: line(log.trace),
    debug: line(log.debug),
    log: line(log.info),
    info: line(log.info),
    warn: line(log.warn),
    error: line(log.error),
};

function shown(part) {
    try {
        return part instanceof Error ? String(part) : (JSON.stringify(part) ?? String(part));
    } catch {
        return String(part);
    }
}

export const tasks = {
    describe() {
        return [...TASKS.values()].map((task) => ({
            name: task.name,
            docs: task.docs,
            inputSchema: JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", ...task.input.schema }),
            outputSchema: JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", ...task.output.schema }),
            errors: Object.entries(task.errors).map(([code, docs]) => ({ code, docs })),
            effect: task.effect,
            capabilities: task.asks,
            annotations: task.annotations,
        }));
    },

    run(name, input) {
        try {
            return runTask(name, input);
        } catch (error) {
            // The host has said no to more memory: its own error tells how much there was. What is no error of the contract is a trap.
            throw error?.name === "InternalError" && error.message === "out of memory" ? error : contract(error);
        }
    },
};

// An error as the contract has it.
function contract(error) {
    if (!(error instanceof TaskError)) {
        log.error(error instanceof Error ? `${error}\n${error.stack ?? ""}` : String(error));
        // Tried again, as the engine does with a trap.
        return { tag: "transient", val: { code: "uncaught-exception", message: String(error), data: null } };
    }
    const detail = { code: error.code, message: error.message, data: error.data === undefined ? null : data(error.data) };
    return { tag: error.kind, val: error instanceof RetryAfter ? { delayMs: error.delayMs, detail } : detail };
}

function data(value) {
    try {
        return stringify(json().encode(value, "data"));
    } catch {
        return JSON.stringify(String(value));
    }
}
