"""The one query that reads PostgreSQL's catalogue, versions 12 to 18.

Every section is a subquery that gives rows; all of them go as one statement, so that they see one
snapshot and cost one round trip, however large the database is. Initdb's own objects have object
ids below 16384, those of extensions a dependency of type `e`.
"""

from __future__ import annotations

from functools import lru_cache

from schemaops.database.observe.postgres_others import (
    FIRST,
    collation,
    grants,
    others,
    outside,
    owners,
)
from schemaops.database.observe.postgres_routines import (
    MODELLED_EVENT,
    MODELLED_ROUTINE,
    MODELLED_TRIGGER,
)
from schemaops.database.observe.postgres_routines import sections as routines

__all__ = ["CURRENT_SETTINGS", "SETTINGS", "TYPES", "catalogue", "relations"]

# What deparsed text depends on; the search path makes every name outside pg_catalog qualified.
SETTINGS = {
    "search_path": "pg_catalog, pg_temp",
    "quote_all_identifiers": "off",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "jit": "off",
    # Planning takes longer than running: what a catalogue never needs is not even considered.
    "enable_mergejoin": "off",
    "enable_material": "off",
    "max_parallel_workers_per_gather": "0",
}
CURRENT_SETTINGS = ", ".join(f"current_setting('{name}')" for name in SETTINGS)

_OWN_SCHEMAS = "('schemaops', 'schemaops_archive')"


# What is read of some relations only; the rest stands beside relations, or seldom changes with them.
TYPES = ("enums", "domains", "composites", "ranges")
_OF_RELATIONS = frozenset({*TYPES, "sequences", "relations", "columns", "constraints", "indexes"})


@lru_cache(maxsize=2)
def catalogue(version: int) -> str:
    """Return the query for a server of this version (server_version_num): of everything."""
    sections = ",\n".join(
        f"'{name}', (SELECT coalesce(json_agg(row_to_json(s)), '[]') FROM ({text}) s)"
        for name, text in _sections(version).items()
    )
    return f"WITH {_COMMON} SELECT json_build_object({sections})::text"


@lru_cache(maxsize=32)
def relations(version: int, sections: frozenset[str]) -> str:
    """Return the query for these sections of some relations, as a server prepares it.

    Its parameters: their schemas; their names; for each whether all of it is read; and as
    `schema.relation.part` the columns, constraints and indexes that are read of the others. What the
    others hold beside is given by name alone, so that the cost follows what is asked for.
    """
    chosen = {
        **{name: text for name, text in _sections(version).items() if name in _OF_RELATIONS},
        "names": _PART_NAMES,
    }
    if "names" in sections:
        chosen["relations"] = _RELATION_NAMES
    written = ",\n".join(
        f"'{name}', (SELECT json_agg(row_to_json(s)) FROM ({text}) s)"
        for name, text in chosen.items()
        if name in sections
    )
    # What a query carries along costs more than the rows that are found.
    few = "r.oid, r.relname, r.relkind, r.relpersistence, r.relispartition"
    read = few if "names" in sections else "r.*"
    text = f"WITH {_CHOSEN} SELECT json_build_object({written})::text".replace("/* read */", read)
    for mark, part in (
        ("column", "a.attname"),
        ("constraint", "o.conname"),
        ("index", "r.relname"),
    ):
        wanted = (
            f"AND (c.whole OR c.nspname || '.' || c.relname || '.' || {part} = ANY($4::text[]))"
        )
        text = text.replace(f"/* {mark} */", wanted)
    return text


_TYPE = f"""type AS MATERIALIZED (
  SELECT t.*, n.nspname FROM pg_type t JOIN space n ON n.oid = t.typnamespace
  WHERE t.oid >= {FIRST} AND NOT EXISTS (SELECT FROM member m
    WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid))
"""
_COMMON = f"""
member AS MATERIALIZED (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
    -- A range type brings functions and casts of its own.
    OR (deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass))),
space AS MATERIALIZED (
  SELECT oid, nspname FROM pg_namespace
  WHERE nspname = 'pg_catalog' OR NOT (nspname ~ '^pg_' OR nspname = 'information_schema'
    OR nspname IN {_OWN_SCHEMAS})),
relation AS MATERIALIZED (
  SELECT c.*, n.nspname FROM pg_class c JOIN space n ON n.oid = c.relnamespace
  WHERE c.oid >= {FIRST} AND c.relpersistence <> 't'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (
      SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)),
proc AS MATERIALIZED (
  SELECT p.*, n.nspname, p.proname || '(' || (
      SELECT coalesce(string_agg(format_type(a.type, NULL), ', ' ORDER BY a.place), '')
      FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, place)) || ')' AS signature
  FROM pg_proc p JOIN space n ON n.oid = p.pronamespace
  WHERE p.oid >= {FIRST} AND NOT EXISTS (SELECT FROM member m
    WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)),
{_TYPE}"""

