"""Type hints ⇄ JSON Schema, and values ⇄ JSON.

| type hint | in JSON |
| --- | --- |
| `bool`, `int`, `float`, `str`, `None` | themselves; `nan` and `inf` are refused |
| `bytes` | a base64 string |
| `datetime` | an RFC 3339 string with its offset |
| `list[T]`, `tuple[T, ...]` | an array |
| `tuple[A, B]` | an array of exactly these |
| `dict[str, T]` | an object |
| `Optional[T]`, `T | None` | the value, or null |
| `Literal["a", "b"]`, an `Enum` of strings | a string |
| a dataclass, a `TypedDict` | an object; a field with a default may be left out |
| `Any` | any value |
| `Annotated[T, "docs"]` | as `T`, with docs |
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import enum
import inspect
import json
import math
import re
import types
import typing
from datetime import datetime
from typing import Any, Literal, Union

# Whole numbers are of 64 bits.
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


class _Missing(enum.Enum):
    """What stands for no default, in a dataclass that has defaults itself."""

    MISSING = 0


_MISSING = _Missing.MISSING


class Misfit(ValueError):
    """A value is not of its type. The text says where, what was expected and what was seen."""


@dataclasses.dataclass
class Field:
    """A named part of an object."""

    name: str
    hint: Any
    docs: str = ""
    default: Any = _MISSING
    required: bool = True


def parameters(function: Any, docs: dict[str, str]) -> list[Field]:
    """The parameters of a function as fields.

    Raises: `TypeError` for one without a type, and for one that cannot be named in an object.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    fields = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"`{function.__name__}`: the parameter `{parameter}` has no name that an input could give")
        if name not in hints:
            raise TypeError(f"`{function.__name__}`: say which type the parameter `{name}` has")
        default = _MISSING if parameter.default is parameter.empty else parameter.default
        fields.append(_field(name, hints[name], docs.get(name, ""), default))
    return fields


def _field(name: str, hint: Any, docs: str, default: Any = _MISSING, required: bool = True) -> Field:
    while typing.get_origin(hint) is typing.Annotated:
        hint, *notes = typing.get_args(hint)
        docs = docs or next((note for note in notes if isinstance(note, str)), "")
    optional = default is _MISSING and required and _is_optional(hint)
    if optional:
        # What may be null may be left out.
        default = None
    return Field(name, hint, docs, default, required and default is _MISSING)


def fields_of(cls: type) -> list[Field]:
    """The fields of a dataclass or a `TypedDict`."""
    hints = typing.get_type_hints(cls, include_extras=True)
    _, docs = split_docs(cls.__doc__ or "")
    if typing.is_typeddict(cls):
        return [_typed_dict_field(cls, name, hint, docs.get(name, "")) for name, hint in hints.items()]
    fields = []
    for part in dataclasses.fields(cls):
        if part.init:
            fields.append(_field(part.name, hints[part.name], docs.get(part.name, ""), _default_of(part)))
    return fields


def _default_of(part: dataclasses.Field[Any]) -> Any:
    if part.default is not dataclasses.MISSING:
        return part.default
    return _MISSING if part.default_factory is dataclasses.MISSING else part.default_factory()


def _typed_dict_field(cls: type, name: str, hint: Any, docs: str) -> Field:
    while typing.get_origin(hint) in (typing.Required, typing.NotRequired):
        (hint,) = typing.get_args(hint)
    found = _field(name, hint, docs, required=name in cls.__required_keys__)
    # The absent key stays absent: a dictionary can tell it from None.
    return dataclasses.replace(found, default=_MISSING, required=name in cls.__required_keys__)


def split_docs(text: str) -> tuple[str, dict[str, str]]:
    """A docstring without its section `Args:` or `Attributes:`, and what that section says of each name."""
    lines = inspect.cleandoc(text).splitlines()
    kept, docs, name, inside = [], {}, None, False
    for line in lines:
        if re.fullmatch(r"(Args|Arguments|Attributes|Parameters):\s*", line):
            inside, name = True, None
            continue
        if inside and line and not line[0].isspace():
            inside = False
        if not inside:
            kept.append(line)
            continue
        found = re.match(r"\s+(\w+)\s*(?:\([^)]*\))?:\s*(.*)", line)
        indent = len(line) - len(line.lstrip())
        if found and (name is None or indent <= first_indent):
            name, first_indent = found.group(1), indent
            docs[name] = found.group(2).strip()
        elif name and line.strip():
            docs[name] = f"{docs[name]} {line.strip()}".strip()
    return "\n".join(kept).strip(), docs


