"""MariaDB passes over DROP CONSTRAINT of a foreign key beside some other changes: not understood."""

from __future__ import annotations

import pytest

from schemaops.sql.interpret import interpret

BASE = """
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (n int, m int, KEY k (n), CONSTRAINT f FOREIGN KEY (n) REFERENCES p (id));
"""


@pytest.mark.parametrize(
    ("actions", "opaque"),
    [
        ("DROP CONSTRAINT f, ADD CONSTRAINT g FOREIGN KEY (m) REFERENCES p (id)", True),
        ("DROP CONSTRAINT f, ADD CHECK (m > 0)", True),
        ("DROP CONSTRAINT f, MODIFY m bigint", True),
        ("ADD CONSTRAINT g FOREIGN KEY (m) REFERENCES p (id), DROP CONSTRAINT f", True),
        ("DROP FOREIGN KEY f, ADD CONSTRAINT g FOREIGN KEY (m) REFERENCES p (id)", False),
        ("DROP CONSTRAINT f, ADD COLUMN z int", False),
        ("DROP CONSTRAINT f, ADD UNIQUE KEY u (m)", False),
        ("DROP CONSTRAINT f", False),
    ],
)
def test_a_key_whose_drop_may_be_passed_over_is_opaque(actions: str, opaque: bool) -> None:
    read = interpret(f"{BASE} ALTER TABLE t {actions}", None, "mysql")
    assert not read.faults
    assert bool(read.groups[-1].opaque) is opaque
