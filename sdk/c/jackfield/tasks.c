/* Running tasks, and saying how they failed. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

jf_answer jf_ok(const jf_value *output) {
    jf_answer answer;
    memset(&answer, 0, sizeof answer);
    answer.output = output;
    return answer;
}

static jf_answer failed(jf_kind kind, uint64_t delay_ms, const char *code, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    char *text = jf_take((size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    jf_answer answer = jf_ok(NULL);
    answer.failed = true;
    answer.kind = kind;
    answer.delay_ms = delay_ms;
    answer.code = code;
    answer.message = (jf_str){text, (size_t)len};
    return answer;
}

jf_answer jf_fail(jf_kind kind, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    jf_answer answer = failed(kind, 0, code, format, arguments);
    va_end(arguments);
    return answer;
}

jf_answer jf_retry_after(uint64_t delay_ms, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    jf_answer answer = failed(JF_RETRY_AFTER, delay_ms, code, format, arguments);
    va_end(arguments);
    return answer;
}

jf_answer jf_with_data(jf_answer failure, const jf_value *data) {
    failure.data = data;
    return failure;
}

static jf_answer run(const jf_task *task, const char *text, jf_str *output) {
    const jf_value *input = jf_parse(jf_of(text));
    const char *problem = input ? jf_misfit(task->input ? task->input : "{}", input, "input") : "it is no JSON";
    if (problem) {
        return jf_fail(JF_PERMANENT, "invalid-input", "the input does not fit the task: %s", problem);
    }
    jf_answer answer = task->run(input);
    if (answer.failed) {
        return answer;
    }
    problem = jf_misfit(task->output ? task->output : "null", answer.output, "output");
    if (problem) {
        return jf_fail(JF_PERMANENT, "invalid-output", "the output is not of its type: %s", problem);
    }
    *output = jf_write(answer.output);
    return answer;
}

jf_answer jf_run(const char *name, const char *input, jf_str *output) {
    for (const jf_task *task = jf_tasks; task->name != NULL; task++) {
        if (strcmp(task->name, name) == 0) {
            return run(task, input, output);
        }
    }
    return jf_fail(JF_PERMANENT, "unknown-task", "this plugin has no task `%s`", name);
}
