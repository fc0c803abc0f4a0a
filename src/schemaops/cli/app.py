"""The root command: which commands there are, and what becomes of their errors.

The table below is all that `schemaops --help` needs; a command's module is imported when it is
used, and what it needs (git, databases, SQL) only when it runs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from schemaops import __version__
from schemaops.errors import SchemaOpsError

__all__ = ["COLLECTING", "COMMANDS", "Entry", "main", "run"]

COLLECTING = (50_000, 20, 100)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: its name, the first line of its help, and what it stands under."""

    name: str
    help: str
    under: str


_START, _CHANGE = "Start", "Write changes"
_BRANCH, _DATABASE = "Branch and merge", "Move databases"
_CHECK, _PLUMBING = "Check", "For scripts"

COMMANDS = (
    Entry("init", "Begin to keep a schema's history in this folder.", _START),
    Entry("import", "Take over the history of another tool.", _START),
    Entry("adopt", "Take a database over from another tool where it stands.", _START),
    Entry("env", "Add and list environments: the databases that are moved.", _START),
    Entry("new", "Open a draft: a migration being written.", _CHANGE),
    Entry("commit", "Seal a draft, or SQL given here, as a revision.", _CHANGE),
    Entry("status", "Show heads, drafts, and where each environment stands.", _CHANGE),
    Entry("log", "Show the revisions that lead to a revision.", _CHANGE),
    Entry("show", "Show one revision: its SQL, operations, reversal and hazards.", _CHANGE),
    Entry("diff", "Show the operations that lead from one schema to another.", _CHANGE),
    Entry("revert", "Add a revision that undoes earlier ones.", _CHANGE),
    Entry("checkpoint", "Seal one revision that stands for all before it.", _CHANGE),
    Entry("branch", "List branches and whether they merge, or make one.", _BRANCH),
    Entry("switch", "Make another branch the current one, in files only.", _BRANCH),
    Entry("merge", "Merge other branches, or the heads of this one.", _BRANCH),
    Entry("resolve", "Decide a conflict of the merge under way.", _BRANCH),
    Entry("rebase", "Put this branch's own revisions behind another branch's.", _BRANCH),
    Entry("cherry-pick", "Seal one revision of another branch here.", _BRANCH),
    Entry("plan", "Show what a replay would execute.", _DATABASE),
    Entry("replay", "Move a database to a revision, forwards or backwards.", _DATABASE),
    Entry("drift", "Show what was changed in a database past SchemaOps.", _DATABASE),
    Entry("archive", "List what a lossless database keeps of what was taken away.", _DATABASE),
    Entry("purge", "Take away for good what an archive has kept for long.", _DATABASE),
    Entry("fsck", "Check every id, parent, name and section of the history.", _CHECK),
    Entry("verify", "Run each migration and its reversal on a scratch database.", _CHECK),
    Entry("hook", "Install and run git hooks.", _CHECK),
    Entry("ci", "Print what a pull request should say, as Markdown.", _CHECK),
    Entry("explain", "Explain a code: an error, a conflict or a hazard.", _CHECK),
    Entry("schema", "Print a schema, object by object.", _PLUMBING),
    Entry("merge-file", "Merge two scripts over a third, without a repository.", _PLUMBING),
    Entry("reverse-file", "Write the reversal of a script, without a repository.", _PLUMBING),
)

_BY_NAME = {entry.name: entry for entry in COMMANDS}
_HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
# The vendored classes of typer's contexts and commands have no public names.
_Context = Any
_Command = Any


class _Lazy(TyperGroup):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: _Context) -> list[str]:  # noqa: ARG002 - typer calls it so
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: _Context, cmd_name: str) -> _Command | None:  # noqa: ARG002
        return command_named(cmd_name) if cmd_name in _BY_NAME else None

    def format_commands(self, ctx: _Context, formatter: Any) -> None:  # noqa: ARG002
        for under in dict.fromkeys(entry.under for entry in COMMANDS):
            with formatter.section(under):
                rows = [(e.name, e.help.rstrip(".")) for e in COMMANDS if e.under == under]
                formatter.write_dl(rows, col_max=14)


def command_named(name: str) -> _Command:
    """Return one command as typer runs it."""
    attribute = name.replace("-", "_")
    module = import_module(f"schemaops.cli.{attribute}")
    group = getattr(module, "app", None)
    if group is None:
        group = typer.Typer(add_completion=False, rich_markup_mode=None)
        group.command(name)(getattr(module, attribute))
    command = typer.main.get_command(group)
    command.name = name
    _take_as_typed(command)
    return command


class _AsTyped:
    """Takes a value as the parser has it: a text, a flag, or several texts."""

    def coerce(self, value: object, **_: object) -> object:
        return value


_PLAIN = (str, bool, list[str], str | None, bool | None, list[str] | None)


def _take_as_typed(command: _Command) -> None:
    # Typer loads pydantic to make a string of a string, which takes longer than all that `status`
    # does. Where it keeps this elsewhere one day, it is only slower.
    # The option that helps is made once, for whoever asks first.
    context = command.context_class(command, resilient_parsing=True, **_HELP)
    for parameter in command.get_params(context):
        described = getattr(parameter, "type_descriptor", None)
        if described is not None and described.annotation in _PLAIN:
            parameter._runtime_param = _AsTyped()
    for below in getattr(command, "commands", {}).values():
        _take_as_typed(below)


_app = typer.Typer(
    cls=_Lazy,
    name="schemaops",
    help="Git for a database's schema: branch, merge, diff, reverse and replay schema changes.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_HELP,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"schemaops {__version__}")
        raise typer.Exit


@_app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    directory: Annotated[
        str | None, typer.Option("-C", metavar="PATH", help="Work as if started in PATH.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise typer.BadParameter(f"{directory}: {error.strerror}") from error
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code. Whatever goes wrong has been shown."""
    from typer.exceptions import TyperException

    json = "--json" in arguments
    try:
        command: _Command = typer.main.get_command(_app)
        _take_as_typed(command)
        answer = command.main(args=list(arguments), prog_name="schemaops", standalone_mode=False)
        return answer if isinstance(answer, int) else 0
    except TyperException as wrong:
        from schemaops.cli.failures import misused

        context: _Context = getattr(wrong, "ctx", None)
        usage = context.get_usage() if context else None
        path = context.command_path if context else "schemaops"
        return misused(wrong.format_message(), usage, path, json=json)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter's own flush must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (SchemaOpsError, ExceptionGroup) as error:
        from schemaops.cli.failures import failed

        return failed(error, json=json)
    except OSError as error:
        from schemaops.cli.failures import failed, our_bug, refused_by_the_system

        refused = refused_by_the_system(error)
        return our_bug(error, json=json) if refused is None else failed(refused, json=json)
    except Exception as error:  # noqa: BLE001 - nothing may end in a traceback with secrets in it
        from schemaops.cli.failures import our_bug

        return our_bug(error, json=json)


def main() -> None:
    """Run the command line of this process."""
    # Our values hold no cycles: looking for some among a large schema's takes a third of the time.
    gc.set_threshold(*COLLECTING)
    sys.exit(run(sys.argv[1:]))
