"""The operator classes that PostgreSQL's own access methods have, and for which types.

One that a type has anyway is not shown by the catalogue, and naming it says nothing. An index over a
type that its method has none for is refused; extensions bring more of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from schemaops.sql.keywords import words

__all__ = ["is_default", "objection"]

_LENGTH = re.compile(r"\(\d+(?:,-?\d+)?\)")
# Where several are there for a type, those marked with `-` are not taken by themselves.
_CLASSES = {
    "btree": """
        anyarray array_ops; bit bit_ops; boolean bool_ops; character bpchar_ops -bpchar_pattern_ops;
        bytea bytea_ops; "char" char_ops; inet inet_ops -cidr_ops; date date_ops; anyenum enum_ops;
        real float4_ops; double precision float8_ops; smallint int2_ops; integer int4_ops;
        bigint int8_ops; interval interval_ops; jsonb jsonb_ops; macaddr8 macaddr8_ops;
        macaddr macaddr_ops; money money_ops; anymultirange multirange_ops; name name_ops;
        numeric numeric_ops; oid oid_ops; oidvector oidvector_ops; pg_lsn pg_lsn_ops;
        anyrange range_ops; record record_ops -record_image_ops; tid tid_ops;
        text text_ops -text_pattern_ops -varchar_ops -varchar_pattern_ops;
        time without time zone time_ops; timestamp without time zone timestamp_ops;
        timestamp with time zone timestamptz_ops; time with time zone timetz_ops;
        tsquery tsquery_ops; tsvector tsvector_ops; uuid uuid_ops; bit varying varbit_ops;
        xid8 xid8_ops""",
    "hash": """
        aclitem aclitem_ops; anyarray array_ops; boolean bool_ops; bytea bytea_ops;
        character bpchar_ops -bpchar_pattern_ops; "char" char_ops; cid cid_ops;
        inet inet_ops -cidr_ops; date date_ops; anyenum enum_ops; real float4_ops;
        double precision float8_ops; smallint int2_ops; integer int4_ops; bigint int8_ops;
        interval interval_ops; jsonb jsonb_ops; macaddr8 macaddr8_ops; macaddr macaddr_ops;
        anymultirange multirange_ops; name name_ops; numeric numeric_ops; oid oid_ops;
        oidvector oidvector_ops; pg_lsn pg_lsn_ops; anyrange range_ops; record record_ops;
        text text_ops -text_pattern_ops -varchar_ops -varchar_pattern_ops; tid tid_ops;
        time without time zone time_ops; timestamp without time zone timestamp_ops;
        timestamp with time zone timestamptz_ops; time with time zone timetz_ops; uuid uuid_ops;
        xid8 xid8_ops; xid xid_ops""",
    "gin": """
        anyarray array_ops; jsonb jsonb_ops -jsonb_path_ops; tsvector tsvector_ops""",
    "gist": """
        box box_ops; circle circle_ops; inet -inet_ops; anymultirange multirange_ops;
        point point_ops; polygon poly_ops; anyrange range_ops; tsquery tsquery_ops;
        tsvector tsvector_ops""",
    "spgist": """
        box box_ops; inet inet_ops; point quad_point_ops -kd_point_ops; polygon poly_ops;
        anyrange range_ops; text text_ops""",
    "brin": """
        bit bit_minmax_ops; bit varying varbit_minmax_ops; box box_inclusion_ops;
        anyrange range_inclusion_ops; "char" char_minmax_ops -char_bloom_ops;
        character bpchar_minmax_ops -bpchar_bloom_ops; bytea bytea_minmax_ops -bytea_bloom_ops;
        name name_minmax_ops -name_bloom_ops; text text_minmax_ops -text_bloom_ops;
        inet inet_inclusion_ops -inet_minmax_ops -inet_bloom_ops -inet_minmax_multi_ops;
        date date_~; real float4_~; double precision float8_~; smallint int2_~; integer int4_~;
        bigint int8_~; interval interval_~; macaddr8 macaddr8_~; macaddr macaddr_~;
        numeric numeric_~; oid oid_~; pg_lsn pg_lsn_~; tid tid_~; uuid uuid_~;
        time without time zone time_~; timestamp without time zone timestamp_~;
        timestamp with time zone timestamptz_~; time with time zone timetz_~""",
}
_OF_NUMBERS = "{0}minmax_ops -{0}bloom_ops -{0}minmax_multi_ops"
_RANGES = words("INT4RANGE INT8RANGE NUMRANGE TSRANGE TSTZRANGE DATERANGE")
_MULTIRANGES = words(
    "INT4MULTIRANGE INT8MULTIRANGE NUMMULTIRANGE TSMULTIRANGE TSTZMULTIRANGE DATEMULTIRANGE"
)
# Types of the server's own that not every method has a class for.
_WITHOUT = words("JSON XML POINT LINE LSEG PATH BOX POLYGON CIRCLE JSONPATH TSVECTOR TSQUERY MONEY")


@lru_cache(maxsize=1)
def _classes() -> dict[str, dict[str, tuple[str | None, frozenset[str]]]]:
    """Return by method and type the operator class that is taken, and all that there are."""
    found: dict[str, dict[str, tuple[str | None, frozenset[str]]]] = {}
    for method, text in _CLASSES.items():
        rows = found[method] = {}
        for entry in text.split(";"):
            said = re.sub(r"(\w+_)~", lambda m: _OF_NUMBERS.format(m[1]), entry).split()
            names = [word for word in said if word.endswith("_ops")]
            kind = " ".join(word for word in said if not word.endswith("_ops"))
            taken = next((name for name in names if not name.startswith("-")), None)
            rows[kind] = taken, frozenset(name.lstrip("-") for name in names)
    return found


def _seen_as(kind: str) -> tuple[str, ...]:
    """Return the types whose operator classes a type takes, its own first."""
    plain = _LENGTH.sub("", kind)
    if plain.endswith("[]"):
        return ("anyarray",)
    plain = {"bpchar": "character", '"bit"': "bit"}.get(plain, plain)
    if plain.startswith("interval"):
        plain = "interval"
    if plain.upper() in _RANGES:
        return ("anyrange",)
    if plain.upper() in _MULTIRANGES:
        return ("anymultirange",)
    return {
        "character varying": ("text", "character"),
        "text": ("text", "character"),
        "cidr": ("inet",),
    }.get(plain, (plain,))


def is_default(opclass: str, method: str, kind: str) -> bool:
    """Whether an index of that method has that operator class for a type without being told."""
    rows = _classes().get(method, {})
    return rows.get(_seen_as(kind)[0], (None, frozenset()))[0] == opclass


def objection(opclass: str | None, method: str, kind: str) -> str | None:
    """Return why the server's own operator classes let no index of that method be made over a
    type, or None; nothing is said of types that are not its own."""
    rows = _classes().get(method)
    seen = _seen_as(kind)
    known = any(seen[0] in each for each in _classes().values()) or seen[0].upper() in _WITHOUT
    if rows is None or not known:
        return None
    if opclass is None:
        if rows.get(seen[0], (None, frozenset()))[0] is None:
            return f"type {kind} has no default operator class for access method {method}"
        return None
    name = opclass.partition("(")[0]
    if not any(name in rows[one][1] for one in seen if one in rows):
        return f"access method {method} has no operator class {name} for type {kind}"
    return None
