// Stands for the host in tests; see testing.d.ts.

import { plain, set } from "./native/current.js";

export function withHost(options, run) {
    const host = { ...plain(), ...options };
    const before = set(host);
    try {
        return { answer: run(), host };
    } finally {
        set(before);
    }
}
