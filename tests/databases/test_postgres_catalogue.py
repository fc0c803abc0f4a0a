"""What is written down of PostgreSQL's and MariaDB's own words and functions is what they say."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from schemaops.sql.binding import coercion
from schemaops.sql.binding import postgres_catalogue as written
from schemaops.sql.keywords import RESERVED, words
from tests.engines import Server, fresh_database

KINDS = words(
    """
    int2 int4 int8 numeric float4 float8 text varchar bpchar name bool date time timetz timestamp
    timestamptz interval json jsonb uuid inet cidr macaddr bytea money bit varbit point box circle
    path polygon lseg line int4range numrange tsrange daterange int4multirange oid regclass regtype
    regproc xml tsvector tsquery jsonpath pg_lsn _int4 _text _date
    """
)


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Iterator[psycopg.Connection]:
    """A session on PostgreSQL."""
    with fresh_database(postgres_server) as url:
        info = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(info, autocommit=True) as connection:
            yield connection


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a list, each name with what is said of it."""
    for line in text.strip("\n").replace("\n ", " ").split("\n"):
        name, _, said = line.partition(" ")
        yield name, said


def test_types(postgres: psycopg.Connection) -> None:
    known = {
        name: category + ("!" if preferred else "") + ("" if shown == name else f" {shown}")
        for name, category, preferred, shown in postgres.execute(
            "SELECT typname, typcategory::text, typispreferred, format_type(oid, -1)"
            " FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"
        )
    }
    for name, said in entries(written.TYPES):
        assert known[name] == said, name


def test_casts(postgres: psycopg.Connection) -> None:
    known: dict[str, list[str]] = {}
    for source, target, context in postgres.execute(
        "SELECT s.typname, t.typname, castcontext::text FROM pg_cast"
        " JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget ORDER BY 1, 2"
    ):
        known.setdefault(source, []).append(target + ("" if context == "e" else f"={context}"))
    assert dict(entries(written.CASTS)) == {name: " ".join(to) for name, to in known.items()}


def test_operators(postgres: psycopg.Connection) -> None:
    known: dict[str, set[str]] = {}
    for name, left, right, result in postgres.execute(
        "SELECT oprname, coalesce(l.typname, ''), r.typname, t.typname FROM pg_operator"
        " LEFT JOIN pg_type l ON l.oid = oprleft JOIN pg_type r ON r.oid = oprright"
        " JOIN pg_type t ON t.oid = oprresult"
    ):
        known.setdefault(name, set()).add(f"{left},{right}>{result}")
    assert {name: set(said.split()) for name, said in entries(written.OPERATORS)} == known


def test_functions(postgres: psycopg.Connection) -> None:
    known: dict[str, set[str]] = {}
    for name, arguments, result, variadic, defaults in postgres.execute(
        "SELECT proname, array(SELECT t.typname FROM unnest(proargtypes) WITH ORDINALITY a(o, n)"
        " JOIN pg_type t ON t.oid = a.o ORDER BY n), r.typname, provariadic <> 0, pronargdefaults"
        " FROM pg_proc JOIN pg_type r ON r.oid = prorettype"
        " WHERE pronamespace = 'pg_catalog'::regnamespace"
    ):
        said = (
            ",".join(arguments) + ("*" if variadic else "") + (f"={defaults}" if defaults else "")
        )
        known.setdefault(name, set()).add(f"{said}>{result}")
    for name, said in entries(written.FUNCTIONS):
        assert set(said.split()) <= known[name], name


def test_postgres_reserves_no_other_words(postgres: psycopg.Connection) -> None:
    quoted = {
        word
        for (word,) in postgres.execute("SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'")
    }
    assert quoted <= RESERVED["postgres"]


def test_mariadb_reserves_no_other_words(mariadb_server: Server) -> None:
    with fresh_database(mariadb_server) as url:
        at = make_url(url)
        connection = pymysql.connect(
            user=at.username,
            password=at.password or "",
            host=at.host,
            unix_socket=at.query.get("unix_socket"),
            database=at.database,
            autocommit=True,
        )
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT word FROM information_schema.keywords")
            words = [word.lower() for (word,) in cursor.fetchall() if word.isidentifier()]
            refused = set()
            for word in words:
                try:
                    cursor.execute(f"SELECT {word} FROM (SELECT 1 AS {word}) AS t")
                except pymysql.MySQLError:
                    refused.add(word)
        finally:
            connection.close()
    # Words that MariaDB can tell from a column by what stands around them.
    assert refused - RESERVED["mysql"] <= {"rownum", "sysdate"}


def test_a_cast_that_is_asked_for_is_there_where_the_server_has_it(
    postgres: psycopg.Connection,
) -> None:
    kinds = sorted(KINDS)
    wrong = []
    for source in kinds:
        for target in kinds:
            asked = [one[1:] + "[]" if one[0] == "_" else one for one in (source, target)]
            try:
                postgres.execute(f"SELECT NULL::{asked[0]}::{asked[1]}")  # type: ignore[arg-type]
                there = True
            except psycopg.errors.CannotCoerce:
                there = False
            if coercion.can_cast(source, target) != there:
                wrong.append((source, target, there))
    assert wrong == []
