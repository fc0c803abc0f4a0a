"""How PostgreSQL writes a path into JSON that it has read: every name quoted, nothing that goes
without saying."""

from __future__ import annotations

import re

__all__ = ["jsonpath"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d*[1-9])?(?![\w.]))|(?P<string>"[^"\\]*")|(?P<word>[A-Za-z_]\w*)
        |(?P<symbol>&&|\|\||==|!=|<>|<=|>=|\*\*|[$@.*\[\]()?<>,!+-]))""",
    re.VERBOSE,
)
_COMPARED = {"==": "==", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
# Those that take nothing and are in every version.
_METHODS = frozenset({"type", "size", "double", "ceiling", "floor", "abs", "keyvalue"})
_SELF_TOLD = frozenset({"true", "false", "null"})


def jsonpath(value: str) -> str | None:
    """Return a path as the catalogue writes it, None where that is not known."""
    try:
        reader = _Reader(value)
        mode = reader.word if reader.word in ("lax", "strict") else ""
        if mode:
            reader.step()
        if reader.symbol != "$":
            return None
        path = reader.path()
        if reader.at != len(reader.found):
            return None
    except _Unknown:
        return None
    return f"strict {path}" if mode == "strict" else path


class _Unknown(Exception):
    """The path is of a form that is not gone into."""


class _Reader:
    """The tokens of a path, read from left to right."""

    def __init__(self, text: str) -> None:
        self.found: list[re.Match[str]] = []
        self.at = 0
        end, text = 0, text.rstrip()
        while end < len(text):
            token = _TOKEN.match(text, end)
            if token is None:
                raise _Unknown
            self.found.append(token)
            end = token.end()

    def _group(self, group: str, ahead: int = 0) -> str:
        here = self.at + ahead
        return self.found[here][group] or "" if here < len(self.found) else ""

    @property
    def symbol(self) -> str:
        """The symbol here, "" for anything else."""
        return self._group("symbol")

    @property
    def word(self) -> str:
        """The word here, "" for anything else."""
        return self._group("word")

    def step(self) -> None:
        """Go past the token here."""
        self.at += 1

    def need(self, symbol: str) -> None:
        """Go past this symbol."""
        if self.symbol != symbol:
            raise _Unknown
        self.step()

    def path(self) -> str:
        """Read `$`, `$name` or `@`, and what is done with it."""
        parts = [self.symbol]
        self.step()
        if parts == ["$"] and (self._group("string") or self.word):
            parts.append(self.quoted())
        while True:
            if self.symbol == ".":
                self.step()
                parts.append(self.member())
            elif self.symbol == "[":
                parts.append(self.subscript())
            elif self.symbol == "?":
                self.step()
                self.need("(")
                parts.append(f"?({self.condition()})")
                self.need(")")
            else:
                return "".join(parts)

    def quoted(self) -> str:
        """Read a name; it is written in quotes."""
        text = self._group("string") or f'"{self.word}"'
        self.step()
        return text

    def member(self) -> str:
        """Read what follows a point."""
        if self.symbol == "*":
            self.step()
            return ".*"
        if self._group("symbol", 1) == "(" and self.word:
            method = self.word
            self.step()
            self.step()
            self.need(")")
            if method not in _METHODS:
                raise _Unknown
            return f".{method}()"
        if not (self.word or self._group("string")):
            raise _Unknown
        return "." + self.quoted()

    def subscript(self) -> str:
        """Read `[…]`."""
        self.need("[")
        if self.symbol == "*":
            self.step()
            self.need("]")
            return "[*]"
        found = [self.bounds()]
        while self.symbol == ",":
            self.step()
            found.append(self.bounds())
        self.need("]")
        return f"[{','.join(found)}]"

    def bounds(self) -> str:
        """Read a place in an array, or from one to another."""
        low = self.place()
        if self.word != "to":
            return low
        self.step()
        return f"{low} to {self.place()}"

    def place(self) -> str:
        """Read a place in an array."""
        text = self._group("number")
        if self.word == "last":
            text = "last"
        if not text or "." in text:
            raise _Unknown
        self.step()
        return text

    def condition(self) -> str:
        """Read comparisons that are all to hold, or one of them."""
        terms = [self.comparison()]
        joint = self.symbol
        while self.symbol in ("&&", "||"):
            if self.symbol != joint:
                raise _Unknown
            self.step()
            terms.append(self.comparison())
        return f" {joint} ".join(terms)

    def comparison(self) -> str:
        """Read two values with a comparison between them."""
        left = self.value()
        operator = _COMPARED.get(self.symbol)
        if operator is None:
            raise _Unknown
        self.step()
        return f"{left} {operator} {self.value()}"

    def value(self) -> str:
        """Read a path or a literal."""
        if self.symbol in ("$", "@"):
            return self.path()
        text = self._group("number") or self._group("string")
        if self.word in _SELF_TOLD:
            text = self.word
        if not text:
            raise _Unknown
        self.step()
        return text
