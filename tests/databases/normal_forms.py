"""What authors write, for the catalogue to write in its own way: cases for the normal forms.

Each text is executed on an engine, and what its catalogue then shows must have the same normal form.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from schemaops.names import Address, Kind, Name
from schemaops.sql.names import fold
from schemaops.sql.scope import Relation, Scope, ScopeColumn
from schemaops.sql.types import column_type

__all__ = ["POSTGRES", "MYSQL", "SQLITE", "Cases", "Names"]


@dataclass(frozen=True)
class Cases:
    """Tables to begin with, and texts of each kind over them."""

    tables: dict[str, dict[str, str]]
    setup: str = ""
    types: tuple[str, ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()
    conditions: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    views: tuple[str, ...] = ()


@dataclass
class Names:
    """A resolver over tables given as names and types."""

    dialect: str
    tables: dict[str, dict[str, str]]
    enums: frozenset[str] = frozenset()
    sequences: frozenset[str] = frozenset()
    relations: dict[str, Relation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, columns in self.tables.items():
            path = self.at(Name(name))
            kinds = {column: column_type(kind, self.dialect, Scope(self)) for column, kind in columns.items()}
            self.relations[name] = Relation(
                Address(Kind.TABLE, path),
                tuple(
                    ScopeColumn(Address(Kind.COLUMN, (*path, fold(column, self.dialect))), kind)
                    for column, kind in kinds.items()
                ),
            )

    def at(self, name: Name) -> tuple[Name, ...]:
        """The path of a name."""
        return (Name("public"), name) if self.dialect == "postgres" else (name,)

    def relation(self, path: tuple[Name, ...]) -> Relation | None:
        """Return the table of that name."""
        return self.relations.get(path[-1])

    def type(self, path: tuple[Name, ...]) -> Address | None:
        """Return the enum of that name."""
        return Address(Kind.ENUM, self.at(path[-1])) if path[-1] in self.enums else None

    def sequence(self, path: tuple[Name, ...]) -> Address | None:
        """Return the sequence of that name."""
        return Address(Kind.SEQUENCE, self.at(path[-1])) if path[-1] in self.sequences else None


POSTGRES = Cases(
    tables={
        "t": {
            "i": "integer",
            "b": "bigint",
            "s": "smallint",
            "n": "numeric(10,2)",
            "r": "real",
            "f": "double precision",
            "flag": "boolean",
            "txt": "text",
            "v": "character varying(20)",
            "w": "character varying",
            "c": "character(3)",
            "d": "date",
            "ts": "timestamp without time zone",
            "tz": "timestamp with time zone",
            "tod": "time without time zone",
            "span": "interval",
            "u": "uuid",
            "js": "json",
            "jb": "jsonb",
            "bin": "bytea",
            "tags": "text[]",
            "nums": "integer[]",
            "names": "character varying(20)[]",
            "m": "mood",
            "moods": "mood[]",
            "addr": "inet",
            "vec": "tsvector",
            "bits": "bit varying(8)",
            '"Odd Col"': "text",
            '"order"': "integer",
        },
        "users": {"id": "bigint", "email": "character varying(50)", "name": "text", "m": "mood", "created": "timestamp with time zone"},
        "orders": {"id": "integer", "user_id": "bigint", "total": "numeric(10,2)", "note": "text", "placed": "date"},
        "items": {"id": "integer", "order_id": "integer", "sku": "character(8)", "qty": "integer"},
    },
    setup="CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE SEQUENCE numbers; CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';",
    types=(
        "int", "int4", "integer", "bigint", "int8", "smallint", "int2", "real", "float4", "float8",
        "float", "float(10)", "float(30)", "double precision", "numeric", "numeric(5)",
        "decimal(10,2)", "dec(4)", "bool", "boolean", "text", "varchar", "varchar(20)",
        "character varying(7)", "char varying(3)", "char", "char(3)", "character(5)", "nchar(2)",
        "national character varying(4)", "bpchar", '"char"', "name", "bit", "bit(3)", "bit varying",
        "bit varying(5)", "varbit(4)", "date", "time", "time(3)", "timetz", "time(2) with time zone",
        "timestamp", "timestamp(3)", "timestamptz", "timestamptz(3)", "timestamp with time zone",
        "timestamp(0) without time zone", "interval", "interval(3)", "interval day to second(3)",
        "interval year", "interval hour to minute", "json", "jsonb", "uuid", "xml", "bytea", "inet",
        "cidr", "macaddr", "oid", "money", "tsvector", "tsquery", "point", "int4range", "tstzrange",
        "int[]", "int[3][4]", "int array", "int array[4]", "text[]", "varchar(20)[]", "mood",
        "public.mood", "mood[]", "pg_catalog.int4", "pg_catalog.bpchar", 'pg_catalog."char"',
        "pg_catalog.varchar(9)", "INTEGER", "Timestamp With Time Zone", "numeric(10,2)[]",
        "regclass", "pg_lsn", "bpchar(4)", '"timestamp"', '"bit"(4)', "pg_catalog.timestamptz",
    ),
    defaults=(
        ("i", "0"), ("i", "-1"), ("i", "'5'"), ("i", "(1 + 2)"), ("i", "NULL"), ("i", "1::int"),
        ("i", "nextval('numbers')"), ("i", "nextval('public.numbers'::regclass)"),
        ("i", "twice(3)"), ("i", "length('abc')"), ("i", "'-7'::integer"), ("i", "+3"),
        ("b", "0"), ("b", "'0'"), ("b", "10000000000"), ("b", "-10000000000"), ("s", "-3"),
        ("b", "nextval('numbers'::regclass)"), ("b", "9223372036854775807"),
        ("n", "0"), ("n", "0.00"), ("n", "1.50"), ("n", "-1.5"), ("n", "'1.5'"), ("n", "0::numeric"),
        ("n", "1e3"), ("n", "'007.10'"), ("n", "99999999999999999999"), ("n", ".5"),
        ("r", "1.5"), ("f", "0"), ("f", "'1.5'"), ("f", "-2.5e-3"), ("f", "'NaN'"), ("f", "1/3.0"),
        ("flag", "true"), ("flag", "FALSE"), ("flag", "'t'"), ("flag", "'no'"), ("flag", "1 > 2"),
        ("flag", "'f'::boolean"), ("flag", "(not true)"),
        ("txt", "'x'"), ("txt", "''"), ("txt", "'it''s'"), ("txt", "E'a\\nb'"), ("txt", "'x'::text"),
        ("txt", "'x'::varchar"), ("txt", "'abcdef'::varchar(3)"), ("txt", "$$dollar$$"),
        ("txt", "'a' || 'b'"), ("txt", "CURRENT_USER"), ("txt", "user"), ("txt", "lower('X')"),
        ("txt", "now()"), ("txt", "5"), ("txt", "current_date"), ("txt", "'a\\b'"), ("txt", "U&'\\0041'"),
        ("txt", "md5(random()::text)"), ("txt", "concat('a', 'b')"), ("txt", "session_user"),
        ("txt", "(gen_random_uuid())::text"), ("txt", "coalesce(null, 'x')"),
        ("v", "'new'"), ("v", "'new'::varchar"), ("v", "'new'::character varying"), ("v", "''"),
        ("v", "NULL::character varying"), ("v", "'x'::text"), ("v", "('{}')"), ("v", "upper('q')"),
        ("w", "'new'"), ("w", "'[]'"), ("c", "'abc'"), ("c", "'a'::bpchar"),
        ("d", "'2020-01-01'"), ("d", "CURRENT_DATE"), ("d", "now()"), ("d", "'2020-1-2'"),
        ("d", "current_date + 7"), ("d", "date '2021-02-03'"), ("d", "'infinity'"),
        ("ts", "now()"), ("ts", "'1970-01-01 00:00:00'"), ("ts", "'1970-01-01'"), ("ts", "localtimestamp"),
        ("ts", "'1970-01-01 00:00:00'::timestamp without time zone"), ("ts", "'epoch'"),
        ("ts", "timezone('utc', now())"), ("ts", "(now() AT TIME ZONE 'utc')"), ("ts", "'2020-01-01T10:00:00.50'"),
        ("ts", "(now() at time zone 'utc'::text)"), ("ts", "current_timestamp"), ("ts", "to_timestamp(0)"),
        ("tz", "now()"), ("tz", "CURRENT_TIMESTAMP"), ("tz", "current_timestamp(3)"),
        ("tz", "'1970-01-01 00:00:01+00:00'"), ("tz", "'1970-01-01 00:00:00+00'::timestamptz"),
        ("tz", "clock_timestamp()"), ("tz", "now() + interval '1 day'"), ("tz", "now() - '30 days'::interval"),
        ("tz", "transaction_timestamp()"), ("tz", "'2020-01-01 05:00:00Z'"), ("tz", "date_trunc('day', now())"),
        ("tod", "'10:30'"), ("tod", "localtime"), ("span", "'1 day'"), ("span", "interval '2 hours'"),
        ("span", "'1 day 02:00:00'"), ("span", "'90 minutes'"), ("span", "'1 year 2 months'"), ("span", "interval '1' hour"),
        ("u", "gen_random_uuid()"), ("u", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
        ("u", "'a0eebc999c0b4ef8bb6d6bb9bd380a11'::uuid"),
        ("js", "'{}'"), ("js", "'{\"a\": 1}'"), ("jb", "'{}'"), ("jb", "'{\"b\":1,\"a\":[1,2.50,true,null,\"x\"]}'"),
        ("jb", "'[]'::jsonb"), ("jb", "jsonb_build_object('a', 1)"), ("jb", "'{\"a\": 1}'::jsonb || '{}'"),
        ("bin", "''"), ("bin", "'\\x00ff'"), ("bin", "'\\xDEADBEEF'::bytea"), ("bin", "'abc'"),
        ("bin", "decode('00', 'hex')"),
        ("tags", "'{}'"), ("tags", "'{a, b}'"), ("tags", "ARRAY[]::text[]"), ("tags", "ARRAY['a', 'b']"),
        ("tags", "array['a']::text[]"), ("tags", "'{\"a b\",c}'::text[]"), ("nums", "'{1, 2}'"), ("nums", "ARRAY[1, 2]"),
        ("names", "'{}'"), ("names", "ARRAY['a', 'b']"), ("names", "ARRAY[]::varchar[]"), ("names", "'{}'::character varying[]"),
        ("m", "'sad'"), ("m", "'ok'::mood"), ("m", "'ok'::public.mood"), ("moods", "'{}'"), ("moods", "'{sad,ok}'::mood[]"),
        ("moods", "ARRAY['sad'::mood]"), ("addr", "'127.0.0.1'"), ("bits", "B'101'"), ("bits", "'101'"), ("bits", "X'1F'"),
    ),
    conditions=(
        "i > 0", "i >= -1", "i <> 3", "i != 3", "b > 0", "b = 10000000000", "n > 0", "n >= 1.5", "n < -2.50",
        "f > 0", "f > 0.5", "r < 1", "s = 1", "i = b", "n > i", "i = '5'", "n = '1.5'", "b > '7'",
        "i % 2 = 0", "i / 2 > n", "i + b * 2 - 1 > 0", "(i + b) * 2 > 0", "- i < 0", "-i * 2 < b", "i - -1 > 0",
        "2 ^ i > 3", "@ i > 2", "i & 3 = 1", "i | 4 > 0", "~i = 1", "i << 2 > 8", "abs(i) < 10", "mod(i, 2) = 1",
        "i between 1 and 10", "i not between 1 and 10", "n between 0 and 100", "i between symmetric 10 and 1",
        "d between '2020-01-01' and '2021-01-01'", "not (i between 1 and 3)",
        "i in (1, 2, 3)", "i in (1)", "i not in (1, 2)", "b in (1, 2)", "n in (1, 2.5)", "s in (1, 2)",
        "txt in ('a', 'b')", "txt not in ('a', 'b')", "v in ('a', 'b')", "v not in ('a', 'b')", "v in ('a')",
        "w in ('a', 'b', 'c')", "c in ('abc', 'def')", "m in ('sad', 'ok')", "m not in ('sad')", "i in (1, s, 2)",
        "i = any (array[1, 2])", "i = any ('{1,2}')", "v = any (array['a', 'b'])", "txt = any (tags)", "v = any (tags)",
        "i = any (nums)", "txt <> all (array['a'::text, 'b'::text])", "v = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])",
        "m = any (moods)", "'ok' = any (moods)", "txt like any (array['a%', 'b%'])", "v = any (names)", "b = any (array[1, 2])",
        "v = any (array['a', 'b']::varchar[])", "txt = ANY ('{SHA256,ECRecover}'::text[])", "i <> all (nums)", "u = any (array[]::uuid[])",
        "txt = 'x'", "txt <> ''", "txt = 'x'::text", "v = 'x'", "v = 'x'::text", "v::text = 'x'", "v = 'x'::varchar",
        "v = txt", "v = w", "c = 'abc'", "c::text = 'abc'", "c = txt", "c = 'abc'::text", "c = v", "txt = v::text",
        "txt = 'it''s'", "txt = E'a\\nb'", "txt like 'a%'", "v like 'a%'", "v not like '%x%'", "txt ilike 'A%'", "v not ilike 'a'",
        "txt like 'a!%' escape '!'", "txt similar to 'a|b'", "v similar to '(a|b)%'", "v ~ '^[a-z]+$'", "txt !~ 'x'", "v ~* 'x'", "txt !~* 'y'",
        "c like 'a%'", "txt ~~ 'a%'", "txt OPERATOR(pg_catalog.=) 'x'", "txt not similar to 'z'", "v like '%' || txt",
        "length(txt) > 3", "length(v) > 3", "length(c) > 1", "char_length(v) <= 5", "character_length(txt) < 9", "octet_length(v) < 7",
        "lower(v) = v", "lower(v) = lower(txt)", "upper(txt) = 'X'", "trim(v) <> ''", "btrim(txt) = ''", "trim(both 'x' from v) = ''",
        "trim(leading from txt) = txt", "rtrim(v, 'x') = v", "substring(txt from 1 for 2) = 'ab'", "substring(v, 2) = 'x'", "substr(v, 1, 2) = 'ab'",
        "substring(txt from '^a.*') is null", "position('@' in v) > 1", "position('x' in txt) = 0", "strpos(v, '@') > 0", "left(v, 1) = 'a'",
        "right(txt, 2) = 'zz'", "overlay(txt placing 'x' from 1) = txt", "v || txt = 'ab'", "txt || 'x' <> ''", "v || 'x' = 'yx'", "i || 'x' = '1x'",
        "replace(v, 'a', 'b') = v", "concat(v, '-', i) <> ''", "coalesce(v, '') <> ''", "coalesce(txt, v) = 'x'", "coalesce(i, 0) > 0",
        "coalesce(n, 0) >= 0", "coalesce(b, 0) = 0", "nullif(txt, '') is not null", "nullif(v, '') is null", "nullif(i, 0) > 1",
        "greatest(i, 0) > 1", "least(i, b) < 9", "greatest(n, 0) = n", "num_nonnulls(i, b) = 1", "format('%s', v) = 'x'",
        "flag", "not flag", "flag = true", "flag is true", "flag is not true", "flag is false", "flag is unknown", "flag and i > 0 or b > 0",
        "flag = 't'", "not (flag and i > 0)", "not flag and not (i = 1)", "(flag or i > 0) and b > 0", "flag or (i > 0 or b > 0)", "flag and (i > 0 and b > 0)",
        "txt is null", "v is not null", "i isnull", "b notnull", "i is distinct from b", "v is not distinct from 'x'", "v is distinct from txt", "m is distinct from 'sad'",
        "(i is null) = (b is null)", "i is null and b is null and txt is null", "(i is null) <> (b is not null)", "not i is null",
        "d > '2020-01-01'", "d > date '2020-01-01'", "d < current_date", "tz > now()", "ts < now()", "tz > '2020-01-01 00:00:00+00'",
        "tz - ts > '1 day'", "d + 7 > current_date", "d - date '2020-01-01' < 30", "tz + interval '1 day' < now()", "ts + '1 day' > tz", "span > '1 hour'",
        "extract(year from d) > 2000", "extract(epoch from tz) > 0", "date_part('year', ts) = 2020", "date_trunc('day', tz) = tz", "tz at time zone 'UTC' > ts",
        "ts at time zone 'utc' < tz", "age(tz) > interval '1 year'", "tz::date = d", "d::text = v", "(tz at time zone 'utc')::date > d", "tod < '12:00'",
        "to_char(d, 'YYYY') = '2020'", "d > '2020-01-01'::date + 5", "date(ts) = d", "date '2020-01-01' < d", "timestamp '2020-01-01 10:00' < ts",
        "jb ? 'a'", "jb ?| array['a', 'b']", "jb @> '{\"a\": 1}'", "jb ->> 'a' = 'x'", "(jb -> 'a') is not null", "jb #>> '{a,b}' = 'x'", "jb -> 'a' ->> 'b' = v",
        "(jb ->> 'n')::int > 3", "jsonb_typeof(jb) = 'object'", "js ->> 0 = 'x'", "jb = '{}'", "jb['a'] is null", "jb <> '[]'::jsonb", "json_typeof(js) = 'array'",
        "jb @> '{\"b\":1,\"a\":2}'::jsonb", "jsonb_array_length(jb) > 0", "jb #> array['a','b'] is null", "(jb ->> 'x') in ('a', 'b')", "cast(jb ->> 'f' as boolean)",
        "tags @> array['a']", "tags && '{a,b}'", "tags[1] = 'x'", "nums[1] > 0", "array_length(tags, 1) > 0", "cardinality(nums) < 5", "tags = '{}'", "tags <> array['a', 'b']",
        "array_position(tags, 'x') is null", "array_length(names, 1) < 3", "names[1] = 'x'", "nums[1:2] = '{1,2}'", "'x' = any (tags)", "not ('a' = any (tags))", "tags || '{x}' = tags",
        "m = 'sad'", "m <> 'ok'", "m > 'sad'", "m = 'sad'::mood", "m::text = 'sad'", "m in ('sad'::mood, 'happy')", "coalesce(m, 'ok') = 'ok'", "moods = '{}'", "m::text like 's%'",
        "u = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "u::text = v", "bin = ''", "bin <> '\\x00'", "octet_length(bin) = 32", "length(bin) > 3", "addr << '10.0.0.0/8'", "addr = '127.0.0.1'",
        "vec @@ to_tsquery('english', 'a')", "bits = B'101'", "to_tsvector('english', txt) @@ plainto_tsquery('x')",
        "case when i > 0 then flag else false end", "case when i > 0 then 'a' else 'b' end = txt", "case i when 1 then true when 2 then false end", "case v when 'a' then 1 else 0 end = 1",
        "case when flag then v else 'x' end <> ''", "case when flag then 1 end is null", "case when i = 1 then 1.5 else 0 end = n", "case m when 'sad' then 1 else 2 end = 1",
        "(case when i is null then 0 else 1 end + case when b is null then 0 else 1 end) = 1",
        "(i, b) = (1, 2)", "(i, b) <> (1, 2)", "(i, b) in ((1, 2), (3, 4))", "row(i, b) < row(1, 2)", "(d, i) >= ('2020-01-01', 5)", "row(i, txt) is null",
        "twice(i) > 2", "public.twice(i) = 4", "txt collate \"C\" < 'x'", "v collate \"C\" = 'x'", "\"Odd Col\" = 'x'", "\"order\" > 0", "t.i > 0", "i::text = '1'", "i::bigint = b", "cast(i as numeric) > 1", "n::int > 0",
        "v::varchar(3) = 'abc'", "v::varchar = 'abc'", "i::numeric(5,1) = 1", "txt::varchar = v", "txt::integer > 0", "'5'::int = i", "i::float > f", "n::text || 'x' = v",
        "round(n, 2) = n", "round(f) = 1", "floor(n) = n", "n = round(n)", "sign(n) = 1", "power(i, 2) < 100", "i * 1.5 > 3", "n * i > 0", "n / 100 < 1", "sqrt(i) > 2", "random() > 0.5",
        "regexp_replace(v, 'a', 'b') = v", "split_part(txt, ',', 1) = v", "array_to_string(tags, ',') = ''", "string_to_array(txt, ',') = tags", "md5(v) = txt", "txt ^@ 'a'", "starts_with(txt, 'a')",
        "v > 'a' and v < 'z'", "txt > 'a'::varchar", "upper(v)::varchar = v", "txt in (v, 'x')", "v in (txt, 'x', 'y')", "i in (b, n)", "not (i in (1, 2))", "not (v like 'x')", "0 < i", "'x' = v", "null is null", "i > null",
        "txt = null", "1 = 1", "'a' = 'b'", "true", "'x' < v and 'y' > txt", "isfinite(d)", "tz is not null or (ts, d) overlaps (ts, d)", "pg_catalog.length(txt) > 1", "i = 1::bigint", "i = 1::smallint", "n = 1::integer", "n > 0::numeric",
    ),
    values=(
        "i", "lower(v)", "lower(txt)", "i + 1", "coalesce(v, '')", "date_trunc('day', ts)", "(jb ->> 'a')", "jb -> 'a'", "(d + 1)", "v || txt", "upper(v) || '-' || i",
        "md5(v)", "(tz at time zone 'utc')", "extract(year from d)", "substring(v from 1 for 3)", "left(v, 3)", "i::text", "(i * 2)::bigint", "n * 1.1", "case when flag then v end", "case when i > 0 then 1 else 0 end",
        "coalesce(i, -1)", "nullif(v, '')", "to_tsvector('english', txt)", "to_tsvector('english', coalesce(txt, '') || ' ' || coalesce(v, ''))", "to_tsvector('simple'::regconfig, v)", "(jb ->> 'n')::int", "array_length(tags, 1)", "tags[1]", "lower(\"Odd Col\")", "\"order\" + 1",
        "(v is null)", "(i > 0 and flag)", "m", "abs(i)", "-i", "round(n, 1)", "i % 10", "(v || ' ' || w)", "replace(v, ' ', '')", "length(c)", "c || 'x'", "(i = any (nums))", "(txt in ('a', 'b'))", "i & 255", "twice(i)",
    ),
    views=(
        "SELECT * FROM users",
        "SELECT id, email FROM users",
        "SELECT users.id, users.email FROM users WHERE users.email = 'x'",
        "SELECT u.id, u.email AS mail FROM users u",
        "SELECT u.* FROM users AS u WHERE u.name IS NOT NULL",
        "SELECT u.id, o.total FROM users u JOIN orders o ON o.user_id = u.id",
        "SELECT u.id, o.total FROM users u LEFT OUTER JOIN orders o ON o.user_id = u.id WHERE o.total > 10",
        "SELECT * FROM users u, orders o WHERE u.id = o.user_id".replace("*", "u.id AS uid, o.*"),
        "SELECT u.email, count(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.email",
        "SELECT u.email, count(*) AS n, sum(o.total) AS total FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.email HAVING count(*) > 1 ORDER BY n DESC, 1",
        "SELECT lower(email) AS e, count(DISTINCT id) FROM users GROUP BY lower(email)",
        "SELECT lower(email), max(created) FROM users GROUP BY 1 ORDER BY 2 DESC NULLS LAST LIMIT 10 OFFSET 5",
        "SELECT DISTINCT email FROM users ORDER BY email",
        "SELECT DISTINCT ON (user_id) user_id, total FROM orders ORDER BY user_id, placed DESC",
        "SELECT id FROM users UNION SELECT user_id FROM orders",
        "SELECT id, 'user' AS kind FROM users UNION ALL SELECT id, 'order' FROM orders ORDER BY 1",
        "SELECT email FROM users UNION SELECT 'none'",
        "SELECT name, '' FROM users UNION ALL SELECT note, email FROM orders, users",
        "(SELECT id FROM users EXCEPT SELECT user_id FROM orders) INTERSECT SELECT id FROM items",
        "SELECT id FROM users EXCEPT (SELECT user_id FROM orders INTERSECT SELECT id FROM items)",
        "SELECT 1 AS one, 'x' AS x, NULL AS nothing, true AS yes, 1.5 AS half",
        "SELECT 1, now(), current_date",
        "SELECT id, (SELECT max(total) FROM orders o WHERE o.user_id = u.id) AS best FROM users u",
        "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders)",
        "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE total > 1)",
        "SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)",
        "SELECT id FROM users u WHERE NOT EXISTS (SELECT * FROM orders o WHERE o.user_id = u.id)",
        "SELECT id FROM users WHERE id = ANY (SELECT user_id FROM orders)",
        "SELECT s.email, s.n FROM (SELECT u.email, count(*) AS n FROM users u GROUP BY u.email) s WHERE s.n > 1",
        "WITH big AS (SELECT user_id, total FROM orders WHERE total > 100) SELECT u.email, b.total FROM users u JOIN big b ON b.user_id = u.id",
        "WITH a AS (SELECT 1 AS x), b(y) AS (SELECT x + 1 FROM a) SELECT * FROM a, b",
        "WITH RECURSIVE tree(id, depth) AS (SELECT id, 0 FROM items WHERE order_id IS NULL UNION ALL SELECT i.id, t.depth + 1 FROM items i JOIN tree t ON t.id = i.order_id) SELECT * FROM tree",
        "SELECT * FROM orders JOIN items USING (id)",
        "SELECT id, qty FROM orders NATURAL JOIN items",
        "SELECT o.id, i.id AS item FROM orders o FULL JOIN items i ON i.order_id = o.id",
        "SELECT u.email, x.n FROM users u CROSS JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.user_id = u.id) x",
        "SELECT u.email, o.id, i.sku FROM users u JOIN (orders o JOIN items i ON i.order_id = o.id) ON o.user_id = u.id",
        "SELECT u.email, o.id, i.sku FROM users u LEFT JOIN orders o ON o.user_id = u.id LEFT JOIN items i ON i.order_id = o.id AND i.qty > 1",
        "SELECT g FROM generate_series(1, 3) g",
        "SELECT g.n FROM generate_series(1, 3) AS g(n)",
        "SELECT u.id, t.tag FROM t u, unnest(u.tags) AS t(tag)".replace("u.id", "u.i"),
        "SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY placed DESC) AS rn FROM orders",
        "SELECT id, sum(total) OVER w, avg(total) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders WINDOW w AS (PARTITION BY user_id ORDER BY id)",
        "SELECT user_id, count(*) FILTER (WHERE total > 10) AS dear, string_agg(note, ', ' ORDER BY id) AS notes FROM orders GROUP BY user_id",
        "SELECT user_id, array_agg(total ORDER BY id DESC) FROM orders GROUP BY user_id",
        "SELECT CASE WHEN total > 10 THEN 'dear' ELSE 'cheap' END AS kind, coalesce(note, '') FROM orders",
        "SELECT CASE email WHEN 'a' THEN 1 ELSE 0 END, email || '!' FROM users WHERE email LIKE '%@%'",
        "SELECT id::text, email::text AS e, total::int FROM users JOIN orders USING (id)",
        "SELECT count(*) FROM users WHERE created > now() - interval '1 day'",
        "SELECT extract(year FROM created) AS y, date_trunc('month', created) AS mo FROM users",
        "SELECT a.id, b.id AS other FROM users a JOIN users b ON a.email = b.email AND a.id <> b.id",
        "SELECT x.a, x.b FROM (VALUES (1, 'x'), (2, 'y')) AS x(a, b)",
        "SELECT id FROM users WHERE m = 'sad' OR m IN ('ok', 'happy')",
        "SELECT user_id, placed, sum(total) FROM orders GROUP BY ROLLUP (user_id, placed)",
        "SELECT user_id, placed, sum(total) FROM orders GROUP BY GROUPING SETS ((user_id), (placed), ())",
        "SELECT email AS order, id AS \"Odd\" FROM users".replace("AS order", 'AS "order"'),
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders",
        "SELECT row_to_json(u) FROM users u",
        "SELECT o.id FROM ONLY orders o",
        "SELECT id FROM orders ORDER BY total * 2, lower(note)",
        "SELECT id + 1 AS id FROM orders ORDER BY id",
        "SELECT user_id AS u, sum(total) FROM orders GROUP BY u",
        "SELECT id FROM users LIMIT 1",
        "SELECT id FROM users FETCH FIRST 3 ROWS ONLY",
        "SELECT jsonb_build_object('id', id, 'email', email) AS j FROM users",
        "SELECT e.value ->> 'a' AS a FROM t, jsonb_array_elements(t.jb) e",
        "SELECT u.id FROM users u WHERE (u.id, u.email) IN (SELECT o.user_id, o.note FROM orders o)",
        "SELECT max(length(email)), min(created)::date FROM users",
        "SELECT nextval('numbers') AS n",
        "TABLE users",
        "VALUES (1, 'a'), (2, 'b')",
    ),
)

MYSQL = Cases(tables={})
SQLITE = Cases(tables={})
