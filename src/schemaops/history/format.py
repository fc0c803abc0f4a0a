"""Revision ⇄ bytes: one page that a reviewer can read, and one page only for each revision.

::

    -- schemaops revision 1
    -- parents: 9b04d1735ac2…
    -- migration: m1:5e88…
    -- message: Add orders

    -- up
    CREATE TABLE orders (id BIGINT);

    -- down, generated
    DROP TABLE orders;

SQL stands between the markers byte for byte. Where a line of it looks like a marker itself, every
marker of the file ends in a fence, ``-- up =``, of as many ``=`` as no such line ends in. What is
read must be what would be written, so revisions and their bytes pair one to one. `docs/format.md`
has it byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from schemaops.errors import Place, SchemaOpsError
from schemaops.history.revision import (
    FORMAT,
    Effect,
    Header,
    Kept,
    MigrationId,
    Piece,
    Revision,
    RevisionId,
    Section,
    StatementId,
)

__all__ = [
    "MalformedRevision",
    "NewerFormat",
    "from_bytes",
    "header_bytes",
    "piece_lines",
    "read_header",
    "read_parents",
    "to_bytes",
    "up_line",
]


class MalformedRevision(SchemaOpsError):
    """A revision file does not read as SchemaOps writes it.

    Revision files are written by `schemaops commit` and `schemaops merge` and never edited: their
    names are digests of their bytes. Take the file from git again (`git checkout -- FILE`); to
    change what an unpublished revision says, use `schemaops commit --amend`.
    """

    code = "SO401"


class NewerFormat(SchemaOpsError):
    """A revision file was written by a newer SchemaOps, in a format that is not known here.

    Nothing was changed. Install a SchemaOps that knows it: `pip install --upgrade schemaops`.
    """

    code = "SO403"


_FIRST = f"-- schemaops revision {FORMAT}"
_ID = r"[0-9a-f]{40}"
_SHORT = r"[0-9a-f]{12}"
_MARKER = re.compile(
    rf"""^--\ (?:
        (?P<plain>up|down|down,\ generated|effect)
      | up\ from\ (?P<up>{_ID})
      | down\ to\ (?P<down>{_ID})
      | of\ (?P<of>{_SHORT}(?:\ {_SHORT})*),\ (?P<kept>{"|".join(Kept)})
    )(?:\ (?P<fence>=+))?$""",
    re.VERBOSE | re.MULTILINE,
)
_PARENTS = re.compile(rf"{_FIRST}\n-- parents: (base|{_ID}(?: {_ID})*)\n.*\n\n".encode(), re.DOTALL)
_CHECKPOINT = b"\n-- checkpoint: yes\n"
_LIST = re.compile(rf"{_ID}(?: {_ID})*")
_SHAPES = {
    "migration": re.compile(r"m1:[0-9a-f]{64}"),
    "date": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)"),
    "dialect": re.compile(r"[a-z]+"),
    "replaces": re.compile(_ID),
    "fingerprint": re.compile(r"f\d+:[0-9a-f]+"),
}
_CARRIED = re.compile(rf"({_ID}) (m1:[0-9a-f]{{64}})")
_STATEMENT = re.compile(r"s1:[0-9a-f]{64}")
_HOW = re.compile(r"observed on [a-z]+ [0-9][0-9A-Za-z.+-]*|declared|unknown")
_OF_EFFECT = re.compile(rf"-- of ({_STATEMENT.pattern}), ({_HOW.pattern})")
_INDENT = "--   "


def to_bytes(revision: Revision) -> bytes:
    """Return the bytes of a revision; raise MalformedRevision where it could not be read back."""
    _refuse_unwritable(revision)
    blocks = ["\n".join(_header_lines(revision)) + "\n"]
    marked = _blocks(revision)
    fence = _fence([text for block in marked for _, text in block])
    for block in marked:
        blocks.append("".join(f"-- {marker}{fence}\n{text}" for marker, text in block))
    if revision.effects:
        blocks.append(f"-- effect{fence}\n" + "".join(map(_effect_lines, revision.effects)))
    try:
        return "\n".join(blocks).encode()
    except UnicodeEncodeError as error:
        raise MalformedRevision(f"a revision's text is not Unicode: {error.reason}") from error


def from_bytes(data: bytes, *, file: str = "-") -> Revision:
    """Return the revision that these bytes hold; raise MalformedRevision or NewerFormat."""
    header = read_header(data, file=file)
    text = _decoded(data, file)
    start = text.index("\n\n") + 2
    revision = Revision(
        **{field.name: getattr(header, field.name) for field in fields(Header)},
        **_sections(text, start, file),
    )
    try:
        written = to_bytes(revision)
    except MalformedRevision as error:
        raise MalformedRevision(error.message, place=Place(file)) from error
    if written != data:
        raise MalformedRevision(
            "this is not how SchemaOps writes what it says",
            place=Place(file, _line_of_difference(written, data)),
        )
    return revision


def up_line(header: Header) -> int:
    """Return the line of the file at which the text of `up` begins."""
    return sum(1 for _ in _header_lines(header)) + 3


def piece_lines(merge: Revision) -> dict[RevisionId, tuple[int, ...]]:
    """Return, by parent, the lines of a merge's file at which the texts of `up from` begin."""
    at = sum(1 for _ in _header_lines(merge)) + 1
    found: dict[RevisionId, tuple[int, ...]] = {}
    for number, block in enumerate(_blocks(merge)):
        lines = []
        for _, text in block:
            at += 1
            lines.append(at + 1)
            at += text.count("\n")
        at += 1
        if number % 2 == 0:
            found[merge.parents[number // 2]] = tuple(lines[1:])
    return found


def read_parents(data: bytes) -> tuple[tuple[RevisionId, ...], bool] | None:
    """Return the parents, and whether this is a checkpoint; None where `read_header` must look."""
    found = _PARENTS.match(data)
    if found is None:
        return None
    named = found[1].decode()
    parents = () if named == "base" else tuple(map(RevisionId, named.split(" ")))
    # No line of a message can look so: those that go on are indented.
    return parents, _CHECKPOINT in data[: data.find(b"\n\n") + 1]


def header_bytes(data: bytes) -> bytes:
    """Return the part of a revision's bytes that `read_header` looks at."""
    return data[: data.find(b"\n\n") + 2]


def read_header(data: bytes, *, file: str = "-") -> Header:
    """Return what a revision says of itself, without looking at its SQL."""
    end = data.find(b"\n\n")
    lines = _decoded(data[: end + 1] if end >= 0 else data, file).split("\n")
    if lines[0] != _FIRST:
        version = re.fullmatch(r"-- schemaops revision (\d+)", lines[0])
        if version and int(version[1]) > FORMAT:
            raise NewerFormat(
                f"this revision has format {version[1]}; format {FORMAT} is known here",
                place=Place(file, 1),
                hints=("pip install --upgrade schemaops",),
            )
        raise MalformedRevision(f"a revision begins with `{_FIRST}`", place=Place(file, 1))
    if end < 0:
        raise MalformedRevision("the header has no end, an empty line", place=Place(file))
    found: dict[str, Any] = {}
    key = ""
    for number, line in enumerate(lines[1:-1], start=2):
        if key == "message" and (line == "--" or line.startswith(_INDENT)):
            found["message"] += "\n" + line[len(_INDENT) :]
            continue
        key, colon, value = line[3:].partition(": ")
        if not colon or not line.startswith("-- ") or not _take(found, key, value):
            raise MalformedRevision(f"`{line[:60]}` is no header line", place=Place(file, number))
    if "parents" not in found:
        raise MalformedRevision("the header names no parents", place=Place(file, 1))
    return Header(**found)


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _line_of_difference(written: bytes, data: bytes) -> int:
    ours, theirs = written.split(b"\n"), data.split(b"\n")
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other:
            return number
    return min(len(ours), len(theirs))


def _header_lines(header: Header) -> Iterator[str]:
    yield _FIRST
    yield f"-- parents: {' '.join(header.parents) or 'base'}"
    if header.migration is not None:
        yield f"-- migration: {header.migration}"
    if header.message:
        first, *rest = header.message.split("\n")
        yield f"-- message: {first}"
        for line in rest:
            yield _INDENT + line if line else "--"
    if header.author is not None:
        yield f"-- author: {header.author}"
    if header.date is not None:
        yield f"-- date: {header.date}"
    if header.dialect is not None:
        yield f"-- dialect: {header.dialect}"
    if header.replaces is not None:
        yield f"-- replaces: {header.replaces}"
    for revision, migration in header.carried_from:
        yield f"-- carried-from: {revision} {migration}"
    if header.checkpoint:
        yield "-- checkpoint: yes"
    if header.fingerprint is not None:
        yield f"-- fingerprint: {header.fingerprint}"
    for loss in header.losses:
        yield f"-- loss: {loss}"


def _blocks(revision: Revision) -> list[list[tuple[str, str]]]:
    if revision.is_merge:
        return [
            [(title, ""), *((_of(piece), piece.text) for piece in pieces)]
            for section in revision.sections
            for title, pieces in (
                (f"up from {section.parent}", section.up),
                (f"down to {section.parent}", section.down),
            )
        ]
    blocks = [[("up", revision.up)]]
    if revision.down is not None:
        marker = "down, generated" if revision.down_generated else "down"
        blocks.append([(marker, revision.down)])
    return blocks


def _of(piece: Piece) -> str:
    return f"of {' '.join(piece.of)}, {piece.kept}"


def _effect_lines(effect: Effect) -> str:
    lines = [f"-- of {effect.statement}, {effect.how}"]
    lines.extend(_INDENT + operation for operation in effect.operations)
    return "\n".join(lines) + "\n"


def _fence(texts: list[str]) -> str:
    taken = {len(found["fence"] or "") for text in texts for found in _MARKER.finditer(text)}
    length = next(n for n in range(len(taken) + 1) if n not in taken)
    return " " + "=" * length if length else ""


def _refuse_unwritable(revision: Revision) -> None:
    for wrong in _faults(revision):
        raise MalformedRevision(wrong)


def _faults(revision: Revision) -> Iterator[str]:
    parents = revision.parents
    if parents and not _LIST.fullmatch(" ".join(parents)):
        yield "a parent is not named by its full id"
    if list(parents) != sorted(set(parents)):
        yield "the parents are not in the order of their ids"
    yield from _faulty_kind(revision)
    for key, shape in _SHAPES.items():
        value = getattr(revision, key)
        if value is not None and not shape.fullmatch(value):
            yield f"`{value}` is no {key}"
    for pair in revision.carried_from:
        if not _CARRIED.fullmatch(" ".join(pair)):
            yield f"`{' '.join(pair)}` is no revision id and migration id"
    if re.search(r"[\r\0]", revision.message):
        yield "the message has a carriage return or a NUL"
    for one in (revision.author, *revision.losses):
        if one is not None and not _is_line(one):
            yield f"`{one}` is not one line of text"
    for effect in revision.effects:
        yield from _faulty_effect(effect)
    for text in _texts(revision):
        if text and (not text.endswith("\n") or re.search(r"[\r\0]", text)):
            yield "the SQL is not made of lines that end in a line feed alone"


def _faulty_kind(revision: Revision) -> Iterator[str]:
    if revision.is_merge:
        if revision.migration is not None or revision.checkpoint:
            yield "a merge revision has no migration id and is no checkpoint"
        if revision.up or revision.down is not None or revision.down_generated:
            yield "a merge revision has sections in place of an up and a down"
        if tuple(section.parent for section in revision.sections) != revision.parents:
            yield "a merge revision has one section for each parent, in their order"
    else:
        if revision.sections:
            yield "only a merge revision has sections"
        if (revision.migration is None) != revision.checkpoint:
            yield "every revision but a merge and a checkpoint has a migration id, and only those"
        if revision.down is None and revision.down_generated:
            yield "there is no down that could be generated"
    for section in revision.sections:
        for piece in (*section.up, *section.down):
            if not piece.of or not all(re.fullmatch(_SHORT, one) for one in piece.of):
                yield "a statement of a merge does not name its revisions by twelve digits"
            if piece.text and piece.kept is Kept.ONCE:
                yield "a statement that is made once is not written again"


def _faulty_effect(effect: Effect) -> Iterator[str]:
    if not _STATEMENT.fullmatch(effect.statement):
        yield f"`{effect.statement}` is no digest of a statement"
    if not _HOW.fullmatch(effect.how):
        yield f"`{effect.how}` does not say how an effect is known"
    if effect.how == "unknown" and effect.operations:
        yield "an unknown effect lists operations"
    for operation in effect.operations:
        if not _is_line(operation):
            yield "an operation of an effect is not one line"


def _texts(revision: Revision) -> Iterator[str]:
    yield revision.up
    yield revision.down or ""
    for section in revision.sections:
        for piece in (*section.up, *section.down):
            yield piece.text


def _is_line(text: str) -> bool:
    return bool(text) and not re.search(r"[\r\n\0]", text)


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise MalformedRevision(
            f"the byte 0x{data[error.start]:02x} is not UTF-8",
            place=Place(file, _line(data, error.start)),
        ) from error


def _take(found: dict[str, Any], key: str, value: str) -> bool:
    match key:
        case "parents":
            if value != "base" and not _LIST.fullmatch(value):
                return False
            taken: Any = () if value == "base" else tuple(map(RevisionId, value.split(" ")))
        case "carried-from":
            pair = _CARRIED.fullmatch(value)
            if not pair:
                return False
            one = (RevisionId(pair[1]), MigrationId(pair[2]))
            found["carried_from"] = (*found.get("carried_from", ()), one)
            return True
        case "loss":
            found["losses"] = (*found.get("losses", ()), value)
            return True
        case "checkpoint":
            if value != "yes":
                return False
            taken = True
        case "message" | "author":
            taken = value
        case _:
            shape = _SHAPES.get(key)
            if shape is None or not shape.fullmatch(value):
                return False
            taken = value
    if key in found:
        return False
    found[key] = taken
    return True


def _sections(text: str, start: int, file: str) -> dict[str, Any]:
    # What stands in a wrong order would be written otherwise, which `from_bytes` notices; only what
    # no Revision could hold is refused here.
    found: dict[str, Any] = {}
    ways: dict[RevisionId, dict[str, list[Piece]]] = {}
    pieces: list[Piece] | None = None
    for marker, body in _marked(text, start, file):
        if marker["of"]:
            if pieces is None:
                raise _misplaced(marker, text, file)
            pieces.append(Piece(tuple(marker["of"].split(" ")), Kept(marker["kept"]), body))
            continue
        pieces = None
        if marker["plain"] == "effect":
            found["effects"] = tuple(_effects(marker, body, text, file))
        elif marker["plain"]:
            key = "up" if marker["plain"] == "up" else "down"
            if key in found:
                raise _misplaced(marker, text, file)
            found[key] = body
            if marker["plain"] == "down, generated":
                found["down_generated"] = True
        else:
            way = "up" if marker["up"] else "down"
            parent = ways.setdefault(RevisionId(marker[way]), {})
            if way in parent or body:
                raise _misplaced(marker, text, file)
            pieces = parent[way] = []
    if ways:
        found["sections"] = tuple(
            Section(parent, tuple(way.get("up", ())), tuple(way.get("down", ())))
            for parent, way in ways.items()
        )
    return found


def _marked(text: str, start: int, file: str) -> Iterator[tuple[re.Match[str], str]]:
    marker = _MARKER.match(text, start)
    if marker is None:
        raise MalformedRevision(
            "the header is not followed by `-- up`", place=_place(text, start, file)
        )
    fence = marker["fence"]
    for following in _MARKER.finditer(text, marker.end()):
        if following["fence"] != fence or marker["plain"] == "effect":
            continue
        body = text[marker.end() + 1 : following.start()]
        if not following["of"]:
            if body != "\n" and not body.endswith("\n\n"):
                raise MalformedRevision(
                    "an empty line is missing before this section",
                    place=_place(text, following.start(), file),
                )
            body = body[:-1]
        yield marker, body
        marker = following
    yield marker, text[marker.end() + 1 :]


def _effects(marker: re.Match[str], body: str, text: str, file: str) -> Iterator[Effect]:
    head: re.Match[str] | None = None
    operations: list[str] = []
    number = text.count("\n", 0, marker.start()) + 1
    for line in body.removesuffix("\n").split("\n"):
        number += 1
        following = _OF_EFFECT.fullmatch(line)
        if following:
            if head:
                yield Effect(StatementId(head[1]), head[2], tuple(operations))
            head, operations = following, []
        elif head and line.startswith(_INDENT):
            operations.append(line[len(_INDENT) :])
        else:
            raise MalformedRevision(
                f"`{line[:60]}` is no line of an effect", place=Place(file, number)
            )
    if head:
        yield Effect(StatementId(head[1]), head[2], tuple(operations))


def _misplaced(marker: re.Match[str], text: str, file: str) -> MalformedRevision:
    return MalformedRevision(
        f"`{marker.group()[:60]}` does not belong here", place=_place(text, marker.start(), file)
    )


def _place(text: str, at: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, at) + 1)
