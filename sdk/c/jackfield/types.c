/* Types as they are written, such as `{name: string, tags: list<string>}`: their schema, and whether a value fits. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

typedef enum { ANY, PLAIN, ENUM, LIST, MAP, OPTION, RECORD } shape;

typedef struct type {
    shape shape;
    /* The word of a plain type; the choices of an enumeration, or the names of fields. */
    jf_str *words;
    const struct type **parts;
    size_t len;
} type;

/* -- reading -- */

static void skip(const char **at) {
    while (**at == ' ' || **at == '\n') {
        (*at)++;
    }
}

static bool next(const char **at, char letter) {
    skip(at);
    bool is = **at == letter;
    *at += is;
    return is;
}

static void expect(const char **at, char letter, const char *whole) {
    if (!next(at, letter)) {
        fprintf(stderr, "the type `%s` has no `%c` before `%s`\n", whole, letter, *at);
        abort();
    }
}

static type *made(shape shape) {
    type *made = jf_take(sizeof *made);
    memset(made, 0, sizeof *made);
    made->shape = shape;
    return made;
}

static void add(type *to, jf_str word, const type *part) {
    to->words = jf_more(to->words, (to->len + 1) * sizeof *to->words);
    to->parts = jf_more(to->parts, (to->len + 1) * sizeof *to->parts);
    to->words[to->len] = word;
    to->parts[to->len++] = part;
}

static jf_str name(const char **at) {
    skip(at);
    const char *start = *at;
    while (**at && strchr("<>{}:,|\" \n", **at) == NULL) {
        (*at)++;
    }
    return jf_copy(start, (size_t)(*at - start));
}

static const type *read_type(const char **at, const char *whole);

static const type *read_record(const char **at, const char *whole) {
    type *record = made(RECORD);
    while (!next(at, '}')) {
        jf_str field = name(at);
        expect(at, ':', whole);
        add(record, field, read_type(at, whole));
        next(at, ',');
    }
    return record;
}

static const type *read_enum(const char **at, const char *whole) {
    type *choices = made(ENUM);
    do {
        expect(at, '"', whole);
        const char *close = strchr(*at, '"');
        if (close == NULL) {
            expect(at, '"', whole);
        }
        add(choices, jf_copy(*at, (size_t)(close - *at)), NULL);
        *at = close + 1;
    } while (next(at, '|'));
    return choices;
}

static const type *read_type(const char **at, const char *whole) {
    if (next(at, '{')) {
        return read_record(at, whole);
    }
    skip(at);
    if (**at == '"') {
        return read_enum(at, whole);
    }
    jf_str word = name(at);
    static const struct {
        const char *word;
        shape shape;
    } NESTED[] = {{"list", LIST}, {"map", MAP}, {"option", OPTION}};
    for (size_t index = 0; index < sizeof NESTED / sizeof *NESTED; index++) {
        if (jf_equals(word, NESTED[index].word)) {
            type *nested = made(NESTED[index].shape);
            expect(at, '<', whole);
            add(nested, word, read_type(at, whole));
            expect(at, '>', whole);
            return nested;
        }
    }
    if (jf_equals(word, "json")) {
        return made(ANY);
    }
    for (const char *const *plain = (const char *const[]){"null", "bool", "int", "float", "string", "bytes", NULL}; *plain; plain++) {
        if (jf_equals(word, *plain)) {
            type *found = made(PLAIN);
            add(found, word, NULL);
            return found;
        }
    }
    fprintf(stderr, "the type `%s` has a part `%s` that is none\n", whole, word.ptr);
    abort();
}

static const type *whole_type(const char *text) {
    const char *at = text;
    const type *read = read_type(&at, text);
    expect(&at, '\0', text);
    return read;
}

/* -- schemas -- */

static jf_value *schema_of(const type *of, const jf_pair *docs);

static jf_value *typed(const char *word) {
    return jf_set(jf_object(), "type", jf_text(jf_of(word)));
}

static jf_value *record_schema(const type *of, const jf_pair *docs) {
    jf_value *properties = jf_object(), *required = jf_list();
    for (size_t at = 0; at < of->len; at++) {
        jf_value *field = schema_of(of->parts[at], NULL);
        for (const jf_pair *doc = docs; doc != NULL && doc->name != NULL; doc++) {
            if (jf_equals(of->words[at], doc->name)) {
                jf_set(field, "description", jf_text(jf_of(doc->text)));
            }
        }
        jf_set(properties, of->words[at].ptr, field);
        if (of->parts[at]->shape != OPTION) {
            jf_push(required, jf_text(of->words[at]));
        }
    }
    jf_value *schema = jf_set(jf_set(typed("object"), "properties", properties), "required", required);
    return jf_set(schema, "additionalProperties", jf_of_bool(false));
}

