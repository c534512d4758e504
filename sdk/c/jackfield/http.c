/* One HTTP request through `wasi:http/outgoing-handler`, waited for. */
#ifdef __wasm__

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bindings/plugin.h"
#include "internal.h"

/* `blocking-write-and-flush` takes so many bytes and no more. */
#define WRITE_BYTES 4096
#define READ_BYTES 65536
#define BODY_LIMIT_DEFAULT ((size_t)16 << 20)
#define BODY_SHOWN_BYTES_MAX 300

static plugin_string_t lend(const char *text, size_t len) {
    return (plugin_string_t){(uint8_t *)text, len};
}

static bool is_safe(const char *method) {
    return !strcmp(method, "GET") || !strcmp(method, "HEAD") || !strcmp(method, "OPTIONS") || !strcmp(method, "TRACE");
}

static const char *method_of(const jf_request *request) {
    return request->method ? request->method : "GET";
}

static jf_answer lost(const jf_request *request, const char *why) {
    jf_kind kind = is_safe(method_of(request)) ? JF_TRANSIENT : JF_UNKNOWN_OUTCOME;
    return jf_fail(kind, "http-lost-reply", "the answer to %s %s was lost: %s", method_of(request), request->url, why);
}

static jf_answer bad(const jf_request *request, const char *why) {
    return jf_fail(JF_PERMANENT, "http-bad-request", "the request %s %s cannot be sent: %s", method_of(request), request->url, why);
}

/* What a code of the host means: was it forbidden, was it no request, did it never leave, or is nobody sure. */
static jf_answer refusal(const jf_request *request, const wasi_http_types_error_code_t *code) {
    const char *why = jf_format("the host says no with code %d", code->tag).ptr;
    if (code->tag == WASI_HTTP_TYPES_ERROR_CODE_INTERNAL_ERROR && code->val.internal_error.is_some) {
        why = jf_copy((const char *)code->val.internal_error.val.ptr, code->val.internal_error.val.len).ptr;
    }
    switch (code->tag) {
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_IP_PROHIBITED:
        return jf_fail(JF_PERMANENT, "http-denied", "the request %s %s is not allowed: %s", method_of(request), request->url, why);
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_METHOD_INVALID:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_URI_INVALID:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_URI_TOO_LONG:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_LENGTH_REQUIRED:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_BODY_SIZE:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_HEADER_SECTION_SIZE:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_HEADER_SIZE:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_TRAILER_SECTION_SIZE:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_TRAILER_SIZE:
        return bad(request, why);
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_NOT_FOUND:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_UNAVAILABLE:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_IP_UNROUTABLE:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_REFUSED:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_LIMIT_REACHED:
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_PROTOCOL_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_CERTIFICATE_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_ALERT_RECEIVED:
        return jf_fail(JF_TRANSIENT, "http-unreachable", "the server of %s %s cannot be reached: %s", method_of(request), request->url, why);
    default:
        return lost(request, why);
    }
}

/* -- the request -- */

static bool headers(const jf_request *request, wasi_http_types_own_fields_t *fields) {
    size_t len = 0;
    bool sized = false;
    while (request->headers != NULL && request->headers[len].name != NULL) {
        sized = sized || strcasecmp(request->headers[len].name, "content-length") == 0;
        len++;
    }
    wasi_http_types_tuple2_field_name_field_value_t *list = jf_take((len + 1) * sizeof *list);
    for (size_t at = 0; at < len; at++) {
        const jf_pair *header = &request->headers[at];
        list[at].f0 = lend(header->name, strlen(header->name));
        list[at].f1 = (wasi_http_types_field_value_t){(uint8_t *)header->text, strlen(header->text)};
    }
    if (request->body.len > 0 && !sized) {
        jf_str length = jf_format("%zu", request->body.len);
        list[len].f0 = lend("content-length", strlen("content-length"));
        list[len++].f1 = (wasi_http_types_field_value_t){(uint8_t *)length.ptr, length.len};
    }
    wasi_http_types_list_tuple2_field_name_field_value_t entries = {list, len};
    wasi_http_types_header_error_t error;
    return wasi_http_types_static_fields_from_list(&entries, fields, &error);
}

