// The conformance plugin; see ../README.md.

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "jackfield.h"

static jf_answer echo(const jf_value *input) {
    return jf_ok(jf_get(input, "value"));
}

static jf_answer typed(const jf_value *input) {
    // Bytes are decoded and encoded, whole numbers read and written.
    jf_value *output = jf_object();
    for (size_t at = 0; at < jf_len(input); at++) {
        jf_set(output, jf_name_at(input, at).ptr, jf_at(input, at));
    }
    jf_set(output, "data", jf_of_bytes(jf_bytes(jf_get(input, "data"))));
    jf_set(output, "whole", jf_of_int(jf_int(jf_get(input, "whole"))));
    return jf_ok(jf_set(output, "ratio", jf_of_float(jf_float(jf_get(input, "ratio")))));
}

static jf_answer report(const jf_value *input) {
    (void)input;
    uint64_t total = 2;
    jf_report(1, &total, "half");
    jf_report(2, nullptr, "whole");
    return jf_ok(nullptr);
}

static jf_answer savepoint(const jf_value *input) {
    (void)input;
    jf_str kept;
    jf_answer failure;
    int64_t found = jf_load(&kept) ? jf_int(jf_parse(kept)) : 0;
    if (!jf_save(jf_write(jf_of_int(found + 1)), &failure)) {
        return failure;
    }
    return jf_ok(jf_of_int(found));
}

static jf_answer log_lines(const jf_value *input) {
    (void)input;
    static const char *const NAMES[] = {"trace", "debug", "info", "warn", "error"};
    for (int level = JF_TRACE; level <= JF_ERROR; level++) {
        const jf_pair fields[] = {{"level", NAMES[level]}, {}};
        jf_log(static_cast<jf_level>(level), "a line", fields);
    }
    return jf_ok(nullptr);
}

static jf_answer fail(const jf_value *input) {
    jf_str kind = jf_string(jf_get(input, "kind"));
    const jf_value *data = jf_set(jf_object(), "kind", jf_text(kind));
    if (jf_equals(kind, "retry-after")) {
        return jf_with_data(jf_retry_after(1500, "asked-for", "as asked"), data);
    }
    jf_kind which = jf_equals(kind, "transient") ? JF_TRANSIENT : jf_equals(kind, "unknown-outcome") ? JF_UNKNOWN_OUTCOME : JF_PERMANENT;
    return jf_with_data(jf_fail(which, "asked-for", "as asked"), data);
}

static jf_answer crash(const jf_value *input) {
    (void)input;
    abort();
}

static jf_answer secret(const jf_value *input) {
    jf_str placeholder;
    jf_answer failure;
    return jf_placeholder(jf_string(jf_get(input, "name")).ptr, &placeholder, &failure) ? jf_ok(jf_text(placeholder)) : failure;
}

static jf_answer config(const jf_value *input) {
    jf_str value;
    return jf_ok(jf_config(jf_string(jf_get(input, "name")).ptr, &value) ? jf_text(value) : nullptr);
}

static jf_answer fetch(const jf_value *input) {
    jf_answer failure;
    jf_response response;
    jf_request request = {};
    request.url = jf_string(jf_get(input, "url")).ptr;
    jf_pair headers[2] = {};
    if (!jf_is_null(jf_get(input, "secret"))) {
        jf_str placeholder;
        if (!jf_placeholder(jf_string(jf_get(input, "secret")).ptr, &placeholder, &failure)) {
            return failure;
        }
        std::string bearer = std::string("Bearer ") + placeholder.ptr;
        headers[0] = {"authorization", jf_format("%s", bearer.c_str()).ptr};
        request.headers = headers;
    }
    if (!jf_http_ok(&request, &response, &failure)) {
        return failure;
    }
    return jf_ok(jf_set(jf_set(jf_object(), "status", jf_of_int(response.status)), "body", jf_text(response.body)));
}

static jf_answer who(const jf_value *input) {
    (void)input;
    uint64_t item;
    jf_value *output = jf_set(jf_set(jf_set(jf_object(), "run", jf_text(jf_run_id())), "workflow", jf_text(jf_workflow())), "step", jf_text(jf_step()));
    jf_set(jf_set(output, "attempt", jf_of_int(jf_attempt())), "max_attempts", jf_of_int(jf_max_attempts()));
    jf_set(jf_set(output, "deadline_ms", jf_of_int((int64_t)jf_deadline_ms())), "key", jf_text(jf_idempotency_key()));
    return jf_ok(jf_item(&item) ? jf_set(output, "item", jf_of_int((int64_t)item)) : output);
}

