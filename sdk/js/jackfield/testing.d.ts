import type { Request, Response } from "./http.js";

/** What a task sees of the host, and what it did there. */
export interface Host {
    attempt: number;
    maxAttempts: number;
    item?: number;
    savepoint?: Uint8Array;
    config: Record<string, string>;
    secrets: Record<string, string>;
    answer?: (request: Request) => Response;
    readonly reports: { done: number; total?: number; message: string }[];
    readonly lines: { level: string; message: string; fields: Record<string, string> }[];
    readonly requests: Request[];
    /** How long it would have waited, in milliseconds. */
    readonly waited: number[];
}

/** Calls `run` with a host that a test describes; nobody waits, and requests are answered by `answer`. */
export function withHost<R>(options: Partial<Host>, run: () => R): { answer: R; host: Host };
