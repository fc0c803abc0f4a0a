"""Carry a line past another: each statement as it reads after the other side's changes.

A statement is reworded in place where the other side renamed what it mentions, read again over the
schema as it then is, and must come to the very operations that it came to before, with addresses
moved. Where rewording does not suffice (an implicit name, a restated attribute, half of it made by the
other side already) the operations are rendered anew and read back. What still comes to something else
is held back, with the reason; the rest goes on.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from schemaops.errors import SchemaOpsError
from schemaops.merge.bodies import Bodies, Unsure, renamed_in, respelled_text, rewritten
from schemaops.merge.combine import combined, combined_thing
from schemaops.merge.course import Course, Gone, home_operation, shown
from schemaops.merge.heirs import heirs, holder
from schemaops.merge.labels import Ambiguous, Labels, followed, renamed_labels
from schemaops.merge.sessions import restoring, sets_session
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Reorder, Rows
from schemaops.operations.group import Group
from schemaops.operations.rows import Literal, NotLiteral
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Grant, Object, Routine, Table, View, container, relocated
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpreter
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.named_in_bodies import body_of, named
from schemaops.sql.names import fold, quote
from schemaops.sql.rebuilding import folded
from schemaops.sql.render import rebuild, render
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.split import split

__all__ = ["Carried", "Line", "Step", "Trouble", "alike", "carry", "is_once", "underived"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of statements leaving the base: its groups, their operations by home, and its end."""

    groups: tuple[Group, ...]
    homes: tuple[tuple[Operation, ...], ...]
    after: Schema

    @classmethod
    def of(cls, groups: Sequence[Group], after: Schema) -> Line:
        """Return the line of these groups."""
        course = Course()
        homes = []
        for group in groups:
            made = []
            own = underived(group.operations, after.dialect)
            for operation in group.operations:
                if any(operation is one for one in own):
                    made.append(home_operation(operation, course))
                course.advance(operation)
            homes.append(tuple(made))
        return cls(tuple(groups), tuple(homes), after)


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of the carried line: `origin` is its index there, `sql` what to execute (None where
    the other side's statement `once` made the same change), `carried` whether it was reworded."""

    origin: int
    sql: str | None
    carried: bool = False
    once: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a statement could not be carried: the error, that it would come to something else, or the
    label of an enum that it spells and that is called otherwise there."""

    origin: int
    error: SchemaOpsError | None
    gone: Address | None = None
    differing: tuple[Operation, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The carried line, where it ends, and what could not be carried."""

    steps: tuple[Step, ...]
    after: Schema
    troubles: tuple[Trouble, ...]
    course: Course


def carry(
    line: Line,
    over: Line,
    held: frozenset[int] = frozenset(),
    asked: frozenset[int] = frozenset(),
) -> Carried:
    """Return `line` as it reads after `over`; statements in `held` are left out, and those that were
    `asked` for do there what they say, if it is not what they did."""
    return _Carrier(line, over).run(held, asked)


class _Carrier:
    def __init__(self, line: Line, over: Line) -> None:
        self._line = line
        self._over = over
        self._here = Course()  # the line's own course, as it was written
        self._there = Course()  # the other side's course, then this one's as carried
        for group in over.groups:
            for operation in group.operations:
                self._there.advance(operation)
        self._schema = over.after
        self._session: list[str] = []  # what the line has set on its way
        self._made = _made_by(over)
        self._anew = _anew(over)
        self._heirs = heirs(over.homes)
        self._silent = {
            _worded(group.text): i
            for i, group in enumerate(over.groups)
            if not group.operations and _LASTS.match(group.text)
        }
        renamed = renamed_labels(o for homes in over.homes for o in homes)
        self._renamed = {at: names for at, names in renamed.items() if self._stands(at)}
        mine, its = (line.groups, line.homes), (over.groups, over.homes)
        self._bodies = Bodies.between(*mine, line.after, *its)
        self._others = Bodies.between(*its, over.after, *mine)
        self._effects = {
            o.text: Effect(o.effect, o.how)
            for group in line.groups
            for o in group.operations
            if isinstance(o, Opaque) and o.effect is not None
        }

    def run(self, held: frozenset[int], asked: frozenset[int]) -> Carried:
        steps: list[Step] = []
        troubles: list[Trouble] = []
        for i, group in enumerate(self._line.groups):
            if i not in held:
                before, course = self._schema, self._there.copy()
                done = self._one(i, group)
                if not isinstance(done, Trouble) and self._schema is not before:
                    done = self._followed(i, done, before, course)
                if isinstance(done, Trouble) and i in asked:
                    # SQLite takes a view that names what is gone.
                    if done.gone is None or done.gone in self._schema:
                        done = self._as_said(i, group) or done
                if isinstance(done, Trouble):
                    troubles.append(done)
                else:
                    steps.extend(done)
            self._session += (one.text for one in group.parts or (group,) if sets_session(one))
            for operation in group.operations:
                self._here.advance(operation)
        if any(step.sql is not None for step in steps):
            back = restoring(self._over.groups, self._over.after)
            steps[:0] = [Step(steps[0].origin, sql, carried=True) for sql in back]
        return Carried(tuple(steps), self._schema, tuple(troubles), self._there)

    def _one(self, i: int, group: Group) -> list[Step] | Trouble:
        if group.hollow:
            return []
        homes = self._line.homes[i]
        if not group.operations and (once := self._silent.get(_worded(group.text))) is not None:
            return [Step(i, None, once=once)]
        left = [n for n, home in enumerate(homes) if not self._is_made(home)]
        if homes and not left:
            once = next(at for at in map(self._made.get, map(_compared, homes)) if at is not None)
            return [Step(at, None, once=once) for at in _places(i, group)]
        try:
            wanted = self._moved(group, homes)
            whole = len(left) == len(homes) and not self._goes_beside(group)
            text = self._reworded(group) if whole else group.text
            if self._renamed:
                text, wanted = self._relabelled(group, text, wanted)
            if whole:
                text, wanted = self._embodied(i, text, wanted)
        except Unsure:
            return Trouble(i, NotUnderstood("what its body would name there is not sure"))
        except Gone as gone:
            return Trouble(i, None, gone=gone.at)
        except Ambiguous as unsure:
            return Trouble(i, None, gone=None, label=unsure.label)
        anew = self._in_one(homes, left, wanted)
        if anew is not None:
            if not anew:
                return [Step(i, None, once=self._last_of(homes[left[0]]))]
            return self._rendered(i, anew, None)
        if whole:
            read = self._read((text,))
            if isinstance(read, Interpreter) and (
                alike(self._meant(read), wanted, self._schema.dialect)
                or self._inherits(self._meant(read), wanted)
            ):
                self._accept(read)
                return self._as_written(i, group, text)
        else:
            wanted = [wanted[n] for n in left]
            read = None
        return self._rendered(i, wanted, read)

    def _rendered(
        self, i: int, wanted: list[Operation], read: Interpreter | Fault | None
    ) -> list[Step] | Trouble:
        """Return the group's operations as rendered anew, if they read back as they should."""
        error = read.error if isinstance(read, Fault) else None
        differing = tuple(self._meant(read)) if isinstance(read, Interpreter) else ()
        trouble = Trouble(i, error, differing=differing)
        if not wanted or any(_is_said_once(o) or _is_divided(o) for o in wanted):
            return trouble
        group = self._line.groups[i]
        if _NO_DATA.search(group.text):
            return trouble  # that a view is left empty is in no operation
        try:
            schema = self._schema
            for operation in wanted:
                schema = operation.apply(schema)
            statements = self._written(group, wanted)
        except SchemaOpsError as failed:
            return replace(trouble, error=error or failed)
        again = self._read(statements)
        if not isinstance(again, Interpreter):
            return replace(trouble, error=error or again.error)
        same = alike(self._meant(again), wanted, self._schema.dialect)
        if not same or not _only_derived(again.schema, schema):
            return trouble
        before = self._schema
        self._accept(again)
        if group.parts:
            return self._in_parts(i, before, again, len(statements))
        return [Step(i, sql, carried=True) for sql in statements]

    def _in_parts(self, i: int, before: Schema, again: Interpreter, count: int) -> list[Step]:
        """Return a rebuild that was written anew, with each part of it that stands for something."""
        group = self._line.groups[i]
        said = {part.operations: part.text for part in group.parts}
        texts = [
            said.get(one.operations, one.text) if one.operations else one.text
            for one in again.interpretation().groups[-count:]
        ]
        parts = list(zip(_places(i, group), group.parts, strict=True))
        dropped = [
            Step(at, None, once=once)
            for at, part in parts
            if (once := self._dropped(part)) is not None
        ]
        gone = {step.origin for step in dropped}
        # What does nothing here (an index that is there IF NOT EXISTS) stands as it did.
        idle = [Step(at, p.text) for at, p in parts if at not in gone and not p.operations]
        steps: list[Step] = []
        for some in (idle, []):
            beside = gone | {step.origin for step in some}
            left = [(at, part.text) for at, part in parts if at not in beside]
            made = [
                Step(at, sql, carried=sql not in said.values()) for at, sql in _spread(left, texts)
            ]
            steps = sorted((*made, *some), key=lambda step: step.origin)
            read = self._read_from(before, [step.sql for step in steps if step.sql])
            if isinstance(read, Interpreter) and read.schema == again.schema:
                break
        return [*steps, *dropped]

    def _inherits(self, read: Sequence[Operation], wanted: Sequence[Operation]) -> bool:
        """Whether two readings differ only in what tables have of those above them."""
        made = heirs([wanted])
        if not made and not self._heirs:
            return False

        def own(operations: Sequence[Operation]) -> list[Operation]:
            found = [(one, holder(one)) for one in operations]
            return [
                one
                for one, at in found
                if at is None or (at not in made and self._there.home(at) not in self._heirs)
            ]

        return alike(own(read), own(wanted), self._schema.dialect)

    def _dropped(self, part: Group) -> int | None:
        """Return the other side's statement that drops what a part of a rebuild would make again."""
        made = {o.thing.at for o in part.operations if isinstance(o, Create)}
        for i, homes in enumerate(self._over.homes):
            gone = {home.at for home in homes if isinstance(home, Drop)}
            if made & gone and all(at not in self._schema for at in made):
                return i
        return None

    def _written(self, group: Group, wanted: Sequence[Operation]) -> tuple[str, ...]:
        """Return the statements for what a group is to come to; a rebuild is one again."""
        table = _rebuilt(wanted) if group.parts else None
        if table is None:
            return render(tuple(map(_as_named, wanted)), self._schema)
        made = (o.thing.at for p in group.parts for o in p.operations if isinstance(o, Create))
        name = next((at for at in made if at.kind is Kind.TABLE and at not in self._schema), None)
        return rebuild(table, wanted, self._schema, name)

    def _as_said(self, i: int, group: Group) -> list[Step] | None:
        """Return a statement as it applies here, reworded or as it was written; None where it does
        not."""
        texts = [group.text]
        with suppress(Gone):
            texts.insert(0, self._reworded(group))
        for text in texts:
            read = self._read((text,))
            if isinstance(read, Interpreter):
                self._accept(read)
                return self._as_written(i, group, text)
        return None

    def _as_written(self, i: int, group: Group, text: str) -> list[Step]:
        if not group.parts:
            return [Step(i, text, carried=text != group.text)]
        texts = [statement.text for statement in split(text, self._schema.dialect)]
        return [
            Step(at, said, carried=said != part.text)
            for at, part, said in zip(_places(i, group), group.parts, texts, strict=True)
        ]

    def _stands(self, home: Address) -> bool:
        try:
            return self._there.place(home) in self._schema
        except Gone:
            return False

    def _labels(self) -> Labels:
        return Labels({self._there.place(at): names for at, names in self._renamed.items()})

    def _in_one(
        self, homes: Sequence[Operation], left: Sequence[int], wanted: Sequence[Operation]
    ) -> list[Operation] | None:
        """Return the operations that make of what the other side put in the place of an object the
        one of both sides; None where the statement is not such a one, nothing where nothing is left."""
        views = [one for one in wanted if isinstance(one, Alter) and one.at.kind is Kind.VIEW]
        if views and len(views) == len(wanted) == len(left):
            return self._view_in_one(views)
        if len(left) != 1 or not isinstance(home := homes[left[0]], Create):
            return None
        known = self._anew.get(home.at)
        if known is None or not isinstance(made := wanted[left[0]], Create):
            return None
        current = self._schema.get(made.at)
        ancestor, _ = known
        if current is None:
            return None
        there = relocated(ancestor, self._there.last_place)
        both = combined_thing(there, current, made.thing, self._schema.dialect)
        if both is None:
            return None
        return [] if both == current else [Drop(current), Create(both)]

    def _last_of(self, home: Operation) -> int:
        """Return the other side's last statement about what an operation is about."""
        at = getattr(home, "at", None)
        return max(
            i
            for i, homes in enumerate(self._over.homes)
            if any(getattr(one, "at", None) == at for one in homes)
        )

    def _view_in_one(self, changes: Sequence[Alter]) -> list[Operation] | None:
        """Return the operations that make of a view that both sides changed the one of both."""
        current = self._schema.get(changes[0].at)
        home = self._there.home(changes[0].at)
        first = _first_facts(self._over, home)
        if not isinstance(current, View) or not first or {c.at for c in changes} != {current.at}:
            return None

        def place(at: Address) -> Address:
            return self._there.last_place(at)

        base = replace(current, **{fact: relocated(value, place) for fact, value in first.items()})
        if any(getattr(base, change.fact) != change.before for change in changes):
            return None  # not the line's first change of it
        mine = replace(base, **{change.fact: change.after for change in changes})
        both = combined_thing(base, current, mine, self._schema.dialect)
        if not isinstance(both, View):
            return None
        return [] if both == current else [Drop(current), Create(both)]

    def _is_made(self, home: Operation) -> bool:
        return _compared(home) in self._made

    def _moved(self, group: Group, homes: Sequence[Operation]) -> list[Operation]:
        """Return the group's operations with addresses as they are there now, those that the other side
        made too as they are; raise Gone."""
        here, there = self._here.copy(), self._there.copy()
        moved: list[Operation] = []
        own = underived(group.operations, self._schema.dialect)
        for operation, home in zip(own, homes, strict=True):
            if self._is_made(home):
                moved.append(operation)
                here.advance(operation)
                continue
            called = {one.new: one.old for one in moved if isinstance(one, Rename)}
            made = self._combined(_moved(operation, here, there), called)
            moved.append(made)
            here.advance(operation)
            there.advance(made)
        return moved

    def _relabelled(
        self, group: Group, text: str, wanted: list[Operation]
    ) -> tuple[str, list[Operation]]:
        """Return a statement and what it is to come to with labels as the other side calls them."""
        labels = self._labels()

        def place(at: Address) -> Address:
            return self._there.place(self._here.home(at))

        if renamed_labels(group.operations):
            return text, wanted
        made = labels.reworded(text, group, self._schema, place)
        spelled = made != text
        return made, [labels.of(one, self._schema, spelled=spelled) for one in wanted]

    def _embodied(self, i: int, text: str, wanted: list[Operation]) -> tuple[str, list[Operation]]:
        """Return a statement and what it is to come to with bodies that name what the other side has
        renamed."""
        for n, body, new in self._bodies.carried(i, self._there, self._schema):
            respelled = respelled_text(text, body, new, self._schema.dialect)
            if respelled is None:
                raise Unsure
            text, one = respelled, wanted[n]
            if isinstance(one, Create) and isinstance(one.thing, Routine):
                wanted[n] = replace(one, thing=replace(one.thing, body=new))
            elif isinstance(one, Alter):
                wanted[n] = replace(one, after=new)
        return text, wanted

    def _followed(
        self, i: int, steps: list[Step], before: Schema, course: Course
    ) -> list[Step] | Trouble:
        """Return the steps with those behind them that carry a rename into bodies which the other side
        made."""
        names = renamed_in(self._line.groups[i].operations)
        for home in self._others.there() if names else ():
            try:
                at = self._there.place(home)
                routine = before.get(at)
                body = body_of(routine, before)
                meant = None if body is None else named(body, before, names)
                if not isinstance(routine, Routine) or body is None or not meant:
                    continue
                new = rewritten(
                    body, meant, lambda a: self._there.place(course.home(a)), self._schema, names
                )
            except Gone:
                continue
            except Unsure:
                return Trouble(i, NotUnderstood(f"what {at} would name is not sure"))
            if new == routine.body:
                continue
            change = Alter(at, "body", routine.body, new)
            statements = render((change,), self._schema)
            read = self._read(statements)
            if not isinstance(read, Interpreter) or read.schema != change.apply(self._schema):
                return Trouble(i, NotUnderstood(f"{at} cannot be written anew"))
            self._accept(read)
            steps += [Step(i, sql, carried=True) for sql in statements]
        return steps

    def _combined(self, change: Operation, called: dict[Address, Address]) -> Operation:
        """Return a change with what the other side made of the same fact taken in, where it can be;
        `called` are the new names that the statement gives, and what had them."""
        if isinstance(change, Create) and isinstance(change.thing, Grant):
            there = self._schema.get(change.at)
            if isinstance(there, Grant) and replace(there, grantable=True) == change.thing:
                return Alter(change.at, "grantable", there.grantable, True)
        if not isinstance(change, Alter):
            return change
        thing = self._schema.get(called.get(change.at, change.at))
        current = getattr(thing, change.fact, change.before)
        if current == change.before:
            return change
        dialect = self._schema.dialect
        both = combined(change.fact, change.before, change.after, current, dialect)
        return change if both is None else replace(change, before=current, after=both)

    def _reworded(self, group: Group) -> str:
        declared = {o.at for o in group.operations if isinstance(o, Create)}
        declared |= {o.new for o in group.operations if isinstance(o, Rename)}

        def where(at: Address) -> Address:
            return at if at in declared else self._there.place(self._here.home(at))

        dialect = self._schema.dialect
        text = group.reworded(where, lambda at: quote(at.bare, dialect))
        for rows in group.operations:
            if isinstance(rows, Rows) and rows.positional and rows.table not in declared:
                return self._with_columns(text, rows, where)
        return text

    def _with_columns(self, text: str, rows: Rows, where: Callable[[Address], Address]) -> str:
        """Return a positional INSERT with its columns named, where the table's are others now."""
        table = where(rows.table)
        columns = [where(at).name for at in rows.columns]
        found_table = self._schema.get(table)
        if not isinstance(found_table, Table):
            return text  # reading says what is wrong
        own = list(found_table.columns)
        if (own[: len(columns)] if self._schema.dialect == "postgres" else own) == columns:
            return text
        dialect = self._schema.dialect
        names = ", ".join(quote(name, dialect) for name in columns)
        found = list(tokens(text, dialect))
        for i, token in enumerate(found):
            behind = i + 1 == len(found) or found[i + 1].text != "."
            if token.kind in (TokenKind.WORD, TokenKind.QUOTED) and behind:
                if fold(token.text, dialect, Kind.TABLE) == table.name:
                    return f"{text[: token.end]} ({names}){text[token.end :]}"
        return text

    def _goes_beside(self, group: Group) -> bool:
        """Whether a rebuild names what the other side dropped, and does nothing to it itself."""
        if not group.parts:
            return False
        try:
            for mention in group.mentions:
                self._there.place(self._here.home(mention.at))
        except Gone:
            return True
        return False

    def _read(self, texts: Sequence[str]) -> Interpreter | Fault:
        return self._read_from(self._schema, texts)

    def _read_from(self, schema: Schema, texts: Sequence[str]) -> Interpreter | Fault:
        interpreter = Interpreter(schema, self._effects)
        for text in (*self._session, *texts):
            for statement in split(text, self._schema.dialect):
                got = interpreter.read(statement)
                if isinstance(got, Fault):
                    return got
        return interpreter

    def _meant(self, read: Interpreter) -> list[Operation]:
        groups = folded(read.interpretation().groups, self._schema)
        return [o for group in groups for o in group.operations]

    def _accept(self, read: Interpreter) -> None:
        for operation in self._meant(read):
            self._there.advance(operation)
        self._schema = read.schema


def _moved(operation: Operation, here: Course, there: Course) -> Operation:
    def where(at: Address) -> Address:
        return there.place(here.home(at))

    match operation:
        case Create(thing=thing, after=after):
            at = there.place(here.declared(thing.at))
            return Create(relocated(thing, lambda a: at if a == thing.at else where(a)), after)
        case Drop(thing=thing):
            at = where(thing.at)
            # What it refers to may go with it: CASCADE takes both in one statement.
            return Drop(
                relocated(thing, lambda a: at if a == thing.at else there.last_place(here.home(a)))
            )
        case Rename(old=old, new=new):
            place = where(old)
            if old.path[:-1] == new.path[:-1]:
                return Rename(place, place.sibling(new.name))
            return Rename(place, new)
        case Alter(before=before, after=after):
            # What it was may name what the same statement drops: a view over a view in SQLite.
            left = replace(operation, after=before).relocated(
                lambda a: there.last_place(here.home(a))
            )
            return replace(replace(operation, before=after).relocated(where), before=left.before)
        case _:
            return operation.relocated(where)


def _is_divided(operation: Operation) -> bool:
    """Whether MySQL's partitions change: dropped ones go with their rows, divided anew all stay."""
    return (
        isinstance(operation, Alter)
        and operation.at.kind is Kind.UNMODELLED
        and operation.at.path[0] == "partitions"
    )


def _places(i: int, group: Group) -> range:
    """Return the places of the statements that a group stands for."""
    return range(i + 1 - (len(group.parts) or 1), i + 1)


def _only_derived(one: Schema, other: Schema) -> bool:
    """Whether two schemas differ at most in what SQLite's views show at the moment."""
    if one == other or one.dialect != "sqlite":
        return one == other
    views = {at for at in (view.at for view in one.of_kind(Kind.VIEW)) if at in other}
    same = all(
        replace(mine, columns=()) == replace(its, columns=())
        for mine, its in ((one.get(at), other.get(at)) for at in views)
        if isinstance(mine, View) and isinstance(its, View)
    )
    return same and one.equals_but_for(other, views)


def _is_said_once(operation: Operation) -> bool:
    """Whether an operation has no words but the author's."""
    return isinstance(operation, Opaque) or (isinstance(operation, Rows) and not operation.copied)


def _rebuilt(wanted: Sequence[Operation]) -> Address | None:
    """Return the one table that operations change, None where it is not one."""
    found = set()
    for operation in wanted:
        match operation:
            case Create(thing=thing) | Drop(thing=thing):
                found.add(container(thing))
            case Alter(at=at) | Reorder(at=at) | Rows(table=at) if at.kind is Kind.TABLE:
                found.add(at)
            case Alter(at=at) if at.kind is Kind.VIEW:
                continue
            case Alter(at=at) | Rename(new=at):
                found.add(Address(Kind.TABLE, at.path[:-1]))
    return found.pop() if len(found) == 1 else None


def _spread(parts: Sequence[tuple[int, str]], statements: Sequence[str]) -> list[tuple[int, str]]:
    """Return the statements of a rebuild written anew, each with the place of the one it stands for."""
    waiting = list(parts)
    last = parts[-1][0]
    found = []
    for sql in statements:
        alike = [at for at, text in waiting if text.upper().split()[:2] == sql.split()[:2]]
        at = alike[0] if alike else waiting[0][0] if waiting else last
        waiting = [one for one in waiting if one[0] >= at + bool(alike)]
        found.append((at, sql))
    if {at for at, _ in found} == {at for at, _ in parts}:
        return found
    # Another form of rebuild: each statement stands for one at about the same place.
    return [(parts[n * len(parts) // len(statements)][0], sql) for n, sql in enumerate(statements)]


def _as_named(operation: Operation) -> Operation:
    """Return an operation with a view's `*` left as it was said: elsewhere it may show other columns,
    and the author is to be asked."""
    match operation:
        case Create(thing=View(query=query) as view):
            return replace(operation, thing=replace(view, query=replace(query, bound=())))
        case Alter(fact="query", after=Expression() as query):
            return replace(operation, after=replace(query, bound=()))
    return operation


def _compared(operation: Operation) -> Operation:
    """Return an operation in the form in which two are compared: unnamed constraints without the
    place-holder that stands for their name, rows by what they say."""
    match operation:
        case Create(thing=thing) if not getattr(thing, "named", True):
            return Create(replace(thing, at=Address(thing.at.kind, thing.at.path[:-1])))
        case Drop(thing=thing) if not getattr(thing, "named", True):
            return Drop(replace(thing, at=Address(thing.at.kind, thing.at.path[:-1])))
        case Rows(values=values, conflict=None) if values is not None and _literal(values):
            # A column list that was written out says what its absence said.
            return replace(operation, positional=False, text=Expression(()))
        case _:
            return operation


def _literal(values: Sequence[Sequence[Literal]]) -> bool:
    return not any(isinstance(cell, NotLiteral) for row in values for cell in row)


def alike(one: Sequence[Operation], other: Sequence[Operation], dialect: str) -> bool:
    """Whether two statements come to the same operations, in whatever order."""

    def counted(operations: Sequence[Operation]) -> Counter[Operation]:
        return Counter(map(_compared, underived(operations, dialect)))

    mine, its = counted(one), counted(other)
    if dialect == "sqlite" and mine != its:
        mine, its = Counter(map(_as_text, mine)), Counter(map(_as_text, its))
    return mine == its


def underived(operations: Sequence[Operation], dialect: str) -> list[Operation]:
    """Return operations without those that only follow from others: SQLite's views list the columns
    that are there whenever they are read, defaults follow the labels of an enum."""
    return followed([one for one in operations if not _is_derived(one, dialect)])


def _is_derived(operation: Operation, dialect: str) -> bool:
    return (
        dialect == "sqlite"
        and isinstance(operation, Alter)
        and operation.at.kind is Kind.VIEW
        and operation.fact == "columns"
    )


def _as_text(operation: Operation) -> Operation:
    match operation:
        case Create(thing=View() as view):
            return Create(replace(view, columns=()))
        case Drop(thing=View() as view):
            return Drop(replace(view, columns=()))
        case _:
            return operation


_NO_DATA = re.compile(r"(?i)\bWITH\s+NO\s+DATA\b")

# What is outside the schema, and lasts beyond the session: made by both sides, it is made once.
_LASTS = re.compile(r"(?i)\s*(CREATE|DROP|ALTER|GRANT|REVOKE|COMMENT)\b")


def _worded(text: str) -> str:
    return " ".join(text.split())


def _anew(over: Line) -> dict[Address, tuple[Object, int]]:
    """Return, by home, what the other side made in the place of something that it dropped: the object
    that was there, and the statement that made the new one."""
    dropped: dict[Address, Object] = {}
    found: dict[Address, tuple[Object, int]] = {}
    for i, homes in enumerate(over.homes):
        for home in homes:
            if isinstance(home, Drop):
                dropped[home.at] = home.thing
                found.pop(home.at, None)
            elif isinstance(home, Create) and shown(home.at) in dropped:
                found[home.at] = (dropped[shown(home.at)], i)
    return found


def _first_facts(over: Line, home: Address) -> dict[str, Any]:
    """Return the facts of an object that a line changes, as they were before."""
    found: dict[str, Any] = {}
    for homes in over.homes:
        for one in homes:
            if isinstance(one, Alter) and one.at == home:
                found.setdefault(one.fact, one.before)
    return found


def _made_by(over: Line) -> dict[Operation, int]:
    """Return the operations, by home, that the other side made and that still stand at its end."""
    made: dict[Operation, int] = {}
    later: dict[Address, list[Operation]] = defaultdict(list)
    for i in range(len(over.groups) - 1, -1, -1):
        for home in reversed(over.homes[i]):
            if isinstance(home, Opaque):
                continue
            if _settles(home, later[home.at]):
                made.setdefault(_compared(home), i)
                if isinstance(home, Create) and isinstance(home.thing, Grant):
                    # Who may pass a privilege on has it.
                    made.setdefault(replace(home, thing=replace(home.thing, grantable=False)), i)
            later[home.at].append(home)
    return made


def _settles(home: Operation, later: Sequence[Operation]) -> bool:
    """Whether nothing later in the line, of what is at the same home, undid the operation; and doing
    it twice is not twice the effect."""
    match home:
        case Rows():
            return _idempotent(home)
        case Create() | Drop():
            return not any(isinstance(o, Create | Drop | Rename | Alter) for o in later)
        case Alter(fact=fact):
            return not any(
                isinstance(o, Drop) or (isinstance(o, Alter) and o.fact == fact) for o in later
            )
        case Rename():
            return not any(isinstance(o, Rename | Drop) for o in later)
        case Reorder() | Opaque():
            return False


def _idempotent(rows: Rows) -> bool:
    if rows.copied:
        return True  # both sides make the table anew, and it is made so once
    if rows.verb == "update":
        written = {at for at, _ in rows.sets}
        read = {at for _, value in rows.sets for at in value.addresses()}
        where = set(rows.where.addresses()) if rows.where is not None else set()
        return not (written & read) and not (written & where)
    return rows.verb in ("delete", "truncate") or (
        rows.verb == "insert" and rows.values is not None
    )


def is_once(homes: Sequence[Operation], others: Sequence[Operation]) -> bool:
    """Whether one statement's operations are all among another's, and doing them twice is not twice."""
    known = set(map(_compared, others))
    return bool(homes) and all(_compared(o) in known and _settles(o, ()) for o in homes)
