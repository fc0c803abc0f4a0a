"""A schema, object by object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.objects import object_shape, words
from schemaops.reports.text import Line, Text, line, one_line, title, warn
from schemaops.schema.objects import container
from schemaops.schema.state import Schema

__all__ = ["OpaqueStatement", "SchemaReport", "SchemaShape"]


class OpaqueShape(TypedDict):
    """A statement that was not understood, and how its effect is known."""

    file: str
    line: int | None
    sql: str
    effect: Literal["unknown", "observed", "declared"]


class SchemaShape(TypedDict):
    """Every object of a schema: its full address, its kind and its facts."""

    format: Literal["schemaops.schema/1"]
    dialect: str
    fingerprint: str
    objects: list[dict[str, object]]
    opaque: list[OpaqueShape]


@dataclass(frozen=True, slots=True)
class OpaqueStatement:
    """A statement that was not understood; `how` its effect is known."""

    file: str
    line: int | None
    sql: str
    how: str

    def shape(self) -> OpaqueShape:
        """Return it as plain data."""
        effect: Literal["unknown", "observed", "declared"] = "unknown"
        if self.how.startswith("observed"):
            effect = "observed"
        elif self.how == "declared":
            effect = "declared"
        return {"file": self.file, "line": self.line, "sql": self.sql, "effect": effect}

    def text(self) -> Line:
        """Return it as one line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return line(warn("opaque"), f" {place} ({self.how}): {one_line(self.sql, 60)}")


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """A schema; with `strict` its fingerprint minds the order of columns."""

    schema: Schema
    opaque: tuple[OpaqueStatement, ...] = ()
    strict: bool = False
    default_schema: str | None = None

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    @property
    def fingerprint(self) -> str:
        """The fingerprint asked for."""
        return self.schema.strict_fingerprint if self.strict else self.schema.fingerprint

    def shape(self) -> SchemaShape:
        """Return the schema as plain data."""
        return {
            "format": "schemaops.schema/1",
            "dialect": self.schema.dialect,
            "fingerprint": self.fingerprint,
            "objects": [object_shape(thing) for thing in self.schema],
            "opaque": [one.shape() for one in self.opaque],
        }

    def text(self) -> Text:
        """Return the schema as lines, what stands in a table under it."""
        rows = [line(title(self.schema.dialect), f"  {self.fingerprint}")]
        for thing in self.schema:
            if container(thing) is not None:
                continue
            rows.append(line(words(thing, self.default_schema)))
            if thing.at.kind.value == "table":
                columns = self.schema.columns(thing.at)
                others = (one for one in self.schema.contents(thing.at) if one not in columns)
                rows += (line("  ", words(one, self.default_schema)) for one in (*columns, *others))
        rows += (one.text() for one in self.opaque)
        return tuple(rows)
