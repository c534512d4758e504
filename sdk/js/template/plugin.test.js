// Tasks are ordinary functions, so their tests are ordinary too: `node --test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { greet } from "./plugin.js";

test("greets by name", () => {
    assert.deepEqual(greet({ name: "Ada" }), { text: "Hello, Ada!" });
});

test("wants a name", () => {
    assert.throws(() => greet({ name: "" }), { code: "no-name" });
});
