"""A scratch database that goes along a history, so that migrations can be tried where they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, read_rows
from schemaops.database.scratch import scratch
from schemaops.database.sending import Refusal, send, server_name
from schemaops.diff import diff
from schemaops.history.revision import RevisionId
from schemaops.history.states import States
from schemaops.names import Address
from schemaops.plan.route import route
from schemaops.plan.way import leg_up
from schemaops.schema.state import Schema
from schemaops.sql.render import render
from schemaops.sql.split import split

if TYPE_CHECKING:
    from schemaops.database.connect import Connection

__all__ = ["Ground"]


class Ground:
    """A scratch database: what it holds, and the revision at which it stands, where it is at one.

    It is `pure` while nothing but the authors' statements made it.
    """

    def __init__(self, states: States, url: str | None) -> None:
        self._states = states
        self._url = url
        self._exits = ExitStack()
        self.connection: Connection
        self.schema = Schema.empty(states.dialect)
        self.at: RevisionId | None = None
        self.lost = True
        self.pure = True
        self.lacking: dict[str, None] = {}

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @property
    def server(self) -> str:
        """What it runs on."""
        return server_name(self.connection)

    def send(self, text: str | Iterable[str]) -> Refusal | None:
        """Send statements; return the one that was refused, None if none was."""
        if isinstance(text, str):
            text = [one.text for one in split(text, self._states.dialect)]
        refusal = send(self.connection, text, self._states.search_path)
        self.schema = observe(self.connection)
        return refusal

    def rows(self, only: Collection[Address] | None = None) -> RowsOf:
        """Return the rows of all its tables, or `only` of some."""
        return read_rows(self.connection, self.schema, only)

    def stand_at(self, revision: RevisionId | None) -> None:
        """Bring it to where a migration begins, or as near as the server lets us."""
        if not self.lost and self.at == revision:
            return
        if self.lost:
            self._anew()
        if not (self._moved(revision) or self._made(revision)):
            self._near(revision)
        self.at, self.lost = revision, False

    def stand_purely_at(self, revision: RevisionId | None) -> bool:
        """Bring it to where a migration begins by the authors' statements alone; return whether the
        server takes them."""
        if not self._made(revision):
            self.lost = True
            return False
        self.at, self.lost = revision, False
        return True

    def _anew(self) -> None:
        self._exits.close()
        database = self._exits.enter_context(scratch(self._states.dialect, url=self._url))
        self.connection = self._exits.enter_context(database.connect(create=True))
        self.schema = observe(self.connection)
        self.at, self.pure, self.lost = None, True, False

    def _moved(self, revision: RevisionId | None) -> bool:
        if self.at == revision:
            return True
        wanted = self._states.at(revision)
        if not wanted.certain:
            return False
        self.pure = False
        texts = render(diff(self.schema, wanted.schema), self.schema)
        refusal = send(self.connection, texts)
        self.schema = observe(self.connection)
        return refusal is None and self.schema.strict_fingerprint == (
            wanted.schema.strict_fingerprint
        )

    def _made(self, revision: RevisionId | None) -> bool:
        self._anew()
        way = route(self._states.dag, (), revision)
        assert way is not None, "a revision is reached from base"
        legs = list(way.legs)
        for place in range(len(legs) - 1, 0, -1):
            if self._states.read(legs[place].revision).checkpoint:
                # It stands for everything before it.
                del legs[:place]
                break
        return all(self.send(leg_up(self._states, leg)) is None for leg in legs)

    def _near(self, revision: RevisionId | None) -> None:
        """Make what the schema at a revision has, all that the server takes of it."""
        self._anew()
        self.pure = False
        empty = self.schema
        for text in render(diff(empty, self._states.schema(revision)), empty):
            refusal = send(self.connection, [text])
            if refusal is not None:
                self.lacking[str(refusal)] = None
        self.schema = observe(self.connection)