# ── types to schemas ──


class Schemas:
    """Writes schemas; classes with a name are written once, in `$defs`."""

    def __init__(self) -> None:
        self._defs: dict[str, Any] = {}
        self._classes: dict[str, type] = {}

    def root(self, hint: Any) -> dict[str, Any]:
        """The schema of a type, whole."""
        return self._whole(self.of(hint))

    def object(self, fields: list[Field]) -> dict[str, Any]:
        """The schema of an object of these fields, whole."""
        return self._whole(self._object(fields))

    def _whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        if self._defs:
            whole["$defs"] = self._defs
        return whole

    def of(self, hint: Any) -> dict[str, Any]:
        """The schema of a type, which may refer to `$defs`.

        Raises: `TypeError` for what has none.
        """
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated:
            docs = next((note for note in args[1:] if isinstance(note, str)), "")
            return _documented(self.of(args[0]), docs)
        if hint in _PLAIN:
            return dict(_PLAIN[hint])
        if hint is Any:
            return {}
        if origin in (Union, types.UnionType):
            return self._union(args)
        if origin is Literal:
            _only_strings(hint, args)
            return {"type": "string", "enum": list(args)}
        if hint is list or origin is list:
            return {"type": "array", "items": self.of(args[0]) if args else {}}
        if origin is tuple:
            return self._tuple(args)
        if hint is dict or origin is dict:
            if args and args[0] is not str:
                raise TypeError(f"{hint}: the names of an object are strings")
            return {"type": "object", "additionalProperties": self.of(args[1]) if args else True}
        if isinstance(hint, typing.NewType):
            return self.of(hint.__supertype__)
        if isinstance(hint, type) and (issubclass(hint, enum.Enum) or _is_record(hint)):
            return self._named(hint)
        raise TypeError(f"{_shown(hint)} has no schema: use str, int, float, bool, bytes, datetime, list, dict, tuple, Optional, "
                        "Literal, Any, an Enum of strings, a dataclass or a TypedDict")

    def _named(self, cls: type) -> dict[str, Any]:
        name = cls.__name__
        known = self._classes.setdefault(name, cls)
        if known is not cls:
            name = f"{cls.__module__}.{cls.__qualname__}"
            self._classes.setdefault(name, cls)
        if name not in self._defs:
            # Set before its parts are looked at: a type may hold itself.
            self._defs[name] = {}
            self._defs[name] = self._class(cls)
        return {"$ref": f"#/$defs/{name}"}

    def _class(self, cls: type) -> dict[str, Any]:
        if issubclass(cls, enum.Enum):
            values = [member.value for member in cls]
            _only_strings(cls, values)
            return _documented({"type": "string", "enum": values}, _class_docs(cls))
        return _documented(self._object(fields_of(cls)), _class_docs(cls))

    def _object(self, fields: list[Field]) -> dict[str, Any]:
        properties = {}
        for field in fields:
            schema = _documented(self.of(field.hint), field.docs)
            if field.default is not _MISSING and field.default is not None:
                schema["default"] = encode(field.hint, field.default)
            properties[field.name] = schema
        required = [field.name for field in fields if field.required]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def _union(self, args: tuple[Any, ...]) -> dict[str, Any]:
        return {"anyOf": [self.of(arg) for arg in args]}

    def _tuple(self, args: tuple[Any, ...]) -> dict[str, Any]:
        if len(args) == 2 and args[1] is Ellipsis:
            return {"type": "array", "items": self.of(args[0])}
        parts = [self.of(arg) for arg in args]
        return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts), "maxItems": len(parts)}


_PLAIN: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    datetime: {"type": "string", "format": "date-time"},
    None: {"type": "null"},
    type(None): {"type": "null"},
}


def _documented(schema: dict[str, Any], docs: str) -> dict[str, Any]:
    return {**schema, "description": docs} if docs else schema


