/**
 * HTTP requests, with a grant: `http.get("https://api.example/orders").check().json()`.
 *
 * A request that goes wrong throws a `TaskError` that says what the engine should do about it:
 *
 * | what happened | class | code |
 * | --- | --- | --- |
 * | the grant does not allow it | `Permanent` | `http-denied` |
 * | it is no request | `Permanent` | `http-bad-request` |
 * | the server could not be reached; nothing was sent | `Transient` | `http-unreachable` |
 * | the answer was lost | `Transient` for GET, HEAD, OPTIONS, TRACE; `UnknownOutcome` for others | `http-lost-reply` |
 * | the answer's body is too large, or not what it was read as | `Permanent` | `http-body-too-large`, `http-bad-body` |
 * | `check()`: status 429 or 503 with `Retry-After` | `RetryAfter` | `http-status` |
 * | `check()`: status 408, 425, 429, 500, 503 and others above 505 | `Transient` | `http-status` |
 * | `check()`: status 502, 504 | as a lost answer | `http-status` |
 * | `check()`: any other status from 400 | `Permanent` | `http-status` |
 */

/** A request, whole. Names of headers are in lower case. */
export interface Request {
    readonly method: string;
    readonly url: string;
    readonly headers: [string, Uint8Array][];
    readonly body: Uint8Array;
    readonly timeoutMs: number;
    readonly bodyLimitBytes: number;
}

/** What more there is to say of a request. */
export interface Options {
    /** Added to the URL, escaped. */
    query?: Record<string, unknown>;
    /** Names and values; a secret's placeholder may be in a value. */
    headers?: Record<string, string | Uint8Array>;
    /** What is sent; text as UTF-8. */
    body?: string | Uint8Array;
    /** Sent as the body instead, as JSON. */
    json?: unknown;
    /** Sent as the body instead, as a form. */
    form?: Record<string, unknown>;
    /** How long to wait for a connection, for the first byte, and between bytes; 30 seconds otherwise. */
    timeoutMs?: number;
    /** The largest body of an answer; 16 MiB otherwise. */
    bodyLimitBytes?: number;
}

/** An answer, whole. */
export class Response {
    constructor(status: number, headers?: [string, string | Uint8Array][], body?: string | Uint8Array, method?: string);
    readonly status: number;
    readonly headers: [string, string | Uint8Array][];
    readonly body: Uint8Array;
    readonly method: string;
    /** The first header of this name, when it is text. */
    header(name: string): string | undefined;
    /** The body as UTF-8 text. */
    text(): string;
    /** The body as JSON. */
    json(): any;
    /** This answer, when its status is below 400; throws a `TaskError` of the code `http-status` otherwise. */
    check(): this;
}

/** Sends a GET; see `request`. */
export function get(url: string, options?: Options): Response;
/** Sends a POST; see `request`. */
export function post(url: string, options?: Options): Response;
/** Sends a PUT; see `request`. */
export function put(url: string, options?: Options): Response;
/** Sends a DELETE; see `request`. */
export function del(url: string, options?: Options): Response;
/** Sends a request and waits for the whole answer, whatever its status. */
export function request(method: string, url: string, options?: Options): Response;
