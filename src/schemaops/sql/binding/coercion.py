"""How PostgreSQL finds the operator or function meant, and what it casts by itself for that.

The rules are the manual's (10.2 operators, 10.3 functions, 10.5 UNION, CASE and related
constructs), over the facts in `postgres_catalogue`. A type is its internal name (``int4``, ``_text``
for an array), or the address of an enum (in a tuple for an array of it); None where it is not known,
and then nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from schemaops.names import Address
from schemaops.sql.binding import postgres_catalogue as catalogue
from schemaops.sql.binding import postgres_extensions as extensions
from schemaops.sql.types import TypeName

__all__ = [
    "UNKNOWN",
    "PgType",
    "Resolved",
    "array_of",
    "can_assign",
    "can_cast",
    "can_coerce",
    "category",
    "common_type",
    "element_of",
    "function",
    "is_built_in",
    "is_cast_call",
    "is_function",
    "operator",
    "spelled",
    "type_of",
]

PgType = str | Address | tuple[Address]

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was found: the type each argument is cast to, and the result's.

    `through` is a type that all but the first are cast to before, as the items of a list are.
    """

    targets: tuple[PgType, ...]
    result: PgType | None
    through: PgType | None = None


def _entries(*texts: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for text in texts:
        for line in text.strip("\n").replace("\n ", " ").split("\n"):
            name, _, rest = line.partition(" ")
            entries[name] = f"{entries[name]} {rest}" if name in entries else rest
    return entries


@lru_cache(maxsize=1)
def _types() -> dict[str, tuple[str, bool]]:
    """Category of each type, and whether it is its category's preferred one."""
    return {
        name: (facts[0], facts[1:2] == "!")
        for name, facts in _entries(catalogue.TYPES, extensions.TYPES).items()
    }


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    spellings = {}
    for name, facts in _entries(catalogue.TYPES, extensions.TYPES).items():
        spellings[name] = facts.partition(" ")[2] or name
    return spellings


@lru_cache(maxsize=1)
def _by_spelling() -> dict[str, str]:
    names = {spelling: name for name, spelling in _spellings().items()}
    names["character"] = "bpchar"
    names["bit"] = names['"bit"'] = "bit"
    return names


@lru_cache(maxsize=1)
def _casts() -> dict[tuple[str, str], str]:
    casts = {}
    for source, targets in _entries(catalogue.CASTS, extensions.CASTS).items():
        for target in targets.split():
            name, _, context = target.partition("=")
            casts[source, name] = context or "e"
    return casts


@dataclass(frozen=True, slots=True)
class _Candidate:
    arguments: tuple[PgType, ...]
    result: str
    variadic: bool = False
    defaults: int = 0


@lru_cache(maxsize=1)
def _operator_entries() -> dict[str, str]:
    return _entries(catalogue.OPERATORS, extensions.OPERATORS)


@lru_cache(maxsize=1)
def _function_entries() -> dict[str, str]:
    return _entries(catalogue.FUNCTIONS, extensions.FUNCTIONS)


@cache
def _operators(name: str) -> tuple[_Candidate, ...]:
    found = []
    for entry in _operator_entries().get(name, "").split():
        arguments, _, result = entry.rpartition(">")
        left, _, right = arguments.partition(",")
        found.append(_Candidate((left, right) if left else (right,), result))
    return tuple(found)


@cache
def _functions(name: str) -> tuple[_Candidate, ...]:
    found = []
    for entry in _function_entries().get(name, "").split():
        head, _, result = entry.rpartition(">")
        head, _, defaults = head.partition("=")
        variadic = head.endswith("*")
        head = head.removesuffix("*")
        arguments = tuple(head.split(",")) if head else ()
        found.append(_Candidate(arguments, result, variadic, int(defaults or 0)))
    return tuple(found)


def is_function(name: str) -> bool:
    """Whether PostgreSQL has a function of that name itself."""
    return name in _function_entries()


def is_built_in(kind: PgType | None) -> bool:
    """Whether a type is one of PostgreSQL's own, so that its casts are known."""
    if isinstance(kind, str):
        return kind.removeprefix("_") in _types()
    return False


def type_of(name: TypeName) -> PgType | None:
    """Return the type of that name; an extension's stands for itself, of no category."""
    if isinstance(name.base, Address):
        return (name.base,) if name.array else name.base
    spelling = name.base + name.suffix
    if spelling.startswith("interval"):
        spelling = "interval"
    internal = _by_spelling().get(spelling, spelling)
    return "_" + internal if name.array else internal


def spelled(kind: PgType) -> tuple[str | Address, ...]:
    """Return a type as the catalogue spells it, as pieces."""
    match kind:
        case Address():
            return (kind,)
        case tuple():
            return (kind[0], "[]")
        case _ if kind.startswith("_"):
            base = kind[1:]
            return (_spellings().get(base, base) + "[]",)
        case _:
            return (_spellings().get(kind, kind),)


def array_of(kind: PgType | None) -> PgType | None:
    """Return the array type of a type."""
    match kind:
        case Address():
            return (kind,)
        case str() if kind != UNKNOWN:
            return "_" + kind.removeprefix("_")
    return None


def element_of(kind: PgType | None) -> PgType | None:
    """Return the type of an array's elements; None for what is no array."""
    match kind:
        case tuple():
            return kind[0]
        case str() if kind.startswith("_"):
            return kind[1:]
    return None


def category(kind: PgType) -> str:
    """Return the letter of a type's category."""
    if isinstance(kind, Address):
        return "E"
    if isinstance(kind, tuple) or kind.startswith("_"):
        return "A"
    return _types().get(kind, ("U", False))[0]


def _is_preferred(kind: PgType) -> bool:
    return isinstance(kind, str) and _types().get(kind, ("U", False))[1]


_ANY_SCALAR = frozenset({"anynonarray", "anycompatiblenonarray"})
_ANY = frozenset({"any", "anyelement", "anycompatible"})
_ANY_ARRAY = frozenset({"anyarray", "anycompatiblearray"})
_ANY_RANGE = frozenset({"anyrange", "anycompatiblerange"})
# What the server's own ranges range over.
_RANGED: dict[str, PgType] = {
    "int4range": "int4",
    "int8range": "int8",
    "numrange": "numeric",
    "tsrange": "timestamp",
    "tstzrange": "timestamptz",
    "daterange": "date",
}
_ANY_MULTIRANGE = frozenset({"anymultirange", "anycompatiblemultirange"})
_POLYMORPHIC = _ANY | _ANY_SCALAR | _ANY_ARRAY | _ANY_RANGE | _ANY_MULTIRANGE | {"anyenum"}


def can_coerce(source: PgType, target: PgType) -> bool:
    """Whether a value is cast from one type to another without being asked."""
    return _can(source, target, "i")


def can_assign(source: PgType, target: PgType) -> bool:
    """Whether a value of one type is cast to a column's type by itself."""
    if _can(source, target, "ia"):
        return True
    # Every type may be assigned to a string through its text.
    return category(target) == "S" and is_built_in(source) and is_built_in(target)


def can_cast(source: PgType, target: PgType) -> bool:
    """Whether a value of one type is cast to another where that is asked for.

    Strings are read as any type; of types that are not built in nothing is known.
    """
    inside, outside = element_of(source), element_of(target)
    if inside is not None and outside is not None:
        return can_cast(inside, outside)
    if not (is_built_in(source) and is_built_in(target)) or can_assign(source, target):
        return True
    return category(source) == "S" or (source, target) in _casts()


def _can(source: PgType, target: PgType, contexts: str) -> bool:
    if source in {target, UNKNOWN} or target in _ANY:
        return True
    if isinstance(target, str) and target in _POLYMORPHIC:
        if target in _ANY_SCALAR:
            return element_of(source) is None
        if target in _ANY_ARRAY:
            return element_of(source) is not None
        if target == "anyenum":
            return isinstance(source, Address)
        wanted = "multirange" if target in _ANY_MULTIRANGE else "range"
        is_multi = isinstance(source, str) and source.endswith("multirange")
        return category(source) == "R" and is_multi == (wanted == "multirange")
    inside, outside = element_of(source), element_of(target)
    if inside is not None and outside is not None:
        return _can(inside, outside, contexts)
    if isinstance(source, str) and isinstance(target, str):
        return _casts().get((source, target), "e") in contexts
    return False


def operator(name: str, arguments: tuple[PgType, ...]) -> Resolved | None:
    """Return what an operator between values of these types stands for."""
    candidates = tuple(c for c in _operators(name) if len(c.arguments) == len(arguments))
    if not all(_is_known(kind) for kind in arguments):
        return _of_extension(name, arguments)
    exact = arguments
    if len(arguments) == 2:
        left, right = arguments
        if left == UNKNOWN and right != UNKNOWN:
            exact = (right, right)
        elif right == UNKNOWN and left != UNKNOWN:
            exact = (left, left)
    for candidate in candidates:
        if candidate.arguments == exact:
            return Resolved(exact, candidate.result)
    return _settled(candidates, arguments)


_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})


