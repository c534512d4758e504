/* Says hello. */

#include "jackfield.h"

static jf_answer greet(const jf_value *input) {
    jf_str name = jf_string(jf_get(input, "name"));
    if (name.len == 0) {
        return jf_fail(JF_PERMANENT, "no-name", "the name is empty");
    }
    return jf_ok(jf_set(jf_object(), "text", jf_text(jf_format("Hello, %s!", name.ptr))));
}

const jf_task jf_tasks[] = {
    {
        .name = "greet",
        .docs = "Greets somebody by name.",
        .input = "{name: string}",
        .output = "{text: string}",
        .effect = JF_PURE,
        .run = greet,
        .fields = (jf_pair[]){{"name", "Who to greet."}, {0}},
        .errors = (jf_pair[]){{"no-name", "The name is empty."}, {0}},
        .annotations = (jf_pair[]){{"example-input", "{\"name\": \"Ada\"}"}, {0}},
    },
    {0},
};
