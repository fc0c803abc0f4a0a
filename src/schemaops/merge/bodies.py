"""Bodies: a rename carried into the text of a function or procedure that the other side makes.

Such a text names tables, views and columns, and no database follows their renames in it. Where all
that is in question is sure (`sql/named_in_bodies.py`), the text is reworded: in the statement that makes
it, and by a statement of its own behind the rename where it is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from schemaops.merge.course import Course, Gone
from schemaops.merge.sessions import sets_session
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Operation, Rename
from schemaops.operations.group import Group
from schemaops.schema.objects import Object, Routine
from schemaops.schema.state import Schema
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.named_in_bodies import Body, body_of, named
from schemaops.sql.names import quote
from schemaops.sql.scope import Mention
from schemaops.sql.strings import string_value

__all__ = [
    "Bodies",
    "Unsure",
    "by_home",
    "is_followed",
    "renamed_in",
    "respelled_text",
    "rewritten",
]

_FOLLOWED = (Kind.TABLE, Kind.VIEW, Kind.COLUMN)
_ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE)

Where = Callable[[Address], Address]


class Unsure(Exception):
    """What the names in a body mean is not sure where it is carried to."""


def renamed_in(operations: Iterable[Operation]) -> frozenset[str]:
    """Return the names, old and new, of the tables, views and columns that operations rename."""
    return frozenset(
        str(name).lower()
        for one in operations
        if isinstance(one, Rename) and is_followed(one)
        for name in (one.old.name, one.new.name)
    )


def is_followed(rename: Rename) -> bool:
    """Whether a rename is one that is carried into bodies."""
    return rename.old.kind in _FOLLOWED and rename.old.path[:-1] == rename.new.path[:-1]


@dataclass(slots=True)
class Bodies:
    """The bodies that a line gives to routines, and what they mean of what the other line renames."""

    groups: Sequence[Group]
    homes: Sequence[Sequence[Operation]]
    after: Schema
    names: frozenset[str]
    taken: frozenset[Address]
    """The homes of the routines that the other line makes or changes."""

    course: Course = field(init=False)
    _known: dict[Operation, tuple[Mention, ...] | None] = field(init=False)

    def __post_init__(self) -> None:
        self.course = Course()
        for group in self.groups:
            for operation in group.operations:
                self.course.advance(operation)
        self._known = {}

    @staticmethod
    def between(
        groups: Sequence[Group],
        homes: Sequence[Sequence[Operation]],
        after: Schema,
        others: Sequence[Group],
        other_homes: Sequence[Sequence[Operation]],
    ) -> Bodies:
        """Return the bodies of a line, held against what another one renames."""
        names = renamed_in(o for made in other_homes for o in made)
        if any(map(sets_session, (*groups, *others))):
            names = frozenset()
        taken = frozenset(
            o.at
            for made in other_homes
            for o in made
            if isinstance(o, Create | Alter) and o.at.kind in _ROUTINES
        )
        return Bodies(groups, homes, after, names, taken)

    def made(self, i: int) -> Iterator[tuple[int, Operation, Routine]]:
        """Yield the operations of a statement that give a routine its body: which, by home, and what is
        then there."""
        group = self.groups[i]
        if not self.names or len(group.operations) != len(self.homes[i]):
            return
        for n, (operation, home) in enumerate(zip(group.operations, self.homes[i], strict=True)):
            match operation:
                case Create(thing=Routine() as routine):
                    yield n, home, routine
                case Alter(at=at, fact="body", after=str() as body) if at.kind in _ROUTINES:
                    there = self.after.get(at)
                    if isinstance(there, Routine):
                        yield n, home, replace(there, body=body)
                case _:
                    continue

    def meant(self, home: Operation, routine: Routine) -> tuple[Mention, ...] | None:
        """Return what a body means by the names that are renamed; None where it is not sure."""
        if getattr(home, "at", None) in self.taken:
            return None
        if home not in self._known:
            body = body_of(routine, self.after) if routine.at in self.after else None
            found = None if body is None else named(body, self.after, self.names)
            self._known[home] = found
        return self._known[home]

    def is_sure(self, i: int, at: Address) -> bool:
        """Whether all is sure of the body that a statement gives to the routine of this home."""
        return any(
            self.meant(home, routine) is not None
            for _, home, routine in self.made(i)
            if getattr(home, "at", None) == at
        )

    def carried(self, i: int, course: Course, schema: Schema) -> Iterator[tuple[int, str, str]]:
        """Yield the bodies of a statement that read otherwise over a schema to which `course` leads:
        of which operation, and from what to what; raise Unsure or Gone."""
        for n, home, routine in self.made(i):
            meant = self.meant(home, routine)
            body = body_of(routine, self.after)
            if not meant or body is None:
                continue

            def where(at: Address) -> Address:
                return course.place(self.course.home(at))

            text = rewritten(body, meant, where, schema, self.names)
            if text != routine.body:
                yield n, routine.body, text

    def there(self) -> Iterator[Address]:
        """Yield the homes of the routines that have a body of the line, of which all is sure."""
        seen: set[Address] = set()
        for i in range(len(self.groups)):
            for _, home, routine in self.made(i):
                at = getattr(home, "at", None)
                if isinstance(at, Address) and at not in seen and self.meant(home, routine):
                    seen.add(at)
                    yield at


def rewritten(
    body: Body, meant: Sequence[Mention], where: Where, schema: Schema, names: frozenset[str]
) -> str:
    """Return a body with what it means spelled as it is called in a schema; raise Unsure."""
    wanted = [where(one.address) for one in meant]
    pieces: list[str] = []
    at = 0
    for one, place in zip(meant, wanted, strict=True):
        if place.name != one.address.name:
            pieces += (body.text[at : one.start], quote(place.bare, schema.dialect))
            at = one.end
    text = "".join((*pieces, body.text[at:]))
    table = None if body.table is None else where(body.table)
    again = named(replace(body, text=text, table=table), schema, names)
    if again is None or [one.address for one in again] != wanted:
        raise Unsure
    return text


def respelled_text(text: str, body: str, new: str, dialect: str) -> str | None:
    """Return a statement with another body in the place of its own; None where that is not plain."""
    if dialect == "mysql":
        return text[: -len(body)] + new if text.endswith(body) else None
    for token in tokens(text, dialect):
        if token.kind is TokenKind.STRING and string_value(token.text, dialect) == body:
            if token.text.count(body) != 1 or new.count("$") != body.count("$"):
                return None
            return text[: token.start] + token.text.replace(body, new) + text[token.end :]
    return None


def by_home(thing: Object, schema: Schema, course: Course, names: frozenset[str]) -> Object:
    """Return a routine with the homes of what its body names in their place, where that is sure."""
    if not isinstance(thing, Routine) or not names:
        return thing
    body = body_of(thing, schema)
    meant = None if body is None else named(body, schema, names)
    if body is None or not meant:
        return thing
    pieces: list[str] = []
    at = 0
    for one in meant:
        try:
            pieces += (body.text[at : one.start], f"\0{course.home(one.address)}\0")
        except Gone:
            return thing
        at = one.end
    return replace(thing, body="".join((*pieces, body.text[at:])))
