from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.database.models import NoModels, script_of
from schemaops.sql.interpret import interpret

SHOP = """
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"shop_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    return name


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_models_are_a_schema(shop: str, dialect: str) -> None:
    found = interpret(script_of(shop, "Base", dialect), dialect=dialect)
    assert found.faults == ()
    assert {str(thing.at.name) for thing in found.after} >= {"users", "orders", "user_id"}


def test_what_is_no_metadata(shop: str) -> None:
    for module, attribute in ((shop, "Nothing"), (shop, "String"), ("not_there", "Base")):
        with pytest.raises(NoModels):
            script_of(module, attribute, "sqlite")
