"""PostgreSQL observed: the catalogue's rows made objects."""

from __future__ import annotations

import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from schemaops.database.observe.indexes import key_of
from schemaops.database.observe.postgres_catalogue import CURRENT_SETTINGS, SETTINGS, catalogue
from schemaops.database.observe.postgres_routines import (
    event_trigger_of,
    routine_address,
    routine_of,
    trigger_of,
)
from schemaops.database.observe.source import Source
from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Attribute,
    Check,
    Column,
    Comment,
    Composite,
    DefaultPrivileges,
    Domain,
    DomainCheck,
    Enum,
    Extension,
    ForeignKey,
    Generated,
    Grant,
    Identity,
    Index,
    IndexKey,
    Inheritance,
    Namespace,
    Object,
    Options,
    PartitionKey,
    Policy,
    PrimaryKey,
    Range,
    Sequence,
    Statistics,
    Sundry,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
    commented,
    granted,
)
from schemaops.schema.privileges import PRIVILEGES, canonical_set
from schemaops.schema.state import Schema
from schemaops.sql.domains import domain_check
from schemaops.sql.expressions import expression, is_null
from schemaops.sql.partitions import bound, partition_key
from schemaops.sql.queries import query
from schemaops.sql.scope import Callee, NotUnderstood, Relation, Scope, ScopeColumn, callee
from schemaops.sql.seldom import read_definition
from schemaops.sql.statistics import KINDS as STATISTICS
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names, plain
from schemaops.sql.sundry_kinds import KINDS
from schemaops.sql.types import column_type
from schemaops.sql.unmodelled import phrase, spelled

__all__ = ["observe_postgres", "read_objects"]

Row = dict[str, Any]


def observe_postgres(source: Source) -> Schema:
    """Return the schema that a PostgreSQL database holds."""
    return Schema.of("postgres", _Reader(_rows(source)).objects())


def read_objects(rows: dict[str, list[Row]]) -> Iterator[Object]:
    """Yield the objects that rows of the catalogue tell of."""
    return _Reader(rows).objects()


def _rows(source: Source) -> dict[str, list[Row]]:
    version, *before = source.query(
        f"SELECT current_setting('server_version_num'), {CURRENT_SETTINGS}"
    )[0]
    _set(source, SETTINGS)
    try:
        text = source.query(catalogue(int(version)))[0][0]
    except BaseException:
        # In a transaction that is now aborted this fails, and its end takes the settings back.
        with contextlib.suppress(SchemaOpsError):
            _set(source, dict(zip(SETTINGS, before, strict=True)))
        raise
    _set(source, dict(zip(SETTINGS, before, strict=True)))
    rows: dict[str, list[Row]] = json.loads(text)
    return rows


def _set(source: Source, settings: dict[str, str]) -> None:
    calls = ", ".join(
        f"pg_catalog.set_config('{name}', '{_quoted(value)}', false)"
        for name, value in settings.items()
    )
    source.query(f"SELECT {calls}")


def _quoted(value: str) -> str:
    return value.replace("'", "''")


_ACTIONS = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
_RELATION_KINDS = {"r": Kind.TABLE, "p": Kind.TABLE, "v": Kind.VIEW, "m": Kind.VIEW}
_OTHER_RELATIONS = {"f": "foreign table"}
_TYPE_KINDS = {
    "domains": Kind.DOMAIN,
    "composites": Kind.COMPOSITE,
    "ranges": Kind.RANGE,
}
_SEQUENCE_BOUNDS = {"smallint": 15, "integer": 31, "bigint": 63}


_OWN_TYPES: dict[tuple[str, bool], Expression] = {}


