"""Identity is bytes: `Revision` → bytes → `Revision` is exact; one bit changed, another id."""

from __future__ import annotations

import subprocess

from hypothesis import assume, given
from hypothesis import strategies as st

from schemaops.errors import SchemaOpsError
from schemaops.history.format import from_bytes, header_bytes, read_header, read_parents, to_bytes
from schemaops.history.revision import Header, Revision, revision_id
from tests.unit.history.drawing import revisions


@given(revisions())
def test_what_is_written_is_read_exactly(revision: Revision) -> None:
    data = to_bytes(revision)
    assert from_bytes(data) == revision
    assert b"\r" not in data
    assert b"\0" not in data
    assert data.endswith(b"\n")


@given(revisions(), revisions())
def test_two_revisions_never_share_their_bytes(one: Revision, other: Revision) -> None:
    assume(one != other)
    assert to_bytes(one) != to_bytes(other)


@given(revisions())
def test_the_header_alone_says_what_the_whole_says(revision: Revision) -> None:
    data = to_bytes(revision)
    header = read_header(data)
    assert read_header(header_bytes(data)) == header
    assert read_parents(header_bytes(data)) == (header.parents, header.checkpoint)
    assert read_parents(data) == (header.parents, header.checkpoint)
    whole = from_bytes(data)
    for name in Header.__dataclass_fields__:
        assert getattr(header, name) == getattr(whole, name)


@given(revisions(), st.data())
def test_one_bit_changed_is_another_id_and_never_the_same_revision(
    revision: Revision, data: st.DataObject
) -> None:
    sound = to_bytes(revision)
    at = data.draw(st.integers(0, len(sound) * 8 - 1))
    changed = bytearray(sound)
    changed[at // 8] ^= 1 << at % 8
    assert revision_id(bytes(changed)) != revision_id(sound)
    try:
        read = from_bytes(bytes(changed))
    except SchemaOpsError:
        return
    assert read != revision
    assert to_bytes(read) == bytes(changed)


def test_the_id_is_the_one_that_git_gives() -> None:
    for data in (b"", b"a", b"-- schemaops revision 1\n", bytes(range(256)) * 50):
        given_by_git = subprocess.run(
            ["git", "hash-object", "--no-filters", "--stdin"],
            input=data,
            capture_output=True,
            check=True,
        )
        assert revision_id(data) == given_by_git.stdout.decode().strip()
