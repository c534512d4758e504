/** The run's id. */
export function runId(): string;
/** The workflow's name. */
export function workflow(): string;
/** The step's name. */
export function step(): string;
/** The item's index, from 0, when the step is a `for-each`. */
export function item(): number | undefined;
/** Which attempt this is, from 1. */
export function attempt(): number;
/** How many attempts the step may take in all. */
export function maxAttempts(): number;
/** When this attempt is interrupted. */
export function deadline(): Date;
/**
 * The same for all attempts of this step (and item) of this run, and for no other: give it to whatever the task changes, so that the change
 * happens once. 32 hexadecimal digits.
 */
export function idempotencyKey(): string;
