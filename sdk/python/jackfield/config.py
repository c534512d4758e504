"""Configuration values that the step was granted."""

from __future__ import annotations

from . import host
from .errors import Transient

_wit = host.interface("wasi_config")


def get(key: str, default: str | None = None) -> str | None:
    """The value of `key`, or `default` when it is not set or not granted."""
    found = _call("get", key) if _wit else host.stand_in().config.get(key)
    return default if found is None else found


def all() -> dict[str, str]:
    """Every value that the step was granted."""
    return dict(_call("get_all") if _wit else host.stand_in().config)


def _call(name: str, *args: str):
    try:
        return getattr(_wit, name)(*args)
    except Exception as error:
        raise Transient("config-unreadable", f"the host could not read its configuration: {host.err(error).value}") from None