# An offset keeps a subquery from becoming a join, which could read all of a catalogue to find one row.
_MEMBER = """EXISTS (SELECT FROM pg_depend m WHERE m.deptype = 'e'
  AND m.classid = '{0}'::regclass AND m.objid = {1} OFFSET 0)"""
# Whatever is looked up here has an index, so that nothing is read but what belongs to the relations.
_CHOSEN = f"""
member AS NOT MATERIALIZED (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relation AS MATERIALIZED (
  SELECT c.*, w.schema AS nspname, w.whole
  FROM unnest($1::text[], $2::text[], $3::bool[]) w(schema, name, whole), LATERAL (
    SELECT /* read */ FROM pg_class r WHERE r.relname = w.name::name AND r.relnamespace = (
      SELECT n.oid FROM pg_namespace n WHERE n.nspname = w.schema::name) OFFSET 0) c
  WHERE $4::text[] IS NOT NULL AND c.oid >= {FIRST} AND c.relpersistence <> 't'
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT {_MEMBER.format("pg_class", "c.oid")}),
space AS MATERIALIZED (SELECT oid, nspname FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
{_TYPE}"""
# Of a relation that is not read whole, nothing is asked but which one it is.
_RELATION_NAMES = """
SELECT c.oid::bigint, c.nspname AS schema, c.relname AS name, c.relkind AS kind,
  'p' AS persistence, NULL AS options, NULL AS toast_options, 'heap' AS method, NULL AS comment,
  false AS row_security, false AS forced, 'd' AS identity, NULL AS identity_index,
  NULL AS clustered, NULL AS bound, NULL AS partition_key, NULL AS parents, NULL AS of_type,
  NULL AS query, NULL AS server
FROM relation c WHERE c.relkind IN ('r', 'p')"""
# A key's index has its name, so that it need not be left out. Of a foreign key to a partitioned table
# there is a copy a partition, which the key's own table shows too; with one that is itself a partition
# it is not that easily told, and more names than expected are no harm.
_PART_NAMES = """
SELECT c.oid::bigint,
  ARRAY(SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  ARRAY(SELECT o.conname FROM pg_constraint o
    WHERE o.conrelid = c.oid AND o.contype IN ('p', 'u', 'c', 'f')
      AND (o.contype <> 'f' OR o.conparentid = 0 OR c.relispartition)) AS constraints,
  ARRAY(SELECT r.relname FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
    WHERE i.indrelid = c.oid) AS indexes
FROM relation c WHERE NOT c.whole"""


def _extension_type(kind: str) -> str:
    """Return an expression for the name of a type (of an array's elements) that an extension has."""
    return f"""CASE WHEN {kind}.oid >= {FIRST} THEN (SELECT e.typname FROM pg_type e
   WHERE e.oid = coalesce(nullif({kind}.typelem, 0), {kind}.oid)
   AND EXISTS (SELECT FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = e.oid)) END"""


def _names_of(relation: str, numbers: str) -> str:
    return f"""(SELECT array_agg(a.attname ORDER BY k.place) FROM
      unnest({numbers}) WITH ORDINALITY k(number, place)
      JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = k.number)"""


