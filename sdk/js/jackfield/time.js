// Waiting; see time.d.ts.

import host from "#host/clock";

export function sleep(milliseconds) {
    const pollable = host.subscribeDuration(Math.max(0, Math.round(milliseconds * 1e6)));
    pollable.block();
    pollable[Symbol.dispose]?.();
}
