"""Stands for the host in tests of tasks, which run as ordinary Python:

    with Host(config={"region": "eu"}, answer=lambda request: Response(200, [], b"{}")) as host:
        task()
    assert host.reports == [(1, 2, "half")]
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any


class Host:
    """What a task sees of the host, and what it did there: `reports`, `lines` (the log), `savepoint`, `requests`."""

    def __init__(
        self,
        *,
        attempt: int = 1,
        max_attempts: int = 1,
        item: int | None = None,
        savepoint: bytes | None = None,
        config: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        answer: Callable[[Any], Any] | None = None,
    ) -> None:
        self.run_id, self.workflow, self.step, self.item = "1", "test", "test", item
        self.attempt, self.max_attempts, self.deadline_ms = attempt, max_attempts, 4_102_444_800_000
        self.idempotency_key = "0" * 32
        self.savepoint = savepoint
        self.config = dict(config or {})
        self.secrets = dict(secrets or {})
        self.answer = answer
        self.reports: list[tuple[int, int | None, str]] = []
        self.lines: list[tuple[str, str, dict[str, str]]] = []
        self.requests: list[Any] = []

    def __enter__(self) -> "Host":
        self._before = _CURRENT.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _CURRENT.reset(self._before)


_CURRENT: contextvars.ContextVar[Host] = contextvars.ContextVar("jackfield_host")


def current() -> Host:
    """The host of this test; a plain one when none was made."""
    found = _CURRENT.get(None)
    if found is None:
        found = Host()
        _CURRENT.set(found)
    return found
