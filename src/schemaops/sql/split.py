"""A script into statements, each with its exact text, its tokens and its line.

We split ourselves, so that one statement nobody understands costs only itself. A semicolon ends a
statement except inside the body of a routine, trigger or event (``BEGIN … END``, with CASE, IF, LOOP
and the like nested) and between MySQL's DELIMITER lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemaops.sql.lexer import Token, TokenKind, tokens

__all__ = ["Statement", "split"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its text as written, without the semicolon, its tokens (offsets into the text),
    and the line (from 1) and offset at which it starts in the script."""

    text: str
    tokens: tuple[Token, ...]
    line: int
    start: int


_DELIMITER = re.compile(r"[ \t]*delimiter[ \t]+(\S+)[ \t]*(?:\r?\n|\Z)", re.IGNORECASE)
_OF_THE_CLIENT = re.compile(
    r"\\(?:restrict|unrestrict|echo|qecho|warn|connect|c|encoding|timing|pset|x|a|t|conninfo|"
    r"set\s+(?:ON_ERROR_STOP|ON_ERROR_ROLLBACK|QUIET|ECHO|VERBOSITY|AUTOCOMMIT|SHOW_\w+|FETCH_COUNT)|"
    r"unset|\.)(?:\s|\Z)"
)
_ROUTINES = frozenset({"TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "PACKAGE"})
_OPENS = frozenset({"BEGIN", "CASE", "IF", "LOOP", "WHILE", "REPEAT", "FOR"})


def split(script: str, dialect: str, *, file: str = "-") -> Iterator[Statement]:
    """Yield the statements of `script` in order."""
    line, counted = 1, 0
    for _start, found in _pieces(script, dialect, file):
        if not found:
            continue
        first, last = found[0].start, found[-1].end
        line += script.count("\n", counted, first)
        counted = first
        yield Statement(
            script[first:last],
            tuple(Token(token.kind, token.text, token.start - first) for token in found)
            if first
            else tuple(found),
            line,
            first,
        )


def _pieces(script: str, dialect: str, file: str) -> Iterator[tuple[int, list[Token]]]:
    if dialect == "mysql" and re.search(
        r"^[ \t]*delimiter[ \t]", script, re.IGNORECASE | re.MULTILINE
    ):
        yield from _delimited(script, dialect, file)
        return
    found: list[Token] = []
    depth = 0
    copying: list[Token] = []
    for token in tokens(script, dialect, file=file):
        if copying:
            rows = token.kind is TokenKind.STRING and token.text.endswith("\\.")
            yield copying[0].start, [*copying, token] if rows else copying[:-1]
            copying = []
            if rows:
                continue
        if token.kind is TokenKind.SYMBOL:
            if token.text == ";" and depth == 0:
                if dialect == "postgres" and found and found[0].text.upper() == "COPY":
                    copying = [*found, token]
                else:
                    yield (found[0].start if found else 0), found
                found = []
                continue
            if token.text[0] == "\\":
                if found or not _OF_THE_CLIENT.match(token.text):
                    yield token.start, [*found, token]
                found = []
                continue
        found.append(token)
        if token.kind is TokenKind.WORD and _is_routine(found):
            depth = _depth(found, depth, dialect)
        elif token.text in ("(", ")") and dialect == "postgres" and _is_rule(found):
            # What a rule does stands in parentheses, several statements with semicolons between.
            depth += 1 if token.text == "(" else -1
    yield 0, copying[:-1] or found


def _is_routine(found: list[Token]) -> bool:
    return found[0].text.upper() == "CREATE" and any(
        token.text.upper() in _ROUTINES for token in found[1:8]
    )


def _is_rule(found: list[Token]) -> bool:
    return found[0].text.upper() == "CREATE" and any(
        token.text.upper() == "RULE" for token in found[1:4]
    )


def _depth(found: list[Token], depth: int, dialect: str) -> int:
    word = found[-1].text.upper()
    before = found[-2].text.upper() if len(found) > 1 else ""
    match dialect:
        case "postgres":
            # Bodies are strings there; only the SQL-standard body has statements of its own.
            if word == "ATOMIC" and before == "BEGIN":
                return 1
            if depth and word == "CASE" and before != "END":
                return depth + 1
            return depth - 1 if depth and word == "END" else depth
        case "sqlite":
            if word == "BEGIN" and depth == 0:
                return 1
            if depth and word == "CASE":
                return depth + 1
            return depth - 1 if depth and word == "END" else depth
        case _:
            if word == "BEGIN" or (depth and word in _OPENS and before != "END"):
                opens = word not in _ALSO_WITHIN or _leads(found)
                return depth + 1 if opens else depth
            return depth - 1 if depth and word == "END" else depth


# IF( and REPEAT( are functions, IF NOT EXISTS a guard, HANDLER FOR and FOR UPDATE no loops.
_ALSO_WITHIN = frozenset({"IF", "FOR", "REPEAT"})


def _leads(found: list[Token]) -> bool:
    # What begins a statement of a body follows one of these.
    before = found[-2].text.upper()
    return before in {";", "THEN", "ELSE", "DO", "BEGIN", "LOOP", ":"}


def _delimited(script: str, dialect: str, file: str) -> Iterator[tuple[int, list[Token]]]:
    at, delimiter = 0, ";"
    while at < len(script):
        directive = _DELIMITER.match(script, at)
        if directive:
            delimiter, at = directive.group(1), directive.end()
            continue
        found: list[Token] = []
        stopped = False
        for token in tokens(script, dialect, file=file, start=at):
            line_start = script.rfind("\n", 0, token.start) + 1
            if (
                not found
                and _DELIMITER.match(script, line_start)
                and token.text.lower() == "delimiter"
            ):
                at, stopped = line_start, True
                break
            if script.startswith(delimiter, token.start) and token.kind is not TokenKind.STRING:
                at, stopped = token.start + len(delimiter), True
                break
            # Where the delimiter clings to a word (`END$$`), the lexer took both for one.
            cut = token.text.find(delimiter) if token.kind is TokenKind.WORD else -1
            if cut > 0:
                found.append(Token(token.kind, token.text[:cut], token.start))
                at, stopped = token.start + cut + len(delimiter), True
                break
            found.append(token)
        yield at, found
        if not stopped:
            return
