"""Transcripts: Markdown with terminal sessions in it, run again in a hermetic folder and compared.

A fenced block marked ``console`` holds commands behind ``$ `` and, below each, what it prints;
``[1]`` on a line of its own is the exit code where it is not 0. Both streams are compared as one:
it is what a person sees. A block marked ``sql NAME`` writes that file first.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemaops.cli.app import run

__all__ = ["Session", "replayed", "typed"]

_BLOCK = re.compile(
    r"^```(?P<kind>[a-z]+)(?: (?P<name>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
# What differs between machines and moments: versions of engines, and when a database was seen.
_VARYING = (
    (re.compile(r"\b(sqlite|postgresql|mariadb) \d+(\.\d+)?"), r"\1 X"),
    (re.compile(r"as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"), "as of NOW"),
    (re.compile(r"\b\d+ ms$|\b\d+\.\d s$", re.MULTILINE), "N ms"),
    (re.compile(r'"seconds": [\d.e-]+'), '"seconds": N'),
    (re.compile(r"\b\d+[smhd] ago"), "0s ago"),
    (re.compile(r'"since": "[^"]*"'), '"since": "NOW"'),
)
_SHELL = re.compile(r"[|<>&;$`*]")


@dataclass
class Session:
    """A folder, and the environment in which commands are typed there."""

    folder: Path
    environ: Mapping[str, str]
    watch: Callable[[str], None] = lambda _: None

    def command(self, line: str) -> tuple[str, int]:
        """Run one command line; return all that it printed and its exit code."""
        if line.startswith("schemaops ") and not _SHELL.search(_without_quotes(line)):
            printed, code = typed(shlex.split(line)[1:], self.folder, self.environ)
        else:
            printed, code = self._in_a_shell(line)
        self.watch(printed)
        return self._settled(printed), code

    def _in_a_shell(self, line: str) -> tuple[str, int]:
        program = self.folder.parent / "bin" / "schemaops"
        if not program.exists():
            program.parent.mkdir(exist_ok=True)
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m schemaops "$@"\n')
            program.chmod(0o755)
        ran = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.folder,
            env={**self.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return ran.stdout, ran.returncode

    def _settled(self, printed: str) -> str:
        for place in (str(self.folder.resolve()), str(self.folder)):
            printed = printed.replace(place, "/shop")
        for pattern, instead in _VARYING:
            printed = pattern.sub(instead, printed)
        return printed


def typed(arguments: list[str], folder: Path, environ: Mapping[str, str]) -> tuple[str, int]:
    """Run `schemaops` with these arguments in this process; return what it printed and its code."""
    printed = io.StringIO()
    before, kept = Path.cwd(), dict(os.environ)
    stdin = sys.stdin
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = run(arguments)
    finally:
        sys.stdin = stdin
        os.chdir(before)
        os.environ.clear()
        os.environ.update(kept)
    return printed.getvalue(), code


def replayed(document: str, session: Session) -> str:
    """Return the document with every session in it as it goes now."""
    parts, at = [], 0
    for block in _BLOCK.finditer(document):
        parts.append(document[at : block.start()])
        at = block.end()
        if block["kind"] == "console":
            lines = "".join(_again(block["body"], session))
            parts.append(f"```console\n{lines}```")
        else:
            if block["name"]:
                path = session.folder / block["name"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block["body"])
            parts.append(block.group())
    return "".join((*parts, document[at:]))


def _again(body: str, session: Session) -> Iterator[str]:
    for line in body.splitlines():
        if line.startswith("$ "):
            printed, code = session.command(line[2:])
            yield line + "\n"
            if printed:
                yield printed if printed.endswith("\n") else printed + "\n"
            if code:
                yield f"[{code}]\n"


def _without_quotes(line: str) -> str:
    return re.sub(r"'[^']*'", "", line)
