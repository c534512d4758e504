/** Named values of a line. */
export type Fields = Record<string, unknown>;

/** For whoever looks for a bug. */
export function trace(message: string, fields?: Fields): void;
/** For whoever wrote the task. */
export function debug(message: string, fields?: Fields): void;
/** What happened. */
export function info(message: string, fields?: Fields): void;
/** What somebody should look at. */
export function warn(message: string, fields?: Fields): void;
/** What went wrong. */
export function error(message: string, fields?: Fields): void;
/** Writes one line with named values; stored with the attempt, and bounded. */
export function write(level: "trace" | "debug" | "info" | "warn" | "error", message: string, fields?: Fields): void;
