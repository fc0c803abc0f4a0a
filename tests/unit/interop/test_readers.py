from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.errors import SchemaOpsError
from schemaops.interop.base import (
    DiskFiles,
    ForeignFileAltered,
    ForeignHistory,
    MalformedForeignFile,
    NotSql,
    Settings,
    TwinMigrations,
    natural,
)
from schemaops.interop.flyway import flyway_checksum, flyway_version
from schemaops.interop.formats import UnknownFormat, detected, format_named
from schemaops.interop.sqitch import SQITCH

FIXTURES = Path(__file__).parents[3] / "fixtures" / "interop"


def files(folder: Path, contents: dict[str, str]) -> DiskFiles:
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return DiskFiles(folder, "m")


def read(found: DiskFiles, **settings: object) -> ForeignHistory:
    return detected(found).read(found, Settings(**settings))  # type: ignore[arg-type]


FIVE = ["1", "2", "3", "3.1", "R__big_orders"]
TIMES = [f"2024010{day}120000" for day in range(1, 5)]
NAMES = ["add_customers", "add_orders", "add_orders_note", "add_orders_trigger"]


@pytest.mark.parametrize(
    ("tool", "ids", "downs"),
    [
        ("golang-migrate", ["1", "2", "3", "4"], 4),
        ("goose", ["1", "2", "3", "4"], 4),
        ("sql-migrate", [f"{n}_{name}.sql" for n, name in enumerate(NAMES, 1)], 4),
        ("dbmate", TIMES, 4),
        ("diesel", TIMES, 4),
        ("sqlx", TIMES, 4),
        ("flyway", FIVE, 1),
        ("prisma", [f"{time}_{name}" for time, name in zip(TIMES, NAMES, strict=True)], 0),
        ("atlas", TIMES, 0),
        (
            "folder",
            ["1-add-customers", "2-add-orders", "3-add-orders_note", "4-add-orders_trigger"],
            4,
        ),
    ],
)
def test_a_sample_project_of_each_tool_is_detected_and_read(
    tool: str, ids: list[str], downs: int
) -> None:
    found = DiskFiles(FIXTURES / tool, tool)
    assert detected(found).name == tool
    history = read(found)
    assert [one.id for one in history.migrations] == ids
    assert [one.parents for one in history.migrations] == [(), *((one,) for one in ids[:-1])]
    assert sum(one.down is not None for one in history.migrations) == downs


def test_a_plan_of_sqitch_gives_the_ids_that_sqitch_computes() -> None:
    found = DiskFiles(FIXTURES / "sqitch", "sqitch")
    history = SQITCH.read(found, Settings())
    registry = (FIXTURES / "databases" / "sqitch-registry.sql").read_text()
    assert history.dialect == "sqlite"
    assert len(history.migrations) == 4
    assert all(f"INSERT INTO changes VALUES('{one.id}'" in registry for one in history.migrations)
    reworked = history.migrations[2]
    assert reworked.up.file.endswith("deploy/big_orders@v2.sql")
    assert history.migrations[0].author == "Ada <ada@example.org>"


def test_liquibase_keeps_order_authors_and_rollbacks_and_leaves_other_databases_out() -> None:
    history = read(DiskFiles(FIXTURES / "liquibase", "liquibase"), dialect="sqlite")
    assert [one.id for one in history.migrations] == [
        "ada::customers::shop.sql",
        "ada::orders::shop.sql",
        "ada::note::changelog.xml",
        "grace::spent::triggers/spent.sql",
    ]
    downs = [one.down.text.strip() for one in history.migrations if one.down]
    assert downs[0] == "DROP TABLE customers;"
    assert downs[3] == "DROP TRIGGER orders_spent;"
    assert "//" not in history.migrations[3].up.text


def test_a_changelog_in_yaml_or_json_is_read_as_one_in_xml(tmp_path: Path) -> None:
    yaml = """
databaseChangeLog:
  - changeSet:
      id: 1
      author: ada
      changes:
        - sql: {sql: "CREATE TABLE a (id INT)"}
      rollback: DROP TABLE a
  - include: {file: more.json, relativeToChangelogFile: true}
"""
    json = (
        '{"databaseChangeLog": [{"changeSet": {"id": "2", "author": "ada",'
        ' "changes": [{"sql": {"sql": "CREATE TABLE b (id INT)"}}]}}]}'
    )
    found = files(tmp_path, {"changelog.yaml": yaml, "more.json": json})
    history = read(found)
    assert [one.id for one in history.migrations] == [
        "ada::1::changelog.yaml",
        "ada::2::more.json",
    ]
    first = history.migrations[0]
    assert first.down is not None
    assert first.down.text == "DROP TABLE a"


def test_a_whole_schema_stands_for_its_versions() -> None:
    history = read(DiskFiles(FIXTURES / "structure", "structure"))
    (whole,) = history.migrations
    assert whole.whole
    assert (whole.id, whole.stands_for) == ("20240102120000", ("20240101120000",))
    assert "INSERT" not in whole.up.text


