"""A migration and the schema before it: its reversal, with its losses.

Each operation is inverted, the last first, and the whole is written and read again: it counts only
if the reading leads back to the very schema. Where it does not (an engine that wants another order)
it is tried statement by statement, and a stretch that still fails is bridged by the diff of the
schemas at its ends. `between` is that diff, handed in because neighbours in a layer do not know
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Relocation
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.reverse.brought import gone_with_their_keys
from schemaops.reverse.losses import Loss, Made, losses, order_losses, row_loss
from schemaops.reverse.rows import Keyed, deletions, keyed
from schemaops.schema.objects import Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpretation, interpret
from schemaops.sql.mysql_partitions import partitioning
from schemaops.sql.rebuilding import folded
from schemaops.sql.render import FOREIGN_KEYS_OFF, FOREIGN_KEYS_ON, owners, render, script
from schemaops.sql.split import Statement

__all__ = ["Between", "Effects", "Hindrance", "Judgement", "Reversal", "judge", "reverse"]

Moves = tuple[tuple[Address, Address], ...]
Between = Callable[[Schema, Schema, Moves], tuple[Operation, ...]]
Effects = Mapping[str, Effect]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a statement has no way back, and its line."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Reversal:
    """The way back from a migration.

    `statements` are what is executed and `operations` what they mean; `effects` says it of those
    that cannot be interpreted, and `read` is what reading them as one script came to. `exact` says that
    it leads to the schema before; `owners` are those that give objects back to their roles, the last.
    """

    operations: tuple[Operation, ...]
    statements: tuple[str, ...]
    read: Interpretation = field(repr=False, compare=False)
    losses: tuple[Loss, ...] = ()
    irreversible: tuple[Hindrance, ...] = ()
    effects: Effects = field(default_factory=dict)
    exact: bool = True
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a down comes to: whether it restores the schema, what the engine would refuse, what is
    opaque in it, the operations that are still missing, and what it was read to be."""

    exact: bool
    faults: tuple[Fault, ...]
    opaque: tuple[Group, ...]
    missing: tuple[Operation, ...]
    restored: Schema
    read: Interpretation = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The schemas around neighbouring groups, their inverses, and what undoes them as written."""

    before: Schema
    after: Schema
    inverses: tuple[Operation, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """The statements that undo a stretch, and what reading them came to."""

    statements: tuple[str, ...]
    effects: Effects
    read: Interpretation


def reverse(groups: Sequence[Group], before: Schema, between: Between) -> Reversal:
    """Return the reversal of a migration that leaves `before`."""
    groups = gone_with_their_keys(folded(groups, before), before)
    undoing = _Undoing()
    stretches: list[_Stretch] = []
    schema = before
    for run in _runs(groups):
        stretch = undoing.stretch(run, schema)
        stretches.append(stretch)
        schema = stretch.after
    operations, written = _way_back(stretches, schema, before, between)
    judged = _judged(written.read, before, between)
    given = owners(judged.restored, before) if before.dialect == "postgres" else ()
    if given:
        statements = (*written.statements, *given)
        read = interpret(script(statements), schema, effects=written.effects)
        written = replace(written, statements=statements, read=read)
    lost = {
        *losses(groups, before),
        *undoing.lost,
        *order_losses(groups, before, judged.restored),
    }
    return Reversal(
        operations,
        written.statements,
        written.read,
        tuple(sorted(lost, key=lambda loss: (loss.line or 0, str(loss.at), loss.what))),
        tuple(undoing.hindrances),
        written.effects,
        judged.exact and not undoing.hindrances,
        given,
    )


def judge(
    text: str | Iterable[Statement],
    after: Schema,
    before: Schema,
    between: Between,
    effects: Effects | None = None,
) -> Judgement:
    """Return how far a down, run on `after`, restores `before`."""
    return _judged(interpret(text, after, effects=effects), before, between)


def _judged(read: Interpretation, before: Schema, between: Between) -> Judgement:
    unknown = tuple(group for group in read.opaque if group.unknown)
    exact = read.after == before and not read.faults and not unknown
    missing = () if read.after == before else between(read.after, before, ())
    return Judgement(exact, read.faults, unknown, missing, read.after, read)


def effects_of(statements: Iterable[str], *schemas: Schema) -> dict[str, Effect]:
    """Return what those statements do that make or drop objects which are not modelled."""
    known: dict[str, Effect] = {}
    for old, new in pairwise(schemas):
        for thing in old.of_kind(Kind.UNMODELLED):
            other = new.get(thing.at)
            if isinstance(thing, Unmodelled) and isinstance(other, Unmodelled):
                if partitioning(thing.definition) is not None:
                    continue  # that is read
                if thing.definition != other.definition:
                    change = Alter(thing.at, "definition", thing.definition, other.definition)
                    for text in render((change,), old):
                        known.setdefault(text, Effect((change,), "declared"))
    for schema in schemas:
        for thing in schema.of_kind(Kind.UNMODELLED):
            if isinstance(thing, Unmodelled) and partitioning(thing.definition) is not None:
                continue
            without, alone = Schema.empty(schema.dialect), Schema.of(schema.dialect, (thing,))
            for operation, before in ((Create(thing), without), (Drop(thing), alone)):
                texts = render((operation,), before)
                # Where it takes several, the last one makes it whole, or takes the rest of it.
                for text in texts[:-1]:
                    known.setdefault(text, Effect((), "declared"))
                for text in texts[-1:]:
                    known.setdefault(text, Effect((operation,), "declared"))
    return {text: known[text] for text in statements if text in known}


# -- inverting


def _runs(groups: Iterable[Group]) -> Iterator[tuple[Group, ...]]:
    """Yield neighbouring statements that add rows to one table together, and others by themselves."""
    for filled, run in groupby(groups, _filled):
        if filled is not None:
            yield tuple(run)
        else:
            yield from ((group,) for group in run)


def _filled(group: Group) -> Address | None:
    match group.operations:
        case (Rows(verb="insert", table=table),):
            return table
    return None


class _Undoing:
    """Inverts groups one after another, and gathers what stays lost and what has no inverse."""

    def __init__(self) -> None:
        self.made = Made()
        self.lost: list[Loss] = []
        self.hindrances: list[Hindrance] = []

    def stretch(self, groups: Iterable[Group], before: Schema) -> _Stretch:
        """Return the stretch of neighbouring groups."""
        undone: list[Operation | Keyed] = []
        schema = before
        for group in groups:
            for operation in group.operations:
                undone += self._inverse(operation, schema, group)
                self.made.follow(operation)
                schema = operation.apply(schema)
        inverses = tuple(_last_first(undone, schema))
        return _Stretch(before, schema, inverses, inverses)

    def _inverse(
        self, operation: Operation, before: Schema, group: Group
    ) -> list[Operation | Keyed]:
        match operation:
            case Rows(verb="insert") as rows:
                if rows.table in self.made:
                    return []
                back = keyed(rows, before)
                if back is None:
                    self.lost.append(row_loss(rows, self.made, group))
                    return []
                return [back]
            case Rows():
                return []
            case Opaque(effect=None):
                reason = f"what `{_short(group.text)}` does is not known"
                self.hindrances.append(Hindrance(group.place.line, reason))
                return []
            case Opaque(effect=effect):
                undone: list[Operation | Keyed] = []
                for one in effect or ():
                    undone += self._inverse(one, before, group)
                    before = one.apply(before)
                return undone
            case _:
                return [operation.invert(before)]


def _last_first(undone: Sequence[Operation | Keyed], after: Schema) -> Iterator[Operation]:
    for added, run in groupby(reversed(undone), lambda one: isinstance(one, Keyed)):
        if added:
            yield from deletions((one for one in run if isinstance(one, Keyed)), after)
        else:
            yield from (one for one in run if not isinstance(one, Keyed))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."


# -- writing what is inverted, and reading it again


def _way_back(
    stretches: Sequence[_Stretch], after: Schema, before: Schema, between: Between
) -> tuple[tuple[Operation, ...], _Written]:
    inverses = tuple(o for stretch in reversed(stretches) for o in stretch.inverses)
    whole = _Stretch(before, after, inverses, inverses)
    written = _written(whole)
    if written is not None:
        return whole.operations, written
    operations: list[Operation] = []
    lines: list[str] = []
    waiting: _Stretch | None = None
    for stretch in reversed(stretches):
        this = stretch if waiting is None else _bridged(stretch, waiting, between)
        found = _written(this)
        if found is None and waiting is None:
            this = _bridged(stretch, stretch, between)
            found = _written(this)
        if found is None:
            waiting = this
            continue
        waiting = None
        operations += this.operations
        lines += found.statements
    if waiting is not None:
        operations += waiting.operations
        lines += _rendered(waiting) or ()
    return tuple(operations), _read_again(_unwrapped(lines), after, before)


def _bridged(first: _Stretch, last: _Stretch, between: Between) -> _Stretch:
    """Return the stretch from `first` to `last`, undone by the diff of its ends; what was renamed
    is renamed back, and rows are put back first."""
    inverses = last.inverses if first is last else (*last.inverses, *first.inverses)
    rows = tuple(operation for operation in inverses if isinstance(operation, Rows))
    moves = _moves(inverses, last.after, first.before)
    bridge = (*rows, *between(last.after, first.before, moves))
    return _Stretch(first.before, last.after, inverses, bridge)


def _moves(operations: Iterable[Operation], after: Schema, before: Schema) -> Moves:
    """Return what the renames among the operations come to, from the one schema to the other."""
    where = Relocation(tuple((o.old, o.new) for o in operations if isinstance(o, Rename)))
    found = []
    for thing in after:
        at = thing.at
        there = where(at)
        if there.name != at.name and there in before and at.kind in _HOLDS:
            found.append((at, there))
    return tuple(found)


_HOLDS = (
    Kind.SCHEMA,
    Kind.TABLE,
    Kind.VIEW,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.COLUMN,
)


def _rendered(stretch: _Stretch) -> tuple[str, ...] | None:
    try:
        return render(stretch.operations, stretch.after)
    except SchemaOpsError:
        return None  # what cannot be written so is bridged, or shows as not exact


def _written(stretch: _Stretch) -> _Written | None:
    """Return the statements that undo a stretch, None where reading them leads elsewhere."""
    statements = _rendered(stretch)
    if statements is None:
        return None
    written = _read_again(statements, stretch.after, stretch.before)
    if written.read.faults or written.read.blind:
        return None
    return written if written.read.after == stretch.before else None


def _read_again(statements: tuple[str, ...], after: Schema, before: Schema) -> _Written:
    effects = effects_of(statements, after, before)
    read = interpret(script(statements), after, effects=effects)
    return _Written(statements, effects, read)


def _unwrapped(lines: Sequence[str]) -> tuple[str, ...]:
    """Return statements with SQLite's switch of foreign keys once around all of them."""
    switches = (FOREIGN_KEYS_OFF, FOREIGN_KEYS_ON)
    rest = tuple(line for line in lines if line not in switches)
    return rest if len(rest) == len(lines) else (FOREIGN_KEYS_OFF, *rest, FOREIGN_KEYS_ON)