static jf_value *plain_schema(jf_str word) {
    if (jf_equals(word, "bytes")) {
        return jf_set(typed("string"), "contentEncoding", jf_text(jf_of("base64")));
    }
    return typed(jf_equals(word, "bool") ? "boolean" : jf_equals(word, "int") ? "integer" : jf_equals(word, "float") ? "number" : word.ptr);
}

static jf_value *schema_of(const type *of, const jf_pair *docs) {
    jf_value *choices = jf_list();
    switch (of->shape) {
    case PLAIN:
        return plain_schema(of->words[0]);
    case ENUM:
        for (size_t at = 0; at < of->len; at++) {
            jf_push(choices, jf_text(of->words[at]));
        }
        return jf_set(typed("string"), "enum", choices);
    case LIST:
        return jf_set(typed("array"), "items", schema_of(of->parts[0], NULL));
    case MAP:
        return jf_set(typed("object"), "additionalProperties", schema_of(of->parts[0], NULL));
    case OPTION:
        return jf_set(jf_object(), "anyOf", jf_push(jf_push(choices, schema_of(of->parts[0], NULL)), typed("null")));
    case RECORD:
        return record_schema(of, docs);
    default:
        return jf_object();
    }
}

jf_str jf_schema(const char *text, const jf_pair *docs) {
    return jf_write(schema_of(whole_type(text), docs));
}

/* -- checking -- */

static const char *misfit(const type *of, const jf_value *value, const char *at);

static const char *expected(const char *at, const char *what, const jf_value *value) {
    jf_str seen = jf_write(value);
    return jf_format("%s: expected %s, and not %.60s%s", at, what, seen.ptr, seen.len > 60 ? "..." : "").ptr;
}

static const char *plain_misfit(jf_str word, const jf_value *value, const char *at) {
    bool good;
    if (jf_equals(word, "null")) {
        return jf_is_null(value) ? NULL : expected(at, "null", value);
    }
    jf_sort sort = jf_is_null(value) ? JF_NULL : value->sort;
    if (jf_equals(word, "bool")) {
        return sort == JF_BOOL ? NULL : expected(at, "true or false", value);
    }
    if (jf_equals(word, "int")) {
        return jf_is_int(value) ? NULL : expected(at, "a whole number of 64 bits", value);
    }
    if (jf_equals(word, "float")) {
        return sort == JF_NUMBER ? NULL : expected(at, "a number", value);
    }
    if (sort != JF_STRING) {
        return expected(at, "a string", value);
    }
    jf_decode64(value->text, &good);
    return jf_equals(word, "string") || good ? NULL : expected(at, "base64 text", value);
}

static const char *record_misfit(const type *of, const jf_value *value, const char *at) {
    for (size_t field = 0; field < value->len; field++) {
        size_t known = 0;
        while (known < of->len && !jf_equals(of->words[known], value->names[field].ptr)) {
            known++;
        }
        if (known == of->len) {
            return jf_format("%s: there is no field `%s`", at, value->names[field].ptr).ptr;
        }
    }
    for (size_t field = 0; field < of->len; field++) {
        const jf_value *part = jf_get(value, of->words[field].ptr);
        if (part == NULL && of->parts[field]->shape != OPTION) {
            return jf_format("%s: the field `%s` is missing", at, of->words[field].ptr).ptr;
        }
        const char *problem = part ? misfit(of->parts[field], part, jf_format("%s.%s", at, of->words[field].ptr).ptr) : NULL;
        if (problem) {
            return problem;
        }
    }
    return NULL;
}

static const char *items_misfit(const type *of, const jf_value *value, const char *at) {
    for (size_t index = 0; index < value->len; index++) {
        /* The place is written only when it is told. */
        if (misfit(of->parts[0], value->items[index], at)) {
            return misfit(of->parts[0], value->items[index], jf_format("%s[%zu]", at, index).ptr);
        }
    }
    return NULL;
}

static const char *misfit(const type *of, const jf_value *value, const char *at) {
    jf_sort sort = jf_is_null(value) ? JF_NULL : value->sort;
    switch (of->shape) {
    case PLAIN:
        return plain_misfit(of->words[0], value, at);
    case ENUM:
        for (size_t choice = 0; sort == JF_STRING && choice < of->len; choice++) {
            if (jf_equals(of->words[choice], value->text.ptr)) {
                return NULL;
            }
        }
        return expected(at, "one of the choices", value);
    case LIST:
        return sort == JF_LIST ? items_misfit(of, value, at) : expected(at, "a list", value);
    case MAP:
        return sort == JF_OBJECT ? items_misfit(of, value, at) : expected(at, "an object", value);
    case OPTION:
        return sort == JF_NULL ? NULL : misfit(of->parts[0], value, at);
    case RECORD:
        return sort == JF_OBJECT ? record_misfit(of, value, at) : expected(at, "an object", value);
    default:
        return NULL;
    }
}

const char *jf_misfit(const char *text, const jf_value *value, const char *at) {
    return misfit(whole_type(text), value, at);
}
