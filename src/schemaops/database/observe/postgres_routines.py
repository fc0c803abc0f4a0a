"""PostgreSQL's functions, procedures and triggers observed: their queries, and objects made of rows.

What the facts of their types cannot say (transforms, a support function, a constraint trigger that names
a second table) is left to the parts that have no type of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from schemaops.names import Address, Kind, Name, signed
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import EventTrigger, Parameter, Routine, Trigger
from schemaops.sql.expressions import expression
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.routines import plain_number
from schemaops.sql.scope import Relation, Resolver, Scope
from schemaops.sql.signatures import SETOF, set_of, signature, without_length
from schemaops.sql.standard_bodies import read_body
from schemaops.sql.triggers import EVENTS, condition
from schemaops.sql.types import column_type

__all__ = [
    "MODELLED_EVENT",
    "MODELLED_ROUTINE",
    "MODELLED_TRIGGER",
    "event_trigger_of",
    "routine_address",
    "routine_of",
    "sections",
    "trigger_of",
]

Row = dict[str, Any]

_COMMENT = "(SELECT d.description FROM pg_description d WHERE d.objoid = o.oid AND d.classoid = "


MODELLED_ROUTINE = (
    "(o.prokind IN ('f', 'p', 'w') AND o.protrftypes IS NULL AND o.prosupport::oid = 0)"
)
MODELLED_TRIGGER = "(o.tgconstrrelid = 0)"
MODELLED_EVENT = "EXISTS (SELECT FROM proc p WHERE p.oid = o.evtfoid)"


def _type(oid: str) -> str:
    return f"""json_build_object('text', format_type({oid}, NULL), 'of_extension', EXISTS (
      SELECT FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass
        AND m.objid = coalesce(nullif(t.typelem, 0), t.oid) WHERE t.oid = {oid}))"""


def sections(version: int) -> dict[str, str]:
    """Return the queries for a server of this version (server_version_num)."""
    return {
        "routines": f"""
SELECT o.oid::bigint, o.nspname AS schema, o.proname AS name, o.prokind AS kind,
  l.lanname AS language, o.prosrc AS body, o.probin AS file,
  (SELECT json_agg(json_build_object('type', {_type("a.type")},
      'mode', o.proargmodes[a.place], 'name', o.proargnames[a.place],
      'default', pg_get_function_arg_default(o.oid, a.place::int)) ORDER BY a.place)
   FROM unnest(coalesce(o.proallargtypes, o.proargtypes::oid[])) WITH ORDINALITY a(type, place)
  ) AS parameters,
  (SELECT json_agg({_type("a.type")} ORDER BY a.place)
   FROM unnest(o.proargtypes::oid[]) WITH ORDINALITY a(type, place)) AS taken,
  CASE WHEN o.prokind <> 'p' THEN {_type("o.prorettype")} END AS returns, o.proretset AS many,
  {"pg_get_function_sqlbody(o.oid)" if version >= 140000 else "NULL"} AS tree,
  o.provolatile AS volatility, o.proisstrict AS strict, o.proleakproof AS leakproof,
  o.prosecdef AS definer, o.proparallel AS parallel, o.procost::text AS cost,
  o.prorows::text AS rows, o.proconfig AS settings,
  {_COMMENT}'pg_proc'::regclass) AS comment
FROM proc o JOIN pg_language l ON l.oid = o.prolang WHERE {MODELLED_ROUTINE}""",
        "triggers": f"""
SELECT o.oid::bigint, o.tgrelid::bigint AS relation, o.tgname AS name, o.tgtype AS type,
  o.tgenabled AS enabled, o.tgfoid::bigint AS function, p.proname AS function_name,
  o.tgconstraint <> 0 AS constraint, o.tgdeferrable AS deferrable, o.tginitdeferred AS deferred,
  encode(o.tgargs, 'hex') AS arguments, o.tgoldtable AS old_table, o.tgnewtable AS new_table,
  {"o.tgparentid <> 0" if version >= 130000 else "false"} AS inherited,
  (SELECT array_agg(a.attname ORDER BY k.place) FROM
   unnest(o.tgattr::int[]) WITH ORDINALITY k(number, place)
   JOIN pg_attribute a ON a.attrelid = o.tgrelid AND a.attnum = k.number) AS columns,
  CASE WHEN o.tgqual IS NOT NULL THEN pg_get_triggerdef(o.oid) END AS definition,
  {_COMMENT}'pg_trigger'::regclass) AS comment
FROM pg_trigger o JOIN relation c ON c.oid = o.tgrelid JOIN pg_proc p ON p.oid = o.tgfoid
WHERE NOT o.tgisinternal AND {MODELLED_TRIGGER} AND c.relkind IN ('r', 'p', 'v')""",
        "event_triggers": f"""
SELECT o.oid::bigint, o.evtname AS name, o.evtevent AS event, o.evtfoid::bigint AS function,
  o.evtenabled AS enabled, o.evttags AS tags, {_COMMENT}'pg_event_trigger'::regclass) AS comment
