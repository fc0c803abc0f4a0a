"""A schema as a value: adding, removing, moving, and what its fingerprint holds."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Check, Column, Index, IndexKey, PrimaryKey, Table, View
from schemaops.schema.state import MissingObject, Schema, TakenName
from schemaops.sql.interpret import interpret

SHOP = Address(Kind.TABLE, (Name("public"), Name("shop")))
ID = SHOP.child(Kind.COLUMN, "id")
CITY = SHOP.child(Kind.COLUMN, "city")
INTEGER, TEXT = Expression.plain("integer"), Expression.plain("text")


def shop() -> Schema:
    return Schema.of(
        "postgres",
        (
            Table(SHOP),
            Column(ID, INTEGER, nullable=False),
            Column(CITY, TEXT),
            PrimaryKey(SHOP.child(Kind.PRIMARY_KEY, "shop_pkey"), (ID,)),
            Check(SHOP.child(Kind.CHECK, "city_known"), Expression(("length(", CITY, ") > 1"))),
            Index(
                Address(Kind.INDEX, (Name("public"), Name("by_city"))),
                SHOP,
                (IndexKey(Expression((CITY,))),),
            ),
        ),
    )


def test_a_rename_takes_every_reference_along_and_back_again() -> None:
    town = CITY.sibling("town")
    moved = shop().moving(CITY, town)
    check = moved.at(SHOP.child(Kind.CHECK, "city_known"))
    assert isinstance(check, Check)
    assert check.expression.normal == ("length(", town, ") > 1")
    assert moved.table(SHOP).columns == ("id", "town")
    assert moved != shop()
    assert moved.moving(town, CITY) == shop()


def test_renaming_a_table_moves_what_stands_in_it() -> None:
    store = SHOP.sibling("store")
    moved = shop().moving(SHOP, store)
    assert store.child(Kind.COLUMN, "city") in moved
    assert ID not in moved
    assert moved.parts(store, Index)[0].table == store
    assert moved.moving(store, SHOP) == shop()


def test_two_names_can_be_swapped_over_a_third() -> None:
    there = shop().moving(ID, ID.sibling("x")).moving(CITY, CITY.sibling("id"))
    there = there.moving(ID.sibling("x"), CITY)
    assert there.column(CITY).type == INTEGER
    assert there.column(ID).type == TEXT


def test_equal_schemas_have_equal_fingerprints_however_they_came_about() -> None:
    note = Column(SHOP.child(Kind.COLUMN, "note"), TEXT)
    assert shop().adding(note).removing(note.at).fingerprint == shop().fingerprint
    assert shop().adding(note).fingerprint != shop().fingerprint


def test_column_order_is_no_part_of_equality_but_of_identity() -> None:
    other = Schema.empty("postgres").adding(Table(SHOP))
    one = other.adding(Column(ID, INTEGER)).adding(Column(CITY, TEXT))
    two = other.adding(Column(CITY, TEXT)).adding(Column(ID, INTEGER))
    assert one == two
    assert one.strict_fingerprint != two.strict_fingerprint


def test_a_column_can_be_placed() -> None:
    note = Column(SHOP.child(Kind.COLUMN, "note"), TEXT)
    assert shop().adding(note, Name("id")).table(SHOP).columns == ("id", "note", "city")
    assert shop().adding(note, Name("")).table(SHOP).columns == ("note", "id", "city")


def test_a_taken_name_says_who_has_it() -> None:
    view = View(Address(Kind.VIEW, SHOP.path), (Name("a"),), Expression.plain("SELECT 1 AS a"))
    with pytest.raises(TakenName) as caught:
        shop().adding(view)
    assert caught.value.holder == SHOP


def test_a_constraint_index_claims_its_name_among_relations() -> None:
    index = Index(Address(Kind.INDEX, (Name("public"), Name("shop_pkey"))), SHOP, ())
    with pytest.raises(TakenName):
        shop().adding(index)


def test_a_table_has_one_primary_key() -> None:
    with pytest.raises(TakenName):
        shop().adding(PrimaryKey(SHOP.child(Kind.PRIMARY_KEY, "other"), (CITY,)))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingObject, match=r"column public\.shop\.nothing"):
        shop().removing(SHOP.child(Kind.COLUMN, "nothing"))


def test_an_unnamed_constraint_is_known_by_what_it_says() -> None:
    def with_check(place: str, text: str) -> Schema:
        check = Check(SHOP.child(Kind.CHECK, place), Expression.plain(text), named=False)
        return shop().adding(check)

    assert with_check("~check 1", "true") == with_check("~check 7", "true")
    assert with_check("~check 1", "true") != with_check("~check 1", "false")


def test_referrers_are_those_that_name_an_object() -> None:
    names = {str(thing.at) for thing in shop().referrers(CITY)}
    assert names == {"public.shop.city_known", "public.by_city"}
    assert {thing.at.kind for thing in shop().contents(SHOP)} == {
        Kind.COLUMN,
        Kind.PRIMARY_KEY,
        Kind.CHECK,
        Kind.INDEX,
    }


SCRIPTS = {
    "postgres": """
        CREATE TABLE users (id serial PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x');
        CREATE TABLE orders (id integer, of integer REFERENCES users (id), CHECK (id > 0));
        CREATE UNIQUE INDEX by_of ON orders (of) WHERE id > 3;
        CREATE VIEW names AS SELECT name FROM users WHERE id > 0;
        COMMENT ON COLUMN orders.of IS 'whose';
        CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
    """,
    "mysql": """
        CREATE TABLE users (id integer PRIMARY KEY, name varchar(40));
        CREATE TABLE orders (id integer, of integer, KEY by_of (of));
    """,
    "sqlite": """
        CREATE TABLE users (id integer PRIMARY KEY, name text);
        CREATE INDEX by_name ON users (name);
    """,
}


@pytest.mark.parametrize("dialect", SCRIPTS)
def test_all_at_once_is_one_by_one(dialect: str) -> None:
    things = []
    for thing in interpret(SCRIPTS[dialect], Schema.empty(dialect)).after:
        things.append(replace(thing, columns=()) if isinstance(thing, Table) else thing)
    one_by_one = Schema.empty(dialect)
    for thing in things:
        one_by_one = one_by_one.adding(thing)
    at_once = Schema.of(dialect, things)
    for field in fields(Schema):
        assert getattr(at_once, field.name) == getattr(one_by_one, field.name)
    for table in at_once.of_kind(Kind.TABLE):
        assert at_once.columns(table.at) == one_by_one.columns(table.at) != ()


@pytest.mark.parametrize("dialect", SCRIPTS)
def test_nothing_is_taken_twice(dialect: str) -> None:
    things = list(interpret(SCRIPTS[dialect], Schema.empty(dialect)).after)
    bare = [replace(one, columns=()) if isinstance(one, Table) else one for one in things]
    with pytest.raises(TakenName):
        Schema.of(dialect, [*bare, bare[0]])
    column = next(one for one in bare if isinstance(one, Column))
    with pytest.raises(MissingObject):
        Schema.of(dialect, [column])
