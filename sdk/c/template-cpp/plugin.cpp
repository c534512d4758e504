// Says hello.

#include <string>

#include "jackfield.h"

static jf_answer greet(const jf_value *input) {
    std::string name = jf_string(jf_get(input, "name")).ptr;
    if (name.empty()) {
        return jf_fail(JF_PERMANENT, "no-name", "the name is empty");
    }
    std::string text = "Hello, " + name + "!";
    return jf_ok(jf_set(jf_object(), "text", jf_text(jf_format("%s", text.c_str()))));
}

static const jf_pair fields[] = {{"name", "Who to greet."}, {}};
static const jf_pair errors[] = {{"no-name", "The name is empty."}, {}};
static const jf_pair examples[] = {{"example-input", R"({"name": "Ada"})"}, {}};

extern const jf_task jf_tasks[] = {
    {
        .name = "greet",
        .docs = "Greets somebody by name.",
        .input = "{name: string}",
        .output = "{text: string}",
        .effect = JF_PURE,
        .run = greet,
        .fields = fields,
        .errors = errors,
        .annotations = examples,
    },
    {},
};
