// Configuration values that the step was granted; see config.d.ts.

import host from "#host/config";
import { Transient } from "./errors.js";
import { said } from "./said.js";

export const get = (key) => call(() => host.get(key)) ?? undefined;
export const all = () => Object.fromEntries(call(() => host.getAll()));

function call(run) {
    try {
        return run();
    } catch (thrown) {
        throw new Transient("config-unreadable", `the host could not read its configuration: ${said(thrown).val}`);
    }
}
