// HTTP requests, with a grant; see http.d.ts.

import send from "#host/send";
import { Permanent, RetryAfter, Transient } from "./errors.js";
import { badRequest, lost, parts, tooLarge } from "./http-errors.js";
import { parse, stringify } from "./json.js";
import { toUtf8, tryUtf8 } from "./text.js";
import { json as anyJson } from "./types.js";

const BODY_SHOWN_BYTES_MAX = 300;

export class Response {
    constructor(status, headers = [], body = new Uint8Array(), method = "GET") {
        this.status = status;
        this.headers = headers;
        this.body = typeof body === "string" ? toUtf8(body) : body;
        this.method = method;
    }

    header(name) {
        const found = this.headers.find(([known]) => known.toLowerCase() === name.toLowerCase());
        return found === undefined ? undefined : typeof found[1] === "string" ? found[1] : tryUtf8(found[1]);
    }

    text() {
        const text = tryUtf8(this.body);
        if (text === undefined) {
            throw new Permanent("http-bad-body", "the answer's body cannot be read: it is not UTF-8 text");
        }
        return text;
    }

    json() {
        const text = this.text();
        try {
            return parse(text);
        } catch (error) {
            throw new Permanent("http-bad-body", `the answer's body cannot be read: ${error.message}`);
        }
    }

    check() {
        const { status, method } = this;
        if (status < 400) {
            return this;
        }
        const shown = (tryUtf8(this.body.subarray(0, BODY_SHOWN_BYTES_MAX)) ?? "").trim();
        const message = `${method} was answered with status ${status}${shown === "" ? "" : `: ${shown}`}`;
        const delay = status === 429 || status === 503 ? retryAfter(this.header("retry-after")) : undefined;
        if (delay !== undefined) {
            throw new RetryAfter(delay, "http-status", message, { status });
        }
        if (status === 502 || status === 504) {
            throw lost(method, "http-status", message, { status });
        }
        const again = [408, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505);
        throw again ? new Transient("http-status", message, { status }) : new Permanent("http-status", message, { status });
    }
}

export const get = (url, options) => request("GET", url, options);
export const post = (url, options) => request("POST", url, options);
export const put = (url, options) => request("PUT", url, options);
// `delete` is a word of the language.
export const del = (url, options) => request("DELETE", url, options);

export function request(method, url, options = {}) {
    const { query, headers = {}, json, form, timeoutMs = 30_000, bodyLimitBytes = 16 << 20 } = options;
    const found = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === "string" ? toUtf8(value) : value]);
    let { body = "" } = options;
    if (json !== undefined) {
        body = stringify(anyJson().encode(json, "json"));
        found.push(["content-type", toUtf8("application/json")]);
    } else if (form !== undefined) {
        body = encoded(form);
        found.push(["content-type", toUtf8("application/x-www-form-urlencoded")]);
    }
    const made = {
        method: method.toUpperCase(),
        url: query === undefined ? url : withQuery(url, encoded(query)),
        headers: found,
        body: typeof body === "string" ? toUtf8(body) : body,
        timeoutMs,
        bodyLimitBytes,
    };
    const length = found.find(([name]) => name === "content-length");
    if (length !== undefined && tryUtf8(length[1]) !== String(made.body.length)) {
        throw badRequest(`the header content-length is not that of the body, which has ${made.body.length} bytes; leave the header out`);
    }
    parts(made.url);
    const answer = send(made);
    if (answer.body.length > bodyLimitBytes) {
        throw tooLarge(bodyLimitBytes);
    }
    return new Response(answer.status, answer.headers, answer.body, made.method);
}

function encoded(fields) {
    const escape = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
    return Object.entries(fields).map(([name, value]) => `${escape(name)}=${escape(String(value))}`).join("&");
}

function withQuery(url, query) {
    const [start, ...fragment] = url.split("#");
    return [`${start}${start.includes("?") ? "&" : "?"}${query}`, ...fragment].join("#");
}

// Seconds that the server wishes to be left alone (RFC 9110, 10.2.3).
function retryAfter(text) {
    if (text === undefined) {
        return undefined;
    }
    if (/^\s*\d+\s*$/.test(text)) {
        return Math.min(Number(text), 1e9);
    }
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}
