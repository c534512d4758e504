"""HTTP requests, with a grant: `http.get("https://api.example/orders").check().json()`.

A request that goes wrong raises a `TaskError` that says what the engine should do about it:

| what happened | class | code |
| --- | --- | --- |
| the grant does not allow it | `Permanent` | `http-denied` |
| it is no request | `Permanent` | `http-bad-request` |
| the server could not be reached; nothing was sent | `Transient` | `http-unreachable` |
| the answer was lost | `Transient` for GET, HEAD, OPTIONS, TRACE; `UnknownOutcome` for others | `http-lost-reply` |
| the answer's body is too large, or not what it was read as | `Permanent` | `http-body-too-large`, `http-bad-body` |
| `check()`: status 429 or 503 with `Retry-After` | `RetryAfter` | `http-status` |
| `check()`: status 408, 425, 429, 500, 503 and others above 505 | `Transient` | `http-status` |
| `check()`: status 502, 504 | as a lost answer | `http-status` |
| `check()`: any other status from 400 | `Permanent` | `http-status` |
"""

from __future__ import annotations

import dataclasses
import json as _json
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from . import host
from .errors import Permanent, RetryAfter, TaskError, Transient, UnknownOutcome

_types = host.interface("wasi_http_types")
_handler = host.interface("wasi_http_handler")
_streams = host.interface("wasi_streams")

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# `blocking-write-and-flush` takes so many bytes and no more.
_WRITE_BYTES = 4096
_READ_BYTES = 65_536
_BODY_SHOWN_BYTES_MAX = 300
_DENIED = ("HttpRequestDenied", "DestinationIpProhibited")
_BAD = ("HttpRequestMethodInvalid", "HttpRequestUriInvalid", "HttpRequestUriTooLong", "HttpRequestLengthRequired", "HttpRequestBodySize",
        "HttpRequestHeaderSectionSize", "HttpRequestHeaderSize", "HttpRequestTrailerSectionSize", "HttpRequestTrailerSize")
_UNREACHABLE = ("DnsTimeout", "DnsError", "DestinationNotFound", "DestinationUnavailable", "DestinationIpUnroutable", "ConnectionRefused",
                "ConnectionTimeout", "ConnectionLimitReached", "TlsProtocolError", "TlsCertificateError", "TlsAlertReceived")


@dataclasses.dataclass(frozen=True)
class Request:
    """A request, whole. Names of headers are in lower case."""

    method: str
    url: str
    headers: list[tuple[str, bytes]]
    body: bytes
    timeout: float
    body_limit_bytes: int


@dataclasses.dataclass(frozen=True)
class Response:
    """An answer, whole."""

    status: int
    headers: list[tuple[str, bytes]]
    body: bytes
    method: str = "GET"

    def header(self, name: str) -> str | None:
        """The first header of this name, when it is text."""
        for known, value in self.headers:
            if known.lower() == name.lower():
                return value.decode("utf-8", "replace")
        return None

    def text(self) -> str:
        """The body as UTF-8 text."""
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise Permanent("http-bad-body", f"the answer's body cannot be read: it is not UTF-8 text: {error}") from None

    def json(self) -> Any:
        """The body as JSON."""
        try:
            return _json.loads(self.body)
        except ValueError as error:
            raise Permanent("http-bad-body", f"the answer's body cannot be read: it is not JSON: {error}") from None

    def check(self) -> "Response":
        """This answer, when its status is below 400.

        Raises: a `TaskError` of the code `http-status` otherwise.
        """
        if self.status < 400:
            return self
        shown = self.body[:_BODY_SHOWN_BYTES_MAX].decode("utf-8", "replace").strip()
        message = f"{self.method} was answered with status {self.status}" + (f": {shown}" if shown else "")
        data = {"status": self.status}
        delay = _retry_after(self.header("retry-after") or "") if self.status in (429, 503) else None
        if delay is not None:
            raise RetryAfter(delay, "http-status", message, data)
        if self.status in (502, 504):
            raise _lost(self.method, "http-status", message, data)
        again = self.status in (408, 425, 429) or (self.status >= 500 and self.status not in (501, 505))
        raise (Transient if again else Permanent)("http-status", message, data)


def get(url: str, **options: Any) -> Response:
    """Sends a GET; see `request`."""
    return request("GET", url, **options)


def post(url: str, **options: Any) -> Response:
    """Sends a POST; see `request`."""
    return request("POST", url, **options)


def put(url: str, **options: Any) -> Response:
    """Sends a PUT; see `request`."""
    return request("PUT", url, **options)


def delete(url: str, **options: Any) -> Response:
    """Sends a DELETE; see `request`."""
    return request("DELETE", url, **options)


