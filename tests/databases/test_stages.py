"""Stages one after another stand on one database as long as it can be brought along."""

from __future__ import annotations

import pytest

from schemaops.commands.rehearsal import Stage, Stages
from schemaops.database.connect import Database
from schemaops.database.failures import DatabaseFailure
from schemaops.sql.interpret import interpret
from tests.engines import Server

BASE = "CREATE TABLE t (id int PRIMARY KEY, n int);"


@pytest.fixture(params=["postgres_server", "mariadb_server"])
def server(request: pytest.FixtureRequest) -> Server:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Server)
    return found


def _name(stage: Stage) -> object:
    asked = {"postgres": "SELECT current_database()", "mysql": "SELECT database()"}
    return stage.connection.query(asked[stage.connection.dialect])[0][0]


def test_one_database_goes_along_while_it_has_no_rows(server: Server) -> None:
    url = server.url.render_as_string(hide_password=False)
    dialect = "postgres" if server.url.drivername.startswith("postgres") else "mysql"
    first = interpret(BASE, dialect=dialect).after
    second = interpret("ALTER TABLE t ADD COLUMN m int; CREATE TABLE u (id int);", first).after
    third = interpret("DROP TABLE u", second).after
    with Stages(url) as stages:
        with stages.holding(first) as stage:
            assert stage.schema == first
            begun = _name(stage)
            assert stage.rehearse("DROP TABLE t", {}).refused is None
        with stages.holding(second) as stage:
            assert (stage.schema, _name(stage)) == (second, begun)
            stage.rehearse("INSERT INTO t VALUES (1, 2, 3)", {})
        with stages.holding(third) as stage:
            assert stage.schema == third
            filled = _name(stage)
            assert filled != begun
            assert stage.rehearse("SELECT nothing FROM t", {}).refused is not None
        with pytest.raises(DatabaseFailure), stages.holding(third) as stage:
            assert _name(stage) == filled
            stage.connection.execute("CREATE TABLE left_behind (id int)")
            stage.connection.execute("CREATE TABLE left_behind (id int)")
        with stages.holding(third) as stage:
            assert stage.schema == third
            assert _name(stage) != filled
            last = Database(stage.connection.url)
    with pytest.raises(DatabaseFailure):
        last.connect()
