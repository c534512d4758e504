// Secrets that a task can send but never see; see secrets.d.ts.

import host from "#host/secrets";
import { Permanent } from "./errors.js";
import { said } from "./said.js";

export function placeholder(name) {
    try {
        return host.placeholder(name);
    } catch (thrown) {
        if (said(thrown).tag === "not-set") {
            throw new Permanent("secret-not-set", `the secret \`${name}\` is granted, and the operator has not set it`);
        }
        throw new Permanent("secret-not-granted", `the step does not grant the secret \`${name}\``);
    }
}
