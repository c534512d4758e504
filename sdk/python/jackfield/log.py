"""A structured log, stored with the attempt and bounded: `log.info("parsed", rows=7)`."""

from __future__ import annotations

from typing import Any

from . import host

_wit = host.interface("jf_log")


def trace(message: str, **fields: Any) -> None:
    """For whoever looks for a bug."""
    write("trace", message, **fields)


def debug(message: str, **fields: Any) -> None:
    """For whoever wrote the task."""
    write("debug", message, **fields)


def info(message: str, **fields: Any) -> None:
    """What happened."""
    write("info", message, **fields)


def warn(message: str, **fields: Any) -> None:
    """What somebody should look at."""
    write("warn", message, **fields)


def error(message: str, **fields: Any) -> None:
    """What went wrong."""
    write("error", message, **fields)


def write(level: str, message: str, /, **fields: Any) -> None:
    """Writes one line with named values."""
    texts = [(name, value if isinstance(value, str) else str(value)) for name, value in fields.items()]
    if _wit:
        _wit.write(_wit.Level[level.upper()], message, texts)
    else:
        host.stand_in().lines.append((level, message, dict(texts)))
