/* Tasks for Jackfield workflows, in C, and in every language that reads its headers.
 *
 * A task is a function from an input to an answer, and a table entry that describes it. Types are written as the command line shows them,
 * become the schema that workflows are checked against, and check what comes in and goes out:
 *
 *     static jf_answer greet(const jf_value *input) {
 *         return jf_ok(jf_text(jf_format("Hello, %s!", jf_string(jf_get(input, "name")).ptr)));
 *     }
 *     const jf_task jf_tasks[] = {
 *         {.name = "greet", .docs = "Greets somebody by name.", .input = "{name: string}", .output = "string", .run = greet},
 *         {0},
 *     };
 *
 * | type | in JSON |
 * | --- | --- |
 * | `bool`, `int` (64 bits), `float`, `string`, `null` | themselves |
 * | `bytes` | a base64 string |
 * | `json` | any value |
 * | `list<T>`, `map<T>` | an array; an object of any names |
 * | `option<T>` | the value, or null; a field of this type may be left out |
 * | `"a" | "b"` | one of these strings |
 * | `{a: T, b: T}` | an object of these fields |
 *
 * Nothing has to be freed: an instance lives for one call. Texts that this header gives end with a NUL that their length does not count.
 */
#ifndef JACKFIELD_H
#define JACKFIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A text in UTF-8, or bytes. */
typedef struct {
    const char *ptr;
    size_t len;
} jf_str;

/* A JSON value. A null pointer is as good as `null`. */
typedef struct jf_value jf_value;

/* -- reading: of a value of another kind, the functions give 0, false, nothing -- */

bool jf_is_null(const jf_value *value);
bool jf_bool(const jf_value *value);
int64_t jf_int(const jf_value *value);
double jf_float(const jf_value *value);
jf_str jf_string(const jf_value *value);
/* What a base64 string stands for. */
jf_str jf_bytes(const jf_value *value);
/* The field of an object; a null pointer when there is none. */
const jf_value *jf_get(const jf_value *object, const char *name);
/* How many items a list, or fields an object, has. */
size_t jf_len(const jf_value *value);
const jf_value *jf_at(const jf_value *value, size_t index);
/* The name of a field of an object. */
jf_str jf_name_at(const jf_value *object, size_t index);
bool jf_equals(jf_str text, const char *other);

/* -- making -- */

jf_value *jf_null(void);
jf_value *jf_of_bool(bool value);
jf_value *jf_of_int(int64_t value);
/* What is not finite becomes null, and then does not fit its type. */
jf_value *jf_of_float(double value);
jf_value *jf_text(jf_str text);
jf_value *jf_of_bytes(jf_str bytes);
jf_value *jf_list(void);
jf_value *jf_object(void);
/* Adds to a list, and gives the list. */
jf_value *jf_push(jf_value *list, const jf_value *item);
/* Sets a field, and gives the object. */
jf_value *jf_set(jf_value *object, const char *name, const jf_value *value);
/* A text as `printf` writes it. */
jf_str jf_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
jf_str jf_of(const char *text);
/* JSON text of a value, and the other way round: a null pointer when it is none. */
jf_str jf_write(const jf_value *value);
const jf_value *jf_parse(jf_str text);

/* -- answering -- */

/* How a task failed: what the engine should do about it. */
typedef enum {
    /* It may go well the next time: tried again as the step's `retry` says. */
    JF_TRANSIENT,
    /* It may go well, but not before the given time. */
    JF_RETRY_AFTER,
    /* It will fail again with the same input: never tried again. */
    JF_PERMANENT,
    /* Nobody knows whether the effect happened; tried again with the same idempotency key. */
    JF_UNKNOWN_OUTCOME,
} jf_kind;

typedef struct {
    bool failed;
    const jf_value *output;
    jf_kind kind;
    uint64_t delay_ms;
    /* 1 to 64 characters of a-z, 0-9 and -. */
    const char *code;
    jf_str message;
    /* More for programs, or a null pointer. */
    const jf_value *data;
} jf_answer;

