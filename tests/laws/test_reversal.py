"""A reversal leads back to the very schema, whatever the migration did to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemaops.diff import diff
from schemaops.reverse import judge, reverse
from schemaops.sql.interpret import interpret
from schemaops.sql.render import script
from tests.laws.strategies import DIALECTS, scripts


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=100)
def test_base_up_down_is_base(dialect: str, data: st.DataObject) -> None:
    base, up = data.draw(scripts(dialect, data=True))
    before = interpret("; ".join(base), dialect=dialect).after
    read = interpret("; ".join(up), before)
    reversal = reverse(read.groups, before, diff)
    text = script(reversal.statements)
    judged = judge(text, read.after, before, diff, reversal.effects)
    assert [fault.error.message for fault in judged.faults] == [], text
    assert judged.restored == before, text
    assert reversal.exact
    assert reversal.irreversible == ()
