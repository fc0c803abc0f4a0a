"""Expressions: which texts mean one thing and which do not, what they read and mention."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.names import Address, Kind, Name, Relocation
from schemaops.sql.expressions import expression, is_null, read
from schemaops.sql.grammar import expression_extent
from schemaops.sql.lexer import DIALECTS, UnreadableSql, tokens
from schemaops.sql.scope import (
    AmbiguousColumn,
    Scope,
    UnknownColumn,
    UnknownRelation,
    Wrong,
)
from schemaops.sql.types import column_type
from tests.databases.normal_forms import Names

USERS = {
    "id": "bigint",
    "email": "varchar(50)",
    "name": "text",
    "code": "char(3)",
    "age": "int",
    "price": "numeric(10,2)",
    "day": "date",
    "mood": "mood",
    "doc": "jsonb",
    "tags": "text[]",
}
PLAIN = {"id": "int", "email": "varchar(50)", "name": "text", "age": "int", "day": "date"}
TABLES = {
    "postgres": {"users": USERS, "orders": {"id": "int", "user_id": "bigint"}},
    "mysql": {"users": PLAIN, "orders": {"id": "int", "user_id": "int"}},
    "sqlite": {"users": PLAIN, "orders": {"id": "int", "user_id": "int"}},
}


def scope(dialect: str) -> Scope:
    names = Names(dialect, TABLES[dialect], frozenset({"mood"}), frozenset({"numbers"}))
    return Scope(names, names.relations["users"])


SCOPES = {dialect: scope(dialect) for dialect in DIALECTS}

ONE = {
    "postgres": [
        ("email = 'x'", "((email)::text = 'x'::text)"),
        ("lower(email) = email", "(lower((email)::text) = (email)::text)"),
        ("email IN ('a', 'b')", "((email)::text = ANY (ARRAY['a'::text, 'b'::text]))"),
        ("age NOT IN (1, 2)", "(age <> ALL (ARRAY[1, 2]))"),
        ("age BETWEEN 1 AND 2", "((age >= 1) AND (age <= 2))"),
        ("email LIKE 'a%'", "((email)::text ~~ 'a%'::text)"),
        ("price > 0", "(price > (0)::numeric)"),
        ("price > -1.50", "(price > '-1.50'::numeric)"),
        ("age != 1", "(age <> 1)"),
        ("mood = 'sad'", "(mood = 'sad'::mood)"),
        ("mood = 'sad'", "mood = 'sad'::public.mood"),
        ("a.age IS NOT NULL", None),
        ("age = 1 AND (id = 2 AND name = 'x')", "((age = 1) AND (id = 2)) AND name = 'x'"),
        ("day + 1 > CURRENT_DATE", "((day + 1) > CURRENT_DATE)"),
        ("EXTRACT(year FROM day) > 1", "extract('year' from day) > 1"),
        ("\"email\" = E'x'", "EMAIL = 'x'"),
        ("name IS NOT DISTINCT FROM 'x'", "(NOT (name IS DISTINCT FROM 'x'::text))"),
        ("age OPERATOR(pg_catalog.=) 1", "age = 1"),
        (
            "CASE WHEN age > 1 THEN 'a' END",
            "CASE WHEN (age > 1) THEN 'a'::text ELSE NULL::text END",
        ),
        ("trim(name)", "TRIM(BOTH FROM name)"),
        ('doc @> \'{"b":1, "a":2}\'', '(doc @> \'{"a": 2, "b": 1}\'::jsonb)'),
    ],
    "mysql": [
        ("age = 1", "`age` = 1"),
        ('email = "it\'s"', "`email` = 'it\\'s'"),
        ("NOT (age > 1 AND id = 2)", "`age` <= 1 OR `id` <> 2"),
        ("LENGTH(email) > 3", "octet_length(`email`) > 3"),
        ("age IN (1)", "`age` = 1"),
        ("date_add(day, interval 1 day)", "`day` + interval 1 day"),
        ("now()", "current_timestamp()"),
        ("name AND age", "`name` <> 0 and `age` <> 0"),
        ("age MOD 2", "mod(age, 2)"),
        ("email = _utf8mb4'x'", "email = 'x'"),
        ("cast(age as char)", "cast(`age` as char charset utf8mb4)"),
    ],
    "sqlite": [
        ("age == 1", "age = 1"),
        ("age  IS  NOT  NULL", "age NOTNULL"),
        ("[email] = 'x'", "\"email\" = 'x'"),
        ("LENGTH( email )>3", "length(email) > 3"),
        ("(age) > (1)", "age > 1"),
    ],
}
OTHER = {
    "postgres": [
        ("code = 'a'", "code = 'a'::text"),
        ("code = 'a'", "code::text = 'a'"),
        ("email = 'a'", "email = 'a'::varchar(3)"),
        ("email::varchar(3) = 'a'", "email = 'a'"),
        ("name = '1'", "name = '01'"),
        ("age = 1", "age = 1::bigint"),
        ("age / 2 > 1", "age / 2.0 > 1"),
        ("age::bigint * 2 > 1", "age * 2 > 1"),
        ("now()", "CURRENT_TIMESTAMP"),
        ("date_part('year', day)", "extract(year from day)"),
        ("day > '2020-01-01'", "day > '2020-01-01'::timestamptz"),
        ("coalesce(email, name)", "coalesce(name, email)"),
        ("NOT (age IN (1, 2))", "age IN (1, 2)"),
        ("age = 1 OR id = 2 AND name = 'x'", "(age = 1 OR id = 2) AND name = 'x'"),
        ("age - (id - 1)", "age - id - 1"),
        ("\"Email\" = 'x'", "email = 'x'"),
        ("name = 'users.email'", "name = email"),
        ("name LIKE 'a'", "name ILIKE 'a'"),
        ("tags = '{a,b}'", "tags = '{\"a,b\"}'"),
        ("doc = '{\"a\": 1}'", "doc = '{\"a\": 1.0}'"),
        ("public.lower(name)", "lower(name)"),
        ("age = 1", "price = 1"),
        ("coalesce(day, day::date)", "coalesce(day, day::timestamp::date)"),
        ("'a b'", "'a  b'"),
        ("lower('A')", "lower('a')"),
        ("ARRAY[code, email]::text[]", "(ARRAY[code, email])::varchar[]::text[]"),
    ],
    "mysql": [
        ("age <=> 1", "age = 1"),
        ("NOT (age <=> 1)", "age <> 1"),
        ("email = 'A'", "email = 'a'"),
        ("email = BINARY 'a'", "email = 'a'"),
        ("age / 2", "age DIV 2"),
        ("age XOR id", "age OR id"),
        ("current_timestamp(3)", "current_timestamp()"),
        ("sysdate()", "now()"),
        ("cast(age as char(3))", "cast(age as char)"),
        ("name REGEXP 'a'", "name LIKE 'a'"),
    ],
    "sqlite": [
        ("age IS 1", "age = 1"),
        ("age || 1", "age | 1"),
        ("email = 'x'", "email = 'X'"),
        ("email COLLATE nocase = 'x'", "email = 'x'"),
        ("a'b", None),
    ],
}


def drawn(cases: dict[str, list[tuple[str, str | None]]]) -> list[tuple[str, str, str]]:
    return [
        (dialect, one, other)
        for dialect, pairs in cases.items()
        for one, other in pairs
        if other is not None
    ]


@pytest.mark.parametrize(("dialect", "one", "other"), drawn(ONE))
def test_one_meaning_has_one_form(dialect: str, one: str, other: str) -> None:
    first, second = read(one, dialect, SCOPES[dialect]), read(other, dialect, SCOPES[dialect])
    assert first.expression == second.expression
    assert first.understood
    assert second.understood


@pytest.mark.parametrize(("dialect", "one", "other"), drawn(OTHER))
def test_two_meanings_have_two_forms(dialect: str, one: str, other: str) -> None:
    first = expression(one, dialect, SCOPES[dialect])
    assert first != expression(other, dialect, SCOPES[dialect])


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("varchar(20)", "'new'", "'new'::character varying"),
        ("int", "'5'", "5"),
        ("numeric(10,2)", "0", "(0)::numeric"),
        ("boolean", "'t'", "true"),
        ("timestamp", "now()", "now()::timestamp"),
        ("bytea", "'\\xAB'", "'\\xab'::bytea"),
        ("text[]", "'{}'", "'{}'::text[]"),
        ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "'a0eebc999c0b4ef8bb6d6bb9bd380a11'"),
    ],
)
def test_a_default_is_read_as_its_columns_type(kind: str, one: str, other: str) -> None:
    target = column_type(kind, "postgres")
    assert expression(one, "postgres", target=target) == expression(
        other, "postgres", target=target
    )


def test_a_default_of_another_type_keeps_its_cast() -> None:
    target = column_type("text", "postgres")
    assert expression("5", "postgres", target=target) != expression(
        "'5'", "postgres", target=target
    )
    assert expression("now()::date", "postgres", target=target) != expression(
        "now()", "postgres", target=target
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "text",
    [
        "users.email = 'email' /* email */ AND -- email\n  age > 3",
        "lower( email )  =  Name",
        "CASE WHEN users.age = 1 THEN email ELSE 'age' END",
        "email IN (name, 'x') OR (age + age) > 2",
    ],
)
def test_mentions_are_the_identifiers_that_name_columns(dialect: str, text: str) -> None:
    found = read(text, dialect, SCOPES[dialect])
    for mention in found.mentions:
        assert text[mention.start : mention.end].lower() == mention.address.name
    named = [text[m.start : m.end] for m in found.mentions]
    words = [
        token.text
        for token in tokens(text, dialect)
        if token.text.lower() in {*PLAIN, "users"} and token.kind == "word"
    ]
    assert named == words


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_written_is_the_text_with_holes(dialect: str) -> None:
    text = "  users.age > 3 /* age */ OR Email = 'email'"
    found = expression(text, dialect, SCOPES[dialect])
    assert found.text(lambda at: f"<{at.name}>") == (
        "  <users>.<age> > 3 /* age */ OR <email> = 'email'"
    )
    assert found.text(lambda at: at.name) == text.replace("Email", "email")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_renamed_column_is_renamed_in_both_forms(dialect: str) -> None:
    names = SCOPES[dialect].table
    assert names is not None
    old = names.at.child(Kind.COLUMN, Name("email"))
    moved = Relocation(((old, old.sibling("mail")),))
    after = expression("length(email) > 3", dialect, SCOPES[dialect]).relocated(moved)
    tables = {"users": {"mail": "varchar(50)"}}
    renamed = Names(dialect, tables)
    there = Scope(renamed, renamed.relations["users"])
    assert after == expression("length(mail) > 3", dialect, there)
    assert after.text(lambda at: at.name) == "length(mail) > 3"


def test_columns_read_are_told() -> None:
    found = read("email = (SELECT max(name) FROM orders)", "postgres", SCOPES["postgres"])
    assert {at.name for at in found.columns} == {"email", "name"}
    assert {at.name for at in found.relations} == {"orders"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_unknown_column_is_a_problem_with_its_place(dialect: str) -> None:
    text = "age > 1 AND missing = 2"
    (problem,) = read(text, dialect, SCOPES[dialect]).problems
    assert problem.wrong is Wrong.COLUMN
    assert text[problem.start : problem.end] == "missing" == problem.name
    assert isinstance(problem.error(), UnknownColumn)


def test_an_unknown_relation_is_a_problem() -> None:
    (problem,) = read("EXISTS (SELECT 1 FROM nowhere)", "sqlite", SCOPES["sqlite"]).problems
    assert isinstance(problem.error(), UnknownRelation)


def test_a_name_that_fits_twice_is_a_problem() -> None:
    text = "EXISTS (SELECT 1 FROM users u, orders o WHERE id = 1)"
    (problem,) = read(text, "mysql", SCOPES["mysql"]).problems
    assert isinstance(problem.error(), AmbiguousColumn)


def test_sqlite_takes_a_quoted_name_that_is_none_for_a_string() -> None:
    found = read('name = "draft"', "sqlite", SCOPES["sqlite"])
    assert not found.problems
    assert found.expression == expression("name = 'draft'", "sqlite", SCOPES["sqlite"])


def test_a_sequence_in_a_string_is_a_hole() -> None:
    for text in ("nextval('numbers')", "nextval('public.numbers'::regclass)"):
        found = read(text, "postgres", SCOPES["postgres"])
        at = Address(Kind.SEQUENCE, (Name("public"), Name("numbers")))
        assert at in found.expression.normal
        assert found.expression.text(lambda _: "other") in {
            "nextval('other')",
            "nextval('other'::regclass)",
        }
        (mention,) = (m for m in found.mentions if m.address == at)
        assert text[mention.start : mention.end] == "numbers"


def test_what_no_grammar_fits_is_read_as_tokens_and_says_so() -> None:
    found = read("xmlelement(name foo, email)", "postgres", SCOPES["postgres"])
    assert not found.understood
    assert {at.name for at in found.columns} == {"email", "name"}
    again = read("XMLELEMENT( NAME foo,\n email )", "postgres", SCOPES["postgres"])
    assert found.expression == again.expression


def test_null_is_no_default() -> None:
    target = column_type("varchar(20)", "postgres")
    for text in ("NULL", "null", "NULL::character varying"):
        assert is_null(expression(text, "postgres", target=target), "postgres")
    assert not is_null(expression("'NULL'", "postgres", target=target), "postgres")


@pytest.mark.parametrize(
    ("dialect", "text", "rest"),
    [
        ("postgres", "0 NOT NULL", "NOT NULL"),
        ("postgres", "'x'::character varying(3) UNIQUE", "UNIQUE"),
        ("postgres", "'x' COLLATE \"C\"", 'COLLATE "C"'),
        ("postgres", "now() AT TIME ZONE 'utc'", "AT TIME ZONE 'utc'"),
        ("postgres", "(now() AT TIME ZONE 'utc') CHECK (a > 1)", "CHECK (a > 1)"),
        ("postgres", "-1 PRIMARY KEY", "PRIMARY KEY"),
        ("postgres", "1 + 2 * 3, b int", ", b int"),
        ("mysql", "current_timestamp(3) ON UPDATE now(3)", "ON UPDATE now(3)"),
        ("mysql", "'a' NOT NULL COMMENT 'x'", "NOT NULL COMMENT 'x'"),
        ("mysql", "(1 + 2) AFTER b", "AFTER b"),
        ("sqlite", "0 NOT NULL", "NOT NULL"),
        ("sqlite", "-1 CHECK (a > 1)", "CHECK (a > 1)"),
        ("sqlite", "(1 + 2) REFERENCES t", "REFERENCES t"),
        ("sqlite", "CURRENT_TIMESTAMP)", ")"),
    ],
)
def test_how_far_a_default_reaches(dialect: str, text: str, rest: str) -> None:
    found = tuple(tokens(text, dialect))
    end = expression_extent(found, 0, dialect, default=True)
    assert text[found[end].start :] == rest


WORDS = st.sampled_from(
    [
        "a",
        "email",
        "users",
        ".",
        ",",
        "(",
        ")",
        "+",
        "-",
        "*",
        "=",
        "<",
        "'",
        '"',
        "`",
        "[",
        "]",
        "::",
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "case",
        "when",
        "then",
        "end",
        "select",
        "from",
        "where",
        "like",
        "between",
        "1",
        "2.5",
        "'x'",
        '"y"',
        "$1",
        "@",
        ":",
    ]
)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(st.lists(WORDS, max_size=12))
def test_any_text_is_read_or_refused_as_unreadable(dialect: str, parts: list[str]) -> None:
    text = " ".join(parts)
    try:
        found = read(text, dialect, SCOPES[dialect])
    except UnreadableSql:
        return
    assert found.expression.text(lambda at: at.name).lower() == text.lower()
