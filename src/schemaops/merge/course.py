"""A course: where each object of a line comes from, and where it has got to.

An object's home is its address in the merge's base, whatever it was renamed to since; what the line
itself created has a home of its own, marked as fresh, so that it is never taken for what stood there
before. Both lines of a merge speak of homes when they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Create, Drop, Opaque, Operation, Rename
from schemaops.schema.objects import relocated

__all__ = ["FRESH", "Course", "Gone", "container_of", "home_operation", "shown"]

FRESH = "+"

_TOP = frozenset(
    {Kind.TABLE, Kind.VIEW, Kind.ENUM, Kind.SEQUENCE, Kind.SCHEMA, Kind.EXTENSION, Kind.DOMAIN}
)


class Gone(Exception):
    """The object at a home was dropped on the way."""

    def __init__(self, at: Address) -> None:
        super().__init__(str(at))
        self.at = at


def container_of(at: Address) -> Address | None:
    """Return the address of the table or schema that an address lies in, None at the top."""
    if len(at.path) < 2:
        return None
    kind = Kind.SCHEMA if len(at.path) == 2 and at.kind in _TOP else Kind.TABLE
    return Address(kind, at.path[:-1])


@dataclass(frozen=True, slots=True)
class _Event:
    operation: Create | Drop | Rename
    home: Address


class Course:
    """The creations, drops and renames of a line so far, each with the home of what it is about."""

    def __init__(self) -> None:
        self._events: list[_Event] = []
        self._created: dict[Address, int] = {}

    def copy(self) -> Course:
        """Return a course that goes on from here by itself."""
        made = Course()
        made._events, made._created = list(self._events), dict(self._created)
        return made

    def home(self, at: Address) -> Address:
        """Return the home of what stands at `at` now."""
        return self._home(at, len(self._events))

    def _home(self, at: Address, upto: int) -> Address:
        for i in range(upto - 1, -1, -1):
            operation = self._events[i].operation
            match operation:
                case Rename(old=old, new=new) if _covers(new, at):
                    at = Relocation(((new, old),))(at)
                case Create() if _covers(operation.at, at):
                    made = self._events[i].home
                    return Address(at.kind, (*made.path, *at.path[len(operation.at.path) :]))
                case _:
                    continue
        return at

    def declared(self, at: Address) -> Address:
        """Return the home that an object created at `at` now would have."""
        inside = container_of(at)
        path = at.path[:-1] if inside is None else self.home(inside).path
        return Address(at.kind, (*path, Name(FRESH + at.name, at.name.spelling)))

    def advance(self, operation: Operation) -> None:
        """Take one operation of the line into account."""
        match operation:
            case Create():
                home = self.declared(operation.at)
                self._created[home] = len(self._events)
                self._events.append(_Event(operation, home))
            case Drop() | Rename():
                self._events.append(_Event(operation, self.home(operation.at)))
            case Opaque(effect=effect):
                for inner in effect or ():
                    self.advance(inner)
            case _:
                return

    def place(self, home: Address) -> Address:
        """Return where the object of a home stands now; raise Gone where it was dropped."""
        at, start = home, 0
        for n in range(len(home.path), 0, -1):
            if home.path[n - 1].startswith(FRESH):
                found = self._find_created(home, n)
                if found is None:
                    at = Address(home.kind, tuple(_plain(name) for name in home.path))
                    inside = container_of(Address(home.kind, home.path))
                    if inside is not None and inside.kind is Kind.TABLE:
                        moved = self.place(inside)
                        return Address(home.kind, (*moved.path, _plain(home.path[-1])))
                    return at
                start = found + 1
                made = self._events[found].operation.at
                at = Address(home.kind, (*made.path, *home.path[n:]))
                break
        for event in self._events[start:]:
            match event.operation:
                case Rename(old=old, new=new) if _covers(old, at):
                    at = Relocation(((old, new),))(at)
                case Drop() if _covers(event.operation.at, at):
                    raise Gone(event.operation.at)
                case _:
                    continue
        return at

    def _find_created(self, home: Address, n: int) -> int | None:
        if n == len(home.path):
            return self._created.get(home)
        for kind in (Kind.TABLE, Kind.VIEW):
            found = self._created.get(Address(kind, home.path[:n]))
            if found is not None:
                return found
        return None


def _plain(name: Name) -> Name:
    if name.startswith(FRESH):
        return Name(str(name)[len(FRESH) :], name.spelling)
    return name


def _covers(whole: Address, part: Address) -> bool:
    return whole == part or whole.covers(part)


def home_operation(operation: Operation, course: Course) -> Operation:
    """Return an operation with homes for addresses, as `course` has them before it."""
    match operation:
        case Create(thing=thing):
            fresh = course.declared(operation.at)
            return Create(relocated(thing, lambda at: fresh if at == thing.at else course.home(at)))
        case Rename(old=old, new=new):
            inside = container_of(new)
            path = new.path[:-1] if inside is None else course.home(inside).path
            return Rename(course.home(old), Address(new.kind, (*path, new.name)))
        case _:
            return operation.relocated(course.home)


def shown(home: Address) -> Address:
    """Return a home as an address to show: the marks of what is fresh taken off."""
    return Address(home.kind, tuple(map(_plain, home.path)))
