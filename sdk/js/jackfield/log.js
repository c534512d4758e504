// A structured log; see log.d.ts.

import host from "#host/log";

export const trace = (message, fields) => write("trace", message, fields);
export const debug = (message, fields) => write("debug", message, fields);
export const info = (message, fields) => write("info", message, fields);
export const warn = (message, fields) => write("warn", message, fields);
export const error = (message, fields) => write("error", message, fields);

export function write(level, message, fields = {}) {
    host.write(level, message, Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
