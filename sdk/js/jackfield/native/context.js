import { current } from "./current.js";

export default {
    runId: () => "1",
    workflow: () => "test",
    step: () => "test",
    item: () => current().item ?? null,
    attempt: () => current().attempt,
    maxAttempts: () => current().maxAttempts,
    deadlineMs: () => 4_102_444_800_000,
    idempotencyKey: () => "0".repeat(32),
};
