"""How PostgreSQL spells what has no object type of its own: in COMMENT ON, GRANT and DROP.

phrase(at)         TRIGGER t ON public.users, FUNCTION public.f(integer), COLUMN public.users.a
dropping(thing)    the statements that take an unmodelled object away again
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemaops.names import Address, Kind
from schemaops.schema.objects import Unmodelled
from schemaops.sql.names import quote
from schemaops.sql.split import split
from schemaops.sql.sundry_kinds import KINDS

__all__ = ["dropping", "phrase", "spelled"]

_WORDS = {
    Kind.ENUM: "TYPE",
    Kind.DOMAIN: "DOMAIN",
    Kind.COMPOSITE: "TYPE",
    Kind.RANGE: "TYPE",
    Kind.STATISTICS: "STATISTICS",
    Kind.SCHEMA: "SCHEMA",
    Kind.EXTENSION: "EXTENSION",
    Kind.SEQUENCE: "SEQUENCE",
    Kind.TABLE: "TABLE",
    Kind.VIEW: "VIEW",
    Kind.COLUMN: "COLUMN",
    Kind.INDEX: "INDEX",
    Kind.EVENT_TRIGGER: "EVENT TRIGGER",
}
_ON_TABLES = frozenset({"trigger", "policy", "rule", "constraint"})
_SIGNED = frozenset({"function", "procedure", "aggregate", "window function", "operator"})
_WORDS_OF_OTHERS = {
    "window function": "FUNCTION",
    "composite type": "TYPE",
    "range type": "TYPE",
    "base type": "TYPE",
    "shell type": "TYPE",
}
_USING = frozenset({"operator class", "operator family"})
_NO_SCHEMA = frozenset(
    {
        "access method",
        "event trigger",
        "foreign data wrapper",
        "language",
        "publication",
        "server",
        "subscription",
    }
)


def spelled(*names: str) -> str:
    """Return names as SQL has them, with dots between."""
    return ".".join(quote(name, "postgres") for name in names)


def phrase(at: Address) -> str:
    """Return an object's kind and name as COMMENT ON and DROP have them."""
    if at.kind in _WORDS:
        return f"{_WORDS[at.kind]} {spelled(*at.path)}"
    if at.kind is Kind.POLICY:
        return f"POLICY {spelled(at.name)} ON {spelled(*at.path[:-1])}"
    if at.kind is Kind.TRIGGER:
        return f"TRIGGER {spelled(at.name)} ON {spelled(*at.path[:-1])}"
    if at.kind in (Kind.FUNCTION, Kind.PROCEDURE):
        types = ", ".join(at.signature or ())
        return f"{at.kind.value.upper()} {spelled(*at.path[:-1], at.bare)}({types})"
    if at.kind in KINDS:
        return _sundry(at)
    if at.kind is not Kind.UNMODELLED:
        return f"CONSTRAINT {spelled(at.name)} ON {spelled(*at.path[:-1])}"
    what, names = str(at.path[0]), at.path[1:]
    word = _WORDS_OF_OTHERS.get(what, what.upper())
    if what in _ON_TABLES:
        return f"{word} {spelled(names[-1])} ON {spelled(*names[:-1])}"
    if what in _SIGNED:
        name, _, rest = names[-1].partition("(")
        own = name if what == "operator" else quote(name, "postgres")
        return f"{word} {spelled(*names[:-1])}.{own}({rest}"
    if what == "cast":
        return f"CAST ({names[0]} AS {names[1]})"
    if what == "transform":
        return f"TRANSFORM FOR {names[0]} LANGUAGE {spelled(names[1])}"
    if what == "user mapping":
        return f"USER MAPPING FOR {spelled(names[1])} SERVER {spelled(names[0])}"
    if what in _USING:
        return f"{word} {spelled(*names[:-1])} USING {spelled(names[-1])}"
    return f"{word} {spelled(*names[-1:] if what in _NO_SCHEMA else names)}"


def _sundry(at: Address) -> str:
    word = KINDS[at.kind]
    match at.kind:
        case Kind.RULE:
            return f"RULE {spelled(at.name)} ON {spelled(*at.path[:-1])}"
        case Kind.CAST:
            return f"CAST ({at.name})"
        case Kind.USER_MAPPING:
            return f"USER MAPPING FOR {at.name}"
        case Kind.OPERATOR:
            return f"OPERATOR {spelled(*at.path[:-1])}.{at.bare}({', '.join(at.signature or ())})"
        case Kind.AGGREGATE:
            types = ", ".join(at.signature or ()) or "*"
            return f"AGGREGATE {spelled(*at.path[:-1], at.bare)}({types})"
        case _:
            return f"{word} {spelled(*at.path)}"


def dropping(thing: Unmodelled) -> tuple[str, ...]:
    """Return the statements that take an unmodelled object away; none where there are none."""
    names = thing.at.path[1:]
    match thing.what:
        case "comment":
            head = thing.definition.partition(" IS '")[0]
            return (f"{head} IS NULL",)
        case "grant" | "default privileges":
            return tuple(reversed([_inverse(text) for text in _statements(thing.definition)]))
        case "row level security":
            table = spelled(*names)
            return (
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            )
        case "replica identity":
            return (f"ALTER TABLE {spelled(*names)} REPLICA IDENTITY DEFAULT",)
        case "clustered":
            return (f"ALTER TABLE {spelled(*names)} SET WITHOUT CLUSTER",)
        case "column default":
            head = f"ALTER VIEW {spelled(*names[:-1])} ALTER COLUMN {spelled(names[-1])}"
            return (f"{head} DROP DEFAULT",)
        case "constraint":
            return (f"ALTER TABLE {spelled(*names[:-1])} DROP CONSTRAINT {spelled(names[-1])}",)
        case "partition" | "inheritance":
            return tuple(_inverse_of_inheritance(text) for text in _statements(thing.definition))
        case "column setting" | "partition key" | "typed table" | "disabled triggers":
            return ()
        case "missing schema":
            return (f"CREATE SCHEMA {spelled(*names)}",)
        case _:
            return (f"DROP {phrase(thing.at)}",)


def _statements(text: str) -> Iterator[str]:
    for statement in split(text, "postgres"):
        yield statement.text


_GIVING = re.compile(r"(?s)(.*?)\b(GRANT|REVOKE) (.*) (TO|FROM) (\S+?)( WITH GRANT OPTION)?\Z")


def _inverse(text: str) -> str:
    found = _GIVING.match(text)
    assert found is not None, text
    head, verb, what, _, role, _ = found.groups()
    if verb == "GRANT":
        return f"{head}REVOKE {what} FROM {role}"
    return f"{head}GRANT {what} TO {role}"


def _inverse_of_inheritance(text: str) -> str:
    attached = re.match(r"(?s)(ALTER TABLE .* )ATTACH (PARTITION .*?) (?:FOR VALUES|DEFAULT)", text)
    if attached:
        return f"{attached[1]}DETACH {attached[2]}"
    return text.replace(" INHERIT ", " NO INHERIT ")
