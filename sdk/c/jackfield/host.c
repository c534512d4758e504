/* The host, and what the component exports. */
#ifdef __wasm__

#include <string.h>

#include "bindings/plugin.h"
#include "internal.h"

static plugin_string_t lend(jf_str text) {
    return (plugin_string_t){(uint8_t *)text.ptr, text.len};
}

/* What is given away is freed by the bindings. */
static plugin_string_t give(const char *text) {
    return lend(jf_copy(text ? text : "", text ? strlen(text) : 0));
}

static jf_str taken(plugin_string_t text) {
    return jf_copy((const char *)text.ptr, text.len);
}

/* -- who is running -- */

static jf_str asked(void (*ask)(plugin_string_t *)) {
    plugin_string_t text;
    ask(&text);
    return taken(text);
}

jf_str jf_run_id(void) {
    return asked(jackfield_task_context_run_id);
}

jf_str jf_workflow(void) {
    return asked(jackfield_task_context_workflow);
}

jf_str jf_step(void) {
    return asked(jackfield_task_context_step);
}

bool jf_item(uint64_t *index) {
    return jackfield_task_context_item(index);
}

uint32_t jf_attempt(void) {
    return jackfield_task_context_attempt();
}

uint32_t jf_max_attempts(void) {
    return jackfield_task_context_max_attempts();
}

uint64_t jf_deadline_ms(void) {
    return jackfield_task_context_deadline_ms();
}

jf_str jf_idempotency_key(void) {
    return asked(jackfield_task_context_idempotency_key);
}

/* -- progress, log, secrets, configuration -- */

void jf_report(uint64_t done, const uint64_t *total, const char *message) {
    plugin_string_t words = lend(jf_of(message));
    uint64_t known = total ? *total : 0;
    jackfield_task_progress_report(done, total ? &known : NULL, &words);
}

bool jf_save(jf_str data, jf_answer *failure) {
    plugin_list_u8_t bytes = {(uint8_t *)data.ptr, data.len};
    jackfield_task_progress_savepoint_error_t error;
    if (jackfield_task_progress_save(&bytes, &error)) {
        return true;
    }
    switch (error.tag) {
    case JACKFIELD_TASK_PROGRESS_SAVEPOINT_ERROR_TOO_LARGE:
        *failure = jf_fail(JF_PERMANENT, "savepoint-too-large", "a savepoint of %zu bytes is over the limit of %llu", data.len,
                           (unsigned long long)error.val.too_large);
        break;
    case JACKFIELD_TASK_PROGRESS_SAVEPOINT_ERROR_STOPPED:
        *failure = jf_fail(JF_TRANSIENT, "stopped", "this attempt no longer owns its step");
        break;
    default:
        *failure = jf_fail(JF_TRANSIENT, "savepoint-storage", "the savepoint was not kept: %s", taken(error.val.storage).ptr);
    }
    return false;
}

bool jf_load(jf_str *data) {
    plugin_list_u8_t bytes;
    if (!jackfield_task_progress_load(&bytes)) {
        return false;
    }
    *data = jf_copy((const char *)bytes.ptr, bytes.len);
    return true;
}

void jf_log(jf_level level, const char *message, const jf_pair *fields) {
    size_t len = 0;
    while (fields != NULL && fields[len].name != NULL) {
        len++;
    }
    plugin_tuple2_string_string_t *pairs = jf_take(len * sizeof *pairs);
    for (size_t at = 0; at < len; at++) {
        pairs[at] = (plugin_tuple2_string_string_t){lend(jf_of(fields[at].name)), lend(jf_of(fields[at].text))};
    }
    plugin_string_t words = lend(jf_of(message));
    plugin_list_tuple2_string_string_t list = {pairs, len};
    jackfield_task_log_write((jackfield_task_log_level_t)level, &words, &list);
}

bool jf_placeholder(const char *name, jf_str *placeholder, jf_answer *failure) {
    plugin_string_t asked_for = lend(jf_of(name)), found;
    jackfield_task_secrets_secret_error_t error;
    if (jackfield_task_secrets_placeholder(&asked_for, &found, &error)) {
        *placeholder = taken(found);
        return true;
    }
    *failure = error.tag == JACKFIELD_TASK_SECRETS_SECRET_ERROR_NOT_SET
                   ? jf_fail(JF_PERMANENT, "secret-not-set", "the secret `%s` is granted, and the operator has not set it", name)
                   : jf_fail(JF_PERMANENT, "secret-not-granted", "the step does not grant the secret `%s`", name);
    return false;
}