jf_answer jf_ok(const jf_value *output);
jf_answer jf_fail(jf_kind kind, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
jf_answer jf_retry_after(uint64_t delay_ms, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
jf_answer jf_with_data(jf_answer failure, const jf_value *data);

/* -- tasks -- */

typedef enum { JF_PURE, JF_READS, JF_EFFECTS } jf_effect;

/* A name and its text: docs of a field, of an error code; an annotation. */
typedef struct {
    const char *name;
    const char *text;
} jf_pair;

/* Something a task asks to touch: `http`, `files-read`, `files-write`, `config`, `secrets`, `scratch` or `memory`. */
typedef struct {
    const char *name;
    /* What of it, or a null pointer for whatever the workflow gives; bytes in decimal for `memory`. */
    const char *scope;
    /* Whether the task also works without it. */
    bool optional;
    const char *docs;
} jf_ask;

typedef struct {
    const char *name;
    /* Markdown; the first line is the summary. */
    const char *docs;
    /* Always an object; `{}` when nothing is said. */
    const char *input;
    /* `null` when nothing is said. */
    const char *output;
    jf_effect effect;
    jf_answer (*run)(const jf_value *input);
    /* Each ends with an empty entry; a null pointer is none. */
    const jf_pair *fields;
    const jf_pair *errors;
    const jf_ask *asks;
    /* `title`, `example-input`, `example-output` (JSON), … */
    const jf_pair *annotations;
} jf_task;

/* Every task of the plugin, and an empty entry. The plugin defines it. */
extern const jf_task jf_tasks[];

/* Runs a task as the engine does: JSON text in; JSON text, or a failure, out. For tests. */
jf_answer jf_run(const char *task, const char *input, jf_str *output);

/* -- the host -- */

jf_str jf_run_id(void);
jf_str jf_workflow(void);
jf_str jf_step(void);
/* Whether the step is a `for-each`; the item's index, from 0. */
bool jf_item(uint64_t *index);
uint32_t jf_attempt(void);
uint32_t jf_max_attempts(void);
/* When this attempt is interrupted, in milliseconds since the Unix epoch. */
uint64_t jf_deadline_ms(void);
/* The same for all attempts of this step (and item) of this run, and for no other. 32 hexadecimal digits. */
jf_str jf_idempotency_key(void);

/* Tells people how far it is. Nobody knows of how many when the total is a null pointer. */
void jf_report(uint64_t done, const uint64_t *total, const char *message);
/* Keeps data for the attempts after this one; false, and the failure to answer with, when it was not kept. */
bool jf_save(jf_str data, jf_answer *failure);
/* What was last kept; false when nothing was. */
bool jf_load(jf_str *data);

typedef enum { JF_TRACE, JF_DEBUG, JF_INFO, JF_WARN, JF_ERROR } jf_level;
/* Writes one line; the named values end with an empty entry, or are a null pointer. */
void jf_log(jf_level level, const char *message, const jf_pair *fields);

/* A text that stands for a secret in an HTTP request; false, and the failure to answer with, when there is none. */
bool jf_placeholder(const char *name, jf_str *placeholder, jf_answer *failure);
/* A configuration value; false when it is not set or not granted. */
bool jf_config(const char *name, jf_str *value);

typedef struct {
    /* GET when nothing is said. */
    const char *method;
    const char *url;
    /* Ends with an empty entry; a null pointer is none. */
    const jf_pair *headers;
    jf_str body;
    /* 30,000 when nothing is said. */
    uint32_t timeout_ms;
    /* 16 MiB when nothing is said. */
    size_t body_limit;
} jf_request;

typedef struct {
    uint16_t status;
    jf_pair *headers;
    jf_str body;
} jf_response;

/* Sends a request and waits for the whole answer, whatever its status; false, and the failure to answer with, when there is none. */
bool jf_http(const jf_request *request, jf_response *response, jf_answer *failure);
/* As `jf_http`; a status from 400 is a failure too, of the kind that it means. */
bool jf_http_ok(const jf_request *request, jf_response *response, jf_answer *failure);

#ifdef __cplusplus
}
#endif
#endif
