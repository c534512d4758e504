"""Secrets that a task can send but never see."""

from __future__ import annotations

from . import host
from .errors import Permanent

_wit = host.interface("jf_secrets")


def placeholder(name: str) -> str:
    """A text that stands for the secret. Put it into a header or the body of an HTTP request: the host puts the value in its place
    on the way out, and only for the hosts that the secret's grant names.

    Raises: `Permanent` with `secret-not-granted` or `secret-not-set`.
    """
    if not _wit:
        known = host.stand_in().secrets
        if name not in known:
            raise Permanent("secret-not-granted", f"the step does not grant the secret `{name}`")
        return known[name]
    try:
        return _wit.placeholder(name)
    except Exception as error:
        said = host.err(error)
        if isinstance(said, _wit.SecretError_NotSet):
            raise Permanent("secret-not-set", f"the secret `{name}` is granted, and the operator has not set it") from None
        raise Permanent("secret-not-granted", f"the step does not grant the secret `{name}`") from None