def request(
    method: str,
    url: str,
    *,
    query: dict[str, Any] | None = None,
    headers: dict[str, str | bytes] | None = None,
    body: bytes | str = b"",
    json: Any = None,
    form: dict[str, Any] | None = None,
    timeout: float = 30.0,
    body_limit_bytes: int = 16 << 20,
) -> Response:
    """Sends a request and waits for the whole answer, whatever its status.

    Args:
        query: Added to the URL, escaped.
        headers: Names and values; a secret's placeholder may be in a value.
        body: What is sent; text as UTF-8.
        json: Sent as the body instead, as JSON.
        form: Sent as the body instead, as a form.
        timeout: Seconds to wait for a connection, for the first byte, and between bytes.
        body_limit_bytes: The largest body of an answer.
    """
    found = [(name.lower(), value if isinstance(value, bytes) else value.encode()) for name, value in (headers or {}).items()]
    if json is not None:
        body = _json.dumps(json, ensure_ascii=False, allow_nan=False)
        found.append(("content-type", b"application/json"))
    elif form is not None:
        body = urlencode(form)
        found.append(("content-type", b"application/x-www-form-urlencoded"))
    if query:
        start, hash_mark, fragment = url.partition("#")
        url = f"{start}{'&' if '?' in start else '?'}{urlencode(query)}{hash_mark}{fragment}"
    data = body.encode() if isinstance(body, str) else body
    made = Request(method.upper(), url, found, data, timeout, body_limit_bytes)
    _parts(url)
    answer = _send(made) if host.INSIDE else _pretend(made)
    if len(answer.body) > body_limit_bytes:
        raise _too_large(body_limit_bytes)
    return dataclasses.replace(answer, method=made.method)


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, authority, path with query."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Permanent("http-bad-request", f"the URL `{url}` is none: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Permanent("http-bad-request", f"the URL `{url}` does not begin with `http://` or `https://` and a host")
    if "@" in parts.netloc:
        raise Permanent("http-bad-request", f"the URL `{url}` carries a user name; send an `authorization` header instead")
    return parts.scheme, parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _pretend(made: Request) -> Response:
    stand_in = host.stand_in()
    stand_in.requests.append(made)
    if stand_in.answer is None:
        raise Permanent("http-denied", f"the test's host allows no requests; `Host(answer=…)` answers {made.method} {made.url}")
    return stand_in.answer(made)


def _send(made: Request) -> Response:
    outgoing = _outgoing(made)
    body = outgoing.body()
    nanoseconds = int(made.timeout * 1e9)
    options = _types.RequestOptions()
    options.set_connect_timeout(nanoseconds)
    options.set_first_byte_timeout(nanoseconds)
    options.set_between_bytes_timeout(nanoseconds)
    try:
        future = _handler.handle(outgoing, options)
        _write(made, body)
    except Exception as error:
        raise _refusal(made, host.err(error)) from None
    with future.subscribe() as pollable:
        pollable.block()
    answer = future.get()
    answer = answer.value if answer is not None else None
    if not hasattr(answer, "value"):
        raise _lost(made.method, "http-lost-reply", f"the answer to {made.method} was lost: the host woke without one")
    if type(answer).__name__ == "Err":
        raise _refusal(made, answer.value)
    incoming = answer.value
    with incoming.headers() as fields:
        headers = fields.entries()
    return Response(incoming.status(), headers, _read(made, incoming.consume()))


def _outgoing(made: Request) -> Any:
    scheme, authority, path = _parts(made.url)
    headers = list(made.headers)
    if made.body and all(name != "content-length" for name, _ in headers):
        headers.append(("content-length", str(len(made.body)).encode()))
    try:
        outgoing = _types.OutgoingRequest(_types.Fields.from_list(headers))
        outgoing.set_method(_method(made.method))
        outgoing.set_scheme(_types.Scheme_Https() if scheme == "https" else _types.Scheme_Http())
        outgoing.set_authority(authority)
        outgoing.set_path_with_query(path)
        return outgoing
    except Exception as error:
        said = host.err(error)
        what = "the headers" if said is not None else f"{made.method} {made.url}"
        raise Permanent("http-bad-request", f"the request cannot be sent: the host refuses {what}") from None


def _method(name: str) -> Any:
    known = getattr(_types, f"Method_{name.capitalize()}", None)
    return known() if known and name != "OTHER" else _types.Method_Other(name)


def _write(made: Request, body: Any) -> None:
    """Writes the body. When the server hangs up early, its answer says more than the broken stream does."""
    try:
        with body.write() as stream:
            for at in range(0, len(made.body), _WRITE_BYTES):
                stream.blocking_write_and_flush(made.body[at:at + _WRITE_BYTES])
    except Exception as error:
        host.err(error)
        return
    _types.OutgoingBody.finish(body, None)


def _read(made: Request, body: Any) -> bytes:
    parts, size = [], 0
    with body.stream() as stream:
        while True:
            try:
                chunk = stream.blocking_read(_READ_BYTES)
            except Exception as error:
                said = host.err(error)
                if isinstance(said, _streams.StreamError_Closed):
                    return b"".join(parts)
                code = _types.http_error_code(said.value)
                raise _refusal(made, code) if code else _lost(made.method, "http-lost-reply", said.value.to_debug_string()) from None
            size += len(chunk)
            if size > made.body_limit_bytes:
                raise _too_large(made.body_limit_bytes)
            parts.append(chunk)


def _too_large(limit: int) -> TaskError:
    return Permanent("http-body-too-large", f"the answer's body is larger than the limit of {limit} bytes")


def _lost(method: str, code: str, message: str, data: Any = None) -> TaskError:
    return (Transient if method in _SAFE else UnknownOutcome)(code, message, data)


def _refusal(made: Request, code: Any) -> TaskError:
    """What a code of the host means: was it forbidden, was it no request, did it never leave, or is nobody sure."""
    name = type(code).__name__.removeprefix("ErrorCode_")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    said = code.value if name == "InternalError" and code.value else words
    reason = f"{made.method} {made.url}: {said}"
    if name in _DENIED:
        return Permanent("http-denied", f"the request is not allowed: {reason}")
    if name in _BAD:
        return Permanent("http-bad-request", f"the request cannot be sent: {reason}")
    if name in _UNREACHABLE:
        return Transient("http-unreachable", f"the server cannot be reached: {reason}")
    return _lost(made.method, "http-lost-reply", f"the answer to {made.method} was lost: {reason}")


def _retry_after(text: str) -> float | None:
    """Seconds that the server wishes to be left alone (RFC 9110, 10.2.3)."""
    if text.strip().isascii() and text.strip().isdigit():
        return float(min(int(text), 10**9))
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at - datetime.now(timezone.utc)).total_seconds()) if at.tzinfo else None
