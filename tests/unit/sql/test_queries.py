"""Queries and data statements: what they select, write, read and mention."""

from __future__ import annotations

import pytest

from schemaops.names import Name
from schemaops.operations.rows import NOT_LITERAL
from schemaops.sql.lexer import DIALECTS
from schemaops.sql.queries import Query, RowStatement, query, row_statement
from schemaops.sql.scope import NotUnderstood, Scope, Wrong
from tests.databases.normal_forms import Names

TABLES = {
    "users": {"id": "bigint", "email": "varchar(50)", "name": "text"},
    "orders": {"id": "int", "user_id": "bigint", "total": "decimal(10,2)"},
}
SCOPES = {dialect: Scope(Names(dialect, TABLES)) for dialect in DIALECTS}


def read(text: str, dialect: str = "postgres") -> Query:
    return query(text, dialect, SCOPES[dialect])


def rows(text: str, dialect: str = "postgres") -> RowStatement:
    return row_statement(text, dialect, SCOPES[dialect])


def names(found: Query) -> list[str]:
    return [str(output.name) for output in found.outputs]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * FROM users", ["id", "email", "name"]),
        (
            "SELECT u.*, o.total FROM users u JOIN orders o ON true",
            ["id", "email", "name", "total"],
        ),
        ("SELECT o.*, u.id AS uid FROM orders o, users u", ["id", "user_id", "total", "uid"]),
        ("SELECT * FROM orders JOIN users USING (id)", ["id", "user_id", "total", "email", "name"]),
        ("SELECT * FROM orders NATURAL JOIN users", ["id", "user_id", "total", "email", "name"]),
        ("WITH x AS (SELECT id AS a FROM users) SELECT * FROM x", ["a"]),
        ("WITH x(a, b) AS (SELECT id, name FROM users) SELECT b, a FROM x", ["b", "a"]),
        ("SELECT id FROM users UNION SELECT user_id FROM orders", ["id"]),
        ("SELECT d.n FROM (SELECT count(*) AS n FROM orders) AS d", ["n"]),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t",
            ["n"],
        ),
    ],
)
def test_what_a_query_selects(dialect: str, text: str, columns: list[str]) -> None:
    found = read(text, dialect)
    assert names(found) == columns
    assert found.complete
    assert found.reading.understood
    assert not found.reading.problems


@pytest.mark.parametrize(
    ("dialect", "item", "name"),
    [
        ("postgres", "count(*)", "count"),
        ("postgres", "email::text", "email"),
        ("postgres", "'x'::varchar", "varchar"),
        ("postgres", "1", "?column?"),
        ("postgres", "CASE WHEN true THEN 1 ELSE id END", "id"),
        ("postgres", "CASE WHEN true THEN 1 END", "case"),
        ("postgres", "(SELECT max(total) FROM orders)", "max"),
        ("postgres", "EXISTS (SELECT 1)", "exists"),
        ("postgres", "now() AT TIME ZONE 'utc'", "timezone"),
        ("postgres", "extract(year from now())", "extract"),
        ("postgres", "ARRAY[1]", "array"),
        ("postgres", "true", "?column?"),
        ("mysql", "count(*)", "count(*)"),
        ("mysql", "id+1", "id+1"),
        ("mysql", "'x'", "x"),
        ("mysql", "(email)", "email"),
        ("sqlite", "count(*)", "count(*)"),
        ("sqlite", "id + 1", "id + 1"),
        ("sqlite", "users.email", "email"),
    ],
)
def test_what_a_column_is_called(dialect: str, item: str, name: str) -> None:
    assert names(read(f"SELECT {item} FROM users", dialect)) == [name]


def test_columns_of_a_view_are_renamed() -> None:
    found = query("SELECT id, email FROM users", "postgres", SCOPES["postgres"], (Name("a"),))
    assert names(found) == ["a", "email"]


