/* Stands for the host where there is none: in tests, which are ordinary programs. It grants nothing and keeps savepoints. */
#ifndef __wasm__

#include <stdio.h>

#include "jackfield.h"

jf_str jf_run_id(void) {
    return jf_of("1");
}

jf_str jf_workflow(void) {
    return jf_of("test");
}

jf_str jf_step(void) {
    return jf_of("test");
}

bool jf_item(uint64_t *index) {
    *index = 0;
    return false;
}

uint32_t jf_attempt(void) {
    return 1;
}

uint32_t jf_max_attempts(void) {
    return 1;
}

uint64_t jf_deadline_ms(void) {
    return 4102444800000;
}

jf_str jf_idempotency_key(void) {
    return jf_of("00000000000000000000000000000000");
}

void jf_report(uint64_t done, const uint64_t *total, const char *message) {
    fprintf(stderr, "%llu of %llu: %s\n", (unsigned long long)done, total ? (unsigned long long)*total : 0ULL, message);
}

static jf_str kept;

bool jf_save(jf_str data, jf_answer *failure) {
    (void)failure;
    kept = data;
    return true;
}

bool jf_load(jf_str *data) {
    *data = kept;
    return kept.ptr != NULL;
}

void jf_log(jf_level level, const char *message, const jf_pair *fields) {
    (void)level;
    (void)fields;
    fprintf(stderr, "%s\n", message);
}

bool jf_placeholder(const char *name, jf_str *placeholder, jf_answer *failure) {
    (void)placeholder;
    *failure = jf_fail(JF_PERMANENT, "secret-not-granted", "the step does not grant the secret `%s`", name);
    return false;
}

bool jf_config(const char *name, jf_str *value) {
    (void)name;
    (void)value;
    return false;
}

bool jf_http(const jf_request *request, jf_response *response, jf_answer *failure) {
    (void)response;
    *failure = jf_fail(JF_PERMANENT, "http-denied", "there is no network in a test: %s", request->url);
    return false;
}

bool jf_http_ok(const jf_request *request, jf_response *response, jf_answer *failure) {
    return jf_http(request, response, failure);
}

#endif
