"""The page on the format shows real bytes: its example is read, and its ids are computed."""

from __future__ import annotations

import re
from pathlib import Path

from schemaops.errors import Place
from schemaops.history.format import from_bytes, to_bytes
from schemaops.history.fsck import File, MissingParent, faults
from schemaops.history.revision import Kept, file_name, migration_id, revision_id

PAGE = Path(__file__).parents[3].joinpath("docs", "format.md").read_text(encoding="utf-8")


def test_the_example_is_a_revision_with_the_id_and_name_that_are_shown() -> None:
    (example,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    data = example.encode()
    revision = from_bytes(data)
    assert to_bytes(revision) == data
    made = revision_id(data)
    assert f"This file's id is `{made}`, its name `{file_name(made, revision)}`." in PAGE
    # Its parent is not on the page; nothing else is wrong with it.
    (only,) = faults([File(made, data, Place("x.sql"))], "sqlite")
    assert isinstance(only, MissingParent)


def test_the_digest_that_is_shown_is_the_digest() -> None:
    import hashlib

    assert "digest of `word 6:SELECTnumber 1:1`" in PAGE
    shown = hashlib.sha256(b"word 6:SELECTnumber 1:1").hexdigest()
    assert migration_id("SELECT 1;", "sqlite") == f"m1:{shown}"


def test_every_key_and_every_way_of_keeping_is_on_the_page() -> None:
    for kept in Kept:
        assert f"`{kept}` (" in PAGE
    for key in (
        *("parents", "migration", "message", "author", "date", "dialect", "replaces"),
        *("carried-from", "checkpoint", "fingerprint", "loss"),
    ):
        assert f"| `{key}` |" in PAGE