def _class_docs(cls: type) -> str:
    docs = cls.__doc__ or ""
    # What Python itself writes is no documentation.
    if docs.startswith(f"{cls.__name__}(") or (issubclass(cls, enum.Enum) and docs == enum.Enum.__doc__):
        return ""
    return split_docs(docs)[0] if cls.__dict__.get("__doc__") else ""


def _only_strings(hint: Any, values: Any) -> None:
    if not all(isinstance(value, str) for value in values):
        raise TypeError(f"{_shown(hint)}: the choices of an enumeration are strings")


def _is_record(hint: Any) -> bool:
    return typing.is_typeddict(hint) or (isinstance(hint, type) and dataclasses.is_dataclass(hint))


def _is_optional(hint: Any) -> bool:
    return typing.get_origin(hint) in (Union, types.UnionType) and type(None) in typing.get_args(hint)


def _shown(hint: Any) -> str:
    return getattr(hint, "__name__", None) or str(hint)


# ── values ──


def decode_fields(fields: list[Field], value: Any, at: str = "input") -> dict[str, Any]:
    """An object out of JSON as named values of these fields.

    Raises: `Misfit`.
    """
    if not isinstance(value, dict):
        raise _misfit(at, "an object", value)
    known = {field.name for field in fields}
    for name in value:
        if name not in known:
            raise Misfit(f"{at}: there is no field {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
    found = {}
    for field in fields:
        if field.name in value:
            found[field.name] = decode(field.hint, value[field.name], f"{at}.{field.name}")
        elif field.required:
            raise Misfit(f"{at}: the field {field.name!r} is missing")
        elif field.default is not _MISSING:
            found[field.name] = field.default
    return found


def decode(hint: Any, value: Any, at: str = "input") -> Any:
    """A value out of JSON, of this type.

    Raises: `Misfit`.
    """
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return decode(args[0], value, at)
    if hint is Any:
        return value
    if hint is None or hint is type(None):
        return _expect(value is None, at, "null", value)
    if hint in _PLAIN:
        return _decode_plain(hint, value, at)
    if origin in (Union, types.UnionType):
        return _decode_union(args, value, at)
    if origin is Literal:
        return _expect(isinstance(value, str) and value in args, at, f"one of {', '.join(args)}", value)
    if hint is list or origin is list:
        _expect(isinstance(value, list), at, "an array", value)
        return [decode(args[0] if args else Any, item, f"{at}[{index}]") for index, item in enumerate(value)]
    if origin is tuple:
        return _decode_tuple(args, value, at)
    if hint is dict or origin is dict:
        _expect(isinstance(value, dict), at, "an object", value)
        return {name: decode(args[1] if args else Any, item, f"{at}.{name}") for name, item in value.items()}
    if isinstance(hint, typing.NewType):
        return decode(hint.__supertype__, value, at)
    if issubclass(hint, enum.Enum):
        choices = [member.value for member in hint]
        _expect(isinstance(value, str) and value in choices, at, f"one of {', '.join(choices)}", value)
        return hint(value)
    found = decode_fields(fields_of(hint), value, at)
    return found if typing.is_typeddict(hint) else hint(**found)


def _decode_plain(hint: Any, value: Any, at: str) -> Any:
    if hint is bool:
        return _expect(isinstance(value, bool), at, "true or false", value)
    if hint is int:
        return _expect(_is_int(value), at, "a whole number of 64 bits", value)
    if hint is float:
        return float(_expect(_is_int(value) or isinstance(value, float), at, "a number", value))
    _expect(isinstance(value, str), at, {str: "a string", bytes: "base64 text", datetime: "an RFC 3339 time"}[hint], value)
    if hint is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise _misfit(at, "base64 text", value) from None
    if hint is datetime:
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            raise _misfit(at, "an RFC 3339 time", value) from None
        return _expect(when.tzinfo is not None, at, "a time with its offset", value) and when
    return value


def _decode_union(args: tuple[Any, ...], value: Any, at: str) -> Any:
    others = [arg for arg in args if arg is not type(None)]
    if value is None and len(others) < len(args):
        return None
    if len(others) == 1:
        return decode(others[0], value, at)
    problems = []
    for arg in others:
        try:
            return decode(arg, value, at)
        except Misfit as misfit:
            problems.append(str(misfit))
    raise Misfit(f"{at}: it fits none of {len(others)} types: {'; '.join(problems)}")


def _decode_tuple(args: tuple[Any, ...], value: Any, at: str) -> Any:
    _expect(isinstance(value, list), at, "an array", value)
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(decode(args[0], item, f"{at}[{index}]") for index, item in enumerate(value))
    _expect(len(value) == len(args), at, f"an array of {len(args)}", value)
    return tuple(decode(arg, item, f"{at}[{index}]") for index, (arg, item) in enumerate(zip(args, value)))


def encode(hint: Any, value: Any, at: str = "output") -> Any:
    """A value of this type, made of what `json` can write.

    Raises: `Misfit`.
    """
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return encode(args[0], value, at)
    if isinstance(hint, typing.NewType):
        return encode(hint.__supertype__, value, at)
    if origin in (Union, types.UnionType) and value is not None:
        return _encode_union(args, value, at)
    if isinstance(value, bytes):
        return _expect(hint in (bytes, Any), at, _shown(hint), value) and base64.b64encode(value).decode()
    if isinstance(value, datetime):
        _expect(hint in (datetime, Any) and value.tzinfo is not None, at, "a time with its offset" if hint is datetime else _shown(hint), value)
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, enum.Enum):
        _expect(hint is Any or isinstance(hint, type) and isinstance(value, hint), at, _shown(hint), value)
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        _expect(hint is Any or isinstance(hint, type) and isinstance(value, hint), at, _shown(hint), value)
        return {field.name: encode(field.hint, getattr(value, field.name), f"{at}.{field.name}") for field in fields_of(type(value))}
    if typing.is_typeddict(hint) and isinstance(value, dict):
        # Checked as an input is, so that a missing or misspelt name is found here.
        decode_fields([dataclasses.replace(field, hint=Any) for field in fields_of(hint)], value, at)
        hints = {field.name: field.hint for field in fields_of(hint)}
        return {name: encode(hints[name], item, f"{at}.{name}") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(_item(hint, index), item, f"{at}[{index}]") for index, item in enumerate(_sized(hint, value, at))]
    if isinstance(value, dict):
        return _encode_dict(hint, args, value, at)
    if isinstance(value, float) and not math.isfinite(value):
        raise Misfit(f"{at}: {value} is no number in JSON")
    if hint is Any:
        _expect(value is None or isinstance(value, (str, bool, float)) or _is_int(value), at, "what can be JSON", value)
        return value
    return decode(hint, value, at)


