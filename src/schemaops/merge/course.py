"""A course: where each object of a line comes from, and where it has got to.

An object's home is its address in the merge's base, whatever it was renamed to since; what the line
itself created has a home of its own, marked as fresh, so that it is never taken for what stood there
before. Both lines of a merge speak of homes when they are compared.
"""

from __future__ import annotations

from immutables import Map

from schemaops.names import TYPES, Address, Kind, Name, respelled, type_spelling
from schemaops.operations import Create, Drop, Opaque, Operation, Rename
from schemaops.schema.objects import relocated

__all__ = ["FRESH", "Course", "Gone", "container_of", "home_operation", "shown"]

FRESH = "+"

_TOP = frozenset(
    {
        Kind.TABLE,
        Kind.VIEW,
        Kind.ENUM,
        Kind.SEQUENCE,
        Kind.SCHEMA,
        Kind.EXTENSION,
        Kind.DOMAIN,
        Kind.COMPOSITE,
        Kind.RANGE,
        Kind.STATISTICS,
        Kind.AGGREGATE,
        Kind.OPERATOR,
        Kind.COLLATION,
        Kind.TEXT_SEARCH_CONFIGURATION,
        Kind.TEXT_SEARCH_DICTIONARY,
    }
)


class Gone(Exception):
    """The object at a home was dropped on the way."""

    def __init__(self, at: Address) -> None:
        super().__init__(str(at))
        self.at = at


def container_of(at: Address) -> Address | None:
    """Return the address of the table or schema that an address lies in, None at the top."""
    if at.kind in _BEHIND:
        return _said_of(at)
    if len(at.path) < 2:
        return None
    kind = Kind.SCHEMA if len(at.path) == 2 and at.kind in _TOP else Kind.TABLE
    return Address(kind, at.path[:-1])


# How many names stand behind those of the object that something is said about.
_BEHIND = {Kind.COMMENT: 1, Kind.GRANT: 3}


def _said_of(at: Address) -> Address | None:
    on = _on(at)
    return on if on.kind in _TOP else container_of(on)


def _on(at: Address) -> Address:
    """Return the object that a comment or a privilege is on, as its address tells."""
    names = len(at.path) - _BEHIND[at.kind]
    return Address(Kind(str(_plain(at.path[names]))), at.path[:names])


_Homes = Map[Address, Address]


