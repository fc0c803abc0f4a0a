"""What an engine keeps of an expression is what was worked out, or the statement is opaque.

A server writes expressions and values anew: it casts, folds, renames functions and spells values out.
Each text here is put where servers keep one; what is read of the statement must be what the catalogue
then shows. Where nobody can tell, the statement is not understood; that most are is asked as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpreter, interpret
from schemaops.sql.split import split
from tests.engines import Server, fresh_database
from tools.replay_history import differing

VIEW = ("CREATE VIEW v{at} AS SELECT {it} FROM t", "DROP VIEW v{at}")
CHECK = ("ALTER TABLE t ADD CONSTRAINT c{at} CHECK ({it})", "ALTER TABLE t DROP CONSTRAINT c{at}")

POSTGRES = r"""
CREATE TYPE pt AS (x int, y int); CREATE TYPE e AS ENUM ('x', 'y');
CREATE DOMAIN dm AS int CHECK (VALUE > 0); CREATE DOMAIN dmt AS text; CREATE SEQUENCE s1;
CREATE TABLE t2 (id int);
CREATE TABLE t (n int, m int, a text, b2 text, b bool, ts timestamptz, d date, j jsonb, x xml, p pt,
  arr int[], ip inet, u uuid, r int4range, bx box, e e, bt bit(3), by bytea, mon money, num numeric,
  sm smallint, big bigint, f4 real, f8 float8, c10 char(10), v10 varchar(10), dm dm, dmt dmt);
