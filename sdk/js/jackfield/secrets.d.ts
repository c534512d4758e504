/**
 * A text that stands for the secret. Put it into a header or the body of an HTTP request: the host puts the value in its place on the way
 * out, and only for the hosts that the secret's grant names. Throws `Permanent` with `secret-not-granted` or `secret-not-set`.
 */
export function placeholder(name: string): string;
