// Says hello.

import { Permanent, t, task } from "./jackfield/index.js";

export const greet = task("greet", {
    docs: "Greets somebody by name.",
    effect: "pure",
    input: { name: t.string().docs("Who to greet.") },
    output: t.object({ text: t.string().docs("The words.") }).docs("What is said."),
    errors: { "no-name": "The name is empty." },
    exampleInput: { name: "Ada" },
}, ({ name }) => {
    if (name === "") {
        throw new Permanent("no-name", "the name is empty");
    }
    return { text: `Hello, ${name}!` };
});