def _is_known(kind: PgType) -> bool:
    if isinstance(kind, str):
        return kind.removeprefix("_") in _types() or kind == UNKNOWN
    return True


def _of_extension(name: str, arguments: tuple[PgType, ...]) -> Resolved | None:
    # Types of extensions compare with themselves; nothing more is known of them.
    own = {kind for kind in arguments if kind != UNKNOWN}
    if name in _COMPARISONS and len(own) == 1:
        kind = own.pop()
        return Resolved((kind,) * len(arguments), "bool")
    return None


def function(name: str, arguments: tuple[PgType, ...]) -> Resolved | None:
    """Return what a call of one of PostgreSQL's own functions stands for."""
    if not all(_is_known(kind) for kind in arguments):
        return None
    candidates = []
    for candidate in _functions(name):
        fitted = _fitted(candidate, len(arguments))
        if fitted is not None:
            candidates.append(fitted)
    for candidate in candidates:
        if candidate.arguments == arguments:
            return Resolved(arguments, _result(candidate.result))
    return _settled(tuple(candidates), arguments)


_SAME_INSIDE = frozenset({("varchar", "text"), ("text", "varchar"), ("varchar", "bpchar")})


def is_cast_call(name: str, kind: PgType | None) -> bool:
    """Whether calling a type's name with one value casts it, since no function is meant.

    So it is where only text leads from one type to the other, or both have the same bytes.
    """
    if kind is None or name not in _types() or not _is_known(kind):
        return False
    if any(candidate.arguments == (kind,) for candidate in _functions(name)):
        return False
    if kind in {UNKNOWN, name} or (kind, name) in _SAME_INSIDE:
        return True
    through_text = "S" in {category(kind), category(name)}
    return through_text and not (isinstance(kind, str) and (kind, name) in _casts())


