"""Write docs/reference from the code, so that the two cannot differ.

``python tools/write_reference.py`` writes the pages; with ``--check`` it writes nothing, prints how
the pages differ from the code, and exits 1 where they do.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import schemaops
from schemaops.errors import Cause, SchemaOpsError

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"

HELP_WIDTH = 88
FAMILIES = {
    "SO1": "Schema and operations",
    "SO2": "SQL",
    "SO3": "Merge",
    "SO4": "History and store",
    "SO5": "Plan and execution",
    "SO6": "Database and drift",
    "SO7": "Configuration",
}
HAZARD_FAMILIES = {
    "DL": "Data loss",
    "LK": "Locks",
    "RW": "Rewrites",
    "BC": "Breaks running code",
    "IR": "Irreversible",
}
CAUSES = {
    Cause.DECISION: "a person must decide",
    Cause.USAGE: "wrong usage",
    Cause.WORLD: "the world failed",
    Cause.BUG: "our bug",
}


def modules() -> list[str]:
    """Return the names of every module of the package, in order."""
    found = pkgutil.walk_packages(schemaops.__path__, "schemaops.")
    return sorted(module.name for module in found if not module.name.endswith(".__main__"))


def errors() -> list[type[SchemaOpsError]]:
    """Return every error class of the package that has a code of its own, by code."""
    for name in modules():
        importlib.import_module(name)
    ours = (kind for kind in _below(SchemaOpsError) if kind.__module__.startswith("schemaops."))
    return sorted((kind for kind in ours if "code" in vars(kind)), key=lambda kind: kind.code)


def errors_page() -> str:
    """Return the page of every error, by family."""
    page = [
        "# Errors",
        "Every error has a code that stays. `schemaops explain CODE` prints what stands here.",
    ]
    for family, title in FAMILIES.items():
        members = [kind for kind in errors() if kind.code.startswith(family)]
        if members:
            page.append(f"## {title}")
        for kind in members:
            page.append(f"### {kind.code} {kind.__name__}")
            page.append(_doc(kind))
            page.append(f"Exit code {kind.cause.value}: {CAUSES[kind.cause]}.")
    return _joined(page)


def conflicts_page() -> str:
    """Return the page of every kind of conflict."""
    from schemaops.merge.conflicts import ConflictKind

    page = [
        "# Conflicts",
        "A merge reports every conflict there is. A *silent* one executes either way round.",
    ]
    for kind in sorted(ConflictKind, key=lambda kind: kind.code):
        page += (f"## {kind.code} {kind.name_}", kind.page)
        if kind.silent:
            page.append("Silent.")
        page += _case(kind.code)
    return _joined(page)


def _case(code: str) -> list[str]:
    """Return the shortest case of `fixtures/merge` that a code is said in."""
    found = []
    for file in sorted((REFERENCE.parent.parent / "fixtures" / "merge").glob("*.md")):
        for case in re.split(r"(?m)^(?=# )", file.read_text(encoding="utf-8")):
            if re.search(rf"(?m)^{code} ", case):
                found.append(case)
    if not found:
        return []
    title, _, text = min(found, key=len).strip().partition("\n")
    return [f"*{title.removeprefix('# ')}.*", text.strip()]


def hazards_page() -> str:
    """Return the page of every rule, by family."""
    from schemaops.hazards import RULES

    page = [
        "# Hazards",
        "A rule looks at one operation on one dialect, and at what the rest of the migration says.",
    ]
    for family, title in HAZARD_FAMILIES.items():
        page.append(f"## {title}")
        for rule in sorted(RULES, key=lambda rule: rule.code):
            if rule.code.startswith(family):
                page += (f"### {rule.code} {rule.name}", _doc(rule))
                page.append(f"{rule.severity.capitalize()}, on {', '.join(rule.dialects)}.")
    return _joined(page)


def operations_page() -> str:
    """Return the page of every operation, and of every kind of object they are generic over."""
    from schemaops.operations import OPERATIONS
    from schemaops.schema import objects

    page = [
        "# Operations",
        "One change to a schema, as a value: it is applied, inverted and relocated.",
        "Each is generic over the kinds of object below.",
    ]
    for operation in OPERATIONS:
        page += (f"## {operation.__name__}", _doc(operation), _fields(operation))
    page += ("## The kinds of object", "What a schema holds; each knows its own address, `at`.")
    for kind in objects.Object.__args__:
        page += (f"### {kind.__name__}", _doc(kind), _fields(kind))
    return _joined(page)


def cli_page() -> str:
    """Return the page of every command: what its `--help` prints."""
    from schemaops.cli.app import COMMANDS, command_named

    page = [
        "# Commands",
        "What `schemaops COMMAND --help` prints.",
    ]
    for under in dict.fromkeys(entry.under for entry in COMMANDS):
        page.append(f"## {under}")
        for entry in COMMANDS:
            if entry.under == under:
                page += _helps(command_named(entry.name), f"schemaops {entry.name}")
    return _joined(page)


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "conflicts.md": conflicts_page,
    "errors.md": errors_page,
    "hazards.md": hazards_page,
    "operations.md": operations_page,
}


def json_schemas() -> dict[str, str]:
    """Return the JSON Schema of every format that a command prints, by its file."""
    from schemaops.reports.shapes import schemas

    return {
        f"schemas/{name.removeprefix('schemaops.').replace('/', '-')}.json": json.dumps(
            schema, indent=2
        )
        + "\n"
        for name, schema in schemas().items()
    }


def pages() -> dict[Path, str]:
    """Return every page with its text."""
    made = {name: write() for name, write in PAGES.items()} | json_schemas()
    return {REFERENCE / name: text for name, text in made.items()}


def _standing() -> list[Path]:
    return [*REFERENCE.glob("*.md"), *REFERENCE.glob("schemas/*.json")]


def stale() -> Iterator[str]:
    """Yield the lines of a diff from the pages that stand to those that the code makes."""
    made = pages()
    for path in sorted({*made, *_standing()}):
        before = path.read_text() if path.exists() else ""
        after = made.get(path, "")
        name = f"docs/reference/{path.relative_to(REFERENCE)}"
        yield from difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            name,
            f"{name} (from the code)",
        )


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them; return the exit code."""
    if arguments == ["--check"]:
        lines = list(stale())
        sys.stdout.writelines(lines)
        if lines:
            print("docs/reference is stale: run `make reference`", file=sys.stderr)
        return int(bool(lines))
    if arguments:
        print("usage: write_reference.py [--check]", file=sys.stderr)
        return 2
    made = pages()
    for path in _standing():
        if path not in made:
            path.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


def _below(kind: type[SchemaOpsError]) -> Iterator[type[SchemaOpsError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def _helps(command: Any, name: str) -> Iterator[str]:
    context = command.context_class(
        command, info_name=name, terminal_width=HELP_WIDTH, max_content_width=HELP_WIDTH
    )
    yield f"### {name}"
    yield f"```\n{command.get_help(context).rstrip()}\n```"
    for below in getattr(command, "commands", {}).values():
        yield from _helps(below, f"{name} {below.name}")


def _doc(thing: object) -> str:
    return inspect.getdoc(thing) or ""


def _fields(kind: type) -> str:
    rows = [(f"`{field.name}`", f"`{field.type}`") for field in fields(kind)]
    return _table(("Field", "Type"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(" | ".join(("", *map(_cell, line), "")).strip() for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(("<!-- Written from the code by `make reference`. -->", *parts)) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
