// What the compiler must infer, and what it must refuse.

import { ask, t, task } from "./jackfield/index.js";

const input = {
    name: t.string().docs("A name."),
    size: t.optional(t.bigint()),
    color: t.oneOf("red", "green"),
    rows: t.array(t.object({ id: t.int(), data: t.bytes() })),
};

export const whole = task("whole", { input, output: t.record(t.number()) }, ({ name, size, color, rows }) => {
    const text: string = name;
    const big: bigint | undefined = size;
    const one: "red" | "green" = color;
    const first: { id: number; data: Uint8Array } | undefined = rows[0];
    return { [text]: Number(big ?? 0n) + (one === "red" ? 1 : 0) + (first?.id ?? 0) };
});

whole({ name: "a", color: "red", rows: [] });
// @ts-expect-error a field is missing
whole({ name: "a", rows: [] });
// @ts-expect-error not one of the choices
whole({ name: "a", color: "blue", rows: [] });
// @ts-expect-error the output is of another type
task("wrong", { output: t.string() }, () => 1);
// @ts-expect-error there is no such field
task("unknown", { input: { a: t.int() } }, ({ b }) => b);
// @ts-expect-error there is no such capability
ask("gpu");
// @ts-expect-error there is no such option
task("option", { doc: "x" }, () => {});