def test_outputs_know_their_types_and_sources() -> None:
    found = read("SELECT id, count(*) AS n, email || 'x', total FROM users JOIN orders USING (id)")
    assert [str(o.type) for o in found.outputs] == ["bigint", "bigint", "text", "numeric"]
    assert [str(o.source) for o in found.outputs][::3] == ["public.users.id", "public.orders.total"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT id FROM users", "SELECT users.id FROM users"),
        ("SELECT id FROM users", "SELECT u.id FROM public.users AS u"),
        ("SELECT * FROM users", "SELECT id, email, name FROM users"),
        ("SELECT id AS id FROM users ORDER BY id", "SELECT id FROM users ORDER BY 1"),
        (
            "SELECT id FROM users u JOIN orders USING (id)",
            "SELECT id FROM users INNER JOIN orders USING (id)",
        ),
        (
            "SELECT email = 'x' AS e FROM users",
            "SELECT ((email)::text = 'x'::text) AS e FROM users",
        ),
        (
            "SELECT count(*) FROM users GROUP BY name",
            "SELECT count(*) AS count FROM users GROUP BY users.name",
        ),
        ("TABLE users", "SELECT * FROM users"),
        (
            "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders, users)",
            (
                "SELECT users.id FROM users WHERE (users.id IN"
                " (SELECT orders.user_id FROM orders, users users_1))"
            ),
        ),
    ],
)
def test_one_query_has_one_form(one: str, other: str) -> None:
    assert read(one).expression == read(other).expression


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT id FROM users", "SELECT id AS i FROM users"),
        ("SELECT id FROM users", "SELECT id FROM orders"),
        ("SELECT id FROM users", "SELECT DISTINCT id FROM users"),
        ("SELECT a.id FROM users a, users b", "SELECT b.id FROM users a, users b"),
        (
            "SELECT id FROM users UNION SELECT id FROM orders",
            "SELECT id FROM users UNION ALL SELECT id FROM orders",
        ),
        (
            "SELECT u.id FROM users u LEFT JOIN orders o ON true",
            "SELECT u.id FROM users u JOIN orders o ON true",
        ),
        ("SELECT name FROM users ORDER BY name", "SELECT name FROM users ORDER BY name DESC"),
        ("SELECT name FROM users LIMIT 1", "SELECT name FROM users LIMIT 2"),
        ("SELECT sum(id) OVER (ORDER BY id) FROM users", "SELECT sum(id) OVER () FROM users"),
        (
            "SELECT id FROM users UNION SELECT id FROM orders INTERSECT SELECT 1",
            "(SELECT id FROM users UNION SELECT id FROM orders) INTERSECT SELECT 1",
        ),
    ],
)
def test_two_queries_have_two_forms(one: str, other: str) -> None:
    assert read(one).reading.understood
    assert read(other).reading.understood
    assert read(one).expression != read(other).expression


def test_sqlite_looks_a_star_up_anew() -> None:
    star = read("SELECT * FROM users", "sqlite")
    assert star.expression != read("SELECT id, email, name FROM users", "sqlite").expression
    assert star.expression == read("select  *  from users", "sqlite").expression


@pytest.mark.parametrize("dialect", DIALECTS)
def test_mentions_and_holes_of_a_query(dialect: str) -> None:
    text = (
        "SELECT u.email, /* users */ orders.total FROM users u JOIN orders ON orders.user_id = u.id"
        " WHERE u.email <> 'u.email'"
    )
    found = read(text, dialect)
    mentioned = [text[m.start : m.end] for m in found.reading.mentions]
    assert mentioned == [
        *("email", "orders", "total", "users", "orders", "orders", "user_id", "id", "email")
    ]
    assert found.expression.text(lambda at: at.name) == text
    assert {at.name for at in found.reading.relations} == {"users", "orders"}


def test_what_a_query_cannot_find() -> None:
    (problem,) = read("SELECT id FROM nowhere").reading.problems
    assert (problem.wrong, problem.name) == (Wrong.RELATION, "nowhere")
    assert not read("SELECT * FROM nowhere").complete
    (problem,) = read("SELECT u.missing FROM users u").reading.problems
    assert (problem.wrong, problem.name) == (Wrong.COLUMN, "u.missing")
    (problem,) = read("SELECT users.id FROM users u").reading.problems
    assert problem.wrong is Wrong.COLUMN
    (problem,) = read("SELECT id FROM users, orders").reading.problems
    assert problem.wrong is Wrong.AMBIGUOUS


