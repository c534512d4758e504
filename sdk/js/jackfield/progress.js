// Durable progress; see progress.d.ts.

import host from "#host/progress";
import { Permanent, Transient } from "./errors.js";
import { parse, stringify } from "./json.js";
import { said } from "./said.js";
import { fromUtf8, toUtf8 } from "./text.js";
import { json } from "./types.js";

export class Stopped extends Transient {}

export function report(done, total, message = "") {
    host.report(done, total ?? null, message);
}

export function saveBytes(data) {
    try {
        host.save(data);
    } catch (thrown) {
        const { tag, val } = said(thrown);
        if (tag === "too-large") {
            throw new Permanent("savepoint-too-large", `a savepoint of ${data.length} bytes is over the limit of ${val}`);
        }
        if (tag === "stopped") {
            throw new Stopped("stopped", "this attempt no longer owns its step");
        }
        throw new Transient("savepoint-storage", `the savepoint was not kept: ${val}`);
    }
}

export function loadBytes() {
    const data = host.load();
    return data === null || data === undefined ? undefined : Uint8Array.from(data);
}

export const save = (state) => saveBytes(toUtf8(stringify(json().encode(state, "state"))));

export function load() {
    const data = loadBytes();
    return data === undefined ? undefined : parse(fromUtf8(data));
}