class Course:
    """The creations, drops and renames of a line so far.

    `_homes` leads from where something stands now to its home and `_places` back, for what was created
    or renamed; `_gone` from homes to where their objects stood last; `_within` lists, by the path of a
    relation, what of that stands in it. All are persistent maps, so a copy costs nothing.
    """

    def __init__(self) -> None:
        self._homes: _Homes = Map()
        self._places: _Homes = Map()
        self._gone: _Homes = Map()
        self._within: Map[tuple[Name, ...], frozenset[Address]] = Map()
        # How types of the schema that were renamed are spelled in functions' names, and were first.
        self._first: Map[str, str] = Map()
        self._now: Map[str, str] = Map()

    def copy(self) -> Course:
        """Return a course that goes on from here by itself."""
        made = Course()
        made._homes, made._places = self._homes, self._places
        made._gone, made._within = self._gone, self._within
        made._first, made._now = self._first, self._now
        return made

    def home(self, at: Address) -> Address:
        """Return the home of what stands at `at` now."""
        at = _retyped(at, self._first)
        found = self._homes.get(_key(at))
        if found is not None:
            return Address(at.kind, found.path)
        if at.kind in _BEHIND:
            on = _on(at)
            return Address(at.kind, (*self.home(on).path, *at.path[len(on.path) :]))
        for n in range(len(at.path) - 1, 0, -1):
            inside = self._homes.get(Address(Kind.TABLE, at.path[:n]))
            if inside is None and n == 1:
                inside = self._homes.get(Address(Kind.SCHEMA, at.path[:n]))
            if inside is not None:
                return Address(at.kind, (*inside.path, *at.path[n:]))
        return at

    def called(self, at: Address) -> Name:
        """Return what stands at `at` is called, the types in a function's name as they were first."""
        return _retyped(at, self._first).name

    def declared(self, at: Address) -> Address:
        """Return the home that an object created at `at` now would have."""
        at = _retyped(at, self._first)
        inside = container_of(at)
        path = at.path[:-1]
        if at.kind in _BEHIND:
            path = self.home(at).path[:-1]
        elif inside is not None:
            path = (*self.home(inside).path, *path[len(inside.path) :])
        return Address(at.kind, (*path, Name(FRESH + at.name, at.name.spelling)))

    def advance(self, operation: Operation) -> None:
        """Take one operation of the line into account."""
        match operation:
            case Create():
                self._stand(operation.at, self.declared(operation.at))
            case Drop():
                home = self.home(operation.at)
                self._leave(operation.at, home)
                self._gone = self._gone.set(_key(home), operation.at)
            case Rename(old=old, new=new):
                inside = self._within.get(old.path, frozenset())
                if not _is_relation(old):
                    inside = frozenset(p for p in inside if p.kind in _BEHIND and _on(p) == old)
                home = self.home(old)
                self._leave(old, home)
                self._stand(new, home)
                if old.family is not None and new.family is not None:
                    # Calls go by the name alone.
                    called = self.home(old.family)
                    self._leave(old.family, called)
                    self._stand(new.family, called)
                self._retype(old, new)
                for part in inside:
                    part_home = self._homes[part]
                    self._leave(part, part_home)
                    self._stand(
                        Address(part.kind, (*new.path, *part.path[len(old.path) :])), part_home
                    )
            case Opaque(effect=effect):
                for inner in effect or ():
                    self.advance(inner)
            case _:
                return

    def _retype(self, old: Address, new: Address) -> None:
        if old.kind in TYPES:
            was, now = type_spelling(old), type_spelling(new)
            first = self._first.get(was, was)
            if was in self._first:
                self._first = self._first.delete(was)
            self._first = self._first.set(now, first)
            self._now = self._now.set(first, now)

    def _stand(self, at: Address, home: Address) -> None:
        at = _retyped(at, self._first)
        self._homes = self._homes.set(_key(at), _key(home))
        self._places = self._places.set(_key(home), at)
        if _key(home) in self._gone:
            self._gone = self._gone.delete(_key(home))
        for above in _above(at):
            self._within = self._within.set(above, self._within.get(above, frozenset()) | {at})

    def _leave(self, at: Address, home: Address) -> None:
        at = _retyped(at, self._first)
        if _key(at) in self._homes:
            self._homes = self._homes.delete(_key(at))
        if _key(home) in self._places:
            self._places = self._places.delete(_key(home))
        for above in _above(at):
            there = self._within.get(above)
            if there is not None and at in there:
                self._within = self._within.set(above, there - {at})

    def last_place(self, home: Address) -> Address:
        """Return where the object of a home stands now, or stood last where it was dropped."""
        try:
            return self.place(home)
        except Gone as gone:
            return Address(home.kind, (*gone.at.path, *home.path[len(gone.at.path) :]))

    def place(self, home: Address) -> Address:
        """Return where the object of a home stands now; raise Gone where it was dropped."""
        return _retyped(self._place(home), self._now)

    def _place(self, home: Address) -> Address:
        key = _key(home)
        at = self._places.get(key)
        if at is not None:
            return Address(home.kind, at.path)
        if key in self._gone:
            raise Gone(self._gone[key])
        if home.kind in _BEHIND:
            on = _on(home)
            return Address(
                home.kind, (*self.place(on).path, *map(_plain, home.path[len(on.path) :]))
            )
        for n in range(len(home.path) - 1, 0, -1):
            inside = Address(Kind.TABLE, home.path[:n])
            if inside in self._gone:
                raise Gone(self._gone[inside])
            there = self._places.get(inside)
            if there is None and n == 1:
                there = self._places.get(Address(Kind.SCHEMA, home.path[:n]))
            if there is not None:
                return Address(home.kind, (*there.path, *map(_plain, home.path[n:])))
        return shown(home)


def _retyped(at: Address, spellings: Map[str, str]) -> Address:
    """Return a function's address with the types in its name spelled as they are, or were first."""
    if not spellings or at.signature is None:
        return at

    def spell(kind: str) -> str:
        base = kind.removesuffix("[]")
        return spellings.get(base, base) + kind[len(base) :]

    return respelled(at, spell)


def _above(at: Address) -> set[tuple[Name, ...]]:
    """Return the paths of the objects that an object moves along with."""
    if at.kind in _BEHIND:
        inside = container_of(at)
        return {_on(at).path} if inside is None else {_on(at).path, inside.path}
    return set() if _is_relation(at) else {at.path[:-1]}


def _key(at: Address) -> Address:
    return Address(Kind.TABLE, at.path) if at.kind is Kind.VIEW else at


def _is_relation(at: Address) -> bool:
    return at.kind in (Kind.TABLE, Kind.VIEW)


def _plain(name: Name) -> Name:
    if name.startswith(FRESH):
        return Name(str(name)[len(FRESH) :], name.spelling)
    return name


def shown(home: Address) -> Address:
    """Return a home as an address to show: the marks of what is fresh taken off."""
    return Address(home.kind, tuple(map(_plain, home.path)))


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