def _sections(version: int) -> dict[str, str]:
    since_14, since_15, since_18 = version >= 140000, version >= 150000, version >= 180000
    return {
        "schemas": f"""
SELECT o.oid::bigint, o.nspname AS name FROM pg_namespace o
WHERE o.nspname !~ '^pg_' AND o.nspname NOT IN {_OWN_SCHEMAS}
  AND (o.nspname = 'public' OR {outside("pg_namespace")})""",
        "extensions": f"""
SELECT o.oid::bigint, o.extname AS name, n.nspname AS schema
FROM pg_extension o JOIN pg_namespace n ON n.oid = o.extnamespace WHERE o.oid >= {FIRST}""",
        "enums": """
SELECT t.oid::bigint, t.nspname AS schema, t.typname AS name,
  (SELECT coalesce(array_agg(e.enumlabel ORDER BY e.enumsortorder), '{}')
   FROM pg_enum e WHERE e.enumtypid = t.oid) AS values
FROM type t WHERE t.typtype = 'e'""",
        "domains": f"""
SELECT t.oid::bigint, t.nspname AS schema, t.typname AS name,
  format_type(t.typbasetype, t.typtypmod) AS type, {_extension_type("b")} AS extension_type,
  CASE WHEN t.typcollation <> b.typcollation THEN {collation("t.typcollation")} END AS collation,
  pg_get_expr(t.typdefaultbin, 0) AS expression, t.typnotnull AS not_null,
  (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'valid', k.convalidated,
     'oid', k.oid::bigint, 'expression', pg_get_expr(k.conbin, 0)) ORDER BY k.conname), '[]')
   FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks
FROM type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd'""",
        "composites": f"""
SELECT t.oid::bigint, t.nspname AS schema, t.typname AS name,
  (SELECT coalesce(json_agg(json_build_object('name', a.attname,
     'type', format_type(a.atttypid, a.atttypmod), 'extension_type', {_extension_type("b")},
     'collation', CASE WHEN a.attcollation <> b.typcollation THEN {collation("a.attcollation")} END
     ) ORDER BY a.attnum), '[]')
   FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid
   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes
FROM type t JOIN pg_class r ON r.oid = t.typrelid AND r.relkind = 'c' WHERE t.typtype = 'c'""",
        "ranges": f"""
SELECT t.oid::bigint, t.nspname AS schema, t.typname AS name,
  format_type(r.rngsubtype, NULL) AS type, {_extension_type("b")} AS extension_type,
  {
            "(SELECT CASE m.typnamespace WHEN t.typnamespace THEN m.typname "
            "ELSE format('%I.%I', x.nspname, m.typname) END FROM pg_type m "
            "JOIN pg_namespace x ON x.oid = m.typnamespace WHERE m.oid = r.rngmultitypid)"
            if since_14
            else "NULL"
        }
    AS multirange,
  (SELECT format('%I.%I', n.nspname, c.opcname) FROM pg_opclass c
   JOIN pg_namespace n ON n.oid = c.opcnamespace
   WHERE c.oid = r.rngsubopc AND NOT c.opcdefault) AS opclass,
  CASE WHEN r.rngcollation <> b.typcollation THEN {collation("r.rngcollation")} END AS collation,
  nullif(r.rngcanonical::oid, 0)::regproc::text AS canonical,
  nullif(r.rngsubdiff::oid, 0)::regproc::text AS subtype_diff
FROM type t JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_type b ON b.oid = r.rngsubtype
WHERE t.typtype = 'r'""",
        "sequences": """
SELECT c.oid::bigint, c.nspname AS schema, c.relname AS name, c.relpersistence AS persistence,
  format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start,
  s.seqincrement::text AS increment, s.seqmin::text AS minimum, s.seqmax::text AS maximum,
  s.seqcache::text AS cache, s.seqcycle AS cycle, d.deptype,
  d.refobjid::bigint AS owner, d.refobjsubid AS owner_column
FROM relation c JOIN pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0""",
        "relations": """
SELECT c.oid::bigint, c.nspname AS schema, c.relname AS name, c.relkind AS kind,
  c.relpersistence AS persistence, c.reloptions AS options, t.reloptions AS toast_options,
  (SELECT amname FROM pg_am WHERE oid = c.relam) AS method,
  (SELECT e.description FROM pg_description e WHERE e.objoid = c.oid
   AND e.classoid = 'pg_class'::regclass AND e.objsubid = 0) AS comment,
  c.relrowsecurity AS row_security, c.relforcerowsecurity AS forced, c.relreplident AS identity,
  CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
  (SELECT array_agg(h.inhparent::bigint ORDER BY h.inhseqno) FROM pg_inherits h
   WHERE h.inhrelid = c.oid) AS parents,
  CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query,
  (SELECT format('SERVER %I', s.srvname) || coalesce(' OPTIONS (' || (
     SELECT string_agg(format('%I %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)),
       ', ' ORDER BY o) FROM unnest(f.ftoptions) o) || ')', '')
   FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver
   WHERE f.ftrelid = c.oid) AS server
FROM relation c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.relkind <> 'S'""",
        "columns": f"""
SELECT a.attrelid::bigint AS relation, a.attnum AS number, a.attname AS name,
  format_type(a.atttypid, a.atttypmod) AS type, a.atttypid::bigint AS type_oid,
  {_extension_type("t")} AS extension_type,
  a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS expression,
  a.attidentity AS identity, a.attgenerated AS generated,
  CASE WHEN a.attcollation <> t.typcollation THEN {collation("a.attcollation")} END AS collation,
  (SELECT e.description FROM pg_description e WHERE e.objoid = a.attrelid
   AND e.classoid = 'pg_class'::regclass AND e.objsubid = a.attnum) AS comment, a.attislocal AS local,
  nullif(a.attstattarget, -1) AS target, a.attoptions AS options,
  CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage,
  {"nullif(a.attcompression, '')" if since_14 else "NULL"} AS compression
FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind <> 'S' /* column */ ORDER BY a.attrelid, a.attnum""",
        "constraints": f"""
SELECT o.oid::bigint, i.indexrelid::bigint AS index,
  o.conrelid::bigint AS relation, o.conname AS name, o.contype AS type,
  {_names_of("o.conrelid", "o.conkey")} AS columns,
  r.relname AS referred_name, n.nspname AS referred_schema,
  {_names_of("o.confrelid", "o.confkey")} AS referred,
  o.confdeltype AS on_delete, o.confupdtype AS on_update, o.confmatchtype AS match,
  {_names_of("o.conrelid", "o.confdelsetcols") if since_15 else "NULL"} AS set_columns,
  o.condeferrable AS deferrable, o.condeferred AS deferred, o.convalidated AS validated,
  o.connoinherit AS no_inherit, o.conislocal AS local,
  {"o.conenforced" if since_18 else "true"} AS enforced,
  {"o.conperiod" if since_18 else "false"} AS period,
  CASE WHEN o.contype = 'c' THEN pg_get_expr(o.conbin, o.conrelid) END AS expression,
  CASE WHEN o.contype IN ('x', 'n') THEN pg_get_constraintdef(o.oid) END AS definition,
  x.reloptions AS storage, coalesce(i.indisclustered, false) AS clustered,
  coalesce(i.indisreplident, false) AS replica_identity,
  (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = o.conindid
   AND o.contype IN ('p', 'u') AND a.attnum > i.indnkeyatts) AS include,
  {"NOT coalesce(i.indnullsnotdistinct, false)" if since_15 else "true"} AS nulls_distinct
FROM pg_constraint o JOIN relation c ON c.oid = o.conrelid
LEFT JOIN pg_class r ON r.oid = o.confrelid LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
LEFT JOIN pg_class x ON x.oid = o.conindid AND o.contype IN ('p', 'u', 'x')
LEFT JOIN pg_index i ON i.indexrelid = x.oid
WHERE o.contype IN ('p', 'u', 'c', 'f', 'x', 'n')
  AND NOT (o.contype = 'f' AND o.conparentid <> 0 AND EXISTS (
    SELECT FROM pg_constraint b WHERE b.oid = o.conparentid AND b.conrelid = o.conrelid))
  /* constraint */""",
        "indexes": f"""
SELECT o.indexrelid::bigint AS oid, o.indrelid::bigint AS relation, r.relname AS name,
  n.nspname AS schema, (SELECT amname FROM pg_am WHERE oid = r.relam) AS method,
  o.indisunique AS unique, o.indisvalid AS valid, r.relispartition AS partition,
  r.reloptions AS options, pg_get_expr(o.indpred, o.indrelid) AS predicate,
  pg_get_indexdef(o.indexrelid) AS definition,
  (SELECT array_agg(pg_get_indexdef(o.indexrelid, k, false) ORDER BY k)
   FROM generate_series(1, o.indnkeyatts) k) AS keys,
  (SELECT array_agg(a.attname ORDER BY k.place) FROM
   unnest(o.indkey::int[]) WITH ORDINALITY k(number, place)
   LEFT JOIN pg_attribute a ON a.attrelid = o.indrelid AND a.attnum = k.number) AS columns,
  o.indnkeyatts AS key_count, o.indisclustered AS clustered,
  o.indisreplident AS replica_identity,
  {"o.indnullsnotdistinct" if since_15 else "false"} AS nulls_not_distinct,
  x.condeferrable AS deferrable, x.condeferred AS deferred,
  CASE WHEN x.conexclop IS NOT NULL THEN (
    SELECT array_agg(q.oprname::text ORDER BY e.place) FROM
    unnest(x.conexclop) WITH ORDINALITY e(operator, place)
    JOIN pg_operator q ON q.oid = e.operator) END AS excluding
FROM pg_index o JOIN relation c ON c.oid = o.indrelid
JOIN pg_class r ON r.oid = o.indexrelid JOIN pg_namespace n ON n.oid = r.relnamespace
LEFT JOIN pg_constraint x ON x.conindid = o.indexrelid AND x.conrelid = o.indrelid
  AND x.contype = 'x'
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = o.indexrelid
  AND k.conrelid = o.indrelid AND k.contype IN ('p', 'u')) /* index */""",
        "policies": """
SELECT o.oid::bigint, o.polrelid::bigint AS relation, o.polname AS name,
  o.polpermissive AS permissive, CASE o.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert'
    WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END AS command,
  (SELECT array_agg(x ORDER BY x) FROM (SELECT CASE r WHEN 0 THEN 'public'
    ELSE pg_get_userbyid(r)::text END AS x FROM unnest(o.polroles) r) y) AS roles,
  pg_get_expr(o.polqual, o.polrelid) AS using, pg_get_expr(o.polwithcheck, o.polrelid) AS check
FROM pg_policy o JOIN relation c ON c.oid = o.polrelid""",
        **routines(version),
        "statistics": f"""
SELECT o.oid::bigint, n.nspname AS schema, o.stxname AS name, o.stxrelid::bigint AS relation,
  {_names_of("o.stxrelid", "o.stxkeys::int2[]")} AS columns,
  {"pg_get_statisticsobjdef_expressions(o.oid)" if since_14 else "NULL"} AS expressions,
  (SELECT array_agg(CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' ELSE 'mcv' END)
   FROM unnest(o.stxkind) k WHERE k <> 'e') AS kinds,
  nullif(to_jsonb(o)->>'stxstattarget', '-1') AS target
FROM pg_statistic_ext o JOIN relation c ON c.oid = o.stxrelid
JOIN pg_namespace n ON n.oid = o.stxnamespace WHERE {outside("pg_statistic_ext")}""",
        "owners": " UNION ALL ".join(owners()),
        "others": " UNION ALL ".join(others(version)),
        "grants": " UNION ALL ".join(grants()),
        "comments": f"""
SELECT d.classoid::regclass::text AS class, d.objoid::bigint AS oid, d.objsubid AS part,
  d.description AS text, i.type, i.identity
FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE d.objoid >= 16384 AND NOT EXISTS (
    SELECT FROM member m WHERE m.classid = d.classoid AND m.objid = d.objoid)
  AND NOT (d.classoid = 'pg_class'::regclass AND EXISTS (
    SELECT FROM relation c WHERE c.oid = d.objoid AND c.relkind IN ('r', 'p')))
  AND d.classoid <> 'pg_extension'::regclass
  AND NOT (d.classoid = 'pg_proc'::regclass AND EXISTS (
    SELECT FROM proc o WHERE o.oid = d.objoid AND {MODELLED_ROUTINE}))
  AND NOT (d.classoid = 'pg_trigger'::regclass AND EXISTS (
    SELECT FROM pg_trigger o JOIN relation c ON c.oid = o.tgrelid WHERE o.oid = d.objoid
    AND {MODELLED_TRIGGER} AND c.relkind IN ('r', 'p', 'v')))
  AND NOT (d.classoid = 'pg_event_trigger'::regclass AND EXISTS (
    SELECT FROM pg_event_trigger o WHERE o.oid = d.objoid AND {MODELLED_EVENT}))
UNION ALL SELECT 'pg_namespace', o.oid::bigint, 0, d.description, 'schema', 'public'
FROM pg_namespace o JOIN pg_description d ON d.classoid = 'pg_namespace'::regclass
  AND d.objoid = o.oid WHERE o.nspname = 'public' AND o.oid < 16384
  AND d.description <> 'standard public schema'""",
        "labels": """
SELECT l.classoid::regclass::text AS class, l.objoid::bigint AS oid, l.objsubid AS part,
  l.provider, l.label AS text FROM pg_seclabel l WHERE l.objoid >= 16384""",
        "uses": """
SELECT d.classid::regclass::text AS class, d.objid::bigint AS oid,
  d.refclassid::regclass::text AS used_class, d.refobjid::bigint AS used, d.refobjsubid AS part
FROM pg_depend d WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a')
  AND d.classid IN ('pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
    'pg_type'::regclass, 'pg_rewrite'::regclass, 'pg_statistic_ext'::regclass,
    'pg_event_trigger'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass)
UNION SELECT 'pg_class', r.ev_class::bigint, d.refclassid::regclass::text, d.refobjid::bigint,
  d.refobjsubid
FROM pg_rewrite r JOIN relation c ON c.oid = r.ev_class AND c.relkind = 'm'
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.deptype = 'n'
WHERE d.refobjid >= 16384""",
    }
