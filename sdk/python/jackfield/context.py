"""Who is running: facts about this attempt. Every task may ask; none of it is an effect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from . import host

_wit = host.interface("jf_context")


def run_id() -> str:
    """The run's id."""
    return _ask("run_id")


def workflow() -> str:
    """The workflow's name."""
    return _ask("workflow")


def step() -> str:
    """The step's name."""
    return _ask("step")


def item() -> int | None:
    """The item's index, from 0, when the step is a `for-each`."""
    return _ask("item")


def attempt() -> int:
    """Which attempt this is, from 1."""
    return _ask("attempt")


def max_attempts() -> int:
    """How many attempts the step may take in all."""
    return _ask("max_attempts")


def deadline() -> datetime:
    """When this attempt is interrupted."""
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=_ask("deadline_ms"))


def idempotency_key() -> str:
    """The same for all attempts of this step (and item) of this run, and for no other: give it to whatever the task changes, so
    that the change happens once. 32 hexadecimal digits."""
    return _ask("idempotency_key")


def _ask(name: str):
    return getattr(_wit, name)() if _wit else getattr(host.stand_in(), name)