class _Reader:
    """The rows of one catalogue, and the addresses of what they tell of."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.rows = rows
        self.at: dict[tuple[str, int], Address] = {}
        self.relations: dict[int, Row] = {row["oid"]: row for row in rows["relations"]}
        self.columns: dict[int, list[Row]] = defaultdict(list)
        for row in rows["columns"]:
            self.columns[row["relation"]].append(row)
        self.by_name: dict[tuple[str, ...], int] = {}
        self.types: dict[tuple[str, ...], Address] = {}
        self.sequences: dict[tuple[str, ...], Address] = {}
        self.indexes: dict[int, Address] = {}
        self.tables_of: dict[int, int] = {}
        self.functions: dict[Address, list[Row]] = defaultdict(list)
        self.others_called: set[Address] = set()
        self.sundry_at: set[Address] = set()
        self._callees: dict[Address, Callee | None] = {}
        self._scopes: dict[int, Relation] = {}
        self._types: dict[tuple[str, bool], Expression] = {}
        self._note_addresses()
        self.domains = {self.at["pg_type", row["oid"]]: row for row in rows["domains"]}
        self.composites = {self.at["pg_type", row["oid"]]: row for row in rows["composites"]}

    def _note_addresses(self) -> None:
        for oid, row in self.relations.items():
            self.by_name[row["schema"], row["name"]] = oid
            kind = _RELATION_KINDS.get(row["kind"])
            self.at["pg_class", oid] = (
                _address(kind, row["schema"], row["name"])
                if kind
                else _other(_OTHER_RELATIONS[row["kind"]], row["schema"], row["name"])
            )
            self.types[row["schema"], row["name"]] = self.at["pg_class", oid]
        for row in self.rows["schemas"]:
            self.at["pg_namespace", row["oid"]] = _address(Kind.SCHEMA, row["name"])
        for row in self.rows["enums"]:
            at = _address(Kind.ENUM, row["schema"], row["name"])
            self.at["pg_type", row["oid"]] = self.types[row["schema"], row["name"]] = at
        for section, kind in _TYPE_KINDS.items():
            for row in self.rows[section]:
                at = _address(kind, row["schema"], row["name"])
                self.at["pg_type", row["oid"]] = self.types[row["schema"], row["name"]] = at
        for row in self.rows["domains"]:
            for check in row["checks"]:
                at = _address(Kind.CHECK, row["schema"], row["name"], check["name"])
                self.at["pg_constraint", check["oid"]] = at
        for row in self.rows["sequences"]:
            if row["deptype"] != "i":
                at = _address(Kind.SEQUENCE, row["schema"], row["name"])
                self.at["pg_class", row["oid"]] = at
                self.sequences[row["schema"], row["name"]] = at
        for row in self.rows["others"]:
            at = _place(row)
            # What the row is about has an address of its own where it is a table.
            self.at.setdefault((row["class"], row["oid"]), at)
            self.sundry_at.add(at)
            if row["class"] == "pg_type":
                self.types[tuple(row["names"])] = at
            if (family := at.family) is not None:
                self.others_called.add(family)
        for row in self.rows["routines"]:
            at = self.at["pg_proc", row["oid"]] = routine_address(row, self)
            if (family := at.family) is not None:
                self.functions[family].append(row)
        for row in self.rows["triggers"]:
            table = self.at["pg_class", row["relation"]]
            self.at["pg_trigger", row["oid"]] = table.child(Kind.TRIGGER, row["name"])
        for row in self.rows["event_triggers"]:
            self.at["pg_event_trigger", row["oid"]] = _address(Kind.EVENT_TRIGGER, row["name"])
        for row in self.rows["indexes"]:
            self.at["pg_class", row["oid"]] = self._index_address(row)
        for row in self.rows["statistics"]:
            at = _address(Kind.STATISTICS, row["schema"], row["name"])
            self.at["pg_statistic_ext", row["oid"]] = at
        for row in self.rows["policies"]:
            relation = self.relations[row["relation"]]
            path = (relation["schema"], relation["name"], row["name"])
            self.at["pg_policy", row["oid"]] = _address(Kind.POLICY, *path)
        for row in self.rows["constraints"]:
            kind = _CONSTRAINT_KINDS.get(row["type"])
            relation = self.relations[row["relation"]]
            path = (relation["schema"], relation["name"], row["name"])
            if row["type"] == "x":
                # Its index stands for it; what is said of the constraint is said of neither.
                self.indexes[row["oid"]] = _address(Kind.INDEX, relation["schema"], row["name"])
                self.tables_of[row["oid"]] = row["relation"]
                continue
            self.at["pg_constraint", row["oid"]] = (
                _address(kind, *path) if kind else _other("constraint", *path)
            )
            if row["index"] is not None:
                self.indexes[row["index"]] = self.at["pg_constraint", row["oid"]]

    def _index_address(self, row: Row) -> Address:
        if self.relations[row["relation"]]["kind"] in "rpm":
            return _address(Kind.INDEX, row["schema"], row["name"])
        return _other("index", row["schema"], row["name"])

    # -- names, for the readers of expressions (a scopes.Resolver)

    def relation(self, path: tuple[Name, ...]) -> Relation | None:
        """Return the table or view of that name."""
        oid = self.by_name.get(path)
        return None if oid is None else self.scope_of(oid)

    def type(self, path: tuple[Name, ...]) -> Address | None:
        """Return the type of that name."""
        return self.types.get(path)

    def attributes(self, at: Address) -> tuple[tuple[Name, Expression], ...]:
        """Return the attributes of a composite type in order, with their types."""
        row = self.composites.get(at)
        of_type = row["attributes"] if row else ()
        return tuple((Name(each["name"]), self.base_type_of(each)) for each in of_type)

    def sequence(self, path: tuple[Name, ...]) -> Address | None:
        """Return the sequence of that name."""
        return self.sequences.get(path)

    def sundry(self, path: tuple[Name, ...], kind: Kind) -> Address | None:
        """Return the object of that name that is of one of the kinds seldom used."""
        at = Address(kind, path)
        return at if at in self.sundry_at else None

    def lacks_function(self, path: tuple[Name, ...]) -> bool:  # noqa: ARG002
        """Return False: what the catalogue shows is there."""
        return False

    def function(self, path: tuple[Name, ...]) -> Callee | None:
        """Return the schema's function of that name."""
        family = Address(Kind.FUNCTION, path)
        if family not in self._callees:
            rows = self.functions.get(family, [])
            # Their defaults may call one another.
            found = callee(routine_of(row, self.at["pg_proc", row["oid"]], self) for row in rows)
            if family in self.others_called and (found is not None or not rows):
                found = Callee(family)
            self._callees[family] = found
        return self._callees[family]

    def scope_of(self, oid: int) -> Relation:
        """Return a relation with its columns, for a scope."""
        found = self._scopes.get(oid)
        if found is None:
            found = Relation(
                self.at["pg_class", oid],
                tuple(
                    ScopeColumn(self.column_at(oid, row["name"]), self.base_type_of(row))
                    for row in self.columns[oid]
                ),
            )
            self._scopes[oid] = found
        return found

    def column_at(self, oid: int, name: str) -> Address:
        """Return the address of a relation's column."""
        row = self.relations[oid]
        return _address(Kind.COLUMN, row["schema"], row["name"], name)

    def columns_at(self, oid: int, names: Iterable[str] | None) -> tuple[Address, ...]:
        """Return the addresses of a relation's columns."""
        return tuple(self.column_at(oid, name) for name in names or ())

    def type_of(self, row: Row) -> Expression:
        """Return a column's type."""
        key = row["type"], row["extension_type"] is not None
        # Only the server's own types are named without their schema: they read alike everywhere.
        known = self._types if key[1] or "." in key[0] else _OWN_TYPES
        found = known.get(key)
        if found is None:
            text = _SCHEMA_BEFORE.sub("", key[0]) if key[1] else key[0]
            found = known[key] = column_type(text, "postgres", Scope(self))
        return found

    def base_type_of(self, row: Row) -> Expression:
        """Return a column's type, or of a domain that which the server works with in its place."""
        return self._based(self.type_of(row))

    def _based(self, kind: Expression) -> Expression:
        match kind.normal:
            case (Address(kind=Kind.DOMAIN) as at,) if at in self.domains:
                return self._based(self.type_of(self.domains[at]))
        return kind

    def expression(self, text: str, oid: int, target: Expression | None = None) -> Expression:
        """Return an expression over a table's columns."""
        return expression(text, "postgres", Scope(self, self.scope_of(oid)), target)

    # -- objects

    def objects(self) -> Iterator[Object]:
        """Yield every object, tables before what stands in them."""
        found = ((self.at.get((row["class"], row["oid"])), row) for row in self.rows["owners"])
        roles = {at: row["role"] for at, row in found if at is not None}
        for thing in self._objects():
            role = roles.get(thing.at)
            known = role is not None and hasattr(thing, "owning_role")
            yield replace(thing, owning_role=role) if known else thing  # type: ignore[arg-type]

    def _objects(self) -> Iterator[Object]:
        yield from self._schemas()
        for row in self.rows["extensions"]:
            fixed = row["schema"] in ("public", "pg_catalog")
            options = () if fixed else (("schema", row["schema"]),)
            yield Extension(_address(Kind.EXTENSION, row["name"]), options)
        for row in self.rows["enums"]:
            yield Enum(self.at["pg_type", row["oid"]], tuple(row["values"]))
        yield from self._types_made_of_others()
        yield from self._sequences()
        identities = {
            (row["owner"], row["owner_column"]): row
            for row in self.rows["sequences"]
            if row["deptype"] == "i"
        }
        for oid, row in self.relations.items():
            yield from self._relation(oid, row)
            if row["kind"] in "rp":
                for column in self.columns[oid]:
                    yield self._column(oid, column, identities.get((oid, column["number"])))
        for row in self.rows["constraints"]:
            if self.relations[row["relation"]]["kind"] in "rp":
                yield from self._constraint(row)
        for row in self.rows["indexes"]:
            yield self._index(row)
        for row in self.rows["policies"]:
            yield self._policy(row)
        for row in self.rows["statistics"]:
            yield self._extended_statistics(row)
        for row in self.rows["routines"]:
            yield routine_of(row, self.at["pg_proc", row["oid"]], self, self._based)
        for row in self.rows["triggers"]:
            yield self._trigger(row)
        for row in self.rows["event_triggers"]:
            yield event_trigger_of(row, self.at["pg_proc", row["function"]])
        yield from self._others()
        yield from self._grants()
        yield from self._comments()

    def _schemas(self) -> Iterator[Object]:
        names = {row["name"] for row in self.rows["schemas"]}
        for name in sorted(names - {"public"}):
            yield Namespace(_address(Kind.SCHEMA, name))
        if "public" not in names:
            yield Unmodelled(_other("missing schema", "public"), "missing schema", "public")

    def _types_made_of_others(self) -> Iterator[Object]:
        for row in self.rows["domains"]:
            at, base = self.at["pg_type", row["oid"]], self.base_type_of(row)
            default = None
            if row["expression"] is not None:
                default = expression(row["expression"], "postgres", Scope(self), base)
                default = None if is_null(default, "postgres") else default
            checks = tuple(
                DomainCheck(
                    Name(check["name"]),
                    domain_check(check["expression"], at, base, self),
                    () if check["valid"] else (("not valid", "true"),),
                )
                for check in sorted(row["checks"], key=lambda check: check["name"])
            )
            kind = self.type_of(row)
            yield Domain(at, kind, not row["not_null"], default, row["collation"], checks)
        for row in self.rows["composites"]:
            attributes = tuple(
                Attribute(Name(each["name"]), self.type_of(each), each["collation"])
                for each in row["attributes"]
            )
            by_name = tuple(sorted(attributes, key=lambda each: each.name))
            order = tuple(each.name for each in attributes)
            yield Composite(self.at["pg_type", row["oid"]], by_name, order)
        for row in self.rows["ranges"]:
            words = ("opclass", "collation", "canonical", "subtype_diff", "multirange")
            options = {word.replace("_", " "): row[word] for word in words if row[word]}
            yield Range(self.at["pg_type", row["oid"]], self.type_of(row), _sorted(options))

    def _sequences(self) -> Iterator[Sequence]:
        for row in self.rows["sequences"]:
            if row["deptype"] == "i":
                continue
            owner = None
            if row["owner"] in self.relations:
                owner = self.part_at("pg_class", row["owner"], row["owner_column"])
            at = self.at["pg_class", row["oid"]]
            yield Sequence(at, row["type"], _sequence_options(row), owner)

    def part_at(self, catalog: str, oid: int, part: int) -> Address | None:
        """Return the address of an object, or of a relation's column by its number."""
        if part and oid in self.relations:
            for row in self.columns[oid]:
                if row["number"] == part:
                    return self.column_at(oid, row["name"])
            return None
        return self.at.get((catalog, oid))

    def _relation(self, oid: int, row: Row) -> Iterator[Object]:
        at = self.at["pg_class", oid]
        columns = self.columns[oid]
        names = tuple(Name(column["name"]) for column in columns)
        match row["kind"]:
            case "r" | "p":
                security = row["row_security"], row["forced"]
                yield Table(at, (), _table_options(row), row["comment"], *security)
                yield from self._table_facts(oid, row)
                yield from self._lineage(oid, row)
            case "v" | "m":
                body = row["query"].strip().rstrip(";")
                found = query(body, "postgres", Scope(self), names)
                options = dict(_options(row["options"]))
                if row["kind"] == "m":
                    options["materialized"] = "true"
                    if row["method"] not in (None, "heap"):
                        options["access method"] = row["method"]
                yield View(at, names, found.expression, _sorted(options))
            case _:
                yield self._unmodelled("pg_class", oid, self._foreign_table(oid, row), at=at)
        for column in columns:
            path = (row["schema"], row["name"], column["name"])
            table, name = spelled(*path[:2]), spelled(path[2])
            if row["kind"] == "v" and column["expression"] is not None:
                what, on = "column default", at
                text = f"ALTER VIEW {table} ALTER COLUMN {name} SET DEFAULT {column['expression']}"
            elif row["kind"] not in "vrp" and (settings := _column_settings(column)):
                what, on = "column setting", self.column_at(oid, column["name"])
                kind = "MATERIALIZED VIEW" if row["kind"] == "m" else "FOREIGN TABLE"
                text = "; ".join(
                    f"ALTER {kind} {table} ALTER COLUMN {name} SET {setting}"
                    for setting in settings
                )
            else:
                continue
            yield Unmodelled(_other(what, *path), what, text, (on,))

    def _foreign_table(self, oid: int, row: Row) -> str:
        parts = [
            f"{spelled(column['name'])} {column['type']}"
            + (
                f" COLLATE {spelled(*column['collation'].split('.'))}"
                if column["collation"]
                else ""
            )
            + (" NOT NULL" if column["not_null"] else "")
            + (f" DEFAULT {column['expression']}" if column["expression"] else "")
            for column in self.columns[oid]
        ]
        parts += sorted(
            f"CONSTRAINT {spelled(rule['name'])} CHECK ({rule['expression']})"
            for rule in self.rows["constraints"]
            if rule["relation"] == oid and rule["type"] == "c"
        )
        name = spelled(row["schema"], row["name"])
        return f"CREATE FOREIGN TABLE {name} ({', '.join(parts)}) {row['server']}"

    def _table_facts(self, oid: int, row: Row) -> Iterator[Unmodelled]:
        at = self.at["pg_class", oid]
        path = (row["schema"], row["name"])
        head = f"ALTER TABLE {spelled(*path)}"
        facts: dict[str, list[str]] = {}
        if row["of_type"] is not None:
            facts["typed table"] = [f"{head} OF {row['of_type']}"]
        for what, texts in facts.items():
            made_of = column_type(row["of_type"], "postgres", Scope(self)).addresses()
            yield Unmodelled(_other(what, *path), what, "; ".join(texts), (at, *made_of))

    def _lineage(self, oid: int, row: Row) -> Iterator[Object]:
        """Yield how a table's rows are parted, and what it stands below."""
        at = self.at["pg_class", oid]
        if row["partition_key"] is not None:
            strategy, keys = self._partition_key(oid)
            yield PartitionKey(at.child(Kind.PARTITION_KEY, "1"), strategy, keys)
        parents = [p for p in row["parents"] or () if p in self.relations]
        for number, parent in enumerate(parents, start=1):
            rows = None
            if row["bound"] is not None:
                rows = self._bound(row["bound"], parent)
            place = at.child(Kind.INHERITANCE, str(number))
            yield Inheritance(place, self.at["pg_class", parent], rows)

    def _partition_key(self, oid: int) -> tuple[str, tuple[IndexKey, ...]]:
        text: str = self.relations[oid]["partition_key"]
        try:
            return partition_key(text, Scope(self), self.scope_of(oid))
        except NotUnderstood:
            strategy, _, rest = text.partition(" ")
            return strategy.lower(), (IndexKey(Expression((rest,), (rest,))),)

    def _bound(self, text: str, parent: int) -> Expression:
        try:
            return bound(text, self._parted_by(parent), Scope(self))
        except NotUnderstood:
            return Expression((text,), (text,))

    def _parted_by(self, oid: int) -> list[Expression | None]:
        """Return the types of a partitioned table's keys, as far as they are columns."""
        _, keys = self._partition_key(oid)
        types = {column.at: column.type for column in self.scope_of(oid).columns}
        found: list[Expression | None] = []
        for key in keys:
            whole = key.expression.normal
            known = len(whole) == 1 and isinstance(whole[0], Address)
            found.append(types.get(whole[0]) if known and isinstance(whole[0], Address) else None)
        return found

    def _column(self, oid: int, row: Row, sequence: Row | None) -> Column:
        kind = self.type_of(row)
        default = generated = identity = None
        if row["expression"] is not None:
            value = self.expression(row["expression"], oid, self.base_type_of(row))
            if row["generated"]:
                generated = Generated(value, row["generated"] == "s")
            elif not is_null(value, "postgres"):
                default = value
        if row["identity"] and sequence is not None:
            options = dict(_sequence_options(sequence, row["type"]))
            options["sequence name"] = sequence["name"]
            identity = Identity(row["identity"] == "a", tuple(sorted(options.items())))
        return Column(
            self.column_at(oid, row["name"]),
            kind,
            nullable=not row["not_null"],
            default=default,
            generated=generated,
            identity=identity,
            collation=row["collation"],
            comment=row["comment"],
            settings=_settings(row),
            inherited=not row["local"] and self.relations[oid]["bound"] is None,
        )

    def _constraint(self, row: Row) -> Iterator[Object]:
        if row["type"] == "x":
            return
        oid = row["relation"]
        at = self.at["pg_constraint", row["oid"]]
        columns = self.columns_at(oid, row["columns"])
        flags = {
            "deferrable": row["deferrable"],
            "initially deferred": row["deferred"],
            "not valid": not row["validated"] and row["enforced"],
            "not enforced": not row["enforced"],
            "no inherit": row["no_inherit"] and row["type"] == "c",
            "inherited": not row["local"],
            "nulls not distinct": not row["nulls_distinct"],
            "without overlaps": row["period"] and row["type"] in "pu",
            "period": row["period"] and row["type"] == "f",
            "match": row["match"] == "f",
            "clustered": row["clustered"],
            "replica identity": row["replica_identity"],
        }
        options = {key: "true" for key, on in flags.items() if on}
        if "match" in options:
            options["match"] = "full"
        options |= dict(_options(row["storage"]))
        include = self.columns_at(oid, row["include"])
        match row["type"]:
            case "p":
                yield PrimaryKey(at, columns, True, _sorted(options), include)
            case "u":
                yield Unique(at, columns, True, _sorted(options), include)
            case "c":
                text = row["expression"]
                yield Check(at, self.expression(text, oid), True, _sorted(options))
            case "f":
                if row["set_columns"]:
                    options["set columns"] = ", ".join(row["set_columns"])
                path = (row["referred_schema"], row["referred_name"])
                yield ForeignKey(
                    at,
                    columns,
                    _address(Kind.TABLE, *path),
                    tuple(_address(Kind.COLUMN, *path, name) for name in row["referred"]),
                    _ACTIONS[row["on_delete"]],
                    _ACTIONS[row["on_update"]],
                    True,
                    _sorted(options),
                )
            case _:
                # A NOT NULL that every version has is a fact of its column.
                if row["type"] == "n" and ("not valid" in options or row["no_inherit"]):
                    table = self.at["pg_class", oid]
                    head = f"ALTER TABLE {spelled(*table.path)} ADD CONSTRAINT"
                    text = f"{head} {spelled(row['name'])} {row['definition']}"
                    yield Unmodelled(at, "constraint", text, (table, *columns))

    def _index(self, row: Row) -> Object:
        oid = row["relation"]
        table, at = self.at["pg_class", oid], self.at["pg_class", row["oid"]]
        if at.kind is not Kind.INDEX:
            return Unmodelled(at, "index", row["definition"], (table,))
        count = row["key_count"]
        keys = []
        for text, column, written in zip(
            row["keys"], row["columns"][:count], _index_keys(row), strict=True
        ):
            if column is not None:
                here = (self.column_at(oid, column),)
                value = Expression(here, here)
            else:
                value = self.expression(text, oid)
            keys.append(key_of(value, written))
        where = row["predicate"]
        options = dict(_options(row["options"]))
        options |= {
            key: "true"
            for key, on in (
                ("nulls not distinct", row["nulls_not_distinct"]),
                ("invalid", not row["valid"]),
                ("inherited", row["partition"]),
                ("clustered", row["clustered"]),
                ("replica identity", row["replica_identity"]),
                ("deferrable", row["deferrable"]),
                ("initially deferred", row["deferred"]),
            )
            if on
        }
        if row["excluding"]:
            options["exclude"] = ", ".join(row["excluding"])
        return Index(
            at,
            table,
            tuple(keys),
            unique=row["unique"],
            where=None if where is None else self.expression(where, oid),
            method=None if row["method"] == "btree" else row["method"],
            include=self.columns_at(oid, row["columns"][count:]),
            options=_sorted(options),
        )

    def _policy(self, row: Row) -> Policy:
        oid = row["relation"]
        using, check = (
            None if row[key] is None else self.expression(row[key], oid)
            for key in ("using", "check")
        )
        at = self.at["pg_policy", row["oid"]]
        roles = tuple(sorted(row["roles"]))
        return Policy(at, row["command"], roles, using, check, row["permissive"])

    def _trigger(self, row: Row) -> Trigger:
        oid = row["relation"]
        return trigger_of(
            row,
            self.at["pg_trigger", row["oid"]],
            self.scope_of(oid),
            self,
            lambda name: self.column_at(oid, name),
            self.at.get(("pg_proc", row["function"])),
        )

    def _extended_statistics(self, row: Row) -> Statistics:
        oid = row["relation"]
        columns = sorted(self.columns_at(oid, row["columns"]), key=str)
        keys = [Expression((at,), (at,)) for at in columns]
        keys += [self.expression(text, oid) for text in row["expressions"] or ()]
        kinds = tuple(sorted(row["kinds"] or ()))
        whole = len(kinds) == len(STATISTICS) or len(keys) == 1
        at = self.at["pg_statistic_ext", row["oid"]]
        table = self.at["pg_class", oid]
        return Statistics(at, table, tuple(keys), () if whole else kinds, row["target"])

    def _others(self) -> Iterator[Sundry | Unmodelled]:
        for row in self.rows["others"]:
            if row["class"] == "pg_default_acl":
                continue  # its statements are made where those of all access lists are
            base = None
            if row["on_class"] is not None:
                base = self.at.get((row["on_class"], row["on_oid"]))
                if base is None:
                    continue
            at = _place(row)
            if at.kind in KINDS:
                yield self._sundry(row, at)
            else:
                yield self._unmodelled(row["class"], row["oid"], row["definition"], at, base)

    def _sundry(self, row: Row, at: Address) -> Sundry:
        text = row["definition"].strip()
        try:
            found = read_definition(at.kind, text, self._names())
        except (SchemaOpsError, RecursionError):
            used = self._uses().get((row["class"], row["oid"]), set()) - {at}
            return plain(at, text, sorted(used))
        self.at[row["class"], row["oid"]] = found.at
        return found

    def _names(self) -> Names:
        def own(names: tuple[Name, ...], kind: Kind) -> Address | None:
            at = Address(kind, names)
            return at if at in self.sundry_at else None

        return Names(
            self,
            lambda parts: tuple(name for name, _ in parts),
            lambda _token, _at: None,
            own,
            there=True,
        )

    def _unmodelled(
        self, catalog: str, oid: int, definition: str, at: Address, base: Address | None = None
    ) -> Unmodelled:
        used = {} if base is None else {base: None}
        for found in sorted(self._uses().get((catalog, oid), ())):
            used.setdefault(found)
        used.pop(at, None)
        return Unmodelled(at, str(at.path[0]), definition.strip(), tuple(used))

    def _uses(self) -> dict[tuple[str, int], set[Address]]:
        if not hasattr(self, "_used"):
            self._used: dict[tuple[str, int], set[Address]] = defaultdict(set)
            for row in self.rows["uses"]:
                found = self.part_at(row["used_class"], row["used"], row["part"])
                if found is not None:
                    self._used[row["class"], row["oid"]].add(found)
        return self._used

    def _grants(self) -> Iterator[Object]:
        seen: set[Address] = set()
        for row in self.rows["grants"]:
            at = self.part_at(row["class"], row["oid"], row["part"])
            if at is None:
                continue
            made = list(self._granted(row, at))
            # Two owners who are both outside may say the same.
            yield from (thing for thing in made if thing.at not in seen)
            seen |= {thing.at for thing in made}

    def _granted(self, row: Row, at: Address) -> Iterator[Object]:
        kind = _default_kind(at) or at.kind
        if kind in PRIVILEGES:
            given, first = row["given"] or {}, row["first"] or {}
            for role in sorted((given.keys() | first.keys()) - {""}):
                yield from _grants_to(at, kind, role, given.get(role, ()), first.get(role, ()))
            # The owner may do everything from the first, who ever owned it then.
            whole = {"": list(row["every"] or ())}
            row = {**row, "given": _of_owner(given), "first": whole if "" in given else {}}
            if _default_kind(at) is not None:
                return
        text = "; ".join(_privileges(row, at))
        if text and at.path[0] == "default privileges":
            yield Unmodelled(at, "default privileges", text)
        elif text:
            yield _about("grant", at, text)

    def _comments(self) -> Iterator[Object]:
        for row in self.rows["comments"]:
            at = self.part_at(row["class"], row["oid"], row["part"])
            said = f"IS {string_literal(row['text'], 'postgres')}"
            if at is not None and at.kind is not Kind.UNMODELLED:
                if at.kind not in _HOLD_COMMENTS:
                    yield Comment(commented(at), at, row["text"])
            elif at is not None:
                yield _about("comment", at, f"COMMENT ON {phrase(at)} {said}")
            elif not _OWN.search(row["identity"]):
                key = self.indexes.get(row["oid"])
                other = _other("comment", row["type"], row["identity"])
                text = f"COMMENT ON {row['type'].upper()} {row['identity']} {said}"
                on: tuple[Address, ...] = () if key is None else (key,)
                if row["type"] == "table constraint":
                    text = f"COMMENT ON CONSTRAINT {row['identity']} {said}"
                    on += () if key is None else (self.at["pg_class", self.tables_of[row["oid"]]],)
                yield Unmodelled(other, "comment", text, on)
        yield from self._labels()

    def _labels(self) -> Iterator[Unmodelled]:
        for row in self.rows["labels"]:
            at = self.part_at(row["class"], row["oid"], row["part"])
            if at is not None:
                label = string_literal(row["text"], "postgres")
                head = f"SECURITY LABEL FOR {spelled(row['provider'])} ON {phrase(at)}"
                yield _about(f"{row['provider']} security label", at, f"{head} IS {label}")


