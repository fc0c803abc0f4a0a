"""A second reader: sqlglot's opinion of a text that our own readers have read, or could not read.

Two parsers that know nothing of each other are right together far more often than either alone. Which
tables a data statement or a query names is taken for understood only where both agree; and what neither
can read is called a mistake in the text rather than something unknown. Its trees are never rendered
back and never executed (architecture D3).
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["named_relations", "objection"]

_EXOTIC = frozenset(
    (
        "EXCLUDE",
        "PARTITION",
        "INHERITS",
        "LIKE",
        "OF",
        "TABLESPACE",
        "PROCEDURE",
        "FUNCTION",
        "TRIGGER",
        "MATERIALIZED",
    )
)
# What the second reader has not learned: PostgreSQL's own words within plain statements.
_BEYOND = re.compile(
    r"""\b(?:without\s+overlaps|period\s+\w|set\s+(?:null|default)\s*\(|not\s+enforced|virtual|
        constraint\s+("[^"]*"|\w+)\s+not\s+null|not\s+null\s+(?!default|primary|unique|check|constraint|
        references|collate|generated|comment|on|auto_increment|autoincrement|as)("[^"]*"|\w+)|
        include\s*\(|with\s*\(|on\s+commit|overriding|operator\s*\(|xmlserialize|json_table|merge\s+into|
        on\s+only\b|within\s+group|grouping\s+sets|tablesample|rows\s+from|with\s+ordinality|for\s+update|
        cycle\s|search\s+(?:depth|breadth)|json\w*\s*\(|is\s+(?:not\s+)?json|xml\w+\s*\(|interval\b|
        insert\s+into\s[^()]*\([^()]*[.\[]|
        returning\s+with\b)""",
    re.IGNORECASE | re.VERBOSE,
)
# What sqlglot does not read in a table's definition, though SQLite, MySQL or MariaDB do.
_UNKNOWN_THERE = re.compile(
    r"\b(?:ON\s+CONFLICT|AUTOINCREMENT|UPDATE\s+OR|NEXT\s+VALUE|USING\s+HASH|DESC|IGNORED|BYTE|LONG\s+VARCHAR|NATIONAL|UNICODE|VERSIONING|PERIOD|INVISIBLE|SRID|REF_SYSTEM_ID|ROW\s+(?:START|END)|OVERLAPS|COMPRESSED|ENFORCED|POINT|LINESTRING|POLYGON|GEOMETRY|GEOMCOLLECTION|MULTI\w+|INET[46]|UUID|VECTOR|DELAYED|PORTION|HANDLER|RETURNING|STORAGE|COLUMN_FORMAT|OUTFILE|DUMPFILE|INTO\s+@)\b",
    re.IGNORECASE,
)
_PLAIN_HEADS = (
    ("CREATE", "TABLE"),
    ("CREATE", "VIEW"),
    ("CREATE", "INDEX"),
    ("CREATE", "UNIQUE"),
    ("INSERT",),
    ("UPDATE",),
    ("DELETE",),
    ("SELECT",),
    ("WITH",),
)


@lru_cache(maxsize=512)
def named_relations(text: str, dialect: str) -> frozenset[str] | None:
    """Return the names of the tables and views that a statement reads or writes, lower-case and
    without their schemas; None where sqlglot has no opinion."""
    from sqlglot import exp

    tree = _tree(text, dialect)
    if not isinstance(tree, exp.Expression) or tree.find(exp.Command) is not None:
        return None
    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    # MySQL's DELETE of several tables says first which of those behind FROM it is about.
    again = {
        id(one) for found in tree.find_all(exp.Delete) for one in found.args.get("tables") or ()
    }
    return frozenset(
        table.name.lower()
        for table in tree.find_all(exp.Table)
        if table.name and table.name.lower() not in own and id(table) not in again
    )


def objection(text: str, dialect: str) -> str | None:
    """Return what sqlglot finds wrong with a statement of a plain kind; None where it reads it, or
    where its word would not count."""
    words = text.upper().split()
    if not any(tuple(words[: len(head)]) == head for head in _PLAIN_HEADS):
        return None
    if _EXOTIC & set(words) or _BEYOND.search(text):
        return None
    if dialect != "postgres" and _UNKNOWN_THERE.search(text):
        return None
    if (
        dialect == "sqlite"
        and words[:2] == ["CREATE", "TABLE"]
        and text.count("(") == text.count(")")
    ):
        return None  # any words are a type there, and a constraint may say its name and no more
    tree = _tree(text, dialect)
    return tree if isinstance(tree, str) else None


def _tree(text: str, dialect: str) -> object:
    """Return sqlglot's tree of a statement, or its complaint as a text."""
    import sqlglot
    from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

    # It logs where it falls back to a Command; we look for Commands ourselves.
    sqlglot.logger.disabled = True
    try:
        return sqlglot.parse_one(text, read=dialect, error_level=ErrorLevel.RAISE)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        near = str(first.get("highlight") or "").strip()
        said = str(first.get("description") or "it does not parse").lower().rstrip(".")
        return f"{said} near `{near}`" if near else said
    except RecursionError:
        return None
    except SqlglotError as error:
        return str(error).splitlines()[0].lower()
