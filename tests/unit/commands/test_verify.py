"""Migrations on a scratch database: what was read of them is what happens, and back again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from schemaops.history.format import from_bytes, to_bytes
from schemaops.history.revision import file_name, revision_id
from tests.engines import Server
from tests.projects import Project

CUSTOMERS = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL)"
ORDERS = """
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers (id), total INTEGER
);
CREATE INDEX orders_customer ON orders (customer)
"""
SEED = "INSERT INTO customers (id, name) VALUES (1, 'Ada')"
ORDER = "INSERT INTO orders (id, customer, total) VALUES (1, 1, 5)"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project.begun(tmp_path_factory.mktemp("begun") / "shop")
    for message, sql in (("Customers", CUSTOMERS), ("Orders", ORDERS), ("Seed", SEED)):
        project.seal(message, sql)
    return project.folder


@pytest.fixture
def shop(begun: Path, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(begun, tmp_path / "shop")))


def verified(project: Project, *words: str, code: int = 0) -> list[dict[str, Any]]:
    found = project.json("verify", *words, code=code)
    assert found["format"] == "schemaops.verify/1"
    return list(found["migrations"])


def verdicts(project: Project, *words: str, code: int = 0) -> list[tuple[str, str]]:
    return [(one["interpreted"], one["reversal"]) for one in verified(project, *words, code=code)]


def reseal(project: Project, **facts: Any) -> None:
    """Put another head in the place of the last revision, as nobody could seal it."""
    folder = project.folder / ".schemaops" / "revisions"
    (head,) = project.heads()
    (file,) = folder.glob(f"{head[:12]}-*")
    made = replace(from_bytes(file.read_bytes()), **facts)
    file.unlink()
    data = to_bytes(made)
    (folder / file_name(revision_id(data), made)).write_bytes(data)


def test_what_is_right_is_equal_and_exact(shop: Project) -> None:
    entries = verified(shop)
    assert all(
        {"revision", "interpreted", "reversal", "differences"} <= set(one) for one in entries
    )
    # The tables that the last one touches are given rows, and they are there again.
    assert [one["rows"] for one in entries] == ["none", "restored", "restored"]
    assert [one["twice"] for one in entries] == [True] * 3
    assert verdicts(shop) == [("equal", "exact")] * 3
    assert "verified 3 migrations on sqlite" in shop("verify")


def test_a_range_is_verified_from_where_it_begins(shop: Project) -> None:
    shop.seal("Order", ORDER)
    whole = [one["revision"] for one in verified(shop)]
    assert [one["revision"] for one in verified(shop, f"{whole[1][:12]}..@")] == whole[2:]
    # The row that the order needs is older than the range, and so is in no rendered schema.
    assert verdicts(shop, f"{whole[2][:12]}..@") == [("equal", "exact")]
    assert verified(shop, "@..@") == []
    assert "no migrations" in shop("verify", "@..@")
    assert "error[SO415]" in shop("verify", "main", code=2)


@pytest.mark.parametrize(
    ("facts", "verdict", "said"),
    [
        (
            {"down": "DELETE FROM customers;\nDROP INDEX orders_customer;\n"},
            ("equal", "differs"),
            "down: drop index orders_customer",
        ),
        ({"down": "DROP TABLE nowhere;\n"}, ("equal", "fails"), "down: `DROP TABLE nowhere` is"),
        ({"down": None, "down_generated": False}, ("equal", "irreversible"), None),
        # It runs once, and not again on what its way back leaves behind.
        ({"down": "-- nothing to undo\n"}, ("equal", "fails"), "up again: `INSERT"),
        ({"up": "INSERT INTO orders VALUES (1, 7, 1);\n"}, ("differs", "fails"), "up: `INSERT"),
    ],
)
def test_what_is_wrong_is_told(
    shop: Project, facts: dict[str, Any], verdict: tuple[str, str], said: str | None
) -> None:
    reseal(shop, **facts)
    *before, last = verified(shop, code=0 if said is None else 1)
    assert [(one["interpreted"], one["reversal"]) for one in before] == [("equal", "exact")] * 2
    assert (last["interpreted"], last["reversal"]) == verdict
    assert [one.startswith(said or "") for one in last["differences"]] == [True] * bool(said)


def test_an_effect_that_is_not_what_happens_differs(shop: Project) -> None:
    wrong = "-- effect: CREATE TABLE logs (id INTEGER PRIMARY KEY)\nPRAGMA user_version = 7"
    shop("commit", "-m", "Version", "--sql", wrong, "--no-rehearsal")
    (last,) = verified(shop, "@~1..@", code=1)
    assert last["interpreted"] == "differs"
    assert "up: drop table logs" in last["differences"]


def test_every_section_of_a_merge_is_gone_from_its_own_parent(shop: Project) -> None:
    shop.git("switch", "--quiet", "--create", "topic")
    shop.seal("Notes", "ALTER TABLE customers ADD COLUMN note TEXT")
    shop.git("switch", "--quiet", "main")
    shop.seal("Names", "ALTER TABLE customers RENAME COLUMN name TO full_name")
    shop("merge", "topic")
    shop.git("commit", "--quiet", "--no-edit")
    assert verdicts(shop) == [("equal", "exact")] * 6
    reseal(shop, fingerprint=None, sections=_without_ways(shop))
    merge = verified(shop, code=1)[-1]
    assert merge["interpreted"] == "equal"
    assert merge["reversal"] == "fails"
    assert {one.partition(": ")[0] for one in merge["differences"]} == {
        f"from {parent[:12]}" for parent in _merge(shop).parents
    }


def _merge(project: Project) -> Any:
    (head,) = project.heads()
    (file,) = (project.folder / ".schemaops" / "revisions").glob(f"{head[:12]}-*")
    return from_bytes(file.read_bytes())


def _without_ways(project: Project) -> tuple[Any, ...]:
    def broken(section: Any) -> Any:
        (piece,) = section.down
        down = type(piece)(piece.of, piece.kept, "DROP TABLE nowhere;\n")
        return type(section)(section.parent, section.up, (down,))

    return tuple(map(broken, _merge(project).sections))


def test_where_an_environment_is_lossless_the_rows_come_back_too(shop: Project) -> None:
    shop("env", "add", "production", "--url", "$PRODUCTION_URL", "--protected")
    shop.seal("Order", ORDER)
    shop.seal("No names", "UPDATE customers SET name = 'nobody'")
    shop.seal("No orders", "DROP TABLE orders")
    assert verdicts(shop) == [("equal", "exact")] * 6


def test_rows_that_a_trigger_wrote_go_again_in_lossless_mode(shop: Project) -> None:
    shop("env", "add", "production", "--url", "$PRODUCTION_URL", "--protected")
    shop.seal("Log", "CREATE TABLE log (id INTEGER PRIMARY KEY, said TEXT)")
    logs = (
        "CREATE TRIGGER logs AFTER DELETE ON customers BEGIN"
        " INSERT INTO log (said) VALUES (old.name); END"
    )
    shop.seal("Logs", logs)
    shop.seal("Nobody", "DELETE FROM customers WHERE id = 1")
    found = verified(shop)
    assert [one["reversal"] for one in found] == ["exact"] * 6
    assert [one["differences"] for one in found] == [[]] * 6


def test_a_written_down_is_told_where_it_falls_short_object_by_object(shop: Project) -> None:
    reseal(shop, down="DROP INDEX orders_customer;\nDELETE FROM customers;\n", down_generated=False)
    last = verified(shop, code=1)[-1]
    assert last["written"]["generated"] == ["DELETE FROM customers WHERE id = 1"]
    assert [
        (one["what"], one["kind"], one["address"]) for one in last["written"]["shortfalls"]
    ] == [("missing", "index", "orders_customer")]
    printed = shop("verify", code=1)
    assert "shortfall: index orders_customer on orders (customer) is not there again" in printed
    assert "the generated way back restores it:" in printed


def test_rows_are_put_into_tables_and_come_back(shop: Project) -> None:
    check = "ALTER TABLE orders ADD COLUMN state TEXT CHECK (state IN ('open', 'paid'))"
    shop.seal("State", check)
    shop.seal("No totals", "ALTER TABLE orders DROP COLUMN total")
    shop.seal("A reference", "ALTER TABLE orders ADD COLUMN code TEXT NOT NULL DEFAULT 'x'")
    found = verified(shop)[-3:]
    assert [one["rows"] for one in found] == ["restored"] * 3
    assert [one["notes"] for one in found] == [[]] * 3
    # SQLite asks for a default where there are rows, and for none where there are not.
    shop.seal("Needed", "CREATE UNIQUE INDEX one_state ON orders (state)")
    assert verified(shop, "@~1..@")[0]["rows"] in ("restored", "refused")


def test_several_databases_beside_each_other_say_the_same(shop: Project) -> None:
    shop.seal("Note", "ALTER TABLE customers ADD COLUMN note TEXT")
    alone = shop.json("verify")
    beside = shop.json("verify", "--jobs", "2")
    assert (alone["jobs"], beside["jobs"]) == (1, 2)
    for one in (*alone["migrations"], *beside["migrations"]):
        assert one.pop("seconds") >= 0
    assert beside["migrations"] == alone["migrations"]


def test_junit_has_a_case_a_migration(shop: Project) -> None:
    reseal(shop, down="DROP TABLE nowhere;\n")
    shop("verify", "--junit", "found.xml", code=1)
    (suite,) = ET.parse(shop.folder / "found.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    cases = suite.findall("testcase")
    assert [one.find("failure") is not None for one in cases] == [False, False, True]
    failure = cases[-1].find("failure")
    assert failure is not None
    assert (failure.get("message") or "").startswith("down: `DROP TABLE nowhere` is refused")
    assert "error[SO740]" in shop("verify", "--junit", "no/such/found.xml", code=3)


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_on_servers(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    name = {"postgres": "postgres_server", "mysql": "mariadb_server"}[dialect]
    server: Server = request.getfixturevalue(name)
    url = server.url.set(drivername={"postgres": "postgresql"}.get(dialect, dialect))
    project = Project(tmp_path / "shop")
    project.folder.mkdir()
    project("init", "--dialect", dialect)
    where = url.render_as_string(hide_password=False)
    for message, sql in (("Customers", CUSTOMERS), ("Orders", ORDERS), ("Seed", SEED)):
        project("commit", "-m", message, "--sql", sql)
    project("commit", "-m", "Rename", "--sql", "ALTER TABLE customers RENAME TO people")
    assert verdicts(project, "--scratch", where) == [("equal", "exact")] * 4


def test_what_the_server_lacks_is_said_and_the_rest_is_verified(
    tmp_path: Path, postgres_server: Server
) -> None:
    project = Project(tmp_path / "shop")
    project.folder.mkdir()
    project("init", "--dialect", "postgres")
    for message, sql in (
        ("Extension", "CREATE EXTENSION nobody_has_this"),
        ("Customers", CUSTOMERS),
        ("Orders", ORDERS),
    ):
        project("commit", "-m", message, "--sql", sql, "--no-rehearsal")
    url = postgres_server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    found = project.json("verify", "--scratch", url, code=1)
    assert [(one["interpreted"], one["reversal"]) for one in found["migrations"]] == [
        ("differs", "fails"),
        ("equal", "exact"),
        ("equal", "exact"),
    ]
    (lacking,) = found["lacking"]
    assert lacking.startswith("`CREATE EXTENSION nobody_has_this` is refused")


def test_rows_that_do_not_come_back_are_told(tmp_path: Path, postgres_server: Server) -> None:
    project = Project(tmp_path / "shop")
    project.folder.mkdir()
    project("init", "--dialect", "postgres")
    # What a default does besides giving a value, no statement tells.
    empty = """CREATE FUNCTION emptied() RETURNS int LANGUAGE plpgsql AS
    $$ BEGIN DELETE FROM orders; RETURN 1; END $$"""
    for message, sql in (
        ("Customers", CUSTOMERS),
        ("Orders", ORDERS),
        ("Seed", SEED),
        ("Order", ORDER),
        ("Emptied", empty),
        ("Code", "ALTER TABLE customers ADD COLUMN code int DEFAULT emptied()"),
    ):
        project("commit", "-m", message, "--sql", sql)
    url = postgres_server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    project("env", "add", "production", "--url", "$PRODUCTION_URL", "--protected")
    last = project.json("verify", "@~1..@", "--scratch", url, code=1)["migrations"][-1]
    assert (last["interpreted"], last["reversal"], last["rows"]) == ("equal", "differs", "differs")
    (said,) = last["differences"]
    assert said.startswith("lossless rows of public.orders: 1 only before, such as (")
    assert said in project("verify", "@~1..@", "--scratch", url, code=1)


def test_a_dialect_without_a_scratch_database_says_which_setting_helps(tmp_path: Path) -> None:
    project = Project(tmp_path / "shop")
    project.folder.mkdir()
    project("init", "--dialect", "mysql")
    project("commit", "-m", "Customers", "--sql", CUSTOMERS)
    project("commit", "-m", "Orders", "--sql", ORDERS)
    assert "error[SO613]" in project("verify", code=3)
    assert "error[SO613]" in project("verify", "--jobs", "2", code=3)
