"""Writing: data statements carried out over the rows of a state.

Raises `Refused` where the engine would, `Doubt` where it cannot be told what it would do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemaops.names import Address
from schemaops.operations import Rows
from schemaops.schema.objects import Check, Column, ForeignKey, Table
from schemaops.sql import tree
from schemaops.sql.contents.evaluator import Evaluator, marked
from schemaops.sql.contents.frames import Frame, Row, Seen
from schemaops.sql.contents.keeping import Doubt, Keys, holds
from schemaops.sql.contents.numbers import Numbers
from schemaops.sql.contents.references import Change, References
from schemaops.sql.contents.state import State, table_of
from schemaops.sql.contents.storing import Refused, stored
from schemaops.sql.contents.values import UNKNOWN, Kept, Unknown, Value, identical
from schemaops.sql.grammar import parse_rows
from schemaops.sql.lexer import UnreadableSql
from schemaops.sql.scope import NotUnderstood

__all__ = ["Writer"]

MOST_ROWS = 500
"""Tables with more rows are taken as unknown: following costs by the row."""

Holes = Mapping[str, Address]

_DEFAULT = Kept("default")


class Writer:
    """Writes to the tables of a state."""

    def __init__(self, state: State, numbers: Numbers) -> None:
        self._state = state
        self._numbers = numbers
        self.references = References(state, self.change)

    def write(self, rows: Rows) -> None:
        """Carry out a data statement; raise Refused, Doubt."""
        state = self._state
        if rows.table not in state.tables or not isinstance(state.schema.get(rows.table), Table):
            raise Doubt(f"rows of {rows.table} are not known")
        self._must_have_parents(rows.table)
        text, holes = marked(rows.text)
        try:
            node = parse_rows(text, state.dialect)
        except (NotUnderstood, UnreadableSql, RecursionError) as error:
            raise Doubt("a data statement that is not followed") from error
        self.references.begin()
        match node:
            case tree.Insert():
                self._insert(rows, node, holes)
            case tree.Update(order=(), limit=None, conflict=""):
                self._update(rows, node, holes)
            case tree.Delete(order=(), limit=None):
                self._delete(rows, node, holes)
            case tree.Truncate():
                self._truncate(rows.table, node)
            case _:
                raise Doubt("a data statement that is not followed")
        self.references.settle()
        if len(state.tables.get(rows.table, ())) > MOST_ROWS:
            state.tables.pop(rows.table)

    def _must_have_parents(self, table: Address) -> None:
        """Raise Doubt where a foreign key of SQLite names a table that is gone: it may not prepare what
        writes to either, whatever rows there are."""
        schema = self._state.schema
        if schema.dialect != "sqlite":
            return
        left, seen = [table], set[Address]()
        while left:
            at = left.pop()
            if at not in seen and at in schema:
                seen.add(at)
                left += [table_of(key.at) for key in self._state.referring(at)]
                if any(key.table not in schema for key in schema.parts(at, ForeignKey)):
                    self._doubt(f"whether {at} is written to without a table that it refers to")

    # -- INSERT

    def _insert(self, rows: Rows, node: tree.Insert, holes: Holes) -> None:
        columns = self._state.schema.columns(rows.table)
        named = rows.columns
        if node.columns is not None:
            found = [holes.get(token.text) for token in node.columns]
            if any(at is None for at in found):
                raise Doubt("a column that is not known")
            named = tuple(at for at in found if at is not None)
        given = self._given(rows, node, holes, len(named))
        if len(node.conflicts) > 1:
            raise Doubt("an INSERT with several clauses about conflicts")
        listed = node.source is not None and isinstance(node.source.body, tree.Values)
        unsure: set[Address] = set()
        if not listed and not all(_all_identical(given[0], row) for row in given):
            unsure = {c.at for c in columns if c.at not in named and self._numbers.gives(c)}
            if unsure:
                self._doubt("the order in which rows are numbered")
        always = {c.at for c in columns if c.identity is not None and c.identity.always}
        if always & set(named) and not node.overriding:
            raise Refused(f"{min(always)} takes no values")
        for cells in given:
            row = dict(zip(named, cells, strict=True))
            self._insert_row(rows.table, row, node, holes, unsure)
        if self._state.dialect == "mysql" and (node.conflicts or len(given) > 1):
            for column in columns:
                # Numbers are used up before it is known which rows go in.
                if column.auto_increment:
                    self._state.counters.pop(column.at, None)

    def _evaluator(self, holes: Holes, ctes: Sequence[tree.Cte]) -> Evaluator:
        evaluator = self._state.evaluator(holes)
        if not evaluator.define(ctes):
            raise Doubt("a WITH that is not followed")
        return evaluator

    def _given(
        self, rows: Rows, node: tree.Insert, holes: Holes, width: int
    ) -> list[tuple[Value, ...]]:
        if node.source is None:
            return [()]
        evaluator = self._evaluator(holes, node.ctes)
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

    def _doubt(self, what: str) -> None:
        """Raise Doubt of what a statement does, unless it is known to run."""
        if not self._state.trusted:
            raise Doubt(what)

    def _insert_row(
        self,
        table: Address,
        given: dict[Address, Value],
        node: tree.Insert,
        holes: Holes,
        unsure: set[Address],
    ) -> None:
        row = self._made(table, given)
        if unsure:
            row.update(dict.fromkeys(unsure, UNKNOWN))
            self._numbers.regenerate(table, [row])
        if not self._accept(table, row, ignores=_ignores(node, self._state.dialect)):
            return
        keys = Keys(self._state.schema, table)
        meeting = self._meeting(keys, row, self._state.tables[table], bool(node.conflicts))
        if meeting:
            if not node.conflicts:
                raise Refused(f"a row of {table} meets another in {meeting[0][0]}")
            if not self._met(table, row, meeting, node.conflicts[0], keys, holes):
                return
        for column in self._state.schema.columns(table):
            self._numbers.note(column, row[column.at])
        self._state.wrote(table)
        self._state.tables[table].append(row)
        self.references.refer_all(table, row)

    def _meeting(
        self, keys: Keys, row: Row, others: Sequence[Row], may: bool = False
    ) -> list[tuple[Address, Row]]:
        """Return the rows that a row meets; where it `may` meet some, raise Doubt."""
        try:
            return keys.meeting(row, others)
        except Doubt as doubt:
            if may:
                raise
            self._doubt(str(doubt))
            return []

    def _made(self, table: Address, given: dict[Address, Value]) -> dict[Address, Value]:
        """Return the whole row that an INSERT makes of what it names."""
        row: dict[Address, Value] = {}
        for column in self._state.schema.columns(table):
            value = given.get(column.at, _DEFAULT)
            if column.generated is not None:
                if value is not _DEFAULT:
                    raise Refused(f"{column.at} is generated")
                continue
            if value is _DEFAULT or self._numbers.asked(column, value):
                row[column.at] = self._numbers.default(column)
            else:
                row[column.at] = stored(value, column, self._state.schema)
        self._numbers.regenerate(table, [row])
        return row

    def _accept(self, table: Address, row: Row, *, ignores: bool = False) -> bool:
        """Return whether a row goes in; raise Refused where it may not stand, Doubt."""
        for column in self._state.schema.columns(table):
            value = row[column.at]
            is_rowid = self._numbers.is_rowid(column)
            if is_rowid or not column.nullable:
                if value is UNKNOWN:
                    self._unkept(f"whether {column.at} is NULL", ignores=ignores)
                if value is None:
                    return self._passed_over(f"{column.at} is NULL in a row", ignores=ignores)
            if is_rowid and isinstance(value, str):
                raise Refused(f"{column.at} takes integers only")
        for check in self._state.schema.parts(table, Check):
            if "not enforced" in dict(check.options):
                continue
            kept = holds(self._state.evaluated(check.expression), row)
            if kept is False:
                return self._passed_over(f"a row breaks check {check.at}", ignores=ignores)
            if isinstance(kept, Unknown):
                self._unkept(f"whether a row keeps check {check.at}", ignores=ignores)
        return True

    def _unkept(self, what: str, *, ignores: bool) -> None:
        if ignores:
            raise Doubt(what)
        self._doubt(what)

    def _passed_over(self, why: str, *, ignores: bool) -> bool:
        if not ignores:
            raise Refused(why)
        if self._state.dialect != "sqlite":
            raise Doubt(f"whether a row is passed over: {why}")
        return False

    def _met(
        self,
        table: Address,
        row: dict[Address, Value],
        meeting: Sequence[tuple[Address, Row]],
        conflict: tree.Conflict,
        keys: Keys,
        holes: Holes,
    ) -> bool:
        """Do what an INSERT says about rows that are there; return whether the row still goes in."""
        if conflict.constraint is not None or conflict.target_where is not None:
            raise Doubt("a conflict's target that is not followed")
        if conflict.targets:
            wanted = _targets(conflict.targets, holes)
            columns = dict(keys.plain())
            if any(columns.get(at) != wanted for at, _ in meeting):
                raise Doubt("a row that meets another in a key that is no target")
        if conflict.action == "nothing":
            return False
        met = meeting[0][1]
        if any(found is not met for _, found in meeting):
            raise Doubt("a row that meets several")
        there = next(found for found in self._state.tables[table] if found is met)
        match conflict.action:
            case "replace":
                self.references.remove(table, [there])
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
        holes: Holes,
    ) -> None:
        frame = Frame((Seen(there, table), Seen(row, table, "excluded", aside=True)))
        evaluator = self._state.evaluator(holes)
        evaluator.call = _values_of(row)
        if conflict.where is not None:
            test = evaluator.condition(conflict.where, frame)
            if isinstance(test, Unknown):
                raise Doubt("whether a row is updated")
            if test is not True:
                return
        self.change(table, [(there, self._assigned(conflict.sets, evaluator, frame))])

    # -- UPDATE

    def _update(self, rows: Rows, node: tree.Update, holes: Holes) -> None:
        target, others = _target(rows.table, (*node.targets, *node.sources), holes)
        evaluator = self._evaluator(holes, node.ctes)
        name = None if target.alias is None else target.alias.text
        where = None if node.where is None else node.where.value
        chosen = self._chosen(rows.table, name, others, where, evaluator)
        evaluator.read.clear()
        changes: list[Change] = []
        for row, frames in chosen:
            made = [self._assigned(node.sets, evaluator, frame) for frame in frames]
            if any(not _same_cells(made[0], other) for other in made[1:]):
                self._doubt("which of several rows an UPDATE takes its values from")
                made[0] = dict.fromkeys(made[0], UNKNOWN)
            changes.append((row, made[0]))
        # WHERE is settled before a row is written; what is assigned may see rows written already.
        if rows.table in evaluator.read and self._state.dialect != "postgres":
            self._doubt(f"a query over {rows.table}, which is written")
            changes = [(row, dict.fromkeys(sets, UNKNOWN)) for row, sets in changes]
        self.change(rows.table, changes)

    def _chosen(
        self,
        table: Address,
        name: str | None,
        others: Sequence[tree.From],
        where: tree.Node | None,
        evaluator: Evaluator,
    ) -> list[tuple[dict[Address, Value], list[Frame]]]:
        """Return the rows that a statement is for, each with the frames in which it is found."""
        found = []
        for row in self._state.tables[table]:
            frames = evaluator.joined(others, Frame((Seen(row, table, name),)))
            if frames is None:
                raise Doubt("a join that is not followed")
            kept = []
            for frame in frames:
                test: Value = True if where is None else evaluator.condition(where, frame)
                if isinstance(test, Unknown):
                    raise Doubt(f"which rows of {table} are meant")
                if test is True:
                    kept.append(frame)
            if kept:
                found.append((row, kept))
        return found

    def _assigned(
        self, sets: Sequence[tree.SetItem], evaluator: Evaluator, frame: Frame
    ) -> dict[Address, Value]:
        found: dict[Address, Value] = {}
        for item in sets:
            if len(item.columns) != 1:
                raise Doubt("several columns assigned at once")
            at = evaluator.holes.get(item.columns[0].parts[-1].text)
            column = None if at is None else self._state.schema.get(at)
            if at is None or not isinstance(column, Column):
                raise Doubt("a column that is not known")
            if column.generated is not None:
                raise Refused(f"{at} is generated")
            if _is_default(item.value):
                found[at] = self._numbers.default(column)
                continue
            if column.identity is not None and column.identity.always:
                raise Refused(f"{at} takes no values")
            if self._state.dialect == "mysql" and found:
                # Its assignments see those before them.
                first = frame.seen[0]
                seen = Seen({**first.row, **found}, first.table, first.name)
                frame = Frame((seen, *frame.seen[1:]), frame.outer)
            found[at] = stored(evaluator.raw(item.value, frame), column, self._state.schema)
        return found

    def change(self, table: Address, changes: Sequence[Change]) -> None:
        """Write cells of rows; raise Refused, Doubt."""
        if not changes:
            return
        self._state.wrote(table)
        keys = Keys(self._state.schema, table)
        olds = [dict(row) for row, _ in changes]
        written = {at for _, sets in changes for at in sets}
        for row, sets in changes:
            row.update(sets)
        self._numbers.regenerate(table, [row for row, _ in changes])
        for row, _ in changes:
            self._accept(table, row)
        rows = self._state.tables[table]
        for row, _ in changes:
            for at, _ in self._meeting(keys, row, [other for other in rows if other is not row]):
                raise Refused(f"a row of {table} meets another in {at}")
        # The engine looks after each row: one may meet another that is still to be changed.
        for i, (row, _) in enumerate(changes):
            if self._meeting(keys, row, [*olds[:i], *olds[i + 1 :]]):
                self._doubt("the order in which rows are updated")
        for (row, _), old in zip(changes, olds, strict=True):
            self.references.refer_all(table, row, written)
            self.references.rekeyed(table, old, row)
            self._outran(table, row, written)

    def _outran(self, table: Address, row: Row, written: set[Address]) -> None:
        """Forget the counter of a MySQL column that an UPDATE may have put ahead of it."""
        if self._state.dialect != "mysql":
            return
        for column in self._state.schema.columns(table):
            if column.auto_increment and column.at in written:
                last, value = self._state.counters.get(column.at), row[column.at]
                if last is None or isinstance(value, Unknown | str | None) or value > last:
                    self._state.counters.pop(column.at, None)

    # -- DELETE, TRUNCATE

    def _delete(self, rows: Rows, node: tree.Delete, holes: Holes) -> None:
        target, others = _target(rows.table, (*node.sources, *node.using), holes)
        name = None if target.alias is None else target.alias.text
        where = None if node.where is None else node.where.value
        evaluator = self._evaluator(holes, node.ctes)
        chosen = self._chosen(rows.table, name, others, where, evaluator)
        self.references.remove(rows.table, [row for row, _ in chosen])

    def _truncate(self, table: Address, node: tree.Truncate) -> None:
        children = [table_of(key.at) for key in self._state.referring(table)]
        if any(child != table for child in children):
            raise Refused(f"{table} is referred to")
        self._state.wrote(table)
        self._state.tables[table] = []
        restarts = "RESTART" in " ".join(map(str, node.options)).upper()
        for column in self._state.schema.columns(table):
            if column.auto_increment:
                self._state.counters[column.at] = 0
            elif restarts:
                self._state.counters.pop(column.at, None)


def _target(
    table: Address, sources: Sequence[tree.From], holes: Holes
) -> tuple[tree.Table, list[tree.From]]:
    """Return the table that a statement writes among its sources, and the others, joined to it."""
    flat: list[tree.From] = []
    for source in sources:
        flat += _flattened(source)
    mine = [
        source
        for source in flat
        if isinstance(source, tree.Table) and holes.get(source.path[-1].text) == table
    ]
    if not mine or not isinstance(mine[0], tree.Table):
        raise Doubt("a statement whose table is not followed")
    return mine[0], [source for source in flat if source is not mine[0]]


def _flattened(source: tree.From) -> list[tree.From]:
    match source:
        case tree.Join(kind="INNER" | "CROSS", left=left, right=right, on=None, using=()):
            return [*_flattened(left), *_flattened(right)]
        case tree.Join(kind="INNER", left=left, right=tree.Table() as right, on=on, using=()):
            # The condition waits until both sides have been seen.
            return [*_flattened(left), tree.Join("CROSS", _NOTHING, right, on)]
        case tree.Join():
            raise Doubt("a join that is not followed")
        case _:
            return [source]


_NOTHING = tree.Table(())


def _ignores(node: tree.Insert, dialect: str) -> bool:
    """Whether a row that breaks any rule may be passed over (OR IGNORE, INSERT IGNORE)."""
    return dialect != "postgres" and node.conflicts == (tree.Conflict("nothing"),)


def _targets(targets: Sequence[tree.Node], holes: Holes) -> tuple[Address, ...]:
    found = []
    for target in targets:
        if not isinstance(target, tree.Column) or target.parts[-1].text not in holes:
            raise Doubt("a conflict's target that is not followed")
        found.append(holes[target.parts[-1].text])
    return tuple(sorted(found))


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


def _same_cells(one: Row, other: Row) -> bool:
    return one.keys() == other.keys() and all(identical(one[at], other[at]) for at in one)


def _all_identical(one: Sequence[Value], other: Sequence[Value]) -> bool:
    return all(identical(a, b) for a, b in zip(one, other, strict=True))
