// What the host said no with; anything else is thrown again.
export function said(thrown) {
    const error = thrown instanceof Error && thrown.payload !== undefined ? thrown.payload : thrown;
    if (error instanceof Error || error === null || typeof error !== "object") {
        throw thrown;
    }
    return error;
}
