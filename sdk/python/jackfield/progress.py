"""Durable progress inside a long task."""

from __future__ import annotations

import json
from typing import Any

from . import host
from .errors import Permanent, Transient

_wit = host.interface("jf_progress")


class Stopped(Transient):
    """This attempt no longer owns its step (it was cancelled or timed out): stop."""


def report(done: int, total: int | None = None, message: str = "") -> None:
    """Tells people how far it is. Kept in memory, shown live, and never an effect."""
    if _wit:
        _wit.report(done, total, message)
    else:
        host.stand_in().reports.append((done, total, message))


def save_bytes(data: bytes) -> None:
    """Keeps `data` for the attempts after this one, in place of what was kept before. When it returns, the data is on stable
    storage. Dropped when the step is done.

    Raises: `Permanent` with `savepoint-too-large`, `Stopped`, or `Transient` with `savepoint-storage`.
    """
    if not _wit:
        host.stand_in().savepoint = bytes(data)
        return
    try:
        _wit.save(data)
    except Exception as error:
        said = host.err(error)
        if isinstance(said, _wit.SavepointError_TooLarge):
            raise Permanent("savepoint-too-large", f"a savepoint of {len(data)} bytes is over the limit of {said.value}") from None
        if isinstance(said, _wit.SavepointError_Stopped):
            raise Stopped("stopped", "this attempt no longer owns its step") from None
        raise Transient("savepoint-storage", f"the savepoint was not kept: {said.value}") from None


def load_bytes() -> bytes | None:
    """What was last kept by an attempt of this step (and item), or nothing."""
    return _wit.load() if _wit else host.stand_in().savepoint


def save(state: Any) -> None:
    """As `save_bytes`, with anything that can be JSON."""
    save_bytes(json.dumps(state, ensure_ascii=False, allow_nan=False).encode())


def load() -> Any:
    """What `save` kept, or nothing."""
    data = load_bytes()
    return None if data is None else json.loads(data)