FROM pg_event_trigger o JOIN proc p ON p.oid = o.evtfoid WHERE {_EVENT_TRIGGER}""",
    }


_EVENT_TRIGGER = """NOT EXISTS (
  SELECT FROM member m WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = o.oid)"""


# -- functions


def _typed(found: Row, resolver: Resolver, prefix: str = "") -> Expression:
    text = found["text"]
    if found["of_extension"]:
        text = re.sub(r'\A(?:"(?:[^"]|"")*"|\w+)\.', "", text)
    if text in ('"any"', "trigger") or text.startswith("any"):
        return Expression.plain(prefix + text)
    bare = without_length(column_type(text, "postgres", Scope(resolver)))
    return set_of(bare) if prefix else bare


def routine_address(row: Row, resolver: Resolver) -> Address:
    """Return where a function stands: the types that it takes are in its name."""
    kind = Kind.PROCEDURE if row["kind"] == "p" else Kind.FUNCTION
    taken = signature(_typed(one, resolver) for one in row["taken"] or ())
    return Address(kind, (Name(row["schema"]), signed(row["name"], taken)))


_MODES = {"i": "in", "o": "out", "b": "inout", "v": "variadic", "t": "table"}
_VOLATILITIES = {"i": "immutable", "s": "stable", "v": None}
_PARALLEL = {"s": "safe", "r": "restricted", "u": None}


def routine_of(
    row: Row,
    at: Address,
    resolver: Resolver,
    based: Callable[[Expression], Expression] | None = None,
) -> Routine:
    """Return a function or procedure. Without `based`, which tells the types that domains are over, it
    comes with no more than what it takes and gives."""
    found = []
    for one in row["parameters"] or ():
        kind = _typed(one["type"], resolver)
        default = one["default"] if based is not None else None
        found.append(
            Parameter(
                kind,
                one["name"] or None,
                _MODES[one["mode"] or "i"],
                None if default is None else expression(default, "postgres", Scope(resolver), kind),
            )
        )
    tree = None
    if based is not None and row["tree"] is not None:
        taken = tuple(
            (one.name, based(one.type)) for one in found if one.mode in ("in", "inout", "variadic")
        )
        scope = Scope(resolver, called=Name(at.bare), taken=taken)
        tree = read_body(row["tree"].strip(), scope).expression
    returns = None
    if row["returns"] is not None:
        returns = _typed(row["returns"], resolver, SETOF if row["many"] else "")
    return Routine(
        at,
        tuple(found),
        returns,
        row["language"],
        row["body"],
        tuple(sorted(_options(row))),
        row["comment"],
        tree,
    )


def _options(row: Row) -> Iterator[tuple[str, str]]:
    usual = "1" if row["language"] in ("c", "internal") else "100"
    cost, rows = plain_number(row["cost"]), plain_number(row["rows"])
    said = {
        "volatility": _VOLATILITIES[row["volatility"]],
        "parallel": _PARALLEL[row["parallel"]],
        "cost": cost if cost != usual else None,
        "rows": rows if row["many"] and rows != "1000" else None,
        "object file": row["file"],
        "strict": "true" if row["strict"] else None,
        "leakproof": "true" if row["leakproof"] else None,
        "security definer": "true" if row["definer"] else None,
        "window": "true" if row["kind"] == "w" else None,
    }
    for key, value in said.items():
        if value is not None:
            yield key, value
    for setting in row["settings"] or ():
        name, _, value = setting.partition("=")
        yield f"set {name.lower()}", value


# -- triggers


_ENABLED = {"O": None, "D": "disabled", "R": "replica", "A": "always"}
_BITS = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}


def trigger_of(
    row: Row,
    at: Address,
    relation: Relation,
    resolver: Resolver,
    column_at: Callable[[str], Address],
    function: Address | None,
) -> Trigger:
    """Return a trigger of a table or view."""
    bits = row["type"]
    timing = "before" if bits & 2 else "instead of" if bits & 64 else "after"
    said = {
        "constraint": "true" if row["constraint"] else None,
        "deferrable": "true" if row["deferrable"] else None,
        "initially deferred": "true" if row["deferred"] else None,
        "old table": row["old_table"],
        "new table": row["new_table"],
        "enabled": _ENABLED[row["enabled"]],
        "inherited": "true" if row["inherited"] else None,
        "function": row["function_name"] if function is None else None,
    }
    when = None
    if row["definition"] is not None:
        text = _condition(row["definition"])
        when = condition(text, resolver, relation)
        if when is None:
            when = expression(text, "postgres", Scope(resolver, relation, rows=("old", "new")))
    values = bytes.fromhex(row["arguments"] or "").decode().split("\0")[:-1]
    return Trigger(
        at,
        relation.at,
        timing,
        tuple(event for event in EVENTS if bits & _BITS[event]),
        tuple(map(column_at, row["columns"] or ())),
        "row" if bits & 1 else "statement",
        when,
        function,
        tuple(values),
        options=tuple(sorted((k, v) for k, v in said.items() if v is not None)),
        comment=row["comment"],
    )


def _condition(definition: str) -> str:
    """Return what stands in the parentheses behind WHEN."""
    found = list(tokens(definition, "postgres"))
    start = next(
        place
        for place, token in enumerate(found)
        if _is_word(token, "WHEN") and _is_word(found[place - 1], "ROW", "STATEMENT")
    )
    depth = 0
    for token in found[start + 1 :]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return definition[found[start + 1].end : token.start].strip()
    raise AssertionError(definition)


def _is_word(token: Token, *words: str) -> bool:
    return token.kind is TokenKind.WORD and token.text.upper() in words


def event_trigger_of(row: Row, function: Address) -> EventTrigger:
    """Return a trigger that fires on statements."""
    state = _ENABLED[row["enabled"]]
    return EventTrigger(
        Address(Kind.EVENT_TRIGGER, (Name(row["name"]),)),
        row["event"],
        function,
        tuple(row["tags"] or ()),
        () if state is None else (("enabled", state),),
        row["comment"],
    )
