/* JSON values: reading, making, writing. Numbers stay as they were written, so that none loses a digit. */

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

void *jf_take(size_t size) {
    return jf_more(NULL, size);
}

void *jf_more(void *old, size_t size) {
    void *taken = realloc(old, size > 0 ? size : 1);
    if (taken == NULL) {
        abort();
    }
    return taken;
}

jf_str jf_copy(const char *ptr, size_t len) {
    char *copy = jf_take(len + 1);
    if (len > 0) {
        memcpy(copy, ptr, len);
    }
    copy[len] = '\0';
    return (jf_str){copy, len};
}

jf_str jf_of(const char *text) {
    return (jf_str){text, strlen(text)};
}

jf_str jf_format(const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    char *text = jf_take((size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(arguments);
    va_end(again);
    return (jf_str){text, (size_t)len};
}

/* -- making -- */

static jf_value *made(jf_sort sort) {
    jf_value *value = jf_take(sizeof *value);
    memset(value, 0, sizeof *value);
    value->sort = sort;
    return value;
}

jf_value *jf_null(void) {
    return made(JF_NULL);
}

jf_value *jf_of_bool(bool boolean) {
    jf_value *value = made(JF_BOOL);
    value->boolean = boolean;
    return value;
}

jf_value *jf_of_int(int64_t number) {
    jf_value *value = made(JF_NUMBER);
    value->text = jf_format("%lld", (long long)number);
    return value;
}

jf_value *jf_of_float(double number) {
    if (!isfinite(number)) {
        return jf_null();
    }
    jf_value *value = made(JF_NUMBER);
    value->text = jf_format("%.17g", number);
    return value;
}

jf_value *jf_text(jf_str text) {
    jf_value *value = made(JF_STRING);
    value->text = text;
    return value;
}

jf_value *jf_list(void) {
    return made(JF_LIST);
}

jf_value *jf_object(void) {
    return made(JF_OBJECT);
}

static void add(jf_value *value, jf_str name, const jf_value *item) {
    if (value->len == value->room) {
        value->room = value->room ? value->room * 2 : 8;
        value->items = jf_more(value->items, value->room * sizeof *value->items);
        if (value->sort == JF_OBJECT) {
            value->names = jf_more(value->names, value->room * sizeof *value->names);
        }
    }
    if (value->sort == JF_OBJECT) {
        value->names[value->len] = name;
    }
    value->items[value->len++] = item ? item : jf_null();
}

jf_value *jf_push(jf_value *list, const jf_value *item) {
    add(list, (jf_str){NULL, 0}, item);
    return list;
}

static void put(jf_value *object, jf_str name, const jf_value *item) {
    for (size_t at = 0; at < object->len; at++) {
        if (object->names[at].len == name.len && memcmp(object->names[at].ptr, name.ptr, name.len) == 0) {
            object->items[at] = item ? item : jf_null();
            return;
        }
    }
    add(object, name, item);
}

jf_value *jf_set(jf_value *object, const char *name, const jf_value *item) {
    put(object, jf_of(name), item);
    return object;
}

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

jf_value *jf_of_bytes(jf_str bytes) {
    char *text = jf_take((bytes.len + 2) / 3 * 4 + 1), *to = text;
    for (size_t at = 0; at < bytes.len; at += 3) {
        uint32_t group = 0;
        for (size_t byte = 0; byte < 3; byte++) {
            group = group << 8 | (at + byte < bytes.len ? (uint8_t)bytes.ptr[at + byte] : 0);
        }
        for (size_t digit = 0; digit < 4; digit++) {
            *to++ = at + digit > bytes.len ? '=' : LETTERS[group >> (18 - 6 * digit) & 63];
        }
    }
    *to = '\0';
    return jf_text((jf_str){text, (size_t)(to - text)});
}

jf_str jf_decode64(jf_str text, bool *good) {
    char *data = jf_take(text.len / 4 * 3 + 1);
    size_t len = 0, padding = 0;
    *good = text.len % 4 == 0;
    for (size_t at = 0; *good && at < text.len; at += 4) {
        uint32_t group = 0;
        for (size_t digit = 0; digit < 4; digit++) {
            char letter = text.ptr[at + digit];
            const char *found = letter ? strchr(LETTERS, letter) : NULL;
            bool pad = letter == '=' && at + 4 == text.len && digit >= 2;
            /* After padding there is nothing but padding. */
            *good = *good && (pad || (found && padding == 0));
            padding += pad;
            group = group << 6 | (found ? (uint32_t)(found - LETTERS) : 0);
        }
        for (size_t byte = 0; byte < 3; byte++) {
            data[len++] = (char)(group >> (16 - 8 * byte));
        }
    }
    return (jf_str){data, *good ? len - padding : 0};
}

/* -- reading -- */

bool jf_is_null(const jf_value *value) {
    return value == NULL || value->sort == JF_NULL;
}

bool jf_bool(const jf_value *value) {
    return value != NULL && value->sort == JF_BOOL && value->boolean;
}

bool jf_is_int(const jf_value *value) {
    if (value == NULL || value->sort != JF_NUMBER || strpbrk(value->text.ptr, ".eE")) {
        return false;
    }
    errno = 0;
    if (value->text.ptr[0] == '-') {
        strtoll(value->text.ptr, NULL, 10);
    } else {
        strtoull(value->text.ptr, NULL, 10);
    }
    return errno == 0;
}

int64_t jf_int(const jf_value *value) {
    if (!jf_is_int(value)) {
        return 0;
    }
    return value->text.ptr[0] == '-' ? strtoll(value->text.ptr, NULL, 10) : (int64_t)strtoull(value->text.ptr, NULL, 10);
}

double jf_float(const jf_value *value) {
    return value != NULL && value->sort == JF_NUMBER ? strtod(value->text.ptr, NULL) : 0;
}

jf_str jf_string(const jf_value *value) {
    return value != NULL && value->sort == JF_STRING ? value->text : jf_of("");
}

jf_str jf_bytes(const jf_value *value) {
    bool good;
    return jf_decode64(jf_string(value), &good);
}

size_t jf_len(const jf_value *value) {
    return value != NULL ? value->len : 0;
}

const jf_value *jf_at(const jf_value *value, size_t index) {
    return index < jf_len(value) ? value->items[index] : NULL;
}

jf_str jf_name_at(const jf_value *object, size_t index) {
    return object != NULL && object->sort == JF_OBJECT && index < object->len ? object->names[index] : jf_of("");
}

bool jf_equals(jf_str text, const char *other) {
    return text.len == strlen(other) && memcmp(text.ptr, other, text.len) == 0;
}

const jf_value *jf_get(const jf_value *object, const char *name) {
    for (size_t at = 0; object != NULL && object->sort == JF_OBJECT && at < object->len; at++) {
        if (jf_equals(object->names[at], name)) {
            return object->items[at];
        }
    }
    return NULL;
}

/* -- text to value -- */

typedef struct {
    const char *at, *end;
} reader;

static const jf_value *read_value(reader *in, int depth);

static void skip_space(reader *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) {
        in->at++;
    }
}

static bool next_is(reader *in, char letter) {
    skip_space(in);
    if (in->at == in->end || *in->at != letter) {
        return false;
    }
    in->at++;
    return true;
}

static bool read_hex(reader *in, uint32_t *code) {
    if (in->end - in->at < 4) {
        return false;
    }
    *code = 0;
    for (int digit = 0; digit < 4; digit++) {
        char letter = *in->at++;
        int value = letter >= '0' && letter <= '9'   ? letter - '0'
                    : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                    : letter >= 'A' && letter <= 'F' ? letter - 'A' + 10
                                                     : -1;
        if (value < 0) {
            return false;
        }
        *code = *code << 4 | (uint32_t)value;
    }
    return true;
}

static char *write_utf8(char *to, uint32_t code) {
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 63));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 63));
        *to++ = (char)(0x80 | (code & 63));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 63));
        *to++ = (char)(0x80 | (code >> 6 & 63));
        *to++ = (char)(0x80 | (code & 63));
    }
    return to;
}

