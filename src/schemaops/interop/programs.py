"""The tools that are asked themselves what their migrations say, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemaops.errors import Cause, SchemaOpsError

__all__ = ["PROGRAMS", "ToolFailed", "ask", "pythons"]

PROGRAMS = frozenset({"alembic", "django"})
"""The formats that are read so."""


class ToolFailed(SchemaOpsError):
    """A tool was asked for its history, and is not installed, or ended with an error.

    The message has the last thing it said. Run SchemaOps where the project's own requirements are
    installed (in its virtual environment), or name the interpreter that has them: `schemaops import
    alembic DIR --program .venv/bin/python`; set the variables that the project's settings read.
    """

    code = "SO475"
    cause = Cause.WORLD


def pythons(program: Sequence[str]) -> tuple[str, ...]:
    """Return how the interpreter of the project is called: as told, or the one in charge here."""
    if program:
        return tuple(program)
    environment = os.environ.get("VIRTUAL_ENV")
    if environment:
        name = Path(environment) / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if name.exists():
            return (str(name),)
    return (sys.executable or shutil.which("python3") or "python3",)


def ask(
    tool: str,
    program: Sequence[str],
    script: str,
    question: Mapping[str, Any],
    folder: Path,
) -> Any:
    """Return what a script, run by the project's interpreter, answers; raise ToolFailed."""
    command = [*pythons(program), "-c", script]
    hint = f"schemaops import {tool} DIR --program .venv/bin/python"
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            input=json.dumps(question),
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
    except OSError as error:
        raise ToolFailed(
            f"{command[0]} cannot be run: {(error.strerror or str(error)).lower()}", hints=(hint,)
        ) from error
    answer = done.stdout.rpartition(_MARK)[2] if _MARK in done.stdout else ""
    if done.returncode or not answer:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        said = lines[-1].strip() if lines else f"it ended with {done.returncode}"
        if f"No module named '{tool}'" in said:
            said = f"{tool} is not installed for {command[0]}"
        raise ToolFailed(f"{tool} does not tell its history: {said}", hints=(hint,))
    return json.loads(answer)


_MARK = "\x1eschemaops\x1e"
"""What the script prints before its answer, so that whatever else is printed does not matter."""
