"""The facts that PostgreSQL writes behind an index key: collation, operator class, direction."""

from __future__ import annotations

from schemaops.schema.expressions import Expression
from schemaops.schema.objects import IndexKey
from schemaops.sql.lexer import tokens
from schemaops.sql.names import fold

__all__ = ["key_of"]


def key_of(value: Expression, written: str) -> IndexKey:
    """Return the index key whose other facts are written as pg_get_indexdef does."""
    found = list(tokens(written, "postgres"))
    at = 0
    collation = opclass = nulls = None
    if at < len(found) and found[at].text == "COLLATE":
        path = [fold(found[at + 1].text, "postgres")]
        at += 2
        while at + 1 < len(found) and found[at].text == ".":
            path.append(fold(found[at + 1].text, "postgres"))
            at += 2
        collation = ".".join(path)
    if at < len(found) and found[at].text not in ("DESC", "NULLS"):
        opclass = str(fold(found[at].text, "postgres"))
        at += 1
        while at + 1 < len(found) and found[at].text == ".":
            opclass = str(fold(found[at + 1].text, "postgres"))
            at += 2
        if at < len(found) and found[at].text == "(":
            end = at
            while found[end].text != ")":
                end += 1
            opclass += written[found[at].start : found[end].end]
            at = end + 1
    descending = at < len(found) and found[at].text == "DESC"
    if descending:
        at += 1
    if at + 1 < len(found) and found[at].text == "NULLS":
        nulls = found[at + 1].text.lower()
    return IndexKey(value, descending, nulls, collation, opclass)
