"""What a person sees when a command fails: an error, several, wrong usage, or a bug of ours."""

from __future__ import annotations

import errno
import os
import platform
import traceback
from pathlib import Path

from schemaops import __version__
from schemaops.cli import console
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.reports.errors import ErrorReport, error_report, error_shape
from schemaops.reports.json import written
from schemaops.reports.text import Text, bad, dim, line

__all__ = [
    "Bug",
    "Misused",
    "SystemRefuses",
    "failed",
    "misused",
    "our_bug",
    "refused_by_the_system",
]

_PACKAGE = Path(__file__).resolve().parent.parent


class Misused(SchemaOpsError):
    """A command was typed in a way that it does not understand.

    Every command says with `--help` what it takes: `schemaops log --help`. Nothing was changed.
    """

    code = "SO790"


class Bug(SchemaOpsError):
    """SchemaOps met something that it did not foresee; the exit code is 70.

    What is printed with it names places in the code and nothing of yours: please report it. With
    SCHEMAOPS_DEBUG=1 in the environment the error's own words are shown too; they may quote your
    SQL.
    A replay that was interrupted so is taken up again by `schemaops replay --resume`.
    """

    code = "SO799"
    cause = Cause.BUG


class SystemRefuses(SchemaOpsError):
    """The operating system does not let SchemaOps read or write a file.

    The message has its own words: no space is left, a folder is read-only, a quota or a limit is
    reached. Mend that and type the command again; what was half done is taken up or given up then.
    """

    code = "SO791"
    cause = Cause.WORLD


# What a disk, a folder's rights or a limit of the process may answer, whatever the program does.
_OF_THE_WORLD = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)


def refused_by_the_system(error: OSError) -> SystemRefuses | None:
    """Return what the operating system refused as an error to show; None for a mistake of ours."""
    if error.errno not in _OF_THE_WORLD:
        return None
    reason = (error.strerror or str(error)).lower()
    place = Place(os.fspath(error.filename)) if isinstance(error.filename, str) else None
    hints = ("df -h .",) if error.errno in (errno.ENOSPC, errno.EDQUOT) else ()
    return SystemRefuses(f"the operating system says: {reason}", place=place, hints=hints)


def failed(error: BaseException, *, json: bool) -> int:
    """Show an error that was foreseen, or each of several; return the exit code."""
    every = _leaves(error)
    reports = [error_report(each) for each in every if isinstance(each, SchemaOpsError)]
    if len(reports) < len(every):
        return our_bug(next(e for e in every if not isinstance(e, SchemaOpsError)), json=json)
    _show(reports, json)
    return max(report.exit_code for report in reports)


def misused(message: str, usage: str | None, command: str, *, json: bool) -> int:
    """Show that a command was typed wrongly; return the exit code."""
    first = message.splitlines()[0].rstrip(".") if message else "this is no command"
    sentence = first[:1].lower() + first[1:]
    report = ErrorReport(Misused.code, sentence, int(Cause.USAGE), hints=(f"{command} --help",))
    if usage and not json:
        console.write((line(dim(usage.strip())),), error=True)
    _show([report], json)
    return report.exit_code


def our_bug(error: BaseException, *, json: bool) -> int:
    """Show what a report of the bug needs, and nothing of the user's; return the exit code."""
    frames = [
        f"{_shown(frame.filename)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    ours = [frame for frame in frames if frame.startswith("schemaops/")]
    sentence = f"a bug in schemaops: {type(error).__name__} in {(ours or frames or ['?'])[-1]}"
    if json:
        _show([ErrorReport(Bug.code, sentence, int(Cause.BUG))], json)
        return int(Cause.BUG)
    rows: list[tuple[str, ...]] = [(frame,) for frame in frames[-12:]]
    text: Text = (
        line(bad(f"error[{Bug.code}]"), f": {sentence}"),
        line(f"  schemaops {__version__}, Python {platform.python_version()}"),
        *(line("    ", dim(row[0])) for row in rows),
        line("  SCHEMAOPS_DEBUG=1 in the environment shows the error's own words as well"),
    )
    console.write(text, error=True)
    if os.environ.get("SCHEMAOPS_DEBUG"):
        console.write_raw("".join(traceback.format_exception(error)), error=True)
    return int(Cause.BUG)


def _show(reports: list[ErrorReport], json: bool) -> None:
    if json:
        console.write_raw(written(error_shape(reports)), error=True)
        return
    for report in reports:
        console.write(report.text(), error=True)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


def _shown(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_PACKAGE):
        return str(Path("schemaops") / path.relative_to(_PACKAGE))
    return path.name