_CONSTRAINT_KINDS = {
    "p": Kind.PRIMARY_KEY,
    "u": Kind.UNIQUE,
    "c": Kind.CHECK,
    "f": Kind.FOREIGN_KEY,
}
_SCHEMA_BEFORE = re.compile(r'\A(?:"(?:[^"]|"")*"|\w+)\.')
_OWN = re.compile(r"\bschemaops(?:_archive)?\.")


def _address(kind: Kind, *names: str) -> Address:
    return Address(kind, tuple(map(Name, names)))


def _other(what: str, *names: str) -> Address:
    return _address(Kind.UNMODELLED, what, *names)


def _place(row: Row) -> Address:
    """Return where what has no type of its own stands."""
    kind = _SUNDRY.get(row["what"])
    if kind is None:
        return _other(row["what"], *row["names"])
    names = row["names"]
    if kind in (Kind.CAST, Kind.USER_MAPPING):
        between = " AS " if kind is Kind.CAST else " SERVER "
        first, second = names if kind is Kind.CAST else (spelled(names[1]), names[0])
        return _address(kind, f"{first}{between}{second}")
    return _address(kind, *names)


_SUNDRY = {kind.value: kind for kind in KINDS}


def _names(at: Address) -> tuple[Name, ...]:
    return at.path[1:] if at.kind is Kind.UNMODELLED else at.path