static wasi_http_types_method_t method(const char *name) {
    static const char *const NAMES[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    wasi_http_types_method_t method = {WASI_HTTP_TYPES_METHOD_OTHER, {lend(name, strlen(name))}};
    for (uint8_t at = 0; at < sizeof NAMES / sizeof *NAMES; at++) {
        if (strcmp(name, NAMES[at]) == 0) {
            method.tag = at;
        }
    }
    return method;
}

static bool set_target(const jf_request *request, wasi_http_types_borrow_outgoing_request_t outgoing, jf_answer *failure) {
    bool https = strncmp(request->url, "https://", 8) == 0;
    if (!https && strncmp(request->url, "http://", 7) != 0) {
        *failure = bad(request, "its URL does not begin with `http://` or `https://`");
        return false;
    }
    const char *start = request->url + (https ? 8 : 7);
    size_t host = strcspn(start, "/?#"), path = strcspn(start + host, "#");
    if (host == 0 || memchr(start, '@', host)) {
        *failure = bad(request, "its URL has no host, or a user name");
        return false;
    }
    bool slash = start[host] == '/';
    jf_str whole = jf_format("%s%.*s", slash ? "" : "/", (int)path, start + host);
    plugin_string_t authority = lend(start, host), target = lend(whole.ptr, whole.len);
    wasi_http_types_scheme_t scheme = {https ? WASI_HTTP_TYPES_SCHEME_HTTPS : WASI_HTTP_TYPES_SCHEME_HTTP, {{NULL, 0}}};
    wasi_http_types_method_t verb = method(method_of(request));
    if (wasi_http_types_method_outgoing_request_set_method(outgoing, &verb) &&
        wasi_http_types_method_outgoing_request_set_scheme(outgoing, &scheme) &&
        wasi_http_types_method_outgoing_request_set_authority(outgoing, &authority) &&
        wasi_http_types_method_outgoing_request_set_path_with_query(outgoing, &target)) {
        return true;
    }
    *failure = bad(request, "the host refuses its method or its URL");
    return false;
}

static wasi_http_types_own_request_options_t options(const jf_request *request) {
    wasi_http_types_own_request_options_t own = wasi_http_types_constructor_request_options();
    wasi_http_types_borrow_request_options_t options = wasi_http_types_borrow_request_options(own);
    wasi_http_types_duration_t nanoseconds = (uint64_t)(request->timeout_ms ? request->timeout_ms : 30000) * 1000000;
    wasi_http_types_method_request_options_set_connect_timeout(options, &nanoseconds);
    wasi_http_types_method_request_options_set_first_byte_timeout(options, &nanoseconds);
    wasi_http_types_method_request_options_set_between_bytes_timeout(options, &nanoseconds);
    return own;
}

/* Writes the body. When the server hangs up early, its answer says more than the broken stream does. */
static void write_body(const jf_request *request, wasi_http_types_own_outgoing_body_t body) {
    wasi_http_types_own_output_stream_t stream;
    if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream)) {
        return;
    }
    bool whole = true;
    for (size_t at = 0; whole && at < request->body.len; at += WRITE_BYTES) {
        size_t left = request->body.len - at;
        plugin_list_u8_t chunk = {(uint8_t *)request->body.ptr + at, left < WRITE_BYTES ? left : WRITE_BYTES};
        wasi_io_streams_stream_error_t error;
        whole = wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream), &chunk, &error);
    }
    wasi_io_streams_output_stream_drop_own(stream);
    if (whole) {
        wasi_http_types_error_code_t error;
        wasi_http_types_static_outgoing_body_finish(body, NULL, &error);
    }
}

/* -- the answer -- */

static bool read_body(const jf_request *request, wasi_http_types_borrow_incoming_response_t incoming, jf_str *body, jf_answer *failure) {
    wasi_http_types_own_incoming_body_t own;
    wasi_http_types_own_input_stream_t stream;
    if (!wasi_http_types_method_incoming_response_consume(incoming, &own) ||
        !wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(own), &stream)) {
        *failure = lost(request, "it has no body");
        return false;
    }
    size_t limit = request->body_limit ? request->body_limit : BODY_LIMIT_DEFAULT, len = 0;
    char *text = jf_take(1);
    for (;;) {
        plugin_list_u8_t chunk;
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(stream), READ_BYTES, &chunk, &error)) {
            text[len] = '\0';
            *body = (jf_str){text, len};
            if (error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) {
                return true;
            }
            wasi_http_types_error_code_t code;
            bool known = wasi_http_types_http_error_code(wasi_io_error_borrow_error(error.val.last_operation_failed), &code);
            *failure = known ? refusal(request, &code) : lost(request, "its body broke off");
            return false;
        }
        if (chunk.len > limit - len) {
            *failure = jf_fail(JF_PERMANENT, "http-body-too-large", "the answer's body is larger than the limit of %zu bytes", limit);
            return false;
        }
        text = jf_more(text, len + chunk.len + 1);
        memcpy(text + len, chunk.ptr, chunk.len);
        len += chunk.len;
        free(chunk.ptr);
    }
}