bool jf_config(const char *name, jf_str *value) {
    plugin_string_t key = lend(jf_of(name));
    plugin_option_string_t found;
    wasi_config_store_error_t error;
    if (!wasi_config_store_get(&key, &found, &error) || !found.is_some) {
        return false;
    }
    *value = taken(found.val);
    return true;
}

/* -- exports -- */

/* The bindings want a file of the component's types to be linked; the build adds the types itself. */
void __component_type_object_force_link_plugin(void) {}

static size_t count(const jf_pair *pairs) {
    size_t len = 0;
    while (pairs != NULL && pairs[len].name != NULL) {
        len++;
    }
    return len;
}

static jackfield_task_types_list_capability_t capabilities(const jf_ask *asks) {
    size_t len = 0;
    while (asks != NULL && asks[len].name != NULL) {
        len++;
    }
    jackfield_task_types_list_capability_t list = {jf_take(len * sizeof *list.ptr), len};
    for (size_t at = 0; at < len; at++) {
        plugin_list_string_t scope = {jf_take(sizeof *scope.ptr), asks[at].scope != NULL};
        scope.ptr[0] = give(asks[at].scope);
        list.ptr[at] = (jackfield_task_types_capability_t){give(asks[at].name), scope, !asks[at].optional, give(asks[at].docs)};
    }
    return list;
}

static jackfield_task_types_task_info_t described(const jf_task *task) {
    jackfield_task_types_task_info_t info;
    memset(&info, 0, sizeof info);
    info.name = give(task->name);
    info.docs = give(task->docs);
    info.input_schema = lend(jf_schema(task->input ? task->input : "{}", task->fields));
    info.output_schema = lend(jf_schema(task->output ? task->output : "null", NULL));
    info.effect = (jackfield_task_types_effect_t)task->effect;
    info.capabilities = capabilities(task->asks);
    info.errors.len = count(task->errors);
    info.errors.ptr = jf_take(info.errors.len * sizeof *info.errors.ptr);
    for (size_t at = 0; at < info.errors.len; at++) {
        info.errors.ptr[at] = (jackfield_task_types_error_info_t){give(task->errors[at].name), give(task->errors[at].text)};
    }
    info.annotations.len = count(task->annotations);
    info.annotations.ptr = jf_take(info.annotations.len * sizeof *info.annotations.ptr);
    for (size_t at = 0; at < info.annotations.len; at++) {
        info.annotations.ptr[at] = (plugin_tuple2_string_string_t){give(task->annotations[at].name), give(task->annotations[at].text)};
    }
    return info;
}

void exports_jackfield_task_tasks_describe(exports_jackfield_task_tasks_list_task_info_t *ret) {
    ret->len = 0;
    while (jf_tasks[ret->len].name != NULL) {
        ret->len++;
    }
    ret->ptr = jf_take(ret->len * sizeof *ret->ptr);
    for (size_t at = 0; at < ret->len; at++) {
        ret->ptr[at] = described(&jf_tasks[at]);
    }
}

bool exports_jackfield_task_tasks_run(plugin_string_t *task, plugin_string_t *input, plugin_string_t *ret,
                                      exports_jackfield_task_tasks_task_error_t *err) {
    jf_str output;
    jf_answer answer = jf_run(taken(*task).ptr, taken(*input).ptr, &output);
    if (!answer.failed) {
        *ret = lend(output);
        return true;
    }
    jackfield_task_types_error_detail_t detail;
    memset(&detail, 0, sizeof detail);
    detail.code = give(answer.code);
    detail.message = lend(jf_copy(answer.message.ptr, answer.message.len));
    detail.data.is_some = answer.data != NULL;
    if (answer.data != NULL) {
        detail.data.val = lend(jf_write(answer.data));
    }
    err->tag = (uint8_t)answer.kind;
    if (answer.kind == JF_RETRY_AFTER) {
        err->val.retry_after = (jackfield_task_types_retry_later_t){answer.delay_ms, detail};
    } else {
        err->val.permanent = detail;
    }
    return false;
}

#endif
