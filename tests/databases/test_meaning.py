"""What our grammar reads, and our normal form keeps, is what the engines mean.

Precedence: an expression with every parenthesis that our tree has must have the value that it has
without. Meaning: where two texts have one normal form, they have one type and one value on every row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg
import pymysql
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from schemaops.sql import tree
from schemaops.sql.expressions import read
from schemaops.sql.grammar import parse_expression
from schemaops.sql.scope import NotUnderstood, Scope
from schemaops.sql.tree import Node
from tests.databases.normal_forms import Names
from tests.engines import Server, fresh_database


def parenthesized(node: Node) -> str:
    """Return an expression with every parenthesis that its tree has."""
    match node:
        case tree.Number(text=text) | tree.Constant(text=text):
            return f"({text})" if text.startswith("-") else text
        case tree.String():
            return node.token.text
        case tree.Unary():
            return f"({node.operator} {parenthesized(node.operand)})"
        case tree.Binary():
            return f"({parenthesized(node.left)} {node.operator} {parenthesized(node.right)})"
        case tree.Chain():
            inside = f" {node.operator} ".join(map(parenthesized, node.terms))
            return f"({inside})"
        case tree.Like():
            word = f"NOT {node.operator}" if node.negated else node.operator
            return f"({parenthesized(node.left)} {word} {parenthesized(node.right)})"
        case tree.Between():
            word = "NOT BETWEEN" if node.negated else "BETWEEN"
            operand, low, high = map(parenthesized, (node.operand, node.low, node.high))
            return f"({operand} {word} {low} AND {high})"
        case tree.In():
            word = "NOT IN" if node.negated else "IN"
            items = ", ".join(map(parenthesized, node.items))
            return f"({parenthesized(node.operand)} {word} ({items}))"
        case tree.Is():
            word = "IS NOT" if node.negated else "IS"
            return f"({parenthesized(node.operand)} {word} {node.what})"
        case tree.Quantified(right=tree.Array(items=items)):
            inside = ", ".join(map(parenthesized, items))
            head = f"{parenthesized(node.left)} {node.operator} {node.quantifier}"
            return f"({head} (ARRAY[{inside}]))"
        case tree.Cast():
            kind = " ".join(token.text for token in node.type)
            return f"CAST({parenthesized(node.operand)} AS {kind})"
        case tree.Collate():
            name = ".".join(token.text for token in node.name)
            return f"({parenthesized(node.operand)} COLLATE {name})"
    raise AssertionError(node)


OPERANDS = st.sampled_from(["0", "1", "2", "3", "5", "NULL", "'1'", "'a'"])
ARITHMETIC = ("+", "-", "*", "/", "%", "|", "&", "<<", ">>")
COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=", "AND", "OR")
LOOSE = {
    "sqlite": (
        (*ARITHMETIC, "||", *COMPARISONS, "==", "IS", "LIKE", "GLOB"),
        ["IS NOT", "NOT LIKE", "IS DISTINCT FROM"],
        ["ISNULL", "NOTNULL", "NOT NULL", "IN (1, 2)", "NOT IN (0, 3)", "COLLATE nocase"],
        ["NOT", "-", "~", "+"],
    ),
    "mysql": (
        (*ARITHMETIC, "DIV", "MOD", "^", "||", *COMPARISONS, "<=>", "XOR", "&&", "LIKE"),
        ["NOT LIKE", "REGEXP", "RLIKE"],
        ["IS NULL", "IS NOT NULL", "IS TRUE", "IN (1, 2)", "NOT IN (0, 3)", "IS UNKNOWN"],
        ["NOT", "-", "~", "!"],
    ),
}


@st.composite
def loose(draw: st.DrawFn, dialect: str) -> str:
    """Draw operands and operators in a row, without a parenthesis."""
    plain, worded, after, before = LOOSE[dialect]
    parts = []
    for place in range(draw(st.integers(2, 6))):
        if place:
            if draw(st.integers(0, 9)) == 0:
                parts += ["BETWEEN", draw(OPERANDS), "AND"]
            else:
                parts.append(draw(st.sampled_from([*plain, *plain, *worded])))
        # After an arithmetic operator NOT is no SQL.
        if draw(st.integers(0, 4)) == 0:
            sign = draw(st.sampled_from(before))
            if sign != "NOT" or not parts or parts[-1] in {"AND", "OR"}:
                parts.append(sign)
        parts.append(draw(OPERANDS))
        if draw(st.integers(0, 5)) == 0:
            parts.append(draw(st.sampled_from(after)))
    return " ".join(parts)


@settings(max_examples=400)
@given(loose("sqlite"))
def test_sqlite_binds_operators_as_we_do(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        same(connection.execute, text, "sqlite", "IS", sqlite3.OperationalError)


def same(execute: object, text: str, dialect: str, equal: str, refusal: type[Exception]) -> None:
    """Assert that parentheses change nothing, where the engine takes the text at all."""
    assert callable(execute)
    try:
        execute(f"SELECT {text}")
    except refusal:
        return
    try:
        shown = parenthesized(parse_expression(text, dialect))
    except NotUnderstood:
        # Tests in a row, which the servers read one way and the other.
        assert dialect == "mysql"
        return
    found = execute(f"SELECT ({text}) {equal} ({shown})")
    assert found.fetchone()[0], f"{text}\n{shown}"


@pytest.fixture(scope="module")
def mariadb(mariadb_server: Server) -> Iterator[pymysql.cursors.Cursor]:
    """A session on MariaDB."""
    with fresh_database(mariadb_server) as url:
        at = make_url(url)
        with closing(
            pymysql.connect(
                user=at.username,
                password=at.password or "",
                host=at.host,
                unix_socket=at.query.get("unix_socket"),
                database=at.database,
                charset="utf8mb4",
                autocommit=True,
            )
        ) as connection:
            yield connection.cursor()


@settings(max_examples=400)
@given(text=loose("mysql"))
def test_mariadb_binds_operators_as_we_do(mariadb: pymysql.cursors.Cursor, text: str) -> None:
    def execute(sql: str) -> pymysql.cursors.Cursor:
        mariadb.execute(sql)
        return mariadb

    same(execute, text, "mysql", "<=>", pymysql.err.MySQLError)


NUMBERS = st.sampled_from(["0", "1", "2", "3", "5", "7", "- 2", "+ 1", "~ 3", "@ 4", "-1", "NULL"])
SUMS = st.sampled_from(["+", "-", "*", "/", "%", "^", "&", "|", "#", "<<", ">>"])


@st.composite
def sums(draw: st.DrawFn) -> str:
    """Draw numbers and operators in a row."""
    parts = [draw(NUMBERS)]
    for _ in range(draw(st.integers(0, 3))):
        parts += [draw(SUMS), draw(NUMBERS)]
        if draw(st.integers(0, 7)) == 0:
            parts.append("::integer")
    return " ".join(parts)


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """Draw comparisons, tests and what joins them, in a row."""
    parts = []
    for place in range(draw(st.integers(1, 3))):
        if place:
            parts.append(draw(st.sampled_from(["AND", "OR"])))
        if draw(st.booleans()):
            parts.append("NOT")
        one, other, third = draw(sums()), draw(sums()), draw(sums())
        parts.append(
            draw(
                st.sampled_from(
                    [
                        f"{one} = {other}",
                        f"{one} <= {other}",
                        f"{one} <> {other} IS NOT TRUE",
                        f"{one} BETWEEN {other} AND {third}",
                        f"{one} NOT BETWEEN {other} AND {third}",
                        f"{one} IN ({other}, {third})",
                        f"{one} IS NULL",
                        f"{one} IS DISTINCT FROM {other}",
                        f"{one} NOTNULL",
                        f"'a' || {one} LIKE '_' || {other}",
                        f"{one} < {other} = ({third} IS NULL)",
                        f"{one} = ANY (ARRAY[{other}, {third}])",
                    ]
                )
            )
        )
    return " ".join(parts)


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Iterator[psycopg.Connection]:
    """A session on PostgreSQL, in a database with rows of many types."""
    with fresh_database(postgres_server) as url:
        info = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(info, autocommit=True) as connection:
            connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')")
            shown = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
            connection.execute(f"CREATE TABLE t ({shown})")
            connection.execute(ROWS)
            yield connection


@settings(max_examples=300)
@given(text=conditions())
def test_postgres_binds_operators_as_we_do(postgres: psycopg.Connection, text: str) -> None:
    same(postgres.execute, text, "postgres", "IS NOT DISTINCT FROM", psycopg.Error)


COLUMNS = {
    "i": "integer",
    "b": "bigint",
    "n": "numeric(6,2)",
    "f": "double precision",
    "txt": "text",
    "v": "character varying(5)",
    "c": "character(3)",
    "d": "date",
    "ts": "timestamp without time zone",
    "tz": "timestamp with time zone",
    "m": "mood",
    "tags": "text[]",
    "jb": "jsonb",
    "flag": "boolean",
}
ROWS = """
INSERT INTO t VALUES
  (1, 1, 1.5, 1.5, 'a', 'a', 'a', '2020-01-01', '2020-01-01', '2020-01-01',
   'sad', '{a}', '{"a": 1}', true),
  (2, -3, 2, 2, 'a ', 'a ', 'a ', '2021-02-03', '2020-01-01 10:00', '2021-02-03 05:00',
   'ok', '{a,b}', '[]', false),
  (-5, 5, -0.25, 1e10, 'B', 'b', 'B', '1999-12-31', '1999-12-31', '1999-12-31 23:00',
   'happy', '{}', '{}', null),
  (5, 10000000000, 5.00, 5, '5', '5', '5', '2020-01-01', now(), now(),
   'sad', '{5}', '5', true),
  (null, null, null, null, null, null, null, null, null, null, null, null, null, null)
