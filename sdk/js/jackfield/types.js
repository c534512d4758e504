// What goes in and comes out: types that are schemas, and that read and write JSON values; see types.d.ts.

import { set } from "./json.js";

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 64n - 1n;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A value is not of its type. The text says where, what was expected and what was seen. */
export class Misfit extends TypeError {}

export class Type {
    constructor(schema, decode, encode, isOptional = false) {
        this.schema = schema;
        this.decode = decode;
        this.encode = encode;
        this.isOptional = isOptional;
    }

    docs(text) {
        return new Type({ ...this.schema, description: text }, this.decode, this.encode, this.isOptional);
    }
}

// A type whose values are the same in JSON.
function plain(schema, expected, fits) {
    const check = (value, at) => (fits(value) ? value : misfit(at, expected, value));
    return new Type(schema, check, check);
}

export const boolean = () => plain({ type: "boolean" }, "true or false", (value) => typeof value === "boolean");

export const string = () => plain({ type: "string" }, "a string", (value) => typeof value === "string");

export const number = () =>
    new Type(
        { type: "number" },
        (value, at) => (isNumber(value) ? Number(value) : misfit(at, "a number", value)),
        (value, at) => (typeof value === "number" && Number.isFinite(value) ? value : misfit(at, "a finite number", value)),
    );

export const int = () => plain({ type: "integer" }, "a whole number from -(2^53 - 1) to 2^53 - 1", (value) => Number.isSafeInteger(value));

export const bigint = () =>
    new Type(
        { type: "integer" },
        (value, at) => (isInt(value) ? BigInt(value) : misfit(at, "a whole number of 64 bits", value)),
        (value, at) => (typeof value === "bigint" && isInt(value) ? value : misfit(at, "a bigint of 64 bits", value)),
    );

export const bytes = () =>
    new Type(
        { type: "string", contentEncoding: "base64" },
        (value, at) => (typeof value === "string" && fromBase64(value)) || misfit(at, "base64 text", value),
        (value, at) => (value instanceof Uint8Array ? toBase64(value) : misfit(at, "a Uint8Array", value)),
    );

export const date = () =>
    new Type(
        { type: "string", format: "date-time" },
        (value, at) => {
            const fits = typeof value === "string" && TIME.test(value) && !Number.isNaN(Date.parse(value));
            return fits ? new Date(value) : misfit(at, "an RFC 3339 time", value);
        },
        (value, at) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : misfit(at, "a valid Date", value)),
    );

export const json = () => new Type({}, (value) => value, encodeJson);

export const nothing = () =>
    new Type(
        { type: "null" },
        (value, at) => (value === null ? undefined : misfit(at, "null", value)),
        (value, at) => (value === undefined || value === null ? null : misfit(at, "nothing", value)),
    );

export function oneOf(...choices) {
    if (choices.length === 0 || !choices.every((choice) => typeof choice === "string")) {
        throw new TypeError("the choices of an enumeration are strings");
    }
    return plain({ type: "string", enum: choices }, `one of ${choices.join(", ")}`, (value) => choices.includes(value));
}

export function array(items) {
    check(items);
    const each = (way) => (value, at) =>
        Array.isArray(value) ? value.map((item, index) => items[way](item, `${at}[${index}]`)) : misfit(at, "an array", value);
    return new Type({ type: "array", items: items.schema }, each("decode"), each("encode"));
}

export function record(values) {
    check(values);
    const each = (way) => (value, at) => {
        const made = {};
        for (const [name, part] of Object.entries(isObject(value) ? value : misfit(at, "an object", value))) {
            set(made, name, values[way](part, `${at}.${name}`));
        }
        return made;
    };
    return new Type({ type: "object", additionalProperties: values.schema }, each("decode"), each("encode"));
}

