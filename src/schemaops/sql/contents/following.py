"""Following: tables taken through the operations of statements, rows and all.

    follower = Follower(schema, contents)
    for group in line:
        follower.take(group)
    follower.contents()

What it cannot follow makes the tables that it may write unknown. Where it cannot tell whether the
engine would refuse a statement, that is a doubt; where it can tell, `Refused` is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from schemaops.names import Address, Kind, Relocation
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Reorder, Rows
from schemaops.operations.group import Group
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    PrimaryKey,
    Table,
    Unique,
)
from schemaops.schema.objects import (
    Sequence as SequenceObject,
)
from schemaops.schema.state import Schema
from schemaops.sql import tree
from schemaops.sql.contents.evaluator import Evaluator, Frame, Row, Seen, marked, parsed_expression
from schemaops.sql.contents.keeping import Doubt, Keys, holds
from schemaops.sql.contents.storing import Refused, stored
from schemaops.sql.contents.values import UNKNOWN, Kept, Unknown, Value, compared, identical
from schemaops.sql.grammar import parse_rows
from schemaops.sql.lexer import UnreadableSql
from schemaops.sql.scope import NotUnderstood

__all__ = ["Contents", "Follower"]

MOST_ROWS = 500
"""Tables with more rows are taken as unknown: following costs by the row."""

_Rows = list[dict[Address, Value]]


@dataclass(frozen=True, slots=True)
class Contents:
    """The rows of the tables whose every row is known, and the last number each counter gave."""

    tables: Mapping[Address, tuple[Row, ...]] = field(default_factory=dict)
    counters: Mapping[Address, int] = field(default_factory=dict)

    def alike(self, other: Contents, within: Iterable[Address]) -> bool | None:
        """Whether some tables hold the same rows in both, None where that cannot be told."""
        told: bool | None = True
        for at in within:
            mine, its = self.tables.get(at), other.tables.get(at)
            if mine is None or its is None:
                told = None
                continue
            same = _same_rows(mine, its)
            if same is False:
                return False
            if same is None:
                told = None
        return told


def _same_rows(one: Sequence[Row], other: Sequence[Row]) -> bool | None:
    left = list(other)
    missing = 0
    unsure = False
    for row in one:
        at = next((i for i, found in enumerate(left) if _same_row(row, found)), None)
        if at is not None:
            del left[at]
            continue
        missing += 1
        unsure = unsure or any(isinstance(v, Unknown) for v in row.values())
    if not missing and not left:
        return True
    unsure = unsure or any(isinstance(v, Unknown) for row in left for v in row.values())
    return None if unsure and len(one) == len(other) else False


def _same_row(one: Row, other: Row) -> bool:
    return one.keys() == other.keys() and all(identical(one[at], other[at]) for at in one)


class Follower:
    """Tables on their way through statements. `touched` are those whose rows may have changed;
    `doubts` say where the engine may refuse what is not known well enough."""

    def __init__(self, schema: Schema, contents: Contents) -> None:
        self.schema = schema
        self.touched: set[Address] = set()
        self.doubts: list[str] = []
        self._tables: dict[Address, _Rows] = {
            at: [dict(row) for row in rows] for at, rows in contents.tables.items()
        }
        self._counters: dict[Address, int] = dict(contents.counters)

    def contents(self) -> Contents:
        """Return what is known now."""
        tables = {at: tuple(rows) for at, rows in self._tables.items()}
        return Contents(tables, dict(self._counters))

    def take(self, group: Group) -> None:
        """Take the tables through a statement; raise Refused."""
        for operation in group.operations:
            if isinstance(operation, Drop) and isinstance(operation.thing, Table):
                self._dropping(operation.at)
        for operation in group.operations:
            self._operation(operation, group)

    # -- operations

    def _operation(self, operation: Operation, group: Group) -> None:
        before = self.schema
        if isinstance(operation, Rows):
            self._rows(operation)
            return
        if isinstance(operation, Opaque):
            self._opaque(operation, group)
            return
        self.schema = operation.apply(before)
        match operation:
            case Create(thing=thing):
                self._created(thing)
            case Drop(thing=Table(at=at)):
                self._tables.pop(at, None)
                self.touched.discard(at)
            case Drop(thing=Column(at=at)):
                for row in self._tables.get(Address(Kind.TABLE, at.path[:-1]), ()):
                    row.pop(at, None)
                self._counters.pop(at, None)
            case Drop():
                self._counters.pop(operation.at, None)
            case Rename():
                self._renamed(operation)
            case Alter():
                self._altered(operation, before, group)
            case Reorder():
                return

    def _opaque(self, operation: Opaque, group: Group) -> None:
        if operation.effect is not None and operation.how.startswith("declared"):
            for inner in operation.effect:
                self._operation(inner, group)
            return
        self.touched.update(self._tables)
        self._tables.clear()
        self._counters.clear()
        self.schema = operation.apply(self.schema)
        self.doubts.append("a statement that is not understood")

    def _created(self, thing: object) -> None:
        match thing:
            case Table(at=at):
                self._tables[at] = []
                self.touched.add(at)
            case Column():
                self._new_column(thing)
            case SequenceObject(at=at):
                self._counters[at] = _start(thing.options) - 1
            case Check(at=at) if "not valid" not in dict(thing.options):
                for row in self._known(Address(Kind.TABLE, at.path[:-1]), f"check {at}"):
                    self._kept(holds(self._evaluator_of(thing.expression), row), at)
            case PrimaryKey() | Unique() | Index(unique=True):
                self._unique(thing)
            case ForeignKey(at=at) if "not valid" not in dict(thing.options):
                child = Address(Kind.TABLE, at.path[:-1])
                for row in self._known(child, f"foreign key {at}"):
                    self._refers(thing, row)

    def _new_column(self, column: Column) -> None:
        if column.identity is not None:
            self._counters[column.at] = _start(column.identity.options) - 1
        elif column.auto_increment:
            self._counters[column.at] = 0
        rows = self._tables.get(column.table)
        if not rows:
            return
        self.touched.add(column.table)
        numbered = column.identity is not None or column.auto_increment
        value: Value = UNKNOWN
        if not numbered and column.generated is None:
            value = self._default(column, constant=True)
        for row in rows:
            row[column.at] = value
        if column.generated is not None:
            for row in rows:
                row[column.at] = self._generated(column, row)
        elif not column.nullable and value is None:
            if self.schema.dialect == "postgres":
                raise Refused(f"column {column.at} has no value for the rows that are there")
            for row in rows:
                row[column.at] = UNKNOWN

    def _renamed(self, operation: Rename) -> None:
        where = Relocation(((operation.old, operation.new),))
        self._tables = {
            where(at): [{where(c): v for c, v in row.items()} for row in rows]
            for at, rows in self._tables.items()
        }
        self._counters = {where(at): last for at, last in self._counters.items()}
        self.touched = {where(at) for at in self.touched}

    def _altered(self, operation: Alter, before: Schema, group: Group) -> None:
        at, thing = operation.at, self.schema.get(operation.at)
        if isinstance(thing, Enum) and operation.fact == "values":
            self._relabelled(thing, operation)
        if not isinstance(thing, Column):
            return
        rows = self._tables.get(thing.table)
        if operation.fact in ("identity", "auto_increment"):
            self._counters.pop(at, None)
            if thing.identity is not None:
                self._counters[at] = _start(thing.identity.options) - 1
        if not rows:
            if rows is None and operation.fact in ("type", "nullable"):
                self.doubts.append(f"the rows of {thing.table}")
            return
        match operation.fact:
            case "nullable" if not thing.nullable:
                for row in rows:
                    if row[at] is None:
                        raise Refused(f"{at} is NULL in a row")
                    if row[at] is UNKNOWN:
                        self.doubts.append(f"whether {at} is NULL in a row")
            case "type":
                self.touched.add(thing.table)
                plain = "USING" not in group.text.upper() or _casts_only(group.text)
                for row in rows:
                    row[at] = self._converted(row[at], thing, before) if plain else UNKNOWN
                self._regenerated(thing.table)
            case "generated" | "collation":
                self.touched.add(thing.table)
                for row in rows:
                    row[at] = UNKNOWN
            case _:
                return

    def _relabelled(self, enum: Enum, operation: Alter) -> None:
        old, new = operation.before, operation.after
        if len(old) != len(new):
            return
        names = {a: b for a, b in zip(old, new, strict=True) if a != b}
        for rows in self._tables.values():
            for row in rows:
                for at, value in row.items():
                    column = self.schema.get(at)
                    if isinstance(column, Column) and enum.at in set(column.type.addresses()):
                        if isinstance(value, str) and value in names:
                            row[at] = names[value]

    def _converted(self, value: Value, column: Column, before: Schema) -> Value:
        old = before.column(column.at)
        if value is None or isinstance(value, Unknown):
            return value if value is None else UNKNOWN
        if self.schema.dialect == "mysql" and isinstance(value, str):
            if str(column.type).startswith(("int", "bigint", "smallint", "decimal", "tinyint")):
                return UNKNOWN  # it cuts what does not fit, or refuses, as the mode says
        if isinstance(value, Decimal) and str(old.type).startswith(("numeric", "decimal")):
            if str(column.type).startswith(("text", "character", "varchar")):
                return UNKNOWN
        return stored(value, column, self.schema)

    def _regenerated(self, table: Address) -> None:
        rows = self._tables.get(table)
        for column in self.schema.columns(table):
            if column.generated is not None:
                for row in rows or ():
                    row[column.at] = self._generated(column, row)

    # -- reading

    def _rows_of(self, at: Address) -> Sequence[Row] | None:
        return self._tables.get(at)

    def _evaluator(self, holes: Mapping[str, Address]) -> Evaluator:
        return Evaluator(self.schema, holes, self._rows_of)

    def _evaluator_of(self, expression: Expression) -> Callable[[Row], Value]:
        read = parsed_expression(expression, self.schema.dialect)
        if read is None:
            return lambda _: UNKNOWN
        node, holes = read
        evaluator = Evaluator(self.schema, holes)
        return lambda row: evaluator.of(node, Frame((Seen(row),)))

    def _known(self, at: Address, what: str) -> _Rows:
        rows = self._tables.get(at)
        if rows is None:
            self.doubts.append(f"{what} over rows that are not known")
            return []
        return rows

    def _kept(self, value: Value, at: Address) -> None:
        if value is False:
            raise Refused(f"a row breaks {at.kind} {at}")
        if isinstance(value, Unknown):
            self.doubts.append(f"whether a row keeps {at.kind} {at}")

    # -- defaults, numbers, generated values

    def _default(self, column: Column, *, constant: bool = False) -> Value:
        if self._is_rowid(column):
            return UNKNOWN if constant else self._next_rowid(column)
        if column.identity is not None or column.auto_increment:
            return UNKNOWN if constant else self._next(column.at)
        if column.default is None:
            return None
        read = parsed_expression(column.default, self.schema.dialect)
        if read is None:
            return UNKNOWN
        node, holes = read
        evaluator = Evaluator(self.schema, holes, call=None if constant else self._nextval)
        return stored(evaluator.of(node, Frame()), column, self.schema)

    def _nextval(self, node: tree.Call, evaluator: Evaluator, frame: Frame) -> Value:
        del frame
        if node.name[0].text.lower() != "nextval" or len(node.arguments) != 1:
            return UNKNOWN
        argument = node.arguments[0]
        if isinstance(argument, tree.Cast):
            argument = argument.operand
        if not isinstance(argument, tree.String):
            return UNKNOWN
        at = evaluator.holes.get(argument.value.split(".")[-1].strip('"'))
        return UNKNOWN if at is None else self._next(at)

    def _next(self, at: Address) -> Value:
        last = self._counters.get(at)
        if last is None:
            return UNKNOWN
        thing = self.schema.get(at)
        options = thing.options if isinstance(thing, SequenceObject) else ()
        if isinstance(thing, Column) and thing.identity is not None:
            options = thing.identity.options
        self._counters[at] = last + int(dict(options).get("increment", "1"))
        return Decimal(last + 1 if last + 1 == _start(options) else self._counters[at])

    def _is_rowid(self, column: Column) -> bool:
        if self.schema.dialect != "sqlite" or str(column.type).lower() != "integer":
            return False
        table = self.schema.table(column.table)
        if "without rowid" in dict(table.options):
            return False
        return any(k.columns == (column.at,) for k in self.schema.parts(table.at, PrimaryKey))

    def _next_rowid(self, column: Column) -> Value:
        highest = 0
        for row in self._tables.get(column.table, ()):
            value = row.get(column.at)
            if not isinstance(value, Decimal):
                return UNKNOWN
            highest = max(highest, int(value))
        if column.auto_increment:
            last = self._counters.get(column.at)
            return UNKNOWN if last is None else Decimal(max(highest, last) + 1)
        return Decimal(highest + 1)

    def _note_number(self, column: Column, value: Value) -> None:
        """Let the counter of a column know of a number that was given to it."""
        counts = column.auto_increment and self.schema.dialect in ("mysql", "sqlite")
        if not counts:
            return
        if not isinstance(value, Decimal):
            self._counters.pop(column.at, None)
        elif column.at in self._counters:
            self._counters[column.at] = max(self._counters[column.at], int(value))

    def _generated(self, column: Column, row: Row) -> Value:
        assert column.generated is not None
        value = self._evaluator_of(column.generated.expression)(row)
        return stored(value, column, self.schema)

    # -- data statements

    def _rows(self, rows: Rows) -> None:
        self.touched.add(rows.table)
        try:
            self._statement(rows)
        except Doubt as doubt:
            self.doubts.append(str(doubt))
            self._lose(rows.table, set())

    def _lose(self, table: Address, seen: set[Address]) -> None:
        """Take the rows of a table as unknown, and those that foreign keys take along."""
        if table in seen:
            return
        seen.add(table)
        self.touched.add(table)
        self._tables.pop(table, None)
        if table not in self.schema:
            return
        for thing in self.schema.referrers(table):
            if isinstance(thing, ForeignKey) and thing.table == table:
                if thing.on_delete not in _STAY or thing.on_update not in _STAY:
                    self._lose(Address(Kind.TABLE, thing.at.path[:-1]), seen)
        for column in self.schema.columns(table):
            self._counters.pop(column.at, None)
            if column.default is not None:
                for at in column.default.addresses():
                    self._counters.pop(at, None)

    def _statement(self, rows: Rows) -> None:
        if rows.table not in self._tables or not isinstance(self.schema.get(rows.table), Table):
            raise Doubt(f"rows of {rows.table} are not known")
        text, holes = marked(rows.text)
        try:
            node = parse_rows(text, self.schema.dialect)
        except (NotUnderstood, UnreadableSql, RecursionError) as error:
            raise Doubt("a data statement that is not followed") from error
        match node:
            case tree.Insert(ctes=()):
                self._insert(rows, node, holes)
            case tree.Update(sources=(), order=(), limit=None, ctes=(), conflict=""):
                self._update(rows, node, holes)
            case tree.Delete(named=(), using=(), order=(), limit=None, ctes=()):
                self._delete(rows, node, holes)
            case tree.Truncate():
                self._truncate(rows.table, node)
            case _:
                raise Doubt("a data statement that is not followed")
        if len(self._tables.get(rows.table, ())) > MOST_ROWS:
            self._tables.pop(rows.table)

    # -- INSERT

    def _insert(self, rows: Rows, node: tree.Insert, holes: Mapping[str, Address]) -> None:
        table, columns = rows.table, self.schema.columns(rows.table)
        named = rows.columns
        if node.columns is not None:
            found = [holes.get(token.text) for token in node.columns]
            if any(at is None for at in found):
                raise Doubt("a column that is not known")
            named = tuple(at for at in found if at is not None)
        given = self._given(rows, node, holes, len(named))
        if len(node.conflicts) > 1:
            raise Doubt("an INSERT with several clauses about conflicts")
        conflict = node.conflicts[0] if node.conflicts else None
        listed = node.source is not None and isinstance(node.source.body, tree.Values)
        if not listed and len(given) > 1:
            numbered = any(c.at not in named and self._numbers(c) for c in columns)
            if numbered and not all(_all_identical(given[0], row) for row in given):
                raise Doubt("the order in which rows are numbered")
        always = {c.at for c in columns if c.identity is not None and c.identity.always}
        if always & set(named) and not node.overriding:
            raise Refused(f"{min(always)} takes no values")
        for cells in given:
            self._insert_row(table, dict(zip(named, cells, strict=True)), node, conflict, holes)
        if self.schema.dialect == "mysql" and (conflict is not None or len(given) > 1):
            for column in columns:
                # Numbers are set aside before it is known which rows need them.
                if column.auto_increment:
                    self._counters.pop(column.at, None)

    def _numbers(self, column: Column) -> bool:
        calls = column.default is not None and any(
            at.kind is Kind.SEQUENCE for at in column.default.addresses()
        )
        return bool(column.identity or column.auto_increment or calls or self._is_rowid(column))

    def _given(
        self, rows: Rows, node: tree.Insert, holes: Mapping[str, Address], width: int
    ) -> list[tuple[Value, ...]]:
        if node.source is None:
            return [()]
        evaluator = self._evaluator(holes)
        if isinstance(node.source.body, tree.Values):
            found: list[tuple[Value, ...]] | None = [
                tuple(
                    _DEFAULT if _is_default(cell) else evaluator.of(cell, Frame()) for cell in row
                )
                for row in node.source.body.rows
            ]
        else:
            found = evaluator.rows(node.source, Frame())
        if found is None:
            raise Doubt(f"the rows that are written to {rows.table}")
        if any(len(row) != width for row in found):
            raise Doubt("rows of another width")
        return found

    def _insert_row(
        self,
        table: Address,
        given: dict[Address, Value],
        node: tree.Insert,
        conflict: tree.Conflict | None,
        holes: Mapping[str, Address],
    ) -> None:
        row: dict[Address, Value] = {}
        for column in self.schema.columns(table):
            value = given.get(column.at, _DEFAULT)
            if column.generated is not None:
                if value is not _DEFAULT:
                    raise Refused(f"{column.at} is generated")
                continue
            asked = value is None and self._takes_null_for_a_number(column)
            if column.auto_increment and self.schema.dialect == "mysql" and value == 0:
                asked = True
            if value is _DEFAULT or asked:
                value = self._default(column)
            else:
                value = stored(value, column, self.schema)
            row[column.at] = value
        for column in self.schema.columns(table):
            if column.generated is not None:
                row[column.at] = UNKNOWN
        for column in self.schema.columns(table):
            if column.generated is not None:
                row[column.at] = self._generated(column, row)
        ignores = self._ignores(node)
        if not self._accept(table, row, ignores=ignores):
            return
        keys = self._keys(table)
        meeting = keys.meeting(row, self._tables[table])
        if meeting:
            if conflict is None:
                raise Refused(f"a row of {table} meets another in {meeting[0][0]}")
            if not self._meets(table, row, meeting, conflict, holes):
                return
        for column in self.schema.columns(table):
            self._note_number(column, row[column.at])
        self._tables[table].append(row)
        self._refer_all(table, row)

    def _takes_null_for_a_number(self, column: Column) -> bool:
        return self._is_rowid(column) or (column.auto_increment and self.schema.dialect == "mysql")

    def _ignores(self, node: tree.Insert) -> bool:
        """Whether a row that breaks any rule is passed over (SQLite's OR IGNORE)."""
        return (
            self.schema.dialect == "sqlite"
            and len(node.conflicts) == 1
            and node.conflicts[0] == tree.Conflict("nothing")
        )

    def _accept(self, table: Address, row: Row, *, ignores: bool = False) -> bool:
        """Return whether a row goes in; raise Refused where it may not stand."""
        for column in self.schema.columns(table):
            value = row[column.at]
            required = not column.nullable or self._is_rowid(column)
            if required and value is None:
                if ignores:
                    raise Doubt(f"whether a row without {column.at} is passed over")
                raise Refused(f"{column.at} is NULL in a row")
            if required and value is UNKNOWN:
                raise Doubt(f"whether {column.at} is NULL")
            if self._is_rowid(column) and isinstance(value, str):
                raise Refused(f"{column.at} takes integers only")
        for check in self.schema.parts(table, Check):
            if "not enforced" in dict(check.options):
                continue
            kept = holds(self._evaluator_of(check.expression), row)
            if kept is False:
                if ignores:
                    raise Doubt(f"whether a row that breaks {check.at} is passed over")
                raise Refused(f"a row breaks check {check.at}")
            if isinstance(kept, Unknown):
                raise Doubt(f"whether a row keeps check {check.at}")
        return True

    def _meets(
        self,
        table: Address,
        row: dict[Address, Value],
        meeting: Sequence[tuple[Address, Row]],
        conflict: tree.Conflict,
        holes: Mapping[str, Address],
    ) -> bool:
        """Do what an INSERT says about rows that are there; return whether the row still goes in."""
        if conflict.constraint is not None or conflict.target_where is not None:
            raise Doubt("a conflict's target that is not followed")
        if conflict.targets:
            wanted = self._targets(conflict.targets, holes)
            columns = dict(self._keys(table).plain())
            if any(columns.get(at) != wanted for at, _ in meeting):
                raise Doubt("a row that meets another in a key that is no target")
        met = meeting[0][1]
        if any(found is not met for _, found in meeting):
            raise Doubt("a row that meets several")
        there = next(found for found in self._tables[table] if found is met)
        match conflict.action:
            case "nothing":
                return False
            case "replace":
                self._remove(table, [there])
                return True
            case "update":
                self._upsert(table, row, there, conflict, holes)
                return False
            case _:
                raise Doubt("a conflict's action that is not followed")

    def _upsert(
        self,
        table: Address,
        row: dict[Address, Value],
        there: dict[Address, Value],
        conflict: tree.Conflict,
        holes: Mapping[str, Address],
    ) -> None:
        frame = Frame((Seen(there, table), Seen(row, table, "excluded", aside=True)))
        evaluator = self._evaluator(holes)
        evaluator.call = _values_of(row)
        if conflict.where is not None:
            test = evaluator.condition(conflict.where, frame)
            if isinstance(test, Unknown):
                raise Doubt("whether a row is updated")
            if test is not True:
                return
        self._set(table, [(there, self._assigned(conflict.sets, evaluator, frame, holes))])

    def _targets(
        self, targets: Sequence[tree.Node], holes: Mapping[str, Address]
    ) -> tuple[Address, ...]:
        found = []
        for target in targets:
            if not isinstance(target, tree.Column) or target.parts[-1].text not in holes:
                raise Doubt("a conflict's target that is not followed")
            found.append(holes[target.parts[-1].text])
        return tuple(sorted(found))

    # -- UPDATE

    def _update(self, rows: Rows, node: tree.Update, holes: Mapping[str, Address]) -> None:
        if len(node.targets) != 1 or not isinstance(node.targets[0], tree.Table):
            raise Doubt("an UPDATE of several tables")
        alias = node.targets[0].alias
        evaluator = self._evaluator(holes)
        changes = []
        name = None if alias is None else alias.text
        chosen = self._chosen(rows.table, node.where, evaluator, name)
        evaluator.read.clear()
        for row in chosen:
            frame = Frame((Seen(row, rows.table, name),))
            changes.append((row, self._assigned(node.sets, evaluator, frame, holes)))
        # WHERE is settled before a row is written; what is assigned may see rows written already.
        if rows.table in evaluator.read and self.schema.dialect != "postgres":
            raise Doubt(f"a query over {rows.table}, which is written")
        self._set(rows.table, changes)

    def _assigned(
        self,
        sets: Sequence[tree.SetItem],
        evaluator: Evaluator,
        frame: Frame,
        holes: Mapping[str, Address],
    ) -> dict[Address, Value]:
        found: dict[Address, Value] = {}
        for item in sets:
            if len(item.columns) != 1:
                raise Doubt("several columns assigned at once")
            at = holes.get(item.columns[0].parts[-1].text)
            column = None if at is None else self.schema.get(at)
            if at is None or not isinstance(column, Column):
                raise Doubt("a column that is not known")
            if _is_default(item.value):
                value = self._default(column)
            else:
                if self.schema.dialect == "mysql" and found:
                    # Its assignments see those before them.
                    first = frame.seen[0]
                    seen = Seen({**first.row, **found}, first.table, first.name)
                    frame = Frame((seen, *frame.seen[1:]), frame.outer)
                value = stored(self._raw(item.value, evaluator, frame), column, self.schema)
            if column.generated is not None:
                raise Refused(f"{at} is generated")
            if column.identity is not None and column.identity.always:
                if not _is_default(item.value):
                    raise Refused(f"{at} takes no values")
            found[at] = value
        return found

    def _raw(self, node: tree.Node, evaluator: Evaluator, frame: Frame) -> Value:
        if isinstance(node, tree.Column):
            at = evaluator.holes.get(node.parts[-1].text)
            seen = frame.seen[0]
            if at is not None and at in seen.row and len(node.parts) == 1:
                return seen.row[at]
        return evaluator.of(node, frame)

    def _chosen(
        self, table: Address, where: tree.Item | None, evaluator: Evaluator, name: str | None
    ) -> _Rows:
        chosen = []
        for row in self._tables[table]:
            test: Value = True
            if where is not None:
                test = evaluator.condition(where.value, Frame((Seen(row, table, name),)))
            if isinstance(test, Unknown):
                raise Doubt(f"which rows of {table} are meant")
            if test is True:
                chosen.append(row)
        return chosen

    def _set(
        self, table: Address, changes: Sequence[tuple[dict[Address, Value], dict[Address, Value]]]
    ) -> None:
        keys = self._keys(table)
        olds = [(row, dict(row)) for row, _ in changes]
        written = {at for _, sets in changes for at in sets}
        for row, sets in changes:
            row.update(sets)
            for column in self.schema.columns(table):
                if column.generated is not None:
                    row[column.at] = UNKNOWN
            for column in self.schema.columns(table):
                if column.generated is not None:
                    row[column.at] = self._generated(column, row)
        for row, _ in changes:
            self._accept(table, row)
        rows = self._tables[table]
        for row, _ in changes:
            for at, _ in keys.meeting(row, [other for other in rows if other is not row]):
                raise Refused(f"a row of {table} meets another in {at}")
        # The engine looks after each row: one may meet another that is still to be changed.
        for i, (row, _) in enumerate(changes):
            others = [old for j, (_, old) in enumerate(olds) if j != i]
            if keys.meeting(row, others):
                raise Doubt("the order in which rows are updated")
        for (row, old), _ in zip(olds, changes, strict=True):
            self._refer_all(table, row, written)
            self._rekeyed(table, old, row)
            for column in self.schema.columns(table):
                if column.at in written and self.schema.dialect == "sqlite":
                    continue  # only what is inserted counts there
                if column.at in written:
                    self._counters_after_update(column, row[column.at])

    def _counters_after_update(self, column: Column, value: Value) -> None:
        if column.auto_increment and self.schema.dialect == "mysql":
            last = self._counters.get(column.at)
            if not isinstance(value, Decimal) or last is None or value > last:
                self._counters.pop(column.at, None)

    def _rekeyed(self, table: Address, old: Row, new: Row) -> None:
        for key in self._referring(table):
            if all(identical(old[at], new[at]) for at in key.referred):
                continue
            child = Address(Kind.TABLE, key.at.path[:-1])
            rows = self._tables.get(child)
            if rows is None:
                raise Doubt(f"whether rows of {child} refer to what is changed")
            for row in rows:
                same = _matches(key, row, old, self.schema.dialect)
                if same is False:
                    continue
                if same is True and key.on_update in ("no action", "restrict"):
                    if not any(
                        _matches(key, row, other, self.schema.dialect) is True
                        for other in self._tables[table]
                    ):
                        raise Refused(f"a row of {child} refers to what is changed")
                raise Doubt(f"what becomes of rows of {child}")

    # -- DELETE, TRUNCATE, DROP TABLE

    def _delete(self, rows: Rows, node: tree.Delete, holes: Mapping[str, Address]) -> None:
        if len(node.sources) != 1 or not isinstance(node.sources[0], tree.Table):
            raise Doubt("a DELETE from several tables")
        alias = node.sources[0].alias
        evaluator = self._evaluator(holes)
        name = None if alias is None else alias.text
        self._remove(rows.table, self._chosen(rows.table, node.where, evaluator, name))

    def _remove(self, table: Address, chosen: Sequence[Row]) -> None:
        """Take rows out, and do to those that refer to them what their foreign keys say."""
        if not chosen:
            return
        self.touched.add(table)
        left = [row for row in self._tables[table] if not any(row is one for one in chosen)]
        self._tables[table] = left
        for key in self._referring(table):
            child = Address(Kind.TABLE, key.at.path[:-1])
            rows = self._tables.get(child)
            if rows is None:
                raise Doubt(f"whether rows of {child} refer to what is deleted")
            orphans = []
            for row in rows:
                found = [_matches(key, row, one, self.schema.dialect) for one in chosen]
                if any(isinstance(same, Unknown) for same in found):
                    raise Doubt(f"whether a row of {child} refers to what is deleted")
                if any(same is True for same in found):
                    orphans.append(row)
            if not orphans:
                continue
            match key.on_delete:
                case "cascade":
                    self._remove(child, orphans)
                case "set null":
                    if "set columns" in dict(key.options):
                        raise Doubt(f"what becomes of rows of {child}")
                    self.touched.add(child)
                    nulls: dict[Address, Value] = dict.fromkeys(key.columns)
                    self._set(child, [(row, nulls) for row in orphans])
                case "no action" | "restrict":
                    raise Refused(f"a row of {child} refers to what is deleted")
                case _:
                    raise Doubt(f"what becomes of rows of {child}")

    def _truncate(self, table: Address, node: tree.Truncate) -> None:
        children = [Address(Kind.TABLE, key.at.path[:-1]) for key in self._referring(table)]
        if any(child != table for child in children):
            raise Refused(f"{table} is referred to")
        self._tables[table] = []
        for column in self.schema.columns(table):
            if column.auto_increment:
                self._counters[column.at] = 0
        if "RESTART" in " ".join(map(str, node.options)).upper():
            for column in self.schema.columns(table):
                self._counters.pop(column.at, None)

    def _dropping(self, table: Address) -> None:
        """Do to the rows of others what dropping a table does (SQLite deletes its rows first)."""
        if self.schema.dialect != "sqlite" or table not in self.schema:
            return
        rows = self._tables.get(table)
        if not list(self._referring(table)):
            return
        if rows is None:
            self.doubts.append(f"what dropping {table} does to rows that refer to it")
            self._lose(table, set())
            return
        try:
            self._remove(table, list(rows))
        except Doubt as doubt:
            self.doubts.append(str(doubt))
            self._lose(table, set())

    # -- keys

    def _keys(self, table: Address) -> Keys:
        return Keys(self.schema, table)

    def _unique(self, thing: PrimaryKey | Unique | Index) -> None:
        table = thing.table if isinstance(thing, Index) else Address(Kind.TABLE, thing.at.path[:-1])
        rows = self._known(table, f"{thing.at.kind} {thing.at}")
        keys = Keys(self.schema, table, only=thing.at)
        for i, row in enumerate(rows):
            try:
                if isinstance(thing, PrimaryKey) and self.schema.dialect != "sqlite":
                    if any(row[at] is None for at in thing.columns):
                        raise Refused(f"a column of {thing.at} is NULL in a row")
                    if any(row[at] is UNKNOWN for at in thing.columns):
                        self.doubts.append("whether a column of a key is NULL")
                if keys.meeting(row, rows[:i]):
                    raise Refused(f"two rows of {table} meet in {thing.at}")
            except Doubt as doubt:
                self.doubts.append(str(doubt))

    def _referring(self, table: Address) -> list[ForeignKey]:
        found = self.schema.referrers(table)
        keys = [key for key in found if isinstance(key, ForeignKey) and key.table == table]
        own = [k for k in self.schema.parts(table, ForeignKey) if k.table == table]
        return list(dict.fromkeys([*keys, *own]))

    def _refer_all(self, table: Address, row: Row, written: set[Address] | None = None) -> None:
        for key in self.schema.parts(table, ForeignKey):
            if written is None or written & set(key.columns):
                self._refers(key, row, raising=True)

    def _refers(self, key: ForeignKey, row: Row, *, raising: bool = False) -> None:
        """Hold a row to a foreign key; raise Refused."""
        try:
            self._refer(key, row)
        except Doubt as doubt:
            if raising:
                raise
            self.doubts.append(str(doubt))

    def _refer(self, key: ForeignKey, row: Row) -> None:
        if key.table not in self.schema and self.schema.dialect == "sqlite":
            raise Refused(f"there is no table {key.table}, which foreign key {key.at} names")
        cells = [row[at] for at in key.columns]
        if any(cell is None for cell in cells):
            if len(cells) > 1 and any(cell is not None for cell in cells) and key.options:
                raise Doubt(f"whether a row keeps foreign key {key.at}")
            return
        if {"deferrable", "initially deferred", "not enforced"} & set(dict(key.options)):
            raise Doubt(f"when foreign key {key.at} is looked at")
        parents = self._tables.get(key.table)
        if parents is None or key.table not in self.schema:
            raise Doubt(f"the rows of {key.table}")
        found = [_matches(key, row, parent, self.schema.dialect) for parent in parents]
        if any(same is True for same in found):
            return
        if any(isinstance(same, Unknown) for same in found):
            raise Doubt(f"whether a row keeps foreign key {key.at}")
        raise Refused(f"a row breaks foreign key {key.at}")


_STAY = ("no action", "restrict")
_DEFAULT = Kept("default")


def _is_default(node: tree.Node) -> bool:
    return isinstance(node, tree.Constant) and node.text.upper() == "DEFAULT"


def _values_of(row: Row) -> Callable[[tree.Call, Evaluator, Frame], Value]:
    def call(node: tree.Call, evaluator: Evaluator, frame: Frame) -> Value:
        del frame
        if node.name[0].text.lower() != "values" or len(node.arguments) != 1:
            return UNKNOWN
        argument = node.arguments[0]
        if not isinstance(argument, tree.Column):
            return UNKNOWN
        at = evaluator.holes.get(argument.parts[-1].text)
        return UNKNOWN if at is None else row.get(at, UNKNOWN)

    return call


def _start(options: tuple[tuple[str, str], ...]) -> int:
    found = dict(options)
    return int(found.get("start", found.get("minimum", "1")))


def _casts_only(text: str) -> bool:
    """Whether what follows USING is a column and casts of it."""
    using = text.upper().rsplit("USING", 1)[1]
    return all(c.isalnum() or c in '_: (),"' for c in using) and "(" not in using.split("::")[0]


def _all_identical(one: Sequence[Value], other: Sequence[Value]) -> bool:
    return all(identical(a, b) for a, b in zip(one, other, strict=True))


def _matches(key: ForeignKey, child: Row, parent: Row, dialect: str) -> Value:
    """Whether a row refers to another by a foreign key."""
    found: Value = True
    for mine, its in zip(key.columns, key.referred, strict=True):
        one, other = child.get(mine, UNKNOWN), parent.get(its, UNKNOWN)
        if one is None or other is None:
            return False
        same = compared("=", one, other, dialect)
        if same is False:
            return False
        if same is not True:
            found = UNKNOWN
    return found
