"""The bytes of a draft into the text that a revision keeps: the only change ever made to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from schemaops.errors import Place, SchemaOpsError

__all__ = ["UnsealableText", "sealed_text"]


class UnsealableText(SchemaOpsError):
    """The text of a draft has bytes that a revision cannot keep.

    A revision is UTF-8 without byte order mark and NUL, with line feeds alone at the ends of lines,
    so that every tool sees the bytes that were reviewed. Sealing turns CR LF into LF by itself,
    except inside a string or a quoted name, where that would change what the SQL means: spell such
    a character out (`chr(13)`, `char(13)`), or save the file with LF line ends.
    """

    code = "SO408"


def sealed_text(data: bytes, dialect: str, *, file: str = "-") -> str:
    """Return a draft's text as a revision keeps it; raise UnsealableText where it cannot."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise UnsealableText(
            "the file begins with a byte order mark",
            place=Place(file, 1),
            hints=_sed(r"1s/^\xEF\xBB\xBF//", file),
        )
    nul = data.find(b"\0")
    if nul >= 0:
        raise UnsealableText("there is a NUL byte", place=Place(file, _line(data, nul)))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UnsealableText(
            f"the byte 0x{data[error.start]:02x} is not UTF-8",
            place=Place(file, _line(data, error.start)),
        ) from error
    if "\r" in text:
        text = _with_line_feeds(text, dialect, file)
    return text if not text or text.endswith("\n") else text + "\n"


def _with_line_feeds(text: str, dialect: str, file: str) -> str:
    for at in _literal_returns(text, dialect, file):
        raise UnsealableText(
            "there is a carriage return inside a literal",
            place=Place(file, text.count("\n", 0, at) + 1),
            hints=_sed(r"s/\r$//", file),
        )
    # Alone it ends a comment for one engine and does not for another.
    lone = re.search(r"\r(?!\n)", text)
    if lone:
        raise UnsealableText(
            "there is a carriage return without a line feed",
            place=Place(file, text.count("\n", 0, lone.start()) + 1),
        )
    return text.replace("\r\n", "\n")


def _literal_returns(text: str, dialect: str, file: str) -> Iterator[int]:
    # The sql package is loaded when text is really read.
    from schemaops.sql.lexer import TokenKind, tokens

    for token in tokens(text, dialect, file=file):
        at = token.text.find("\r")
        if at < 0:
            continue
        if token.kind is TokenKind.HINT:
            # MySQL executes what stands in it: SQL again, with white space of its own.
            inside = re.sub(r"\A/\*(?:M?!|\+)", "", token.text)[:-2]
            start = token.end - 2 - len(inside)
            yield from (start + one for one in _literal_returns(inside, dialect, file))
        else:
            yield token.start + at


def _sed(script: str, file: str) -> tuple[str, ...]:
    return () if file == "-" else (f"sed -i '{script}' {quote(file)}",)


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