static jf_answer wait_for(const jf_value *input) {
    int64_t ms = jf_int(jf_get(input, "ms"));
    timespec time = {};
    time.tv_sec = static_cast<time_t>(ms / 1000);
    time.tv_nsec = static_cast<long>(ms % 1000) * 1000000;
    nanosleep(&time, nullptr);
    return jf_ok(nullptr);
}

static jf_answer spin(const jf_value *input) {
    volatile uint64_t count = 0;
    while (input) {
        count = count + 1;
    }
    return jf_ok(nullptr);
}

static jf_answer grow(const jf_value *input) {
    while (input) {
        char *taken = static_cast<char *>(std::malloc(1 << 20));
        if (taken == nullptr) {
            abort();
        }
        memset(taken, 1, 1 << 20);
        __asm__ volatile("" : : "r"(taken) : "memory");
    }
    return jf_ok(nullptr);
}

#define TYPED                                                                                                                      \
    "{flag: bool, whole: int, ratio: float, text: string, data: bytes, names: list<string>, counts: map<int>, "                    \
    "choice: \"red\" | \"green\", nested: {id: int}, maybe: option<string>}"
#define CONTEXT                                                                                                                    \
    "{run: string, workflow: string, step: string, attempt: int, max_attempts: int, deadline_ms: int, key: string, item: option<int>}"

static const jf_pair table_1[] = {{"value", "Anything."}, {}};
static const jf_pair table_2[] = {{"example-input", "{\"value\": [1, null, \"é\"]}"}, {"example-output", "[1, null, \"é\"]"}, {}};
static const jf_pair table_3[] = {{"asked-for", "It always fails."}, {}};
static const jf_ask table_4[] = {{"secrets", nullptr, true, "To show a placeholder."}, {}};
static const jf_ask table_5[] = {{"config", nullptr, true, "To show a value."}, {}};
static const jf_ask table_6[] = {{"http", nullptr, true, "To fetch."}, {"secrets", nullptr, true, "To send one."}, {}};

extern const jf_task jf_tasks[] = {
    {
        .name = "echo",
        .docs = "Answers what it is given.",
        .input = "{value: json}",
        .output = "json",
        .run = echo,
        .fields = table_1,
        .annotations = table_2,
    },
    {.name = "typed", .docs = "Answers its input.", .input = TYPED, .output = TYPED, .run = typed},
    {.name = "report", .docs = "Reports progress.", .run = report},
    {.name = "savepoint", .docs = "Counts in a savepoint.", .output = "int", .run = savepoint},
    {.name = "log", .docs = "Writes a line of each level.", .run = log_lines},
    {
        .name = "fail",
        .docs = "Fails.",
        .input = "{kind: string}",
        .run = fail,
        .errors = table_3,
    },
    {.name = "crash", .docs = "Goes wrong.", .run = crash},
    {
        .name = "secret",
        .docs = "Answers a placeholder.",
        .input = "{name: string}",
        .output = "string",
        .effect = JF_EFFECTS,
        .run = secret,
        .asks = table_4,
    },
    {
        .name = "config",
        .docs = "Answers a configuration value.",
        .input = "{name: string}",
        .output = "option<string>",
        .effect = JF_READS,
        .run = config,
        .asks = table_5,
    },
    {
        .name = "fetch",
        .docs = "Sends a GET.",
        .input = "{url: string, secret: option<string>}",
        .output = "{status: int, body: string}",
        .effect = JF_READS,
        .run = fetch,
        .asks = table_6,
    },
    {.name = "context", .docs = "Answers who is running.", .output = CONTEXT, .run = who},
    {.name = "sleep", .docs = "Waits.", .input = "{ms: int}", .effect = JF_READS, .run = wait_for},
    {.name = "spin", .docs = "Computes for ever.", .run = spin},
    {.name = "grow", .docs = "Takes memory for ever.", .run = grow},
    {},
};