"""
POSTGRES_EXPRESSIONS = r"""
a is json
a is json object
xmlexists('//x' passing x)
xpath('/a', x) is not null
(p).x > 0
arr[1] > 0
arr[1:2] = '{1,2}'
arr @> '{1}'
1 = any(arr)
a like any(array['x','y'])
a similar to 'x%'
a ~* 'x'
a not ilike 'x' escape '\'
ts at time zone 'utc' > '2020-01-01'
ts at local > now()
extract(epoch from ts) > 0
extract(year from d) = 2020
date_part('year', d) > 1
overlay(a placing 'x' from 1 for 2) = 'x'
substring(a from 1 for 2) = 'x'
substring(a from '^x') is null
substring(a similar 'x' escape '#') is null
trim(both 'x' from a) = ''
trim(leading from a) = ''
position('x' in a) > 0
collation for (a) is null
a collate "C" > 'b'
j->>'x' = 'y'
j#>>'{a,b}' = 'x'
j @> '{"a":1}'
j ? 'x'
jsonb_path_exists(j, '$.a')
j['a'] is not null
j @@ '$.a == 1'
to_tsvector('english', a) @@ to_tsquery('x')
a::varchar(3) = 'x'
cast(a as text) = 'x'
n::numeric(10,2) > 1
n between symmetric 3 and 1
n is distinct from 3
(n, m) = (1, 2)
(n,m) in ((1,2),(3,4))
row(n,m) is not null
n in (1,2,3)
n not in (1,2)
case n when 1 then true else false end
coalesce(n, m, 0) > 0
nullif(n, 0) is null
greatest(n, m) > least(n, 3)
n % 2 = 0
n ^ 2 > 3
@ n > 1
n << 1 > 2
~n > 0
n # 3 = 1
-n < 0
b is true
b is not unknown
not b
b and (n > 1 or m < 2)
a || 'x' = 'yx'
a || n = 'x1'
ts + interval '1 day' > now()
ts - interval '1 day 2 hours' > now()
ts > '2020-01-01'::timestamptz
age(ts) > '1 day'
now() - ts < '3 days'
date_trunc('month', ts) = ts
d + 1 > d
d - d > 3
current_date > d
localtimestamp > ts
current_user = a
length(a) > 3
char_length(a) = octet_length(a)
lower(a) = upper(a)
array_length(arr, 1) > 0
cardinality(arr) = 1
array[n,m] = arr
arr || 3 = arr
n = all (array[1,2])
n operator(pg_catalog.=) 3
bx && bx
ip << inet '10.0.0.0/8'
ip = '1.2.3.4'
u = gen_random_uuid()
r @> 3
lower(r) > 1
isempty(r)
r && int4range(1,3)
e = 'x'
e > 'x'
e::text = 'x'
a = E'x\ny'
a = U&'\0041'
a = $$x$$
n = 1e3
n = 0x1F
n = 1_000
n = 1.5
bt = B'101'
by = '\x00'
by = 'abc'::bytea
mon > '3'
mon > 3::money
format('%s', a) = 'x'
concat(a, n) = 'x'
concat_ws(',', a, n) = 'x'
regexp_replace(a, 'x', 'y', 'g') = a
split_part(a, ',', 1) = ''
string_to_array(a, ',') = '{}'
md5(a) = 'x'
encode(by, 'hex') = 'x'
jsonb_build_object('a', n) = j
jsonb_typeof(j) = 'object'
json_value(j, '$.a') = 'x'
json_exists(j, '$.a')
json_query(j, '$.a') is null
json_scalar(n) is null
json_object('a': n) is null
json_array(n, m) is null
json(a) is null
xmlelement(name foo, a) is document
xmlparse(content a) is null
make_date(n,1,1) = d
to_char(ts, 'YYYY') = 'x'
normalize(a) = a
a is normalized
a is nfc normalized
(select 1) = n
exists (select 1 from t2 where t2.id = n)
n = (select max(id) from t2)
grouping(n) = 0
pg_typeof(n) = 'int'::regtype
n::regclass is null
't2'::regclass = n::oid::regclass
nextval('s1') > 0
treat(n as int) = 1
(n > 1) is true
a < b2
a <> b2
a != 'q'
a !~ 'x'
not a like 'x'
(a = 'x') = b
n > 1 = b
n::float8 > 1
n::real = 1
1 + n * 2 - 3 / m > 0
(1 + n) * 2 > 0
mod(n, 2) = 0
abs(n) = 1
round(n::numeric, 2) = 1
random() > 0
true
null is null
'x' = 'y'
a = 'it''s'
(ts, ts) overlaps (ts, ts)
a >= 'a' and a < 'b' and n > 0 or not b
num > 1
num > 1.0
num > '1'
num = n
n = num
sm > 1
sm = n
big > 1
big > 99999999999
sm + sm > 1
f4 > 1.5
f8 > 1
c10 = 'x'
c10 = a
v10 = 'x'
v10 = a
v10 in ('a','b')
c10 in ('a','b')
e in ('x','y')
d in ('2020-01-01')
v10 like 'x%'
lower(v10) = 'x'
coalesce(v10, '') = ''
coalesce(a, v10) = ''
dm > 3
dm in (1,2)
dmt = 'x'
dmt in ('x','y')
"""

COLUMNS = """n int, m int, a varchar(50), b2 varchar(50), ts timestamp NULL, d date, tm time,
  dt datetime, j json, g geometry, e enum('x','y'), s set('x','y'), bit1 bit(1), dec1 decimal(10,2),
  f double"""
MYSQL = f"""
CREATE TABLE t2 (id int);
CREATE TABLE t ({COLUMNS}, FULLTEXT (a));
"""
MYSQL_EXPRESSIONS = r"""
a regexp 'x'
a rlike 'x'
a like 'x' escape '!'
a not like 'x%'
a <=> b2
n div 2 = 1
n mod 2 = 0
n % 2
n xor m
n && m
n || m
not n
! n
~ n
n ^ 3
n & 1
n | 1
n << 2 > 1
n between 1 and 3
n in (1,2)
n not in (1,2)
(n, m) = (1, 2)
(n,m) in ((1,2),(3,4))
n is null
n is not true
if(n, 1, 2)
ifnull(n, 0)
nullif(n, 1)
coalesce(n, m)
case n when 1 then 2 else 3 end
case when n then 1 end
concat(a, 'x')
concat_ws(',', a, b2)
substring(a, 1, 2)
substring(a from 1 for 2)
substr(a, 2)
left(a, 2)
right(a, 2)
trim(a)
trim(both 'x' from a)
trim(leading from a)
position('x' in a)
locate('x', a)
char_length(a)
length(a)
lower(a)
ucase(a)
replace(a, 'x', 'y')
lpad(a, 3, 'x')
date(ts)
year(d)
month(d)
extract(year from d)
date_add(ts, interval 1 day)
ts + interval 1 day
ts - interval '1 2' day_hour
datediff(d, d)
timestampdiff(day, ts, ts)
date_format(ts, '%Y')
unix_timestamp(ts)
from_unixtime(n)
cast(n as char)
cast(a as signed)
cast(a as decimal(10,2))
cast(a as char(3) character set utf8mb4)
convert(a, signed)
convert(a using utf8mb4)
binary a
a collate utf8mb4_bin
_utf8mb4'x' = a
n'x' = a
x'4142' = a
0x4142 = a
b'101'
n = 1.5
n = 1e3
n = -1
- n
a = 'it''s'
a = "x"
a = 'x\'y'
a = 'x\ny'
json_extract(j, '$.a')
json_value(j, '$.a')
json_unquote(json_extract(j, '$.a'))
json_valid(j)
json_contains(j, '1')
json_object('a', n)
json_array(n, m)
md5(a)
sha2(a, 256)
uuid()
rand()
now()
now(3)
current_timestamp
curdate()
utc_timestamp()
user()
version()
database()
last_insert_id()
round(n, 2)
truncate(n, 2)
floor(dec1)
ceiling(dec1)
abs(n)
pow(n, 2)
greatest(n, m)
least(n, m)
field(a, 'x', 'y')
elt(n, 'a', 'b')
find_in_set('x', a)
st_astext(g)
match(a) against ('x')
e = 'x'
e + 0
s = 'x,y'
bit1 = 1
bit1 = b'1'
dec1 > 1
dec1 > 1.50
f > 1
dt > '2020-01-01'
d = date '2020-01-01'
timestamp '2020-01-01 00:00:00' = ts
tm > '10:00'
exists (select 1 from t2)
n = (select max(id) from t2)
n in (select id from t2)
n > all (select id from t2)
group_concat(a order by n separator ';')
group_concat(distinct a)
max(n) over (partition by m order by n)
row_number() over (order by n)
lag(n, 1) over (order by n)
interval(n, 1, 2)
a sounds like 'x'
inet_aton(a)
true
false
null
n = true
@x
@@version
char(65)
char(65 using utf8mb4)
weight_string(a)
get_format(date, 'EUR')
timestampadd(day, 1, ts)
week(d)
quarter(d)
dayofweek(d)
hex(a)
unhex(a)
format(n, 2)
reverse(a)
repeat(a, 2)
space(3)
insert(a, 1, 2, 'x')
mid(a, 1, 2)
strcmp(a, 'x')
bin(n)
oct(n)
conv(n, 10, 2)
sign(n)
crc32(a)
time(ts)
hour(ts)
makedate(2020, n)
str_to_date(a, '%Y')
to_days(d)
sec_to_time(n)
addtime(tm, tm)
period_add(n, 1)
isnull(n)
nvl(n, 1)
nvl2(n, 1, 2)
json_arrayagg(n)
bit_and(n)
std(n)
any_value(n)
"""

# A type, and texts that it reads.
LITERALS = r"""
jsonpath~$.a~strict $.a[*] ? (@.b > 1)~$."a"
money~3~1,000.5~$3.00
regclass~t~public.t
regtype~int~integer~varchar(3)
regproc~now
tsquery~x & y~a|b~!x~'a b'~'x' & 'y'
tsvector~b a~a:1 b:2~'a'
point~1,2~(1,2)~(1.0,2.5)
box~1,2,3,4~((3,4),(1,2))
circle~<(1,2),3>
path~[(1,2),(3,4)]
polygon~((1,2),(3,4))
lseg~[(1,2),(3,4)]
line~{1,2,3}
int4range~[1,3]~[1,3)~empty~(1,)~[1,)~(,3)~(,)
numrange~[1.0,3]~(,3]
tsrange~[2020-01-01,2021-01-01)
daterange~[2020-01-01,2021-01-01]~[2020-01-01,2021-01-01)
int4multirange~{[1,3],[7,9]}
inet~10.0.0.1/8~10.0.0.1~10.0.0.1/32~::1~::1/128~2001:DB8::1~2001:0db8::0:1
cidr~10.0.0.0/8~10/8~::/0
macaddr~08:00:2b:01:02:03~08-00-2B-01-02-03
macaddr8~08:00:2b:01:02:03:04:05~08002b0102030405
bit(3)~101
varbit~101
timetz~10:00+02~10:00~10:00:00+02
timestamptz~2020-01-01~2020-01-01 10:00+02~2020-01-01 10:00Z~now~infinity~Jan 1 2020
timestamptz~2020-1-1~epoch~2020-01-01T10:00:00.120Z~20200101~1999-12-31 23:59:59
timestamp~2020-01-01~2020-01-01T10:00:00~2020-01-01 10:00:00.500~now~infinity~-infinity~Jan 1 2020
date~2020-1-1~today~Jan 1, 2020~20200101~infinity~2020-01-01 10:00
time~10:00~10:00:00.5~now~24:00~10:00 PM~100000
interval~1 day~1 day 2 hours~P1D~1~1 2~3 weeks~-1 day~1.5 days
interval~1 year 2 mons~@ 1 minute~1 day ago~90 minutes~25 hours
interval~1:30~0~1 mon -1 day~00:00:00~36500 days~1 month~2 years 3 months 4 days 05:06:07
pg_lsn~0/1~00/01
oid~3~03
xml~<a/>
json~{"a":1}~{"a": 1}
jsonb~{"b":1,"a":[1, 2]}~1.0~"x"~null~1e3~{"a":"\u00e9"}~{"a":"x\ny"}~{"é":1}~-0~1E-2
uuid~A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11
smallint~03
int~03~ 3 ~-0~+3
bigint~99999999999
numeric~03.10~1e3~NaN~Infinity~-1.50~1_000
numeric(10,2)~3~3.14159
real~1.50~1e3~NaN~0.1~1e20~123456789
float8~1.50~1e30~0.1~1e-7~Infinity~1e15~1e16
boolean~t~yes~0~on
bytea~abc~\x0A0b~a\\b
text~x~it's~a\b
varchar(3)~x~xyzz
char(3)~x
"char"~x
name~x
int[]~{1,2}~{ 1 , 2 }~{}~{{1,2},{3,4}}~[0:1]={1,2}~{NULL}
text[]~{a,b}~{"a","b c"}~{NULL}~{}~{{a}}~{'a'}~{"null"}
numeric[]~{1.0,2}
uuid[]~{}
e~x
e[]~{x,y}~{}
timestamptz[]~{2020-01-01}
date[]~{2020-1-1}
jsonb[]~{}
interval(0)~1 day
interval hour~3
time(3)~10:00
timestamptz(3)~2020-01-01
varbit(5)~101
bit~1
refcursor~x
xid~3
int2vector~1 2
oidvector~1 2
txid_snapshot~10:20:
pg_snapshot~10:20:
"""


@contextmanager
def _holding(server: Server, script: str) -> Iterator[tuple[Connection, Schema]]:
    with (
        fresh_database(server) as url,
        open_database(url).connect(create=True) as connection,
    ):
        for statement in split(script, server.dialect):
            connection.execute(statement.text)
        before = interpret(script, dialect=server.dialect).after
        assert before == observe(connection)
        yield connection, before


def _judged(connection: Connection, before: Schema, texts: Sequence[tuple[str, str]]) -> list[bool]:
    """Return of each statement that the engine takes whether it is understood; each comes with
    what undoes it. What all that are come to must be what the catalogue shows."""
    interpreter = Interpreter(before)
    judged = []
    for text, undo in texts:
        try:
            connection.execute(text)
        except DatabaseFailure:
            continue
        found = interpret(text, interpreter.schema)
        judged.append(not (found.opaque or found.faults))
        if judged[-1]:
            interpreter.continue_from(found.after)
        else:
            connection.execute(undo)
    assert "\n".join(differing(interpreter.schema, observe(connection))) == ""
    return judged


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _placed(expressions: str, make: str, undo: str) -> list[tuple[str, str]]:
    return [
        (make.format(at=at, it=one), undo.format(at=at))
        for at, one in enumerate(_lines(expressions))
    ]


@pytest.mark.parametrize(("make", "undo"), [VIEW, CHECK], ids=["view", "check"])
def test_what_postgresql_keeps_of_an_expression(
    postgres_server: Server, make: str, undo: str
) -> None:
    with _holding(postgres_server, POSTGRES) as (connection, before):
        judged = _judged(connection, before, _placed(POSTGRES_EXPRESSIONS, make, undo))
    assert judged.count(False) * 8 < judged.count(True)


TABLE = (f"CREATE TABLE k{{at}} ({COLUMNS}, CHECK ({{it}}))", "DROP TABLE k{at}")


@pytest.mark.parametrize(("make", "undo"), [VIEW, TABLE], ids=["view", "check"])
def test_what_mariadb_keeps_of_an_expression(mariadb_server: Server, make: str, undo: str) -> None:
    with _holding(mariadb_server, MYSQL) as (connection, before):
        judged = _judged(connection, before, _placed(MYSQL_EXPRESSIONS, make, undo))
    assert judged.count(False) * 8 < judged.count(True)


def test_what_postgresql_keeps_of_a_value(postgres_server: Server) -> None:
    texts = []
    for line in _lines(LITERALS):
        kind, *values = line.split("~")
        for value in values:
            quoted = "'" + value.replace("'", "''") + "'"
            name = f"c{len(texts)}"
            texts.append(
                (
                    f"ALTER TABLE t ADD COLUMN {name} {kind} DEFAULT {quoted}",
                    f"ALTER TABLE t DROP COLUMN {name}",
                )
            )
    script = "CREATE TABLE t (n int); CREATE TYPE e AS ENUM ('x', 'y');"
    with _holding(postgres_server, script) as (connection, before):
        judged = _judged(connection, before, texts)
    assert judged.count(False) < judged.count(True)


def test_a_view_that_is_not_understood_is_said_to_be_so() -> None:
    found = interpret(
        "CREATE TABLE t (n int); CREATE VIEW v AS SELECT n at FROM t;", dialect="postgres"
    )
    assert [group.text for group in found.opaque] == ["CREATE VIEW v AS SELECT n at FROM t"]


def test_a_word_that_names_types_may_name_a_column() -> None:
    found = interpret(
        "CREATE TABLE t (time int, timestamp int, interval int, n int);"
        "DELETE FROM t WHERE timestamp > 1 AND time < interval;",
        dialect="postgres",
    )
    assert not found.opaque
    rows = found.groups[-1].operations[0]
    assert {str(at).rpartition(".")[2] for at in rows.reads} >= {"timestamp", "time", "interval"}


def test_a_views_column_is_called_as_its_text_was_before_it_was_bound() -> None:
    made = "CREATE TABLE t (id int); CREATE VIEW v AS SELECT max(id){} FROM t;"
    plain, named = (
        interpret(made.format(alias), dialect="mysql").after for alias in ("", " AS `max(id)`")
    )
    assert plain == named
