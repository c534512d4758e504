import { Transient } from "./errors.js";

/** This attempt no longer owns its step (it was cancelled or timed out): stop. */
export class Stopped extends Transient {}

/** Tells people how far it is. Kept in memory, shown live, and never an effect. */
export function report(done: number, total?: number, message?: string): void;
/**
 * Keeps `data` for the attempts after this one, in place of what was kept before. When it returns, the data is on stable storage. Dropped
 * when the step is done. Throws `Permanent` with `savepoint-too-large`, `Stopped`, or `Transient` with `savepoint-storage`.
 */
export function saveBytes(data: Uint8Array): void;
/** What was last kept by an attempt of this step (and item), or nothing. */
export function loadBytes(): Uint8Array | undefined;
/** As `saveBytes`, with anything that can be JSON. */
export function save(state: unknown): void;
/** What `save` kept, or nothing. */
export function load(): any;
