// What can go wrong with a request, and what the engine should do about it.

import { Permanent, Transient, UnknownOutcome } from "./errors.js";

const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE"];
const DENIED = ["HTTP-request-denied", "destination-IP-prohibited"];
const BAD = [
    "HTTP-request-method-invalid", "HTTP-request-URI-invalid", "HTTP-request-URI-too-long", "HTTP-request-length-required",
    "HTTP-request-body-size", "HTTP-request-header-section-size", "HTTP-request-header-size", "HTTP-request-trailer-section-size",
    "HTTP-request-trailer-size",
];
const UNREACHABLE = [
    "DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable", "destination-IP-unroutable", "connection-refused",
    "connection-timeout", "connection-limit-reached", "TLS-protocol-error", "TLS-certificate-error", "TLS-alert-received",
];

export function lost(method, code, message, data) {
    return SAFE.includes(method) ? new Transient(code, message, data) : new UnknownOutcome(code, message, data);
}

export function badRequest(reason) {
    return new Permanent("http-bad-request", `the request cannot be sent: ${reason}`);
}

export function tooLarge(limit) {
    return new Permanent("http-body-too-large", `the answer's body is larger than the limit of ${limit} bytes`);
}

// What a code of the host means: was it forbidden, was it no request, did it never leave, or is nobody sure.
export function refusal(request, { tag, val }) {
    const words = tag === "internal-error" && val ? val : tag.replaceAll("-", " ").toLowerCase();
    const reason = `${request.method} ${request.url}: ${words}`;
    if (DENIED.includes(tag)) {
        return new Permanent("http-denied", `the request is not allowed: ${reason}`);
    }
    if (BAD.includes(tag)) {
        return badRequest(reason);
    }
    if (UNREACHABLE.includes(tag)) {
        return new Transient("http-unreachable", `the server cannot be reached: ${reason}`);
    }
    return lost(request.method, "http-lost-reply", `the answer to ${request.method} was lost: ${reason}`);
}

// Scheme, authority, path with query. There is no `URL` inside.
export function parts(url) {
    const found = /^(https?):\/\/([^/?#]+)([^#]*)/.exec(url);
    if (found === null) {
        throw badRequest(`the URL \`${url}\` does not begin with \`http://\` or \`https://\` and a host`);
    }
    const [, scheme, authority, rest] = found;
    if (authority.includes("@")) {
        throw badRequest(`the URL \`${url}\` carries a user name; send an \`authorization\` header instead`);
    }
    return { scheme, authority, path: rest.startsWith("/") ? rest : `/${rest}` };
}