def _result(kind: str) -> PgType | None:
    return None if kind in {"record", "void"} else kind


def _fitted(candidate: _Candidate, count: int) -> _Candidate | None:
    declared = candidate.arguments
    if candidate.variadic and count >= len(declared):
        last = declared[-1]
        repeated: PgType = last if last == "any" else element_of(last) or _element(last)
        more = (repeated,) * (count - len(declared) + 1)
        return _Candidate((*declared[:-1], *more), candidate.result)
    if len(declared) - candidate.defaults <= count <= len(declared):
        return _Candidate(declared[:count], candidate.result)
    return None


def _element(kind: PgType) -> PgType:
    return {"anyarray": "anyelement", "anycompatiblearray": "anycompatible"}[str(kind)]


def _settled(candidates: tuple[_Candidate, ...], arguments: tuple[PgType, ...]) -> Resolved | None:
    fitting = tuple(c for c in candidates if _fits(c, arguments))
    chosen = fitting[0] if len(fitting) == 1 else _chosen(fitting, arguments)
    return None if chosen is None else _concrete(chosen, arguments)


def _fits(candidate: _Candidate, arguments: tuple[PgType, ...]) -> bool:
    if not all(map(can_coerce, arguments, candidate.arguments)):
        return False
    generic = any(kind in _POLYMORPHIC for kind in candidate.arguments)
    return not generic or _concrete(candidate, arguments) is not None


def _chosen(candidates: tuple[_Candidate, ...], arguments: tuple[PgType, ...]) -> _Candidate | None:
    """The manual's steps 4a to 4f for functions, which are those for operators too."""
    candidates = _best(candidates, arguments, lambda declared, given: declared == given)
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    candidates = _best(
        candidates,
        arguments,
        lambda declared, given: (
            declared == given or (category(declared) == category(given) and _is_preferred(declared))
        ),
    )
    if len(candidates) == 1:
        return candidates[0]
    unknown = [place for place, kind in enumerate(arguments) if kind == UNKNOWN]
    if not unknown:
        return None
    candidates = _of_category(candidates, unknown)
    if len(candidates) == 1:
        return candidates[0]
    known = {kind for kind in arguments if kind != UNKNOWN}
    if len(known) == 1:
        one = known.pop()
        fitting = [c for c in candidates if _fits(c, (one,) * len(arguments))]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _best(
    candidates: tuple[_Candidate, ...],
    arguments: tuple[PgType, ...],
    fits: Callable[[PgType, PgType], bool],
) -> tuple[_Candidate, ...]:
    counted = [
        sum(
            given != UNKNOWN and fits(declared, given)
            for declared, given in zip(c.arguments, arguments, strict=True)
        )
        for c in candidates
    ]
    most = max(counted, default=0)
    return tuple(c for c, count in zip(candidates, counted, strict=True) if count == most)


