"""How a task fails: the class says what the engine should do about it."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Any

_CODE = re.compile(r"[a-z0-9-]{1,64}\Z")


def check_code(code: str) -> str:
    """The code again, when it is one.

    Raises: `ValueError` otherwise.
    """
    if not isinstance(code, str) or not _CODE.match(code):
        raise ValueError(f"the error code {code!r} is not 1 to 64 characters of a-z, 0-9 and -")
    return code


class TaskError(Exception):
    """What all failures have in common. Raise one of the four classes below.

    `code` is a word that a workflow may match on, `message` says what went wrong, where, and the value seen, and `data` is more
    for programs: anything that can be JSON.
    """

    kind = "permanent"

    def __init__(self, code: str, message: str, data: Any = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = check_code(code)
        self.message = message
        self.data = data


class Transient(TaskError):
    """It may go well the next time: tried again as the step's `retry` says."""

    kind = "transient"


class Permanent(TaskError):
    """It will fail again with the same input: never tried again."""

    kind = "permanent"


class UnknownOutcome(TaskError):
    """Nobody knows whether the effect happened (a reply was lost, say). Tried again with the same idempotency key, unless the step
    is declared `at-most-once`: then a person decides."""

    kind = "unknown-outcome"


class RetryAfter(TaskError):
    """It may go well, but not before `delay` has passed: seconds, or a `timedelta`. Rounded up to milliseconds."""

    kind = "retry-after"

    def __init__(self, delay: float | timedelta, code: str, message: str, data: Any = None) -> None:
        super().__init__(code, message, data)
        seconds = delay.total_seconds() if isinstance(delay, timedelta) else delay
        if not 0 <= seconds < 1e12:
            raise ValueError(f"a delay is a time that is not over yet, and no {delay!r}")
        self.delay_ms = math.ceil(seconds * 1000)