def test_numbers_are_compared_as_numbers() -> None:
    assert sorted(["V10__a", "V2__b", "V9__c"], key=natural) == ["V2__b", "V9__c", "V10__a"]
    assert flyway_version("1.0") == flyway_version("1") < flyway_version("1.0.1")
    assert flyway_version("1_2") == flyway_version("1.2") < flyway_version("1.10")


def test_a_sum_of_flyway_is_the_same_whatever_ends_the_lines() -> None:
    assert flyway_checksum(b"a\nb\n") == flyway_checksum(b"a\r\nb\r\n")
    assert flyway_checksum(b"\xef\xbb\xbfa") == flyway_checksum(b"a")
    assert flyway_checksum(b"a") != flyway_checksum(b"b")


def test_a_statement_of_goose_that_ends_in_no_semicolon_is_given_one(tmp_path: Path) -> None:
    text = (
        "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a (id INT) -- a\n"
        "-- +goose StatementEnd\nCREATE TABLE b (id INT);\n-- +goose Down\nDROP TABLE b;\n"
    )
    history = read(files(tmp_path, {"1_a.sql": text}))
    up = history.migrations[0].up
    assert "-- a\n;" in up.text
    assert up.line == 2
    down = history.migrations[0].down
    assert down is not None
    assert (down.text, down.line) == ("DROP TABLE b;\n", 7)


def test_names_of_ways_back_and_of_dialects_in_a_plain_folder(tmp_path: Path) -> None:
    found = files(
        tmp_path,
        {
            "001_a.postgres.up.sql": "SELECT 1",
            "001_a.mysql.up.sql": "SELECT 2",
            "001_a.postgres.down.sql": "SELECT 3",
            "up/002_b.sql": "SELECT 4",
            "down/002_b.sql": "SELECT 5",
            "10_c_rollback.sql": "SELECT 7",
            "10_c.sql": "SELECT 6",
        },
    )
    history = format_named("folder").read(found, Settings(dialect="postgres"))
    ways = {
        one.id: (one.up.text, one.down.text if one.down else None) for one in history.migrations
    }
    assert ways == {
        "001_a": ("SELECT 1", "SELECT 3"),
        "10_c": ("SELECT 6", "SELECT 7"),
        "002_b": ("SELECT 4", "SELECT 5"),
    }


@pytest.mark.parametrize(
    ("contents", "error", "words"),
    [
        (
            {"V1__a.sql": "SELECT 1", "V1_0__b.sql": "SELECT 1"},
            TwinMigrations,
            "version 1 is also that of m/V1__a.sql",
        ),
        ({"V1__a.sql": "SELECT '${who}'"}, MalformedForeignFile, "the placeholder"),
        ({"1_a.sql": "-- +goose Down\nSELECT 1"}, MalformedForeignFile, "no `-- \\+goose Up`"),
        (
            {"1_a.sql": "-- +goose Up\n-- +goose StatementBegin\nSELECT 1"},
            MalformedForeignFile,
            "no `StatementEnd`",
        ),
        ({"1_a.sql": "-- +goose Up\nSELECT 1", "2_b.go": "package m"}, NotSql, "written in Go"),
        (
            {"atlas.sum": "h1:x\n1_a.sql h1:y\n", "1_a.sql": "SELECT 1"},
            ForeignFileAltered,
            "not the one of",
        ),
        ({"readme.md": "nothing"}, UnknownFormat, "does not look like"),
        (
            {"changelog.xml": "<databaseChangeLog><include file='no.sql'/></databaseChangeLog>"},
            MalformedForeignFile,
            "there is no file no.sql",
        ),
        (
            {
                "changelog.xml": "<databaseChangeLog><changeSet id='1' author='a'>"
                "<createTable/></changeSet></databaseChangeLog>"
            },
            NotSql,
            "`createTable`, which is not SQL",
        ),
    ],
)
def test_what_the_tool_would_not_take_is_an_error(
    tmp_path: Path, contents: dict[str, str], error: type[SchemaOpsError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read(files(tmp_path, contents))


def test_a_placeholder_takes_the_value_that_is_given(tmp_path: Path) -> None:
    found = files(tmp_path, {"V1__a.sql": "CREATE TABLE ${name} (id INT);"})
    history = read(found, values={"name": "shop"})
    assert history.migrations[0].up.text == "CREATE TABLE shop (id INT);"


def test_an_unknown_format_is_met_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFormat, match="did you mean flyway"):
        format_named("flywya")


@pytest.mark.parametrize("tool", ["diesel", "flyway", "folder"])
def test_folders_meant_for_other_dialects_are_left_out(tmp_path: Path, tool: str) -> None:
    name = {"diesel": "2024-01-01_a/up.sql", "flyway": "V1__a.sql", "folder": "1-a.sql"}[tool]
    found = files(tmp_path, {f"{one}/{name}": f"-- {one}" for one in ("mysql", "postgresql")})
    history = format_named(tool).read(found, Settings(dialect="postgres"))
    assert [one.up.text for one in history.migrations] == ["-- postgresql"]