static bool read_escape(reader *in, char **to) {
    static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
    if (in->at == in->end) {
        return false;
    }
    char letter = *in->at++;
    const char *found = letter ? strchr(FROM, letter) : NULL;
    if (found) {
        *(*to)++ = TO[found - FROM];
        return true;
    }
    uint32_t code, low;
    if (letter != 'u' || !read_hex(in, &code)) {
        return false;
    }
    if (code >= 0xd800 && code < 0xdc00) {
        /* Half a pair is no character. */
        if (in->end - in->at < 6 || in->at[0] != '\\' || in->at[1] != 'u') {
            return false;
        }
        in->at += 2;
        if (!read_hex(in, &low) || low < 0xdc00 || low > 0xdfff) {
            return false;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return false;
    }
    *to = write_utf8(*to, code);
    return true;
}

/* After the opening quotation mark. */
static bool read_string(reader *in, jf_str *text) {
    const char *close = in->at;
    while (close < in->end && *close != '"') {
        close += *close == '\\' ? 2 : 1;
    }
    if (close >= in->end) {
        return false;
    }
    char *start = jf_take((size_t)(close - in->at) + 1), *to = start;
    while (*in->at != '"') {
        if ((uint8_t)*in->at < 0x20) {
            return false;
        }
        if (*in->at != '\\') {
            *to++ = *in->at++;
            continue;
        }
        in->at++;
        if (!read_escape(in, &to)) {
            return false;
        }
    }
    in->at++;
    *to = '\0';
    *text = (jf_str){start, (size_t)(to - start)};
    return true;
}

static bool digits(reader *in) {
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
        in->at++;
    }
    return in->at > start;
}

