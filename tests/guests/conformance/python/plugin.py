"""The conformance plugin; see ../README.md."""

import time
from enum import Enum
from dataclasses import dataclass
from typing import Any, Optional

from jackfield import Permanent, RetryAfter, Transient, UnknownOutcome, ask, config, context, http, log, progress, secrets, task


class Choice(Enum):
    """One of two."""

    RED = "red"
    GREEN = "green"


@dataclass
class Nested:
    """A record in a record."""

    id: int


@dataclass
class Typed:
    """A field of every type."""

    flag: bool
    whole: int
    ratio: float
    text: str
    data: bytes
    names: list[str]
    counts: dict[str, int]
    choice: Choice
    nested: Nested
    maybe: Optional[str] = None


@task(effect="pure", example_input={"value": [1, None, "é"]}, example_output=[1, None, "é"])
def echo(value: Any) -> Any:
    """Answers what it is given.

    Args:
        value: Anything.
    """
    return value


@task(effect="pure")
def typed(
    flag: bool, whole: int, ratio: float, text: str, data: bytes, names: list[str], counts: dict[str, int], choice: Choice, nested: Nested,
    maybe: Optional[str] = None,
) -> Typed:
    """Answers its input."""
    return Typed(flag, whole, ratio, text, data, names, counts, choice, nested, maybe)


@task
def report() -> None:
    """Reports progress."""
    progress.report(1, 2, "half")
    progress.report(2, None, "whole")


@task
def savepoint() -> int:
    """Counts in a savepoint."""
    found = progress.load() or 0
    progress.save(found + 1)
    return found


@task(name="log")
def log_lines() -> None:
    """Writes a line of each level."""
    for write in (log.trace, log.debug, log.info, log.warn, log.error):
        write("a line", level=write.__name__)


@task(errors={"asked-for": "It always fails."})
def fail(kind: str) -> None:
    """Fails.

    Args:
        kind: How.
    """
    about = ("asked-for", "as asked", {"kind": kind})
    if kind == "retry-after":
        raise RetryAfter(1.5, *about)
    raise {"transient": Transient, "unknown-outcome": UnknownOutcome}.get(kind, Permanent)(*about)


@task
def crash() -> None:
    """Goes wrong."""
    [][1]


@task(asks=[ask("secrets", optional=True, docs="To show a placeholder.")])
def secret(name: str) -> str:
    """Answers a placeholder."""
    return secrets.placeholder(name)


@task(name="config", asks=[ask("config", optional=True, docs="To show a value.")])
def config_value(name: str) -> Optional[str]:
    """Answers a configuration value."""
    return config.get(name)


@dataclass
class Answer:
    """What a server answered."""

    status: int
    body: str


@task(effect="reads", asks=[ask("http", optional=True, docs="To fetch."), ask("secrets", optional=True, docs="To send one.")])
def fetch(url: str, secret: Optional[str] = None) -> Answer:
    """Sends a GET."""
    headers = {"authorization": f"Bearer {secrets.placeholder(secret)}"} if secret else {}
    answer = http.get(url, headers=headers).check()
    return Answer(answer.status, answer.text())


@dataclass
class Context:
    """Who is running."""

    run: str
    workflow: str
    step: str
    attempt: int
    max_attempts: int
    deadline_ms: int
    key: str
    item: Optional[int] = None


@task(name="context")
def who() -> Context:
    """Answers who is running."""
    return Context(
        context.run_id(), context.workflow(), context.step(), context.attempt(), context.max_attempts(),
        round(context.deadline().timestamp() * 1000), context.idempotency_key(), context.item(),
    )


@task(effect="reads")
def sleep(ms: int) -> None:
    """Waits."""
    time.sleep(ms / 1000)


@task(effect="pure")
def spin() -> None:
    """Computes for ever."""
    while True:
        pass


@task(effect="pure")
def grow() -> None:
    """Takes memory for ever."""
    taken = []
    while True:
        taken.append(bytearray(1 << 20))
