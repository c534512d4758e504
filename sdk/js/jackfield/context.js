// Who is running; see context.d.ts.

import host from "#host/context";

export const runId = () => host.runId();
export const workflow = () => host.workflow();
export const step = () => host.step();
export const item = () => host.item() ?? undefined;
export const attempt = () => host.attempt();
export const maxAttempts = () => host.maxAttempts();
export const deadline = () => new Date(Number(host.deadlineMs()));
export const idempotencyKey = () => host.idempotencyKey();
