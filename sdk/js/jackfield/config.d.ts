/** The value of `key`, or nothing when it is not set or not granted. */
export function get(key: string): string | undefined;
/** Every value that the step was granted. */
export function all(): Record<string, string>;
