"""What we render we read: interpreting what was rendered leads to the same schema."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemaops.sql.interpret import interpret
from schemaops.sql.render import render, script
from tests.laws.strategies import DIALECTS, scripts


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=150)
def test_what_we_render_we_read(dialect: str, data: st.DataObject) -> None:
    base, up = data.draw(scripts(dialect))
    before = interpret("; ".join(base), dialect=dialect).after
    read = interpret("; ".join(up), before)
    operations = [operation for group in read.groups for operation in group.operations]
    text = script(render(operations, before))
    again = interpret(text, before)
    assert [fault.error.message for fault in again.faults] == [], text
    assert [group.text for group in again.opaque] == [], text
    assert again.after == read.after, text
