"""``env``: add and list environments."""

from __future__ import annotations

from schemaops.commands.workspace import Workspace
from schemaops.config import Environment, adding_environment
from schemaops.database.urls import read_url
from schemaops.reports.done import DoneReport
from schemaops.reports.environments import EnvironmentLine, EnvironmentsReport

__all__ = ["add", "listed"]


def add(workspace: Workspace, added: Environment) -> DoneReport:
    """Add an environment to the configuration; raise what is wrong with it."""
    store = workspace.writing()
    file = store.config_place().file
    written = adding_environment(store.config() or b"", added, file=file)
    if "$" not in added.url:
        from schemaops.commands.plan import OtherEngine

        dialect = read_url(added.url).dialect
        if dialect != workspace.dialect:
            raise OtherEngine(f"the URL is for {dialect}, the project for {workspace.dialect}")
    store.write_config(written)
    return DoneReport(
        "env add",
        (f"added the environment {added.name} to {file}",),
        {"environment": added.name},
        (f"schemaops plan {added.name}",),
    )


def listed(workspace: Workspace) -> EnvironmentsReport:
    """Return the environments, each after those that it comes after."""
    return EnvironmentsReport(
        tuple(
            EnvironmentLine(one.name, one.url, one.protected, one.follow, one.lossless, one.after)
            for one in workspace.config.rollout()
        )
    )
