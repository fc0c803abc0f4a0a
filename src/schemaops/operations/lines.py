"""Operations as lines of text and back: how the effect of an opaque statement is written down.

One line an operation: its verb, then its facts as JSON, those apart that are the default. Strings,
numbers and null stand for themselves; an address is ``{"at": [kind, name, …]}``, a name
``{"name": [folded, spelled]}``, an object the name of its kind with its facts, a tuple a list.

    create {"thing": {"Unmodelled": {"at": {"at": ["unmodelled", …]}, "what": "function", …}}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.operations import OPERATIONS, Operation
from schemaops.operations.rows import NotLiteral
from schemaops.schema import objects
from schemaops.schema.expressions import Expression

__all__ = ["UnreadableOperation", "from_lines", "to_lines"]


class UnreadableOperation(SchemaOpsError):
    """A line in the effect of a revision is not an operation as SchemaOps writes it.

    Effects are written by `schemaops commit` and are part of a sealed revision. Take the file from
    git again (`git checkout -- FILE`), or seal the migration anew with `schemaops commit --amend`.
    """

    code = "SO109"


_VERBS = {kind.__name__.lower(): kind for kind in OPERATIONS}
_PARTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *objects.Object.__args__,
        objects.Identity,
        objects.Generated,
        objects.IndexKey,
        objects.Parameter,
        objects.DomainCheck,
        objects.Attribute,
        Expression,
        NotLiteral,
        *OPERATIONS,
    )
}


def to_lines(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Return one line an operation."""
    return tuple(
        f"{type(one).__name__.lower()} {json.dumps(_facts(one), ensure_ascii=False)}"
        for one in operations
    )


def from_lines(lines: Iterable[str]) -> tuple[Operation, ...]:
    """Return the operations that the lines say; raise UnreadableOperation."""
    return tuple(map(_operation, lines))


def _operation(line: str) -> Operation:
    verb, _, rest = line.partition(" ")
    try:
        made: Operation = _made(_VERBS[verb], json.loads(rest))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableOperation(f"`{line[:60]}` is no operation") from error
    return made


def _facts(value: Any) -> dict[str, Any]:
    return {
        field.name: _plain(getattr(value, field.name))
        for field in fields(value)
        if not _is_default(field, getattr(value, field.name))
    }


def _is_default(field: Field[Any], value: Any) -> bool:
    # `1 == True`: a fact is left out only where it is the default itself.
    return (
        field.default is not MISSING
        and field.default == value
        and (type(field.default) is type(value))
    )


def _plain(value: Any) -> Any:
    match value:
        case Name():
            return {"name": [str.__str__(value), value.spelling]}
        case Address():
            return {"at": [value.kind.value, *map(_name, value.path)]}
        case bytes():
            return {"bytes": value.hex()}
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [_plain(part) for part in value]
        case _ if is_dataclass(value) and type(value).__name__ in _PARTS:
            return {type(value).__name__: _facts(value)}
    raise TypeError(f"{type(value).__name__} is no fact of an operation")


def _name(name: Name) -> Any:
    return str.__str__(name) if name == name.spelling else [str.__str__(name), name.spelling]


def _value(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(map(_value, data))
    if not isinstance(data, dict):
        return data
    ((tag, inside),) = data.items()
    match tag:
        case "name":
            return Name(*inside)
        case "at":
            kind, *path = inside
            return Address(
                Kind(kind),
                tuple(Name(one) if isinstance(one, str) else Name(*one) for one in path),
            )
        case "bytes":
            return bytes.fromhex(inside)
        case _:
            return _made(_PARTS[tag], inside)


def _made(kind: type[Any], facts: dict[str, Any]) -> Any:
    return kind(**{name: _value(fact) for name, fact in facts.items()})
