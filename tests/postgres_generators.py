"""Statements about PostgreSQL's further kinds of object, written in context as `generators` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import (
    Column,
    Comment,
    Composite,
    Domain,
    Enum,
    Grant,
    Index,
    Policy,
    Range,
    Sequence,
    Statistics,
    Table,
    View,
)
from schemaops.sql.names import quote
from schemaops.sql.strings import string_literal

if TYPE_CHECKING:
    from tests.generators import Writer

__all__ = ["PostgresWriter"]

_DOMAINS = ("positive", "label", "Odd Domain")
_COMPOSITES = ("place", "pair")
_RANGES = ("spans", "days")
_POLICIES = ("own", "others")
_MATERIALIZED = ("summary", "Odd Summary")
_STATISTICS = ("related", "st")
_ROLES = ("pg_monitor", "pg_signal_backend", "PUBLIC")
_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "SELECT, UPDATE", "ALL", "ALL PRIVILEGES")
_BASES = ("integer", "text", "varchar(20)", "numeric(8, 2)", "integer[]")


class PostgresWriter:
    """Writes what a writer of the core of SQL does not."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.pick = writer.pick
        self.one_in = writer.one_in
        self.schema = writer.schema

    def ways(self) -> Iterator[Callable[[], str]]:
        """Yield the statements that there is something for."""
        yield from (self.create_domain, self.create_type, self.default_privileges)
        if self._of(Domain):
            yield from (self.alter_domain, self.alter_domain, self.drop_type)
        if self._of(Composite):
            yield from (self.alter_composite, self.drop_type)
        if self._of(Table):
            yield from (
                self.create_policy,
                self.row_security,
                self.create_materialized_view,
                self.create_statistics,
                self.grant,
                self.grant,
                self.comment,
            )
        if any(map(_is_materialized, self._of(View))):
            yield from (self.alter_materialized_view, self.index_materialized_view)
        if self._of(Policy):
            yield from (self.alter_policy, self.drop_policy)
        if self._of(Grant):
            yield self.revoke
        if self._of(Statistics):
            yield self.alter_statistics
        if self._of(Comment):
            yield self.comment

    def _of(self, kind: type) -> list[object]:
        return [thing for thing in self.schema if isinstance(thing, kind)]

    def _any(self, *kinds: type) -> Address:
        found = [thing.at for thing in self.schema if isinstance(thing, kinds)]
        return self.pick(found)

    def _spelled(self, at: Address) -> str:
        return self.writer._spelled(at)

    def _new(self, names: tuple[str, ...], kind: Kind) -> str:
        return self.writer._new(names, kind)

    def _table(self) -> Table:
        found = [thing for thing in self.schema if isinstance(thing, Table)]
        return self.pick(found)

    def _condition(self, table: Table) -> str:
        columns = list(self.schema.columns(table.at))
        return self.writer._condition(columns) if columns else "true"

    # -- types

    def create_domain(self) -> str:
        """Return CREATE DOMAIN."""
        base = self.pick(_BASES)
        parts = [f"CREATE DOMAIN {self._new(_DOMAINS, Kind.DOMAIN)} AS {base}"]
        if self.one_in(3):
            parts.append("NOT NULL")
        if base == "integer" and self.one_in(2):
            parts.append("DEFAULT 3")
        if self.one_in(2):
            parts.append(self._check(base))
        return " ".join(parts)

    def _check(self, base: str) -> str:
        name = f"CONSTRAINT {self.pick(('c1', 'c2'))} " if self.one_in(2) else ""
        match base:
            case "text" | "varchar(20)":
                said = self.pick(("VALUE <> ''", "length(value) > 2", "VALUE LIKE 'a%'"))
            case "integer[]":
                said = "array_length(VALUE, 1) < 4"
            case _:
                said = self.pick(("VALUE > 0", "value IN (1, 2, 3)", "VALUE + 1 > 2"))
        return f"{name}CHECK ({said})"

    def alter_domain(self) -> str:
        """Return ALTER DOMAIN."""
        domains = [thing for thing in self.schema if isinstance(thing, Domain)]
        domain = self.pick(domains)
        head = f"ALTER DOMAIN {self._spelled(domain.at)}"
        base = str(domain.type)
        known = base if base in _BASES else {"character varying(20)": "text"}.get(base, "integer")
        options = [
            "SET NOT NULL",
            "DROP NOT NULL",
            "DROP DEFAULT",
            f"RENAME TO {self._new(_DOMAINS, Kind.DOMAIN)}",
            f"ADD {self._check(known)}",
            f"ADD {self._check(known)} NOT VALID",
        ]
        for check in domain.checks[:1]:
            name = quote(check.name, "postgres")
            options += [f"VALIDATE CONSTRAINT {name}", f"RENAME CONSTRAINT {name} TO c9"]
        return f"{head} {self.pick(options)}"

    def create_type(self) -> str:
        """Return CREATE TYPE for a composite or range type."""
        if self.one_in(3):
            name = self._new(_RANGES, Kind.RANGE)
            return f"CREATE TYPE {name} AS RANGE (subtype = {self.pick(('integer', 'text'))})"
        kinds = [*_BASES, *(self._spelled(at) for at in self._types()[:2])]
        inside = ", ".join(f"{name} {self.pick(kinds)}" for name in ("x", "y")[: self.pick((2, 1))])
        return f"CREATE TYPE {self._new(_COMPOSITES, Kind.COMPOSITE)} AS ({inside})"

    def _types(self) -> list[Address]:
        return [thing.at for thing in self.schema if isinstance(thing, Domain | Enum | Range)]

    def alter_composite(self) -> str:
        """Return ALTER TYPE for a composite type."""
        head = f"ALTER TYPE {self._spelled(self._any(Composite))}"
        action = self.pick(
            (
                "ADD ATTRIBUTE z text",
                "DROP ATTRIBUTE y",
                "RENAME ATTRIBUTE x TO xx",
                "ALTER ATTRIBUTE x TYPE bigint",
                "RENAME TO pair",
            )
        )
        return f"{head} {action}"

    def drop_type(self) -> str:
        """Return DROP DOMAIN or DROP TYPE."""
        at = self._any(Domain, Composite, Range)
        word = "DOMAIN" if at.kind is Kind.DOMAIN else "TYPE"
        return f"DROP {word} {self._spelled(at)}{self.pick(('', '', ' CASCADE'))}"

    # -- row security

    def create_policy(self) -> str:
        """Return CREATE POLICY."""
        table = self._table()
        command = self.pick(("", " FOR SELECT", " FOR UPDATE", " FOR DELETE", " FOR ALL"))
        kind = self.pick(("", " AS RESTRICTIVE"))
        to = self.pick(("", " TO pg_monitor", " TO PUBLIC"))
        name = self._new(_POLICIES, Kind.POLICY)
        using = f" USING ({self._condition(table)})"
        return f"CREATE POLICY {name} ON {self._spelled(table.at)}{kind}{command}{to}{using}"

    def alter_policy(self) -> str:
        """Return ALTER POLICY."""
        at = self._any(Policy)
        table = self.schema.table(Address(Kind.TABLE, at.path[:-1]))
        head = f"ALTER POLICY {quote(at.name, 'postgres')} ON {self._spelled(table.at)}"
        actions = (f"USING ({self._condition(table)})", "TO pg_monitor", "RENAME TO others")
        return f"{head} {self.pick(actions)}"

    def drop_policy(self) -> str:
        """Return DROP POLICY."""
        at = self._any(Policy)
        table = self._spelled(Address(Kind.TABLE, at.path[:-1]))
        return f"DROP POLICY {quote(at.name, 'postgres')} ON {table}"

    def row_security(self) -> str:
        """Return what switches row security."""
        word = self.pick(("ENABLE", "DISABLE", "FORCE", "NO FORCE"))
        return f"ALTER TABLE {self._spelled(self._table().at)} {word} ROW LEVEL SECURITY"

    # -- materialised views and statistics

    def create_materialized_view(self) -> str:
        """Return CREATE MATERIALIZED VIEW."""
        table = self._table()
        names = [self.writer._quoted(name) for name in table.columns[:2]]
        name = self._new(_MATERIALIZED, Kind.VIEW)
        query = f"SELECT {', '.join(names) or '1 AS one'} FROM {self._spelled(table.at)}"
        where = f" WHERE {self._condition(table)}" if names and self.one_in(3) else ""
        return f"CREATE MATERIALIZED VIEW {name} AS {query}{where}"

    def _materialized(self) -> View:
        found = [v for v in self.schema if isinstance(v, View) and _is_materialized(v)]
        return self.pick(found)

    def alter_materialized_view(self) -> str:
        """Return ALTER, REFRESH or DROP of a materialised view."""
        view = self._materialized()
        name, column = self._spelled(view.at), quote(view.columns[0], "postgres")
        new = self._new(_MATERIALIZED, Kind.VIEW)
        return self.pick(
            (
                f"REFRESH MATERIALIZED VIEW {name}",
                f"ALTER MATERIALIZED VIEW {name} RENAME TO {new}",
                f"ALTER MATERIALIZED VIEW {name} RENAME COLUMN {column} TO other",
                f"ALTER MATERIALIZED VIEW {name} SET (fillfactor = 70)",
                f"DROP MATERIALIZED VIEW {name}",
                f"DROP MATERIALIZED VIEW {name} CASCADE",
            )
        )

    def index_materialized_view(self) -> str:
        """Return CREATE INDEX on a materialised view."""
        view = self._materialized()
        column = quote(self.pick(view.columns), "postgres")
        return f"CREATE INDEX ON {self._spelled(view.at)} ({column})"

    def create_statistics(self) -> str:
        """Return CREATE STATISTICS."""
        table = self._table()
        names = ", ".join(quote(name, "postgres") for name in table.columns[:2])
        kinds = self.pick(("", " (mcv)", " (ndistinct, dependencies)"))
        name = self._new(_STATISTICS, Kind.STATISTICS)
        keys = names or "(1)"
        return f"CREATE STATISTICS {name}{kinds} ON {keys} FROM {self._spelled(table.at)}"

    def alter_statistics(self) -> str:
        """Return ALTER or DROP STATISTICS."""
        name = self._spelled(self._any(Statistics))
        return self.pick(
            (
                f"ALTER STATISTICS {name} SET STATISTICS 200",
                f"ALTER STATISTICS {name} RENAME TO st2",
                f"DROP STATISTICS {name}",
            )
        )

    # -- what is said about objects

    def grant(self) -> str:
        """Return GRANT on a table, view or column."""
        at = self._any(Table, View)
        role, privilege = self.pick(_ROLES), self.pick(_PRIVILEGES)
        option = " WITH GRANT OPTION" if role != "PUBLIC" and self.one_in(4) else ""
        thing = self.schema.get(at)
        columns = thing.columns if isinstance(thing, Table | View) else ()
        if columns and self.one_in(3):
            column = quote(self.pick(columns), "postgres")
            what = f"{self.pick(('SELECT', 'UPDATE', 'ALL'))} ({column})"
            return f"GRANT {what} ON {self._spelled(at)} TO {role}{option}"
        return f"GRANT {privilege} ON {self._spelled(at)} TO {role}{option}"

    def revoke(self) -> str:
        """Return REVOKE of something that was granted on a relation or type."""
        grants = [thing for thing in self.schema if isinstance(thing, Grant)]
        one = self.pick(grants)
        role = "PUBLIC" if one.role == "public" else quote(Name(one.role), "postgres")
        on = one.on
        column = ""
        if on.kind is Kind.COLUMN:
            column = f" ({quote(on.name, 'postgres')})"
            on = Address(Kind.TABLE, on.path[:-1])
        word = {Kind.TABLE: "TABLE", Kind.VIEW: "TABLE", Kind.SEQUENCE: "SEQUENCE"}.get(on.kind)
        what = self.pick((one.privilege, "ALL"))
        return f"REVOKE {what}{column} ON {word or 'TYPE'} {self._spelled(on)} FROM {role}"

    def default_privileges(self) -> str:
        """Return ALTER DEFAULT PRIVILEGES."""
        where = self.pick((" IN SCHEMA public", ""))
        what = self.pick(
            (
                "GRANT SELECT ON TABLES TO pg_monitor",
                "REVOKE ALL ON TABLES FROM pg_monitor",
                "GRANT ALL ON SEQUENCES TO pg_monitor",
            )
        )
        return f"ALTER DEFAULT PRIVILEGES{where} {what}"

    def comment(self) -> str:
        """Return COMMENT ON."""
        at = self._any(Table, View, Column, Index, Sequence, Domain, Enum, Policy)
        word = {Kind.ENUM: "TYPE", Kind.POLICY: "POLICY"}.get(at.kind, at.kind.value.upper())
        name = self._spelled(at)
        if at.kind is Kind.COLUMN:
            name = f"{self._spelled(Address(Kind.TABLE, at.path[:-1]))}.{name}"
        if at.kind is Kind.POLICY:
            name = f"{name} ON {self._spelled(Address(Kind.TABLE, at.path[:-1]))}"
        if _is_materialized(self.schema.get(at)):
            word = "MATERIALIZED VIEW"
        text = self.pick(("NULL", string_literal("it's", "postgres"), "E'a\\nb'"))
        return f"COMMENT ON {word} {name} IS {text}"


def _is_materialized(view: object) -> bool:
    return isinstance(view, View) and ("materialized", "true") in view.options
