"""The host, or what stands for it outside WebAssembly."""

from __future__ import annotations

import importlib
import sys
from typing import Any

try:
    import wit_world  # noqa: F401
    INSIDE = True
except ImportError:
    INSIDE = False
"""Whether this is a component."""


def interface(name: str) -> Any:
    """The bindings of an interface; nothing outside WebAssembly, where `jackfield.testing` answers."""
    return importlib.import_module(f"wit_world.imports.{name}") if INSIDE else None


def stand_in() -> Any:
    """What answers for the host in tests."""
    from . import testing

    return testing.current()


def err(error: BaseException) -> Any:
    """What the host said no with; anything else is raised again."""
    kind = sys.modules["componentize_py_types"].Err if INSIDE else ()
    if isinstance(error, kind):
        return error.value
    raise error