def _about(what: str, at: Address, text: str) -> Unmodelled:
    """Return what is said about an object that has an address."""
    names = at.path if at.kind is Kind.UNMODELLED else (str(at.kind), *at.path)
    return Unmodelled(_other(what, *names), what, text, (at,))


def _options(settings: list[str] | None) -> Options:
    return tuple(
        sorted((key, value) for key, _, value in (s.partition("=") for s in settings or ()))
    )


def _sorted(options: dict[str, str]) -> Options:
    return tuple(sorted(options.items()))


def _table_options(row: Row) -> Options:
    options = dict(_options(row["options"]))
    options |= {f"toast.{key}": value for key, value in _options(row["toast_options"])}
    if row["persistence"] == "u":
        options["unlogged"] = "true"
    if row["method"] not in (None, "heap"):
        options["access method"] = row["method"]
    if row["identity"] != "d":
        options["replica identity"] = {"f": "full", "n": "nothing"}.get(row["identity"], "index")
    return _sorted(options)


def _sequence_options(row: Row, owner_type: str | None = None) -> Options:
    bits = _SEQUENCE_BOUNDS[row["type"]]
    rising = int(row["increment"]) > 0
    least, most = (1, 2**bits - 1) if rising else (-(2**bits), -1)
    first = row["minimum"] if rising else row["maximum"]
    defaults = {
        "increment": "1",
        "minimum": str(least),
        "maximum": str(most),
        "start": first,
        "cache": "1",
    }
    options = {key: row[key] for key, default in defaults.items() if row[key] != default}
    if row["cycle"]:
        options["cycle"] = "true"
    if owner_type is not None and owner_type != row["type"]:
        options["type"] = row["type"]
    # An identity's sequence is as lasting as its table.
    if owner_type is None and row["persistence"] == "u":
        options["unlogged"] = "true"
    return _sorted(options)