static const jf_value *read_number(reader *in) {
    const char *start = in->at;
    in->at += in->at < in->end && *in->at == '-';
    bool zero = in->at < in->end && *in->at == '0';
    const char *whole = in->at;
    if (!digits(in) || (zero && in->at - whole > 1)) {
        return NULL;
    }
    if (in->at < in->end && *in->at == '.') {
        in->at++;
        if (!digits(in)) {
            return NULL;
        }
    }
    if (in->at < in->end && (*in->at == 'e' || *in->at == 'E')) {
        in->at++;
        in->at += in->at < in->end && (*in->at == '+' || *in->at == '-');
        if (!digits(in)) {
            return NULL;
        }
    }
    jf_value *value = made(JF_NUMBER);
    value->text = jf_copy(start, (size_t)(in->at - start));
    return value;
}

static const jf_value *read_list(reader *in, int depth) {
    jf_value *list = jf_list();
    if (next_is(in, ']')) {
        return list;
    }
    do {
        const jf_value *item = read_value(in, depth + 1);
        if (item == NULL) {
            return NULL;
        }
        add(list, (jf_str){NULL, 0}, item);
    } while (next_is(in, ','));
    return next_is(in, ']') ? list : NULL;
}

static const jf_value *read_object(reader *in, int depth) {
    jf_value *object = jf_object();
    if (next_is(in, '}')) {
        return object;
    }
    do {
        jf_str name;
        const jf_value *item;
        if (!next_is(in, '"') || !read_string(in, &name) || !next_is(in, ':') || !(item = read_value(in, depth + 1))) {
            return NULL;
        }
        /* The host gives no name twice, so nothing is looked for. */
        add(object, name, item);
    } while (next_is(in, ','));
    return next_is(in, '}') ? object : NULL;
}

static bool word(reader *in, const char *text) {
    size_t len = strlen(text);
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, text, len) != 0) {
        return false;
    }
    in->at += len;
    return true;
}

static const jf_value *read_value(reader *in, int depth) {
    if (depth > JF_DEPTH_MAX) {
        return NULL;
    }
    if (next_is(in, '{')) {
        return read_object(in, depth);
    }
    if (next_is(in, '[')) {
        return read_list(in, depth);
    }
    if (next_is(in, '"')) {
        jf_str text;
        return read_string(in, &text) ? jf_text(text) : NULL;
    }
    if (word(in, "true")) {
        return jf_of_bool(true);
    }
    if (word(in, "false")) {
        return jf_of_bool(false);
    }
    return word(in, "null") ? jf_null() : read_number(in);
}

const jf_value *jf_parse(jf_str text) {
    reader in = {text.ptr, text.ptr + text.len};
    const jf_value *value = read_value(&in, 0);
    skip_space(&in);
    return value != NULL && in.at == in.end ? value : NULL;
}

/* -- value to text -- */

typedef struct {
    char *ptr;
    size_t len, room;
} writer;

static void append(writer *out, const char *text, size_t len) {
    if (out->room - out->len < len + 1) {
        out->room = (out->room + len + 1) * 2;
        out->ptr = jf_more(out->ptr, out->room);
    }
    memcpy(out->ptr + out->len, text, len);
    out->len += len;
    out->ptr[out->len] = '\0';
}

static void write_string(writer *out, jf_str text) {
    append(out, "\"", 1);
    size_t from = 0;
    for (size_t at = 0; at < text.len; at++) {
        uint8_t letter = (uint8_t)text.ptr[at];
        if (letter >= 0x20 && letter != '"' && letter != '\\') {
            continue;
        }
        append(out, text.ptr + from, at - from);
        char escape[7];
        snprintf(escape, sizeof escape, letter >= 0x20 ? "\\%c" : "\\u%04x", letter);
        append(out, escape, strlen(escape));
        from = at + 1;
    }
    append(out, text.ptr + from, text.len - from);
    append(out, "\"", 1);
}

static void write_value(writer *out, const jf_value *value) {
    if (jf_is_null(value)) {
        append(out, "null", 4);
        return;
    }
    bool is_object = value->sort == JF_OBJECT;
    switch (value->sort) {
    case JF_BOOL:
        append(out, value->boolean ? "true" : "false", value->boolean ? 4 : 5);
        break;
    case JF_NUMBER:
        append(out, value->text.ptr, value->text.len);
        break;
    case JF_STRING:
        write_string(out, value->text);
        break;
    default:
        append(out, is_object ? "{" : "[", 1);
        for (size_t at = 0; at < value->len; at++) {
            append(out, ",", at > 0);
            if (is_object) {
                write_string(out, value->names[at]);
                append(out, ":", 1);
            }
            write_value(out, value->items[at]);
        }
        append(out, is_object ? "}" : "]", 1);
    }
}

jf_str jf_write(const jf_value *value) {
    writer out = {NULL, 0, 0};
    append(&out, "", 0);
    write_value(&out, value);
    return (jf_str){out.ptr, out.len};
}
