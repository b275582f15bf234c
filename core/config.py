"""Any frozen dataclass <-> TOML; an error names the file, the key and what it should be.

Fields may be bool, int, float, str, Path, Literal, Optional of these, tuples of these, mappings from str to
these, and other dataclasses (tables). None is an absent key. Numbers must be finite.
"""

import dataclasses
import difflib
import math
import os
import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from core.errors import BadConfig

T = TypeVar("T")


def load(kind: type[T], path: Path) -> T:
    """A configuration from a TOML file.

    Raises:
        BadConfig: the file is missing or is not TOML, or a key is unknown, missing or of the wrong type.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"The settings file {path} cannot be read: {error}.") from error
    return loads(kind, text, str(path))


def loads(kind: type[T], text: str, source: str = "settings") -> T:
    """A configuration from TOML text; ``source`` names it in errors. Raises as load does."""
    try:
        values = parse_toml(text)
    except ValueError as error:
        raise BadConfig(f"{source} is not TOML: {error}.") from error
    return _table(kind, values, source, "")


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises ValueError where it is not TOML, or nested too deeply."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


def save(config: Any, path: Path) -> None:
    """Write a configuration; the file is replaced whole, never half written."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(dumps(config), encoding="utf-8")
    os.replace(partial, path)


def dumps(config: Any) -> str:
    """A configuration as TOML text."""
    return "\n".join(_lines(config, ())) + "\n"


def _table(kind: type[T], values: Mapping[str, Any], source: str, prefix: str) -> T:
    assert dataclasses.is_dataclass(kind)
    hints, fields = get_type_hints(kind), {field.name: field for field in dataclasses.fields(kind)}
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            hint = f"Did you mean {prefix + near[0]!r}?" if near else f"Known: {', '.join(fields)}."
            raise BadConfig(f"{source}: there is no setting {prefix + key!r}. {hint}")
    given = {key: _value(hints[key], value, source, prefix + key) for key, value in values.items()}
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if name not in given and required:
            raise BadConfig(f"{source}: the setting {prefix + name!r} is missing; it is {_words(hints[name])}.")
    try:
        return kind(**given)
    except (ValueError, TypeError) as error:
        raise BadConfig(f"{source}: {prefix.rstrip('.') or kind.__name__}: {error}") from error


def _value(kind: Any, value: Any, source: str, key: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _value(_without_none(kind), value, source, key)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        return _table(kind, value, source, key + ".")
    if origin is Literal and value in args and type(value) in {type(arg) for arg in args}:
        return value
    if origin is tuple and isinstance(value, list) and (args[-1] is ... or len(args) == len(value)):
        kinds = [args[0]] * len(value) if args[-1] is ... else args
        return tuple(_value(k, v, source, f"{key}[{i}]") for i, (k, v) in enumerate(zip(kinds, value, strict=True)))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, dict):
        return {name: _value(args[1], entry, source, f"{key}.{name}") for name, entry in value.items()}
    if kind is Path and isinstance(value, str):
        return Path(value)
    if kind is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if kind in (bool, int, str) and type(value) is kind:
        return value
    raise BadConfig(f"{source}: {key!r} is {value!r}; it should be {_words(kind)}.")


def _without_none(kind: Any) -> Any:
    """The one type beside None."""
    rest = [arg for arg in get_args(kind) if arg is not type(None)]
    if len(rest) != 1:
        raise TypeError(f"core.config knows Optional, but no other union: {kind}")
    return rest[0]


def _words(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _words(_without_none(kind)) + ", or absent"
    if origin is Literal:
        return "one of " + ", ".join(repr(arg) for arg in args)
    if origin is tuple:
        return f"a list of {_words(args[0])}" + ("" if args[-1] is ... else f", {len(args)} long")
    words = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text", Path: "a path"}
    return words.get(kind, "a table")


def _lines(config: Any, path: tuple[str, ...]) -> list[str]:
    """Plain keys first, then tables, as TOML wants it."""
    entries = (
        dict(config)
        if isinstance(config, Mapping)
        else {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    )
    tables = {k: v for k, v in entries.items() if isinstance(v, Mapping) or dataclasses.is_dataclass(v)}
    lines = [f"{_key(k)} = {_literal(v)}" for k, v in entries.items() if k not in tables and v is not None]
    for name, table in tables.items():
        below = (*path, name)
        lines += ["", f"[{'.'.join(_key(part) for part in below)}]", *_lines(table, below)]
    return lines


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _literal(name)


def _literal(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return repr(value)
        case str() | Path():
            return '"' + "".join(_escaped(char) for char in str(value)) + '"'
        case tuple() | list():
            return "[" + ", ".join(_literal(entry) for entry in value) + "]"
    raise BadConfig(f"{value!r} cannot be a setting; settings are finite numbers, text, paths, lists and tables.")


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08x}"