_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}


def _settings(row: Row) -> Options:
    storage, compression = row["storage"], row["compression"]
    said = {
        "statistics": None if row["target"] is None else str(row["target"]),
        "storage": _STORAGE[storage].lower() if storage else None,
        "compression": _COMPRESSION[compression] if compression else None,
    }
    return _sorted(
        dict(_options(row["options"])) | {key: value for key, value in said.items() if value}
    )


def _column_settings(row: Row) -> list[str]:
    settings = []
    if row["options"]:
        settings.append(f"({', '.join(sorted(row['options']))})")
    if row["target"] is not None:
        settings.append(f"STATISTICS {row['target']}")
    if row["storage"]:
        settings.append(f"STORAGE {_STORAGE[row['storage']]}")
    if row["compression"]:
        settings.append(f"COMPRESSION {_COMPRESSION[row['compression']]}")
    return settings


def _privileges(row: Row, at: Address) -> Iterator[str]:
    """Yield the statements that give each role what it has beyond what it had at first, and take
    what it lacks of that."""
    given, first = row["given"] or {}, row["first"] or {}
    every = set(row["every"] or ())
    head, on = _granted(at)
    column = f" ({spelled(at.name)})" if at.kind is Kind.COLUMN else ""
    for grantee in sorted(given.keys() | first.keys()):
        now, then = set(given.get(grantee, ())), set(first.get(grantee, ()))
        role = spelled(grantee) if grantee else "CURRENT_USER"
        role = "PUBLIC" if grantee == "public" else role
        taken = {privilege.rstrip("*") for privilege in then} - {p.rstrip("*") for p in now}
        if taken:
            yield f"{head}REVOKE {_listed(taken, every, column)} ON {on} FROM {role}"
        passed_on = {p.rstrip("*") for p in now - then if p.endswith("*")}
        if plain := {p for p in now - then if not p.endswith("*")}:
            yield f"{head}GRANT {_listed(plain, every, column)} ON {on} TO {role}"
        if passed_on:
            text = _listed(passed_on, every, column)
            yield f"{head}GRANT {text} ON {on} TO {role} WITH GRANT OPTION"