"""
NAMES = Names("postgres", {"t": COLUMNS}, frozenset({"mood"}))
SCOPE = Scope(NAMES, NAMES.relations["t"])

# Of each family of types: columns, literals, casts within it, and casts to it from others.
LEAVES = {
    "number": (
        ["i", "b", "n", "f"],
        ["5", "-5", "0", "1.5", "1.50", "'5'", "'1.5'", "10000000000", "NULL"],
        ["integer", "bigint", "smallint", "numeric", "numeric(4,1)", "double precision", "real"],
    ),
    "string": (
        ["txt", "v", "c"],
        ["'a'", "'a '", "'5'", "''", "'sad'", "NULL"],
        ["text", "varchar", "varchar(1)", "char(3)", "bpchar", "char(1)"],
    ),
    "moment": (
        ["d", "ts", "tz"],
        ["'2020-01-01'", "'2020-01-01 10:00'", "current_date", "NULL"],
        ["date", "timestamp", "timestamptz", "timestamp(0)"],
    ),
    "enum": (["m"], ["'sad'", "'ok'", "NULL"], ["mood", "mood", "text"]),
    "array": (["tags"], ["'{a}'", "'{}'", "'{a, b}'"], ["text[]", "varchar[]", "varchar(1)[]"]),
    "truth": (["flag"], ["true", "'t'", "'no'", "NULL"], ["boolean"]),
}
FAMILIES = sorted(LEAVES)

# A skeleton is a text with places for skeletons within it, and the casts that suit the whole.
Skeleton = tuple[str, tuple["Skeleton", ...], tuple[str, ...]]
SHAPES = {
    "number": [
        ("({} + {})", "number", "number"),
        ("({} * {})", "number", "number"),
        ("({} - {})", "moment", "moment"),
        ("length({})", "string"),
        ("abs({})", "number"),
        ("round({})", "number"),
        ("coalesce({}, {})", "number", "number"),
        ("greatest({}, {})", "number", "number"),
        ("(CASE WHEN {} THEN {} ELSE {} END)", "truth", "number", "number"),
        ("(CASE WHEN {} THEN {} END)", "truth", "number"),
        ("nullif({}, {})", "number", "number"),
        ("(- {})", "number"),
    ],
    "string": [
        ("({} || {})", "string", "string"),
        ("({} || {})", "string", "number"),
        ("lower({})", "string"),
        ("btrim({})", "string"),
        ("md5({})", "string"),
        ("concat({}, {})", "string", "number"),
        ("coalesce({}, {})", "string", "string"),
        ("nullif({}, {})", "string", "string"),
        ("substring({}, {})", "string", "number"),
        ('({} COLLATE "C")', "string"),
        ("(CASE {} WHEN {} THEN {} ELSE {} END)", "string", "string", "string", "string"),
        ("(jb ->> {})", "string"),
        ("format({}, {})", "string", "number"),
        ("replace({}, {}, {})", "string", "string", "string"),
        ("text({})", "string"),
    ],
    "moment": [
        ("coalesce({}, {})", "moment", "moment"),
        ("greatest({}, {})", "moment", "moment"),
        ("({} + '1 day')", "moment"),
        ("date_trunc('day', {})", "moment"),
        ("date({})", "moment"),
    ],
    "enum": [("coalesce({}, {})", "enum", "enum"), ("greatest({}, {})", "enum", "enum")],
    "array": [
        ("ARRAY[{}, {}]", "string", "string"),
        ("({} || {})", "array", "array"),
        ("coalesce({}, {})", "array", "array"),
        ("array_append({}, {})", "array", "string"),
    ],
    "truth": [
        *(
            (f"({{}} {word} {{}})", family, family)
            for family in FAMILIES
            for word in ("=", "<>", "<", ">=", "IS DISTINCT FROM")
        ),
        *(("({} IN ({}, {}))", family, family, family) for family in FAMILIES),
        *(("({} NOT IN ({}, {}))", family, family, family) for family in FAMILIES),
        *(("({} BETWEEN {} AND {})", family, family, family) for family in FAMILIES),
        *(("({} = ANY (ARRAY[{}, {}]))", f, f, f) for f in ("number", "string", "enum")),
        ("({} = ANY ({}))", "string", "array"),
        ("({} <> ALL ({}))", "string", "array"),
        ("({} LIKE {})", "string", "string"),
        ("({} ~ {})", "string", "string"),
        ("({} AND {})", "truth", "truth"),
        ("({} OR {})", "truth", "truth"),
        ("(NOT {})", "truth"),
        ("({} IS TRUE)", "truth"),
        ("(({}, {}) = ({}, {}))", "string", "number", "string", "number"),
        ("({} @> {})", "array", "array"),
    ],
}


def skeletons(family: str, depth: int) -> st.SearchStrategy[Skeleton]:
    """Return a strategy for expressions of a family."""
    columns, literals, casts = LEAVES[family]
    # A negative number takes its cast as a whole.
    shown = [f"({text})" if text.startswith("-") else text for text in literals]
    leaves = st.sampled_from([*columns, *columns, *shown]).map(
        lambda text: (text, (), tuple(casts))
    )
    if depth == 0:
        return leaves
    shaped = st.sampled_from(SHAPES[family]).flatmap(
        lambda shape: st.tuples(
            st.just(shape[0]),
            st.tuples(*(skeletons(inner, depth - 1) for inner in shape[1:])),
            st.just(tuple(casts)),
        )
    )
    return st.one_of(leaves, shaped, shaped) if depth < 3 else shaped


def places(skeleton: Skeleton) -> list[tuple[str, ...]]:
    """Return the casts that suit each place of an expression."""
    _, inside, casts = skeleton
    found = [place for part in inside for place in places(part)]
    return [*found, casts]


def dressed(skeleton: Skeleton, casts: Iterator[str | None]) -> str:
    """Return an expression's text, with a cast here and there."""
    shape, inside, _ = skeleton
    text = shape.format(*[dressed(part, casts) for part in inside]) if inside else shape
    cast = next(casts)
    return text if cast is None else f"{text}::{cast}"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Draw one expression in two dresses, the second with a cast more, less or other."""
    skeleton = draw(st.sampled_from(FAMILIES).flatmap(lambda family: skeletons(family, 3)))
    suiting = places(skeleton)
    casts = [
        draw(st.one_of(st.none(), st.none(), st.none(), st.sampled_from(kinds)))
        for kinds in suiting
    ]
    others = [*casts]
    changed = draw(st.integers(0, len(suiting) - 1))
    others[changed] = draw(st.one_of(st.none(), st.sampled_from(suiting[changed])))
    return dressed(skeleton, iter(casts)), dressed(skeleton, iter(others))


# Shrinking takes the engine through thousands of failing texts; the first is readable enough.
QUICKLY = (Phase.explicit, Phase.generate)


def meaning(postgres: psycopg.Connection, text: str) -> Sequence[object] | None:
    """Return an expression's type and its values on all rows; None where it is refused."""
    try:
        return postgres.execute(
            f"SELECT pg_typeof({text})::text, ({text})::text FROM t ORDER BY i"
        ).fetchall()
    except psycopg.Error:
        return None


@settings(max_examples=300, phases=QUICKLY)
@given(pair=pairs())
def test_one_form_is_one_meaning_on_postgres(
    postgres: psycopg.Connection, pair: tuple[str, str]
) -> None:
    one, other = (read(text, "postgres", SCOPE).expression for text in pair)
    if one == other:
        meant = [meaning(postgres, text) for text in pair]
        assert None in meant or meant[0] == meant[1]


@settings(max_examples=300, phases=QUICKLY)
@given(pair=pairs())
def test_drawn_expressions_meet_the_catalogue(
    postgres: psycopg.Connection, pair: tuple[str, str]
) -> None:
    text = f"({pair[0]}) IS NOT NULL"
    try:
        with postgres.transaction(force_rollback=True):
            postgres.execute(f"ALTER TABLE t ADD CONSTRAINT q CHECK ({text}) NOT VALID")
            shown = postgres.execute(
                "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'q'"
            ).fetchone()
    except psycopg.Error:
        return
    assert shown is not None
    ours, theirs = read(text, "postgres", SCOPE), read(shown[0], "postgres", SCOPE)
    assert ours.understood
    assert ours.expression == theirs.expression, shown[0]