static jf_pair *read_headers(wasi_http_types_borrow_incoming_response_t incoming) {
    wasi_http_types_list_tuple2_field_name_field_value_t list;
    wasi_http_types_own_fields_t fields = wasi_http_types_method_incoming_response_headers(incoming);
    wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(fields), &list);
    wasi_http_types_fields_drop_own(fields);
    jf_pair *pairs = jf_take((list.len + 1) * sizeof *pairs);
    memset(pairs, 0, (list.len + 1) * sizeof *pairs);
    for (size_t at = 0; at < list.len; at++) {
        pairs[at].name = jf_copy((const char *)list.ptr[at].f0.ptr, list.ptr[at].f0.len).ptr;
        pairs[at].text = jf_copy((const char *)list.ptr[at].f1.ptr, list.ptr[at].f1.len).ptr;
    }
    return pairs;
}

bool jf_http(const jf_request *request, jf_response *response, jf_answer *failure) {
    wasi_http_types_own_fields_t fields;
    if (!headers(request, &fields)) {
        *failure = bad(request, "the host refuses its headers");
        return false;
    }
    wasi_http_types_own_outgoing_request_t outgoing = wasi_http_types_constructor_outgoing_request(fields);
    wasi_http_types_borrow_outgoing_request_t borrowed = wasi_http_types_borrow_outgoing_request(outgoing);
    wasi_http_types_own_outgoing_body_t body;
    if (!set_target(request, borrowed, failure)) {
        return false;
    }
    if (!wasi_http_types_method_outgoing_request_body(borrowed, &body)) {
        *failure = bad(request, "the host refuses a body");
        return false;
    }
    wasi_http_types_own_request_options_t limits = options(request);
    wasi_http_types_own_future_incoming_response_t future;
    wasi_http_types_error_code_t code;
    if (!wasi_http_outgoing_handler_handle(outgoing, &limits, &future, &code)) {
        *failure = refusal(request, &code);
        return false;
    }
    write_body(request, body);
    wasi_http_types_borrow_future_incoming_response_t waited = wasi_http_types_borrow_future_incoming_response(future);
    wasi_io_poll_own_pollable_t pollable = wasi_http_types_method_future_incoming_response_subscribe(waited);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
    wasi_http_types_result_result_own_incoming_response_error_code_void_t answer;
    if (!wasi_http_types_method_future_incoming_response_get(waited, &answer) || answer.is_err) {
        *failure = lost(request, "the host woke without one");
        return false;
    }
    if (answer.val.ok.is_err) {
        *failure = refusal(request, &answer.val.ok.val.err);
        return false;
    }
    wasi_http_types_borrow_incoming_response_t incoming = wasi_http_types_borrow_incoming_response(answer.val.ok.val.ok);
    response->status = wasi_http_types_method_incoming_response_status(incoming);
    response->headers = read_headers(incoming);
    return read_body(request, incoming, &response->body, failure);
}

/* -- its status -- */

/* Seconds that the server wishes to be left alone; a date is not read. */
static bool retry_after(const jf_response *response, uint64_t *seconds) {
    for (const jf_pair *header = response->headers; header->name != NULL; header++) {
        char *end;
        if (strcasecmp(header->name, "retry-after") == 0) {
            *seconds = strtoull(header->text, &end, 10);
            return end > header->text && *end == '\0' && *seconds < 1000000000;
        }
    }
    return false;
}

bool jf_http_ok(const jf_request *request, jf_response *response, jf_answer *failure) {
    if (!jf_http(request, response, failure)) {
        return false;
    }
    int status = response->status;
    if (status < 400) {
        return true;
    }
    uint64_t seconds;
    int shown = (int)(response->body.len < BODY_SHOWN_BYTES_MAX ? response->body.len : BODY_SHOWN_BYTES_MAX);
    const char *message = jf_format("%s was answered with status %d: %.*s", method_of(request), status, shown, response->body.ptr).ptr;
    bool again = status == 408 || status == 425 || status == 429 || (status >= 500 && status != 501 && status != 505);
    if ((status == 429 || status == 503) && retry_after(response, &seconds)) {
        *failure = jf_retry_after(seconds * 1000, "http-status", "%s", message);
    } else if ((status == 502 || status == 504) && !is_safe(method_of(request))) {
        *failure = jf_fail(JF_UNKNOWN_OUTCOME, "http-status", "%s", message);
    } else {
        *failure = jf_fail(again ? JF_TRANSIENT : JF_PERMANENT, "http-status", "%s", message);
    }
    *failure = jf_with_data(*failure, jf_set(jf_object(), "status", jf_of_int(status)));
    return false;
}

#endif