_HOLD_COMMENTS = (Kind.FUNCTION, Kind.PROCEDURE, Kind.TRIGGER, Kind.EVENT_TRIGGER)
_DEFAULT_KINDS = {
    "tables": Kind.TABLE,
    "sequences": Kind.SEQUENCE,
    "functions": Kind.FUNCTION,
    "types": Kind.ENUM,
    "schemas": Kind.SCHEMA,
}


def _default_kind(at: Address) -> Kind | None:
    """Return of which kind of object an access list says what is so by default."""
    if at.path[0] != "default privileges":
        return None
    return _DEFAULT_KINDS.get(str(at.path[3]))


def _of_owner(held: dict[str, list[str]]) -> dict[str, list[str]]:
    return {role: names for role, names in held.items() if not role}


def _grants_to(
    at: Address, kind: Kind, role: str, given: Iterable[str], first: Iterable[str]
) -> Iterator[Grant | DefaultPrivileges]:
    """Yield what a role may do beyond what it may from the first, and what it may no longer."""
    held = {name.rstrip("*"): name.endswith("*") for name in given}
    then = {name.rstrip("*") for name in first}
    found = [
        (name, grantable, False)
        for name, grantable in canonical_set(kind, held).items()
        if grantable or name not in then
    ]
    found += [(name, False, True) for name in sorted(then - held.keys())]
    for name, grantable, revoked in found:
        if _default_kind(at) is None:
            yield Grant(granted(at, role, name), at, role, name, grantable, revoked)
            continue
        creator, space, what = at.path[1:]
        place = _address(Kind.DEFAULT_PRIVILEGES, space, creator, what, role, name)
        yield DefaultPrivileges(
            place,
            _address(Kind.SCHEMA, space),
            str(what),
            role,
            name,
            grantable,
            revoked,
            str(creator),
        )


