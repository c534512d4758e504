/** Waits. Long waits belong in the workflow (`sleep`), where they survive everything. */
export function sleep(milliseconds: number): void;
