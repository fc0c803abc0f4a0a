"""Spelling: names, addresses, expressions and literals as a dialect's SQL has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Options
from schemaops.sql.names import quote
from schemaops.sql.strings import string_literal

__all__ = ["Spelling", "option", "sentence"]

_LITERAL = re.compile(
    r"""(?:[+-]?\s*(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|0[xX][0-9A-Fa-f]+
      |(?:[bBxXnN])?'(?:[^'\\]|''|\\.)*'
      |null|true|false
      |current_date|current_time
      |(?:current_timestamp|now|localtime|localtimestamp)(?:\s*\(\s*\d*\s*\))?)\Z""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A dialect's way to write names and what they stand in."""

    dialect: str

    def name(self, name: Name | str) -> str:
        """Return one name, quoted where it must be."""
        return quote(name, self.dialect)

    def names(self, names: Iterable[Name | Address]) -> str:
        """Return names in a list, addresses by their last name."""
        return ", ".join(self.name(n.name if isinstance(n, Address) else n) for n in names)

    def at(self, at: Address) -> str:
        """Return the name by which a statement calls the object at `at`.

        What stands in PostgreSQL's default schema is called without it.
        """
        name = str(at.bare) if at.kind is Kind.OPERATOR else self.name(at.bare)
        if at.kind in _WITHIN or len(at.path) == 1:
            return name
        if self.dialect != "postgres":
            return name
        if at.path[0] == "public":
            return name
        return f"{self.name(at.path[0])}.{name}"

    def expression(self, expression: Expression) -> str:
        """Return an expression's text to execute."""
        return expression.text(self.at).strip()

    def enclosed(self, expression: Expression) -> str:
        """Return an expression in parentheses."""
        return f"({self.expression(expression)})"

    def default(self, expression: Expression) -> str:
        """Return a default's text; what is no literal stands in parentheses where it must."""
        text = self.expression(expression)
        if self.dialect == "postgres" or _LITERAL.match(text):
            return text
        return text if _is_enclosed(text) else f"({text})"

    def literal(self, value: str) -> str:
        """Return a string literal."""
        return string_literal(value, self.dialect)


_WITHIN = frozenset(
    {
        Kind.COLUMN,
        Kind.PRIMARY_KEY,
        Kind.UNIQUE,
        Kind.CHECK,
        Kind.FOREIGN_KEY,
        Kind.RULE,
    }
)


def option(options: Options, key: str) -> str | None:
    """Return the value of an option, None where it is not given."""
    return next((value for name, value in options if name == key), None)


def sentence(*words: str | None) -> str:
    """Return the words that are there, with spaces between."""
    return " ".join(word for word in words if word)


def _is_enclosed(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth, quoted = 0, ""
    for place, character in enumerate(text):
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"`":
            quoted = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0 and place < len(text) - 1:
                return False
    return True
