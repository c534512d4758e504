/** What all failures have in common. Throw one of the four classes below. */
export class TaskError extends Error {
    /**
     * `code` is a word that a workflow may match on, 1 to 64 characters of a-z, 0-9 and -; `message` says what went wrong, where, and the
     * value seen; `data` is more for programs, anything that can be JSON.
     */
    constructor(code: string, message: string, data?: unknown);
    readonly code: string;
    readonly data: unknown;
    readonly kind: "transient" | "retry-after" | "permanent" | "unknown-outcome";
}

/** It may go well the next time: tried again as the step's `retry` says. */
export class Transient extends TaskError {}

/** It will fail again with the same input: never tried again. */
export class Permanent extends TaskError {}

/**
 * Nobody knows whether the effect happened (a reply was lost, say). Tried again with the same idempotency key, unless the step is declared
 * `at-most-once`: then a person decides.
 */
export class UnknownOutcome extends TaskError {}

/** It may go well, but not before so many seconds have passed. Rounded up to milliseconds. */
export class RetryAfter extends TaskError {
    constructor(seconds: number, code: string, message: string, data?: unknown);
    readonly delayMs: number;
}