@pytest.mark.parametrize(
    "relation", ["pg_class", "information_schema.tables", "pg_catalog.pg_type"]
)
def test_the_servers_own_relations_are_no_problem(relation: str) -> None:
    assert not read(f"SELECT x FROM {relation}").reading.problems


def test_a_query_that_is_not_understood_says_so() -> None:
    found = read("SELECT * FROM users, XMLTABLE('a' PASSING b COLUMNS c int)")
    assert not found.complete
    assert not found.reading.understood
    assert {at.name for at in found.reading.relations} == {"users"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_insert_of_literals(dialect: str) -> None:
    found = rows(
        "INSERT INTO users (id, email) VALUES (1, 'it''s'), (-2, NULL), (3, lower('X'))", dialect
    )
    assert (found.verb, found.table.name, found.positional) == ("insert", "users", False)
    assert [at.name for at in found.columns] == ["id", "email"]
    assert found.values == ((1, "it's"), (-2, None), (3, NOT_LITERAL))
    assert found.conflict is None
    assert not found.reading.columns


@pytest.mark.parametrize("dialect", DIALECTS)
def test_insert_by_position_and_from_a_query(dialect: str) -> None:
    found = rows("INSERT INTO users VALUES (1, 'a')", dialect)
    assert found.positional
    assert [at.name for at in found.columns] == ["id", "email"]
    found = rows("INSERT INTO users SELECT id, 'x', total FROM orders WHERE user_id > 1", dialect)
    assert [at.name for at in found.columns] == ["id", "email", "name"]
    assert {at.name for at in found.reading.columns} == {"id", "total", "user_id"}
    assert {at.name for at in found.reading.relations} == {"users", "orders"}
    assert found.values is None


@pytest.mark.parametrize(
    ("dialect", "text", "conflict", "updated"),
    [
        ("postgres", "INSERT INTO users (id) VALUES (1) ON CONFLICT DO NOTHING", "nothing", []),
        (
            "postgres",
            (
                "INSERT INTO users AS u (id) VALUES (1) ON CONFLICT (id) WHERE id > 1"
                " DO UPDATE SET name = excluded.name || u.name WHERE u.id > 2"
            ),
            "update",
            ["name"],
        ),
        ("sqlite", "INSERT OR IGNORE INTO users (id) VALUES (1)", "nothing", []),
        ("sqlite", "REPLACE INTO users (id) VALUES (1)", "replace", []),
        ("mysql", "INSERT IGNORE INTO users (id) VALUES (1)", "nothing", []),
        ("mysql", "REPLACE users (id) VALUES (1)", "replace", []),
        (
            "mysql",
            "INSERT INTO users (id, name) VALUES (1, 'a') ON DUPLICATE KEY UPDATE name = VALUES(name)",
            "update",
            ["name"],
        ),
    ],
)
def test_what_an_insert_does_about_rows_that_exist(
    dialect: str, text: str, conflict: str, updated: list[str]
) -> None:
    found = rows(text, dialect)
    assert found.conflict == conflict
    assert [at.name for at in found.updated] == updated
    assert not found.problems


def test_other_ways_to_insert() -> None:
    found = rows("INSERT INTO users DEFAULT VALUES")
    assert (found.columns, found.values, found.positional) == ((), None, False)
    found = rows("INSERT INTO users SET id = 1, email = 'a'", "mysql")
    assert found.values == ((1, "a"),)
    found = rows("WITH x AS (SELECT id FROM orders) INSERT INTO users (id) SELECT id FROM x")
    assert {at.name for at in found.reading.relations} == {"users", "orders"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_update(dialect: str) -> None:
    text = (
        "UPDATE users SET email = lower(name), name = 'x' WHERE id IN (SELECT user_id FROM orders)"
    )
    found = rows(text, dialect)
    assert found.verb == "update"
    assert [at.name for at in found.columns] == ["email", "name"]
    assert [(at.name, value.text(lambda h: h.name)) for at, value in found.sets] == [
        ("email", "lower(name)"),
        ("name", "'x'"),
    ]
    assert found.where is not None
    assert found.where.text(lambda at: at.name) == text[text.index("id IN") :]
    assert {str(at).split(".")[-1] for at in found.reading.columns} == {"name", "id", "user_id"}
    assert found.reading.expression.text(lambda at: at.name) == text


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (
            "postgres",
            "UPDATE users AS u SET name = o.id::text FROM orders o WHERE o.user_id = u.id",
        ),
        ("sqlite", "UPDATE users SET name = o.id FROM orders o WHERE o.user_id = users.id"),
        ("mysql", "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.name = o.id"),
        ("mysql", "UPDATE orders o, users SET users.name = o.id WHERE o.user_id = users.id"),
        ("postgres", "UPDATE users SET (name, email) = (SELECT 'a', 'b') WHERE id = 1"),
        ("postgres", "UPDATE users SET (name, email) = ('a', 'b')"),
    ],
)
def test_forms_of_update(dialect: str, text: str) -> None:
    found = rows(text, dialect)
    assert found.table.name == "users"
    assert "name" in [at.name for at in found.columns]
    assert not found.problems


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("postgres", "DELETE FROM users WHERE id = 1"),
        ("postgres", "DELETE FROM users u USING orders o WHERE o.user_id = u.id RETURNING u.*"),
        ("sqlite", "DELETE FROM users WHERE id NOT IN (SELECT user_id FROM orders)"),
        ("mysql", "DELETE u FROM users u JOIN orders o ON o.user_id = u.id"),
        ("mysql", "DELETE FROM users USING users JOIN orders o ON o.user_id = users.id"),
        ("mysql", "DELETE FROM users ORDER BY id LIMIT 3"),
    ],
)
def test_forms_of_delete(dialect: str, text: str) -> None:
    found = rows(text, dialect)
    assert (found.verb, found.table.name, found.columns) == ("delete", "users", ())
    assert not found.problems
    for mention in found.mentions:
        assert text[mention.start : mention.end] in mention.address.path[-1]


