"""The words and operators that the grammar goes by, for each dialect."""

from __future__ import annotations

from schemaops.sql.keywords import words

__all__ = [
    "AFTER_ITEM",
    "AFTER_QUERY",
    "AFTER_TABLE",
    "AND",
    "ARITHMETIC",
    "CALLABLE",
    "HARD_IN_SQLITE",
    "JOIN_WORDS",
    "LEVELS",
    "LIKES",
    "NAMES_IN_POSTGRES",
    "NOT",
    "OR",
    "QUANTIFIERS",
    "SELECT_OPTIONS",
    "SOFT_IN_MYSQL",
    "SPECIAL_PG_CHARACTERS",
    "UNITS",
    "VALUE_WORDS",
]


def _levels(text: str) -> dict[str, int]:
    return {
        operator: level
        for level, line in enumerate(text.strip().splitlines(), 1)
        for operator in line.split()
    }


OR, AND, NOT = 1, 2, 3
# Each line binds tighter than those above; `is` and `in` stand for all tests of their kind.
LEVELS = {
    "postgres": _levels(
        """
        or
        and
        not
        is
        < > = <= >= <> !=
        in
        other
        + -
        * / %
        ^
        at
        collate
        sign
        [
        ::
        """
    ),
    "mysql": _levels(
        """
        or || xor
        and &&
        not
        = <=> >= > <= < <> != is
        in
        |
        &
        << >>
        + -
        * / div % mod
        ^
        sign ~
        !
        binary collate
        -> ->>
        """
    ),
    "sqlite": _levels(
        """
        or
        and
        not
        = == <> != is in
        < <= > >=
        escape
        & | << >>
        + -
        * / %
        || -> ->>
        collate
        sign ~
        """
    ),
}
# XOR stands between OR and AND.
LEVELS["mysql"].update({k: v + 1 for k, v in LEVELS["mysql"].items() if k not in {"or", "||"}})

SPECIAL_PG_CHARACTERS = frozenset("~!@#%^&|`?")
ARITHMETIC = frozenset({"<", ">", "=", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "^"})
LIKES = {
    "postgres": words("like ilike similar"),
    "mysql": words("like regexp rlike"),
    "sqlite": words("like glob regexp match"),
}
QUANTIFIERS = frozenset({"any", "some", "all"})
AFTER_ITEM = words(
    """
    from where group having window union intersect except minus order limit offset fetch for into
    returning on using as lock procedure
    """
)
AFTER_TABLE = words(
    """
    where group having window union intersect except minus order limit offset fetch for into on using
    as join left right inner full cross natural set returning values tablesample straight_join use
    ignore force partition lock do when select with indexed not default outer
    """
)
VALUE_WORDS = {
    "postgres": words(
        """
        null true false default current_date current_time current_timestamp localtime localtimestamp
        current_user session_user user current_role current_catalog current_schema system_user
        """
    ),
    "mysql": words(
        """
        null true false default current_date current_time current_timestamp localtime localtimestamp
        current_user current_role utc_date utc_time utc_timestamp
        """
    ),
    "sqlite": words("null true false current_date current_time current_timestamp"),
}
# Reserved words that may still name a function.
CALLABLE = {
    "postgres": words(
        """
        coalesce greatest least nullif left right xmlconcat grouping json_object json_array
        json_scalar authorization binary collation concurrently cross current_schema freeze full
        ilike inner is isnull join like natural notnull outer overlaps similar tablesample verbose
        setof char character bit varchar row numeric decimal float int integer time timestamp
        normalize merge_action
        """
    ),
    "mysql": words(
        """
        if left right replace insert char values default mod database schema repeat interval
        current_user current_date current_time current_timestamp localtime localtimestamp utc_date
        utc_time utc_timestamp rank row_number dense_rank ntile lag lead first_value last_value
        nth_value percent_rank cume_dist grouping truncate date time timestamp year user exists
        binary
        """
    ),
    "sqlite": words("replace like glob match regexp if date time abort left right"),
}
UNITS = words(
    """
    microsecond second minute hour day week month quarter year second_microsecond minute_microsecond
    minute_second hour_microsecond hour_second hour_minute day_microsecond day_second day_minute
    day_hour year_month
    """
)
AFTER_QUERY = words("union intersect except order limit offset fetch on returning") | {")", ""}
JOIN_WORDS = words("join inner left right full cross natural straight_join")

SELECT_OPTIONS = words(
    """
    high_priority straight_join sql_small_result sql_big_result sql_buffer_result sql_cache
    sql_no_cache sql_calc_found_rows
    """
)
# The keywords that PostgreSQL takes for a column or a table, though for no function.
NAMES_IN_POSTGRES = words(
    """
    between bigint bit boolean char character coalesce dec decimal exists extract float greatest
    grouping inout int integer interval json json_array json_arrayagg json_exists json_object
    json_objectagg json_query json_scalar json_serialize json_table json_value least merge_action
    national nchar none normalize nullif numeric out overlay position precision real row setof
    smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement
    xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """
)
# The keywords that SQLite never takes for a name; the others may be columns.
HARD_IN_SQLITE = words(
    """
    add all alter and as autoincrement between case check collate commit constraint create default
    deferrable delete distinct drop else escape except exists foreign from group having in index
    insert intersect into is isnull join limit not notnull null on or order primary references
    returning select set table then to transaction union unique update using values when where
    """
)
# Reserved by one of MySQL and MariaDB only, or not where an expression stands.
SOFT_IN_MYSQL = words(
    """
    rank row rows system function period groups recursive first_value lag last_value lead nth_value
    ntile percent_rank row_number cume_dist dense_rank of empty window lateral generated virtual
    stored get library manual parallel qualify tablesample offset portion grouping cube json_table
    """
)
