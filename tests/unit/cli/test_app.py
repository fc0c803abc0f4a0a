from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemaops.cli import app, failures
from schemaops.cli.app import COMMANDS, command_named, run
from schemaops.errors import Cause, Place, SchemaOpsError
from tests.unit.commands.project import Project


def _modules(*arguments: str) -> set[str]:
    code = f"import sys; from schemaops.cli.app import run; run({list(arguments)!r}); "
    code += "print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stderr.split())


def test_help_imports_no_command() -> None:
    modules = _modules("--help")
    assert not {name for name in modules if name.startswith("schemaops.commands")}
    assert not modules & {"rich", "sqlalchemy", "sqlglot", "pygit2", "networkx", "psycopg"}


def test_status_loads_neither_git_nor_databases_nor_what_it_can_do_without(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.folder)
    modules = _modules("status")
    assert "schemaops.commands.status" in modules
    assert not modules & {"rich", "pydantic", "sqlalchemy", "sqlglot", "pygit2", "networkx"}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {entry.name} " in told and entry.help.rstrip(".") in told for entry in COMMANDS)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_a_command_says_of_itself_what_the_table_says(entry: app.Entry) -> None:
    command = command_named(entry.name)
    first = (command.help or "").strip().partition("\n")[0]
    assert first == entry.help


def test_the_modules_of_commands_import_nothing_heavy() -> None:
    names = [f"schemaops.cli.{entry.name.replace('-', '_')}" for entry in COMMANDS]
    code = f"import sys, importlib; [importlib.import_module(n) for n in {names!r}]; "
    code += "print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(ran.stdout.split())
    assert set(names) <= modules
    assert not modules & {"rich", "sqlalchemy", "sqlglot", "pygit2", "networkx", "psycopg"}
    assert not {name for name in modules if name.startswith("schemaops.commands.")}


def test_nothing_typed_is_wrong_usage_and_shows_the_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([]) == 2
    assert "Branch and merge" in capsys.readouterr().out


@pytest.mark.parametrize("typed", [["lgo"], ["explain"], ["explain", "--nope"], ["-C", "/nowhere"]])
def test_wrong_usage(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(typed) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "error[SO790]: " in told.err
    assert "more: schemaops explain SO790" in told.err


def test_wrong_usage_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--json"]) == 2
    told = json.loads(capsys.readouterr().err)
    assert next(iter(told)) == "format"
    assert (told["format"], told["code"], told["exit"]) == ("schemaops.error/1", "SO790", 2)


class _Drift(SchemaOpsError):
    code = "SO999"
    cause = Cause.DECISION


def _failing(error: Exception) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_an_error_has_its_shape(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = _Drift(
        "users.email is not there",
        place=Place("a.sql", 3),
        hints=("schemaops log    shows what is", "schemaops status"),
    )
    monkeypatch.setattr("schemaops.commands.explain.explain", _failing(error))
    assert run(["explain", "SO999"]) == 1
    assert capsys.readouterr().err == (
        "error[SO999]: users.email is not there\n"
        "  at: a.sql:3\n"
        "  hint: schemaops log       shows what is\n"
        "        schemaops status\n"
        "  more: schemaops explain SO999\n"
    )
    assert run(["explain", "SO999", "--json"]) == 1
    shape = json.loads(capsys.readouterr().err)
    assert shape["place"] == {"file": "a.sql", "line": 3}
    assert shape["hints"] == ["schemaops log", "schemaops status"]


def test_several_errors_are_all_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = ExceptionGroup("", [_Drift("first"), SchemaOpsError("second")])
    monkeypatch.setattr("schemaops.commands.explain.explain", _failing(errors))
    assert run(["explain", "x"]) == 2
    told = capsys.readouterr().err
    assert "error[SO999]: first" in told
    assert "error[SO000]: second" in told


def test_a_bug_of_ours_keeps_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = KeyError("postgresql://ada:hunter2@host/db?password=hunter2 and users' rows")
    monkeypatch.setattr("schemaops.commands.explain.explain", _failing(error))
    assert run(["explain", "x"]) == 70
    told = capsys.readouterr().err
    assert "KeyError" in told
    assert "hunter2" not in told
    assert "rows" not in told
    monkeypatch.setenv("SCHEMAOPS_DEBUG", "1")
    assert run(["explain", "x"]) == 70
    told = capsys.readouterr().err
    assert "rows" in told
    assert "hunter2" not in told


def test_explaining_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    for kind in (failures.Misused, failures.Bug):
        assert run(["explain", kind.code]) == 0
        assert kind.__name__ in capsys.readouterr().out
    assert run(["explain", "so790", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "Misused"


def test_the_output_may_be_cut_off(tmp_path: Path) -> None:
    ran = subprocess.run(
        f"{sys.executable} -m schemaops --help | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=True,
    )
    assert ran.stderr == ""


@pytest.mark.parametrize("typed", [["-h"], ["schema", "-h"], ["env", "add", "-h"]])
def test_help_has_a_short_name(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(typed) == 0
    assert "Usage: schemaops" in capsys.readouterr().out