def test_truncate() -> None:
    assert rows("TRUNCATE TABLE users RESTART IDENTITY").verb == "truncate"


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("postgres", "TRUNCATE users CASCADE"),
        ("mysql", "DELETE u, x FROM users u JOIN orders o ON true"),
        ("sqlite", "TRUNCATE users"),
        ("postgres", "CREATE TABLE x (a int)"),
        ("postgres", "UPDATE users SET name = 'a' WHERE CURRENT OF c"),
    ],
)
def test_what_is_not_understood_is_not_guessed(dialect: str, text: str) -> None:
    with pytest.raises(NotUnderstood):
        rows(text, dialect)


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE users u, orders o SET u.name = 'a', o.total = 1 WHERE o.user_id = u.id",
        "DELETE u, o FROM users u JOIN orders o ON o.user_id = u.id",
    ],
)
def test_mysql_writes_the_rows_of_several_tables_at_once(text: str) -> None:
    read = rows(text, "mysql")
    (first,) = read.besides
    assert (first.table.name, read.table.name) == ("users", "orders")
    assert first.verb == read.verb
    if read.verb == "update":
        written = [at.name for one in (first, read) for at in one.columns]
        assert written == ["name", "total"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("INSERT INTO users (missing) VALUES (1)", "missing"),
        ("UPDATE users SET missing = 1", "missing"),
        ("UPDATE users SET name = missing", "missing"),
        ("DELETE FROM users WHERE missing = 1", "missing"),
        ("INSERT INTO nowhere VALUES (1)", "nowhere"),
    ],
)
def test_what_a_data_statement_cannot_find(text: str, name: str) -> None:
    assert [problem.name for problem in rows(text).problems] == [name]


def test_the_same_statement_in_another_layout_is_the_same() -> None:
    one = rows("UPDATE users SET name = 'x' WHERE id = 1").reading.expression
    other = rows("update  users\nset NAME='x' -- why\nwhere ID = 1;").reading.expression
    assert one == other
    assert one != rows("UPDATE users SET name = 'X' WHERE id = 1").reading.expression