def _listed(privileges: set[str], every: set[str], column: str) -> str:
    if privileges == every:
        return "ALL"
    return ", ".join(privilege + column for privilege in sorted(privileges))


def _granted(at: Address) -> tuple[str, str]:
    """Return what stands before GRANT, and what its ON names."""
    if at.path[0] == "default privileges":
        role, space, what = at.path[1:]
        head = "ALTER DEFAULT PRIVILEGES "
        head += f"FOR ROLE {spelled(role)} " if role else ""
        head += f"IN SCHEMA {spelled(space)} " if space else ""
        return head, what.upper()
    if at.kind is Kind.COLUMN:
        return "", f"TABLE {spelled(*at.path[:-1])}"
    word, _, name = phrase(at).partition(" ")
    match at.kind:
        case Kind.VIEW:
            return "", f"TABLE {name}"
        case Kind.UNMODELLED if at.path[0] in ("materialized view", "foreign table"):
            return "", f"TABLE {spelled(*at.path[1:])}"
        case Kind.SERVER:
            return "", f"FOREIGN SERVER {name}"
        case Kind.WRAPPER:
            return "", f"FOREIGN DATA WRAPPER {spelled(at.name)}"
        case Kind.AGGREGATE:
            return "", f"FUNCTION {name.replace('(*)', '()')}"
    return "", f"{word} {name}"


def _index_keys(row: Row) -> Iterator[str]:
    """Yield what stands behind each key's text in an index's definition."""
    definition: str = row["definition"]
    # What stands before USING are names, shown in quotes where they hold a parenthesis.
    start = definition.index(f" USING {row['method']} (") + len(f" USING {row['method']} (")
    for text in row["keys"]:
        if not definition.startswith(text, start):
            start = definition.index(text, start)
        start += len(text)
        end = _key_end(definition, start)
        yield definition[start:end]
        start = end + 2


def _key_end(text: str, start: int) -> int:
    depth, quote = 0, ""
    for place in range(start, len(text)):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif depth == 0 and char in ",)":
            return place
        elif char in "()":
            depth += 1 if char == "(" else -1
    return len(text)
