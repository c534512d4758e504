"""The decorator `@task`, and the table of tasks that it fills."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import typing
from collections.abc import Callable
from typing import Any, Literal

from .errors import Permanent, check_code
from .schema import Field, Misfit, Schemas, decode_fields, encode, parameters, split_docs

Effect = Literal["pure", "reads", "effects"]
_CAPABILITIES = ("http", "files-read", "files-write", "config", "secrets", "scratch", "memory")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")

TASKS: dict[str, "Task"] = {}
"""Every task of the plugin, by name."""


@dataclasses.dataclass(frozen=True)
class Ask:
    """Something a task asks to touch; see `ask`."""

    name: str
    scope: tuple[str, ...]
    required: bool
    docs: str


def ask(name: str, *scope: str, optional: bool = False, docs: str = "") -> Ask:
    """Asks to touch something: `ask("http", "GET https://api.example/*", docs="Reads the orders.")`.

    Args:
        name: `http`, `files-read`, `files-write`, `config`, `secrets`, `scratch` or `memory`.
        scope: What of it; empty for whatever the workflow gives.
        optional: Whether the task also works without it.
        docs: What it is for, one sentence.
    """
    if name not in _CAPABILITIES:
        raise ValueError(f"unknown capability {name!r}; they are {', '.join(_CAPABILITIES)}")
    if name == "memory":
        scope = (str(_bytes(scope)),)
    return Ask(name, scope, not optional, docs)


def _bytes(scope: tuple[str, ...]) -> int:
    """`256MiB` as bytes, which is what the contract says."""
    found = re.fullmatch(r"(\d+) *(KiB|MiB|GiB)?", scope[0]) if len(scope) == 1 else None
    if not found:
        raise ValueError('how much memory? `ask("memory", "256MiB")`, or a number of bytes')
    return int(found[1]) << {None: 0, "KiB": 10, "MiB": 20, "GiB": 30}[found[2]]


@dataclasses.dataclass(frozen=True)
class Task:
    """A task: the function, and what describes it. Calling it calls the function."""

    function: Callable[..., Any]
    name: str
    docs: str
    fields: list[Field]
    returns: Any
    effect: str
    errors: dict[str, str]
    asks: tuple[Ask, ...]
    annotations: dict[str, str]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def input_schema(self) -> str:
        """JSON Schema of the input."""
        return json.dumps(Schemas().object(self.fields), ensure_ascii=False)

    def output_schema(self) -> str:
        """JSON Schema of the output."""
        return json.dumps(Schemas().root(self.returns), ensure_ascii=False)

    def run(self, text: str) -> str:
        """Runs it as the engine does: JSON text in, JSON text out.

        Raises: `TaskError`, and whatever else the function raises.
        """
        try:
            values = decode_fields(self.fields, json.loads(text, parse_constant=_no_number))
        except ValueError as error:
            raise Permanent("invalid-input", f"the input does not fit the task: {error}") from None
        answer = self.function(**values)
        try:
            return json.dumps(encode(self.returns, answer), ensure_ascii=False, allow_nan=False)
        except (Misfit, RecursionError) as error:
            raise Permanent("invalid-output", f"the output is not of its type: {error}") from None


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    title: str | None = None,
    effect: Effect | None = None,
    errors: dict[str, str] | None = None,
    asks: list[Ask] | tuple[Ask, ...] = (),
    example_input: Any = None,
    example_output: Any = None,
    annotations: dict[str, str] | None = None,
) -> Any:
    """Makes a function a task of this plugin.

    Args:
        name: The task's name; that of the function with `-` for `_` otherwise.
        title: A name for people.
        effect: `pure` (its output depends on its input alone), `reads` or `effects`; when nothing is said, `pure` for a task that asks
            to touch nothing, and `effects` for others.
        errors: The codes it may fail with, and when that happens.
        asks: What it asks to touch; see `ask`.
        example_input: An input, which `jackfield plugin check` calls a pure task with.
        example_output: What it answers to that.
        annotations: Anything else as name and value.
    """

    def make(function: Callable[..., Any]) -> Task:
        return _register(function, name, effect, errors or {}, tuple(asks), {
            **({"title": title} if title else {}),
            **({} if example_input is None else {"example-input": _example(example_input)}),
            **({} if example_output is None else {"example-output": _example(example_output)}),
            **(annotations or {}),
        })

    return make if function is None else make(function)


def _example(value: Any) -> str:
    return json.dumps(encode(Any, value), ensure_ascii=False, allow_nan=False)


def _register(function: Callable[..., Any], name: str | None, effect: str | None, errors: dict[str, str], asks: tuple[Ask, ...],
              annotations: dict[str, str]) -> Task:
    name = name or function.__name__.replace("_", "-")
    if not _NAME.match(name):
        raise ValueError(f"the task name {name!r} is not 1 to 64 characters of a-z, 0-9 and -, beginning with a letter")
    if name in TASKS and TASKS[name].function.__qualname__ != function.__qualname__:
        raise ValueError(f"there are two tasks of the name {name!r}")
    effect = effect or ("effects" if any(ask.name != "memory" for ask in asks) else "pure")
    if effect not in typing.get_args(Effect):
        raise ValueError(f"`{name}`: an effect is pure, reads or effects, and not {effect!r}")
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"`{name}` is an async function; a task is an ordinary one")
    for code in errors:
        check_code(code)
    docs, of_parameters = split_docs(function.__doc__ or "")
    hints = typing.get_type_hints(function, include_extras=True)
    if "return" not in hints:
        raise TypeError(f"`{name}`: say which type it returns; `-> None` when nothing")
    made = Task(function, name, docs, parameters(function, of_parameters), hints["return"], effect, dict(errors), asks, annotations)
    # Whoever cannot be described is told where it is written, and not when it is installed.
    made.input_schema(), made.output_schema()
    TASKS[name] = made
    return made


def run(name: str, text: str) -> str:
    """Runs the task of this name: JSON text in, JSON text out."""
    if name not in TASKS:
        raise Permanent("unknown-task", f"this plugin has no task `{name}`; it has: {', '.join(TASKS)}")
    return TASKS[name].run(text)
