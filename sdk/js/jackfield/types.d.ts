/** A type: it is a JSON Schema, it reads and writes JSON, and TypeScript infers `T` from it. */
export interface Type<T> {
    /** JSON Schema (2020-12). */
    readonly schema: object;
    /** A value out of JSON; throws `Misfit`. */
    decode(value: unknown, at: string): T;
    /** A value made of what JSON has; throws `Misfit`. */
    encode(value: T, at: string): unknown;
    /** Whether a field of this type may be left out. */
    readonly isOptional: boolean;
    /** The same with docs, for people. */
    docs(text: string): this;
}

/** A type whose values may be absent. */
export interface OptionalType<T> extends Type<T | undefined> {
    readonly isOptional: true;
}

/** A value is not of its type. */
export class Misfit extends TypeError {}

/** The values of a type. */
export type Value<S> = S extends Type<infer T> ? T : never;

type OptionalNames<F> = { [N in keyof F]: F[N] extends OptionalType<unknown> ? N : never }[keyof F];

/** The values of fields: an object. */
export type Values<F> = { [N in Exclude<keyof F, OptionalNames<F>>]: Value<F[N]> } & { [N in OptionalNames<F>]?: Value<F[N]> };

/** `true` or `false`. */
export function boolean(): Type<boolean>;
/** Text. */
export function string(): Type<string>;
/** A finite number. */
export function number(): Type<number>;
/** A whole number that `number` holds exactly, up to 2^53 - 1. */
export function int(): Type<number>;
/** A whole number of 64 bits. */
export function bigint(): Type<bigint>;
/** Bytes; base64 text in JSON. */
export function bytes(): Type<Uint8Array>;
/** An instant; RFC 3339 text in JSON. */
export function date(): Type<Date>;
/** Any JSON value. Whole numbers that `number` cannot hold exactly are `bigint`. */
export function json(): Type<any>;
/** Nothing; null in JSON. */
export function nothing(): Type<void>;
/** One of these texts. */
export function oneOf<const C extends readonly [string, ...string[]]>(...choices: C): Type<C[number]>;
/** An ordered sequence. */
export function array<T>(items: Type<T>): Type<T[]>;
/** Any names with values of one type. */
export function record<T>(values: Type<T>): Type<Record<string, T>>;
/** Known names, each with its type. */
export function object<F extends Record<string, Type<unknown>>>(fields: F): Type<Values<F>>;
/** The type, or nothing: absent or null in JSON, `undefined` here. */
export function optional<T>(some: Type<T>): OptionalType<T>;
