/* What the files of the SDK share. */
#ifndef JACKFIELD_INTERNAL_H
#define JACKFIELD_INTERNAL_H

#include "jackfield.h"

/* Deeper values are refused before the stack is exhausted. */
#define JF_DEPTH_MAX 256

typedef enum { JF_NULL, JF_BOOL, JF_NUMBER, JF_STRING, JF_LIST, JF_OBJECT } jf_sort;

struct jf_value {
    jf_sort sort;
    bool boolean;
    /* A string's characters, a number as it is written. */
    jf_str text;
    size_t len, room;
    const jf_value **items;
    jf_str *names;
};

/* Memory, or the end: the host says why there is none. */
void *jf_take(size_t size);
void *jf_more(void *old, size_t size);
jf_str jf_copy(const char *ptr, size_t len);
jf_str jf_decode64(jf_str text, bool *good);
/* Whether a number is a whole one of 64 bits. */
bool jf_is_int(const jf_value *value);

/* The schema of a type; docs of its fields may be none. */
jf_str jf_schema(const char *type, const jf_pair *docs);
/* Nothing when a value fits a type, and otherwise what is wrong. */
const char *jf_misfit(const char *type, const jf_value *value, const char *at);

#endif
