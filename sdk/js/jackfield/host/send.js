// One HTTP request through `wasi:http/outgoing-handler`, waited for.

import handler from "wasi:http/outgoing-handler@0.2.12";
import types from "wasi:http/types@0.2.12";

import { badRequest, lost, parts, refusal, tooLarge } from "../http-errors.js";
import { said } from "../said.js";

// `blocking-write-and-flush` takes so many bytes and no more.
const WRITE_BYTES = 4096;
const READ_BYTES = 65_536;
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

export default function send(request) {
    const outgoing = outgoingRequest(request);
    const body = outgoing.body();
    const options = new types.RequestOptions();
    const nanoseconds = Math.round(request.timeoutMs * 1e6);
    options.setConnectTimeout(nanoseconds);
    options.setFirstByteTimeout(nanoseconds);
    options.setBetweenBytesTimeout(nanoseconds);
    const future = attempt(request, () => handler.handle(outgoing, options));
    writeBody(request, body);
    const pollable = future.subscribe();
    pollable.block();
    dispose(pollable);
    const answer = unwrap(request, unwrap(request, future.get()));
    const fields = answer.headers();
    const headers = fields.entries().map(([name, value]) => [name, Uint8Array.from(value)]);
    dispose(fields);
    return { status: answer.status(), headers, body: readBody(request, answer.consume()) };
}

function dispose(resource) {
    resource[Symbol.dispose]?.();
}

// A call that may be refused with a code of `wasi:http`.
function attempt(request, call) {
    try {
        return call();
    } catch (thrown) {
        throw refusal(request, said(thrown));
    }
}

function unwrap(request, result) {
    if (result === null || result === undefined || (result.tag === "err" && result.val === undefined)) {
        throw lost(request.method, "http-lost-reply", `the answer to ${request.method} was lost: the host woke without one`);
    }
    if (result.tag === "err") {
        throw refusal(request, result.val);
    }
    return result.tag === "ok" ? result.val : result;
}

function outgoingRequest(request) {
    const { scheme, authority, path } = parts(request.url);
    const headers = [...request.headers];
    if (request.body.length > 0 && !headers.some(([name]) => name === "content-length")) {
        headers.push(["content-length", Uint8Array.from(String(request.body.length), (digit) => digit.charCodeAt(0))]);
    }
    try {
        const outgoing = new types.OutgoingRequest(types.Fields.fromList(headers));
        const known = METHODS.includes(request.method);
        outgoing.setMethod(known ? { tag: request.method.toLowerCase() } : { tag: "other", val: request.method });
        outgoing.setScheme({ tag: scheme === "https" ? "HTTPS" : "HTTP" });
        outgoing.setAuthority(authority);
        outgoing.setPathWithQuery(path);
        return outgoing;
    } catch (thrown) {
        throw badRequest(`the host refuses ${request.method} ${request.url}: ${thrown?.message ?? thrown?.tag ?? "no reason given"}`);
    }
}

// Writes the body. When the server hangs up early, its answer says more than the broken stream does.
function writeBody(request, body) {
    try {
        const stream = body.write();
        for (let at = 0; at < request.body.length; at += WRITE_BYTES) {
            stream.blockingWriteAndFlush(request.body.subarray(at, at + WRITE_BYTES));
        }
        dispose(stream);
    } catch (thrown) {
        said(thrown);
        return;
    }
    attempt(request, () => types.OutgoingBody.finish(body, null));
}

function readBody(request, body) {
    const chunks = [];
    let size = 0;
    const stream = body.stream();
    for (;;) {
        let chunk;
        try {
            chunk = stream.blockingRead(READ_BYTES);
        } catch (thrown) {
            const error = said(thrown);
            if (error.tag === "closed") {
                break;
            }
            const code = types.httpErrorCode(error.val);
            const reason = code === null || code === undefined ? error.val.toDebugString() : undefined;
            throw reason === undefined ? refusal(request, code) : lost(request.method, "http-lost-reply", reason);
        }
        size += chunk.length;
        if (size > request.bodyLimitBytes) {
            throw tooLarge(request.bodyLimitBytes);
        }
        chunks.push(chunk);
    }
    dispose(stream);
    const whole = new Uint8Array(size);
    chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.length), 0);
    return whole;
}