export function object(fields) {
    const names = Object.keys(fields);
    names.forEach((name) => check(fields[name], name));
    const required = names.filter((name) => !fields[name].isOptional);
    const properties = Object.fromEntries(names.map((name) => [name, fields[name].schema]));
    const each = (way) => (value, at) => {
        if (!isObject(value)) {
            misfit(at, "an object", value);
        }
        for (const name of Object.keys(value)) {
            if (!Object.hasOwn(fields, name)) {
                throw new Misfit(`${at}: there is no field \`${name}\`; there are: ${names.join(", ") || "none"}`);
            }
        }
        const made = {};
        for (const name of names) {
            const part = Object.hasOwn(value, name) ? value[name] : undefined;
            if (part === undefined && required.includes(name)) {
                throw new Misfit(`${at}: the field \`${name}\` is missing`);
            }
            if (part !== undefined) {
                set(made, name, fields[name][way](part, `${at}.${name}`));
            }
        }
        return made;
    };
    return new Type({ type: "object", properties, required, additionalProperties: false }, each("decode"), each("encode"));
}

export function optional(some) {
    check(some);
    const { description, ...schema } = some.schema;
    const docs = description === undefined ? {} : { description };
    return new Type(
        { anyOf: [schema, { type: "null" }], ...docs },
        (value, at) => (value === null ? undefined : some.decode(value, at)),
        (value, at) => (value === null || value === undefined ? null : some.encode(value, at)),
        true,
    );
}

function check(type, name = "it") {
    if (!(type instanceof Type)) {
        throw new TypeError(`\`${name}\` has no type: write t.string(), t.int(), t.object({ … }) or another function of t`);
    }
}

function isObject(value) {
    return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isInt(value) {
    return typeof value === "bigint" ? value >= INT_MIN && value <= INT_MAX : Number.isSafeInteger(value);
}

function isNumber(value) {
    return (typeof value === "number" && Number.isFinite(value)) || typeof value === "bigint";
}

function misfit(at, expected, value) {
    let seen = typeof value === "bigint" ? value.toString() : JSON.stringify(value);
    seen = seen === undefined ? String(value) : seen;
    throw new Misfit(`${at}: expected ${expected}, and not ${seen.length <= 60 ? seen : `${seen.slice(0, 60)}…`}`);
}

// What can be JSON as it is; anything else would be left out or changed without a word.
function encodeJson(value, at) {
    if (value === null || typeof value === "string" || typeof value === "boolean") {
        return value;
    }
    if (typeof value === "number" || typeof value === "bigint") {
        return (typeof value === "bigint" ? isInt(value) : Number.isFinite(value)) ? value : misfit(at, "a number that JSON has", value);
    }
    if (Array.isArray(value)) {
        return value.map((item, index) => encodeJson(item, `${at}[${index}]`));
    }
    const prototype = isObject(value) ? Object.getPrototypeOf(value) : undefined;
    if (prototype !== Object.prototype && prototype !== null) {
        misfit(at, "what can be JSON", value);
    }
    const made = {};
    for (const [name, part] of Object.entries(value)) {
        if (part !== undefined) {
            set(made, name, encodeJson(part, `${at}.${name}`));
        }
    }
    return made;
}

function toBase64(data) {
    let text = "";
    for (let at = 0; at < data.length; at += 3) {
        const group = (data[at] << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
        for (let digit = 0; digit < 4; digit += 1) {
            text += at + digit > data.length ? "=" : LETTERS[(group >> (18 - 6 * digit)) & 63];
        }
    }
    return text;
}

// The bytes, or nothing when it is no base64.
function fromBase64(text) {
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
        return undefined;
    }
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    const data = new Uint8Array((text.length / 4) * 3 - padding);
    for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
        let group = 0;
        for (let digit = 0; digit < 4; digit += 1) {
            group = (group << 6) | Math.max(0, LETTERS.indexOf(text[at + digit]));
        }
        for (let byte = 0; byte < 3 && to + byte < data.length; byte += 1) {
            data[to + byte] = (group >> (16 - 8 * byte)) & 255;
        }
    }
    return data;
}