def _encode_union(args: tuple[Any, ...], value: Any, at: str) -> Any:
    others = [arg for arg in args if arg is not type(None)]
    problems = []
    for arg in others:
        try:
            return encode(arg, value, at)
        except Misfit as misfit:
            problems.append(str(misfit))
    raise Misfit("; ".join(problems))


def _encode_dict(hint: Any, args: tuple[Any, ...], value: dict[Any, Any], at: str) -> dict[str, Any]:
    _expect(hint in (Any, dict) or typing.get_origin(hint) is dict, at, _shown(hint), value)
    for name in value:
        _expect(isinstance(name, str), at, "names that are strings", name)
    return {name: encode(args[1] if args else Any, item, f"{at}.{name}") for name, item in value.items()}


def _sized(hint: Any, value: Any, at: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    _expect(hint in (Any, list, tuple) or origin in (list, tuple), at, _shown(hint), value)
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        _expect(len(value) == len(args), at, f"{len(args)} values", value)
    return value


def _item(hint: Any, index: int) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if not args:
        return Any
    return args[0] if origin is list or args[-1] is Ellipsis else args[index]


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and _INT_MIN <= value <= _INT_MAX


def _expect(fits: bool, at: str, expected: str, value: Any) -> Any:
    if not fits:
        raise _misfit(at, expected, value)
    return value


def _misfit(at: str, expected: str, value: Any) -> Misfit:
    try:
        seen = json.dumps(value)
    except (TypeError, ValueError):
        seen = repr(value)
    seen = seen if len(seen) <= 60 else f"{seen[:60]}…"
    return Misfit(f"{at}: expected {expected}, and not {seen}")