def _of_category(candidates: tuple[_Candidate, ...], places: list[int]) -> tuple[_Candidate, ...]:
    wanted: dict[int, tuple[str, bool]] = {}
    for place in places:
        kinds = [c.arguments[place] for c in candidates]
        categories = {category(kind) for kind in kinds}
        if "S" in categories:
            chosen = "S"
        elif len(categories) == 1:
            chosen = categories.pop()
        else:
            return candidates
        has_preferred = any(category(k) == chosen and _is_preferred(k) for k in kinds)
        wanted[place] = (chosen, has_preferred)
    kept = tuple(
        c
        for c in candidates
        if all(
            category(c.arguments[place]) == chosen
            and (_is_preferred(c.arguments[place]) or not preferred)
            for place, (chosen, preferred) in wanted.items()
        )
    )
    return kept or candidates


def _concrete(chosen: _Candidate, arguments: tuple[PgType, ...]) -> Resolved | None:
    """Put the types that were given in the place of polymorphic ones."""
    declared = chosen.arguments
    simple = _element_given(
        declared, arguments, {"anyelement", "anynonarray", "anyenum"}, "anyarray"
    )
    several = [
        given if kind != "anycompatiblearray" else element_of(given) or given
        for kind, given in zip(declared, arguments, strict=True)
        if isinstance(kind, str) and kind.startswith("anycompatible") and "range" not in kind
    ]
    compatible = common_type(several) if several else None
    targets: list[PgType] = []
    for kind, given in zip(declared, arguments, strict=True):
        target = _target(kind, given, simple, compatible)
        if target is None:
            return None
        targets.append(target)
    ranges = [a for d, a in zip(declared, arguments, strict=True) if d in _ANY_RANGE]
    result: PgType | None = _result(chosen.result)
    if isinstance(result, str) and result in _POLYMORPHIC:
        if result in _ANY_RANGE:
            result = ranges[0] if ranges else None
        elif simple is None and result == "anyelement" and len(ranges) == 1:
            result = _RANGED.get(ranges[0]) if isinstance(ranges[0], str) else None
        elif result.startswith("anycompatible"):
            result = array_of(compatible) if result in _ANY_ARRAY else compatible
        else:
            result = array_of(simple) if result in _ANY_ARRAY else simple
    return Resolved(tuple(targets), result)


def _target(
    kind: PgType, given: PgType, simple: PgType | None, compatible: PgType | None
) -> PgType | None:
    match kind:
        case "any":
            return given
        case "anyelement" | "anynonarray" | "anyenum":
            return simple
        case "anyarray":
            return array_of(simple)
        case "anycompatible" | "anycompatiblenonarray":
            return compatible
        case "anycompatiblearray":
            return array_of(compatible)
        case str() if kind in _POLYMORPHIC:
            return given if given != UNKNOWN else None
    return kind


def _element_given(
    declared: tuple[PgType, ...],
    arguments: tuple[PgType, ...],
    scalars: set[str],
    arrays: str,
) -> PgType | None:
    found: set[PgType] = set()
    for kind, given in zip(declared, arguments, strict=True):
        if given == UNKNOWN:
            continue
        if kind in scalars:
            found.add(given)
        elif kind == arrays:
            inside = element_of(given)
            if inside is not None:
                found.add(inside)
    return found.pop() if len(found) == 1 else None


def common_type(kinds: Sequence[PgType | None]) -> PgType | None:
    """Return the one type that CASE, UNION, ARRAY and their like make of several."""
    if not kinds or None in kinds:
        return None
    chosen = UNKNOWN if kinds[0] is None else kinds[0]
    for kind in kinds[1:]:
        assert kind is not None
        if kind in {UNKNOWN, chosen}:
            continue
        if chosen == UNKNOWN:
            chosen = kind
        elif category(chosen) != category(kind):
            return None
        elif (
            not _is_preferred(chosen) and can_coerce(chosen, kind) and not can_coerce(kind, chosen)
        ):
            chosen = kind
    return "text" if chosen == UNKNOWN else chosen
