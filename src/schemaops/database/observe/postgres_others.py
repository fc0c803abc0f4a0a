"""The parts of PostgreSQL's catalogue that have no object type of their own yet: one query each.

Every row tells what it is, its names, a definition, its own class and object id, and what it stands
on. The definition is SQL that makes the object (several statements where need be), the same on all
versions, without object ids; where SQL could not or must not say it (a subscription holds a
password), it is a plain description. Passwords among options are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.database.observe.postgres_routines import (
    MODELLED_EVENT,
    MODELLED_ROUTINE,
    MODELLED_TRIGGER,
)
from schemaops.sql.grants import OUTSIDE_ROLES

__all__ = ["FIRST", "collation", "grants", "others", "outside"]

FIRST = 16384


def outside(catalog: str) -> str:
    """Return the condition that a row `o` was made by neither initdb nor an extension."""
    return (
        f"o.oid >= {FIRST} AND NOT EXISTS (SELECT FROM member m "
        f"WHERE m.classid = '{catalog}'::regclass AND m.objid = o.oid)"
    )


def collation(oid: str) -> str:
    """Return an expression for a collation's name, null for the default one."""
    return f"""(SELECT CASE WHEN n.nspname = 'pg_catalog' THEN l.collname
      ELSE n.nspname || '.' || l.collname END
      FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
      WHERE l.oid = {oid} AND l.collname <> 'default')"""


# An access list's own catalogue, the rows that hold it, its column, owner and kind (as acldefault
# has it), and the number of the part it is for.
_LISTS = (
    ("pg_class", "relation o WHERE o.relkind <> 'S'", "relacl", "relowner", "r", "0"),
    ("pg_class", "relation o WHERE o.relkind = 'S'", "relacl", "relowner", "s", "0"),
    ("pg_namespace", "pg_namespace o WHERE true", "nspacl", "nspowner", "n", "0"),
    ("pg_proc", "proc o WHERE true", "proacl", "proowner", "f", "0"),
    ("pg_type", "type o WHERE true", "typacl", "typowner", "T", "0"),
    ("pg_language", "pg_language o WHERE true", "lanacl", "lanowner", "l", "0"),
    (
        "pg_foreign_data_wrapper",
        "pg_foreign_data_wrapper o WHERE true",
        "fdwacl",
        "fdwowner",
        "F",
        "0",
    ),
    ("pg_foreign_server", "pg_foreign_server o WHERE true", "srvacl", "srvowner", "S", "0"),
    *(
        # Those of one schema come on top of those of all schemas, which replace the built-in ones.
        (
            "pg_default_acl",
            f"pg_default_acl o WHERE o.defaclobjtype = '{letter}' AND o.defaclnamespace {where}",
            "defaclacl",
            "defaclrole",
            kind,
            "0",
        )
        for letter, kind in (("r", "r"), ("S", "s"), ("f", "f"), ("T", "T"), ("n", "n"))
        for where in ("= 0", "<> 0")
    ),
    (
        "pg_class",
        """(SELECT c.oid, a.attacl, c.relowner, a.attnum FROM relation c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0) o WHERE true""",
        "attacl",
        "relowner",
        "c",
        "o.attnum",
    ),
)


def grants() -> Iterator[str]:
    """Yield queries for what access lists give and take, set beside what was so at first."""
    for catalog, source, acl, owner, kind, part in _LISTS:
        # A column's list has no default: what its owner may do is said by the table's. Nor has
        # what is given by default in one schema.
        first = "NULL::aclitem[]"
        if kind != "c" and "defaclnamespace <> 0" not in source:
            first = f"""coalesce((SELECT i.initprivs FROM pg_init_privs i
              WHERE i.objoid = o.oid AND i.classoid = '{catalog}'::regclass AND i.objsubid = 0),
              acldefault('{kind}', o.{owner}))"""
        yield f"""
SELECT '{catalog}' AS class, o.oid::bigint, ({part})::int AS part,
  (SELECT array_agg(d.privilege_type ORDER BY d.privilege_type)
   FROM aclexplode(acldefault('{kind}', o.{owner})) d WHERE d.grantee = o.{owner}) AS every,
  {_by_grantee(f"o.{acl}", owner)} AS given, {_by_grantee(first, owner)} AS first
FROM {source} AND o.{acl} IS NOT NULL"""


def owners() -> Iterator[str]:
    """Yield queries for the roles that own objects, where it is not the one at work."""
    statistics = "(SELECT s.* FROM pg_statistic_ext s JOIN relation c ON c.oid = s.stxrelid) o"
    for catalog, source, owner in (
        ("pg_class", "relation o", "relowner"),
        ("pg_namespace", "pg_namespace o", "nspowner"),
        ("pg_proc", "proc o", "proowner"),
        ("pg_type", "type o", "typowner"),
        ("pg_statistic_ext", statistics, "stxowner"),
    ):
        yield f"""
SELECT '{catalog}' AS class, o.oid::bigint, pg_get_userbyid(o.{owner}) AS role
FROM {source} WHERE o.{owner} <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)"""


def _is_outside(role: str) -> str:
    """Return the condition that what a role may do is outside the schema."""
    names = ", ".join(f"'{name}'" for name in sorted(OUTSIDE_ROLES))
    return f"""EXISTS (SELECT FROM pg_roles s WHERE s.oid = {role}
      AND (s.rolsuper OR s.rolname IN ({names})))"""


def _by_grantee(acl: str, owner: str) -> str:
    return f"""(SELECT json_object_agg(g.grantee, g.privileges) FROM (
     SELECT CASE e.grantee WHEN 0 THEN 'public' WHEN o.{owner} THEN '' ELSE
       pg_get_userbyid(e.grantee)::text END AS grantee,
       array_agg(DISTINCT e.privilege_type || CASE WHEN e.is_grantable AND e.grantee <> o.{owner}
         THEN '*' ELSE '' END) AS privileges
     FROM aclexplode({acl}) e WHERE e.grantee IN (0, o.{owner}) OR NOT {_is_outside("e.grantee")}
     GROUP BY 1) g)"""


def _other(
    catalog: str, what: str, names: str, definition: str, source: str, *, on: str = "NULL;NULL"
) -> str:
    on_class, on_object = on.split(";")
    return f"""
SELECT {what} AS what, ARRAY[{names}]::text[] AS names, ({definition})::text AS definition,
  '{catalog}' AS class, o.oid::bigint AS oid, {on_class} AS on_class,
  ({on_object})::bigint AS on_oid FROM {source}"""


def _settings(separator: str = ", ", **columns: str) -> str:
    """Return an expression for `KEY = value` of those that are not null."""
    parts = ", ".join(
        f"'{name.upper()} = ' || nullif(({text})::text, '')" for name, text in columns.items()
    )
    return f"concat_ws('{separator}', {parts})"


def _flag(condition: str, text: str) -> str:
    return f"CASE WHEN {condition} THEN '{text}' ELSE '' END"


def _enabled(state: str, head: str, tail: str) -> str:
    """Return an expression for the statement that gives a trigger or rule its state of firing."""
    return f"""CASE {state} WHEN 'O' THEN '' ELSE '; ALTER ' || {head} || CASE {state}
      WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA' ELSE ' ENABLE ALWAYS' END
      || {tail} END"""


def _options(column: str) -> str:
    return f"""coalesce(' OPTIONS (' || (SELECT string_agg(format('%I %L',
      split_part(x, '=', 1), substr(x, strpos(x, '=') + 1)), ', ' ORDER BY x)
      FROM unnest({column}) x WHERE x !~* '^[a-z_]*password') || ')', '')"""


def _function(oid: str) -> str:
    return f"nullif(({oid})::oid, 0)::regproc::text"


def others(version: int) -> Iterator[str]:
    """Yield the queries for a server of this version (server_version_num)."""
    yield from _routines()
    yield from _on_tables()
    yield from _types()
    yield from _database_wide(version)
    yield from _foreign()
    yield from _operators()
    yield from _text(version)


def _routines() -> Iterator[str]:
    aggregate = _settings(
        sfunc=_function("g.aggtransfn"),
        stype="format_type(g.aggtranstype, NULL)",
        sspace="nullif(g.aggtransspace, 0)",
        finalfunc=_function("g.aggfinalfn"),
        finalfunc_extra="CASE WHEN g.aggfinalextra THEN 'true' END",
        combinefunc=_function("g.aggcombinefn"),
        serialfunc=_function("g.aggserialfn"),
        deserialfunc=_function("g.aggdeserialfn"),
        initcond="quote_literal(g.agginitval)",
        msfunc=_function("g.aggmtransfn"),
        minvfunc=_function("g.aggminvtransfn"),
        mstype="CASE WHEN g.aggmtranstype <> 0 THEN format_type(g.aggmtranstype, NULL) END",
        mfinalfunc=_function("g.aggmfinalfn"),
        minitcond="quote_literal(g.aggminitval)",
        sortop="(SELECT format('OPERATOR(%I.%s)', n.nspname, p.oprname) FROM pg_operator p "
        "JOIN pg_namespace n ON n.oid = p.oprnamespace WHERE p.oid = g.aggsortop)",
        parallel="CASE o.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END",
    )
    yield _other(
        "pg_proc",
        """CASE o.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure'
          WHEN 'w' THEN 'window function' ELSE 'function' END""",
        "o.nspname, o.signature",
        f"""CASE WHEN o.prokind <> 'a' THEN pg_get_functiondef(o.oid) ELSE (
          SELECT format('CREATE AGGREGATE %I.%I(%s) (', o.nspname, o.proname,
            coalesce(nullif(pg_get_function_identity_arguments(o.oid), ''), '*'))
            || {aggregate} || {_flag("g.aggkind = 'h'", ", HYPOTHETICAL")} || ')'
          FROM pg_aggregate g WHERE g.aggfnoid = o.oid) END""",
        f"proc o WHERE NOT {MODELLED_ROUTINE}",
    )


def _on_tables() -> Iterator[str]:
    yield _other(
        "pg_trigger",
        "'trigger'",
        "c.nspname, c.relname, o.tgname",
        "pg_get_triggerdef(o.oid) || "
        + _enabled(
            "o.tgenabled",
            "'TABLE ' || o.tgrelid::regclass",
            "' TRIGGER ' || quote_ident(o.tgname)",
        ),
        "pg_trigger o JOIN relation c ON c.oid = o.tgrelid WHERE NOT o.tgisinternal "
        f"AND NOT ({MODELLED_TRIGGER} AND c.relkind IN ('r', 'p', 'v'))",
        on="'pg_class';o.tgrelid",
    )
    yield _other(
        "pg_class",
        "'disabled triggers'",
        "o.nspname, o.relname",
        """SELECT string_agg(coalesce(k.conname || ' ', '') || t.tgfoid::regproc || ' '
            || t.tgenabled::text, ', ' ORDER BY k.conname, t.tgfoid::regproc::text)
          FROM pg_trigger t LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
          WHERE t.tgrelid = o.oid AND t.tgisinternal AND t.tgenabled <> 'O'""",
        """relation o WHERE EXISTS (SELECT FROM pg_trigger t
          WHERE t.tgrelid = o.oid AND t.tgisinternal AND t.tgenabled <> 'O')""",
        on="'pg_class';o.oid",
    )
    yield _other(
        "pg_rewrite",
        "'rule'",
        "c.nspname, c.relname, o.rulename",
        "rtrim(pg_get_ruledef(o.oid), ';') || "
        + _enabled(
            "o.ev_enabled",
            "'TABLE ' || o.ev_class::regclass",
            "' RULE ' || quote_ident(o.rulename)",
        ),
        "pg_rewrite o JOIN relation c ON c.oid = o.ev_class WHERE o.rulename <> '_RETURN'",
        on="'pg_class';o.ev_class",
    )


def _types() -> Iterator[str]:
    base = _settings(
        input=_function("o.typinput"),
        output=_function("o.typoutput"),
        receive=_function("o.typreceive"),
        send=_function("o.typsend"),
        typmod_in=_function("o.typmodin"),
        typmod_out=_function("o.typmodout"),
        internallength="CASE WHEN o.typlen < 0 THEN 'VARIABLE' ELSE o.typlen::text END",
        passedbyvalue="CASE WHEN o.typbyval THEN 'true' END",
        alignment="CASE o.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' "
        "WHEN 'd' THEN 'double' ELSE 'int4' END",
        storage="CASE o.typstorage WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' "
        "WHEN 'x' THEN 'extended' ELSE 'plain' END",
        category="quote_literal(o.typcategory::text)",
        preferred="CASE WHEN o.typispreferred THEN 'true' END",
        delimiter="quote_literal(o.typdelim::text)",
        default="quote_literal(o.typdefault)",
    )
    yield _other(
        "pg_type",
        "CASE WHEN o.typisdefined THEN 'base type' ELSE 'shell type' END",
        "o.nspname, o.typname",
        f"""format('CREATE TYPE %I.%I', o.nspname, o.typname)
          || CASE WHEN o.typisdefined THEN ' (' || {base} || ')' ELSE '' END""",
        """type o WHERE o.typtype IN ('b', 'p')
          AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = o.oid)""",
    )


def _database_wide(version: int) -> Iterator[str]:
    yield _other(
        "pg_event_trigger",
        "'event trigger'",
        "o.evtname",
        """format('CREATE EVENT TRIGGER %I ON %s', o.evtname, o.evtevent)
          || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(t), ', ' ORDER BY t)
            FROM unnest(o.evttags) t) || ')', '')
          || format(' EXECUTE FUNCTION %s()', o.evtfoid::regproc) || """
        + _enabled("o.evtenabled", "'EVENT TRIGGER ' || quote_ident(o.evtname)", "''"),
        "pg_event_trigger o WHERE " + outside("pg_event_trigger") + " AND NOT " + MODELLED_EVENT,
    )
    yield _publications(version)
    yield _other(
        "pg_subscription",
        "'subscription'",
        "o.subname",
        "SELECT string_agg(x, ', ' ORDER BY x) FROM unnest(o.subpublications) x",
        """pg_subscription o WHERE o.subdbid =
          (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())""",
    )
    yield _other(
        "pg_language",
        "'language'",
        "o.lanname",
        f"""format('CREATE %sLANGUAGE %I HANDLER %s', {_flag("o.lanpltrusted", "TRUSTED ")},
            o.lanname, {_function("o.lanplcallfoid")})
          || coalesce(' INLINE ' || {_function("o.laninline")}, '')
          || coalesce(' VALIDATOR ' || {_function("o.lanvalidator")}, '')""",
        "pg_language o WHERE " + outside("pg_language"),
    )
    yield _other(
        "pg_am",
        "'access method'",
        "o.amname",
        """format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', o.amname,
          CASE o.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END, o.amhandler::regproc)""",
        "pg_am o WHERE " + outside("pg_am"),
    )
    yield _other(
        "pg_default_acl",
        "'default privileges'",
        """CASE WHEN o.defaclrole = (SELECT d.datdba FROM pg_database d
            WHERE d.datname = current_database()) OR pg_get_userbyid(o.defaclrole) = current_user
            OR """
        + _is_outside("o.defaclrole")
        + """
            THEN '' ELSE pg_get_userbyid(o.defaclrole) END,
          coalesce(n.nspname, ''), CASE o.defaclobjtype WHEN 'r' THEN 'tables'
            WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
            WHEN 'n' THEN 'schemas' ELSE 'large objects' END""",
        "''",
        "pg_default_acl o LEFT JOIN pg_namespace n ON n.oid = o.defaclnamespace",
    )


def _publications(version: int) -> str:
    columns, schemas = "''", "NULL"
    if version >= 150000:
        columns = """coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', '
            ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid
            AND a.attnum = ANY (r.prattrs::int2[])) || ')', '')
          || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')"""
        schemas = """(SELECT 'TABLES IN SCHEMA ' || string_agg(quote_ident(n.nspname), ', '
            ORDER BY n.nspname)
          FROM pg_publication_namespace x JOIN pg_namespace n ON n.oid = x.pnnspid
          WHERE x.pnpubid = o.oid)"""
    return _other(
        "pg_publication",
        "'publication'",
        "o.pubname",
        f"""format('CREATE PUBLICATION %I', o.pubname) || CASE WHEN o.puballtables
            THEN ' FOR ALL TABLES' ELSE coalesce(' FOR ' || nullif(concat_ws(', ',
              (SELECT 'TABLE ' || string_agg(r.prrelid::regclass || {columns}, ', '
                ORDER BY r.prrelid::regclass::text)
               FROM pg_publication_rel r WHERE r.prpubid = o.oid), {schemas}), ''), '') END
          || ' WITH (publish = ' || quote_literal(concat_ws(', ',
            CASE WHEN o.pubinsert THEN 'insert' END, CASE WHEN o.pubupdate THEN 'update' END,
            CASE WHEN o.pubdelete THEN 'delete' END, CASE WHEN o.pubtruncate THEN 'truncate' END))
          || {_flag("to_jsonb(o)->>'pubviaroot' = 'true'", ", publish_via_partition_root = true")}
          || ')'""",
        "pg_publication o WHERE " + outside("pg_publication"),
    )


def _foreign() -> Iterator[str]:
    yield _other(
        "pg_foreign_data_wrapper",
        "'foreign data wrapper'",
        "o.fdwname",
        f"""format('CREATE FOREIGN DATA WRAPPER %I', o.fdwname)
          || coalesce(' HANDLER ' || {_function("o.fdwhandler")}, '')
          || coalesce(' VALIDATOR ' || {_function("o.fdwvalidator")}, '')
          || {_options("o.fdwoptions")}""",
        "pg_foreign_data_wrapper o WHERE " + outside("pg_foreign_data_wrapper"),
    )
    yield _other(
        "pg_foreign_server",
        "'server'",
        "o.srvname",
        f"""format('CREATE SERVER %I', o.srvname)
          || coalesce(' TYPE ' || quote_literal(o.srvtype), '')
          || coalesce(' VERSION ' || quote_literal(o.srvversion), '')
          || format(' FOREIGN DATA WRAPPER %I', w.fdwname) || {_options("o.srvoptions")}""",
        "pg_foreign_server o JOIN pg_foreign_data_wrapper w ON w.oid = o.srvfdw WHERE "
        + outside("pg_foreign_server"),
        on="'pg_foreign_data_wrapper';o.srvfdw",
    )
    yield _other(
        "pg_user_mapping",
        "'user mapping'",
        "o.srvname, o.usename",
        "format('CREATE USER MAPPING FOR %I SERVER %I', o.usename, o.srvname)",
        "(SELECT umid AS oid, * FROM pg_user_mappings) o",
        on="'pg_foreign_server';o.srvid",
    )


def _operators() -> Iterator[str]:
    yield _other(
        "pg_cast",
        "'cast'",
        "format_type(o.castsource, NULL), format_type(o.casttarget, NULL)",
        """format('CREATE CAST (%s AS %s) ', format_type(o.castsource, NULL),
            format_type(o.casttarget, NULL))
          || CASE o.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || o.castfunc::regprocedure
            WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
          || CASE o.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT'
            ELSE '' END""",
        "pg_cast o WHERE " + outside("pg_cast"),
    )
    named = """(SELECT format('OPERATOR(%I.%s)', m.nspname, p.oprname) FROM pg_operator p
      JOIN pg_namespace m ON m.oid = p.oprnamespace WHERE p.oid = o.{})"""
    settings = _settings(
        function=_function("o.oprcode"),
        leftarg="CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END",
        rightarg="CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END",
        commutator=named.format("oprcom"),
        negator=named.format("oprnegate"),
        restrict=_function("o.oprrest"),
        join=_function("o.oprjoin"),
    )
    yield _other(
        "pg_operator",
        "'operator'",
        """n.nspname, o.oprname || '(' || CASE WHEN o.oprleft = 0 THEN 'NONE'
            ELSE format_type(o.oprleft, NULL) END || ', ' || CASE WHEN o.oprright = 0 THEN 'NONE'
            ELSE format_type(o.oprright, NULL) END || ')'""",
        f"""format('CREATE OPERATOR %I.%s (', n.nspname, o.oprname) || {settings}
          || {_flag("o.oprcanmerge", ", MERGES")} || {_flag("o.oprcanhash", ", HASHES")} || ')'""",
        "pg_operator o JOIN space n ON n.oid = o.oprnamespace WHERE " + outside("pg_operator"),
    )
    yield _other(
        "pg_opclass",
        "'operator class'",
        "n.nspname, o.opcname, a.amname",
        _settings(
            "; ",
            type="format_type(o.opcintype, NULL)",
            default="CASE WHEN o.opcdefault THEN 'true' END",
            family="f.opfname",
            storage="CASE WHEN o.opckeytype <> 0 THEN format_type(o.opckeytype, NULL) END",
        ),
        """pg_opclass o JOIN space n ON n.oid = o.opcnamespace JOIN pg_am a ON a.oid = o.opcmethod
          JOIN pg_opfamily f ON f.oid = o.opcfamily WHERE """
        + outside("pg_opclass"),
    )
    yield _other(
        "pg_opfamily",
        "'operator family'",
        "n.nspname, o.opfname, a.amname",
        """concat_ws('; ', (SELECT string_agg(format('operator %s %s', p.amopstrategy,
              p.amopopr::regoperator), '; ' ORDER BY p.amopstrategy, p.amopopr::regoperator::text)
            FROM pg_amop p WHERE p.amopfamily = o.oid),
          (SELECT string_agg(format('function %s %s', p.amprocnum, p.amproc::oid::regprocedure),
              '; ' ORDER BY p.amprocnum, p.amproc::oid::regprocedure::text)
            FROM pg_amproc p WHERE p.amprocfamily = o.oid))""",
        """pg_opfamily o JOIN space n ON n.oid = o.opfnamespace JOIN pg_am a ON a.oid = o.opfmethod
          WHERE """
        + outside("pg_opfamily"),
    )


def _text(version: int) -> Iterator[str]:
    locale = "NULL"
    if version >= 150000:
        locale = "o.colllocale" if version >= 170000 else "o.colliculocale"
    settings = _settings(
        provider="CASE o.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END",
        lc_collate="CASE WHEN o.collprovider = 'c' THEN quote_literal(o.collcollate) END",
        lc_ctype="CASE WHEN o.collprovider = 'c' THEN quote_literal(o.collctype) END",
        locale="CASE WHEN o.collprovider <> 'c' THEN quote_literal("
        f"coalesce({locale}, o.collcollate)) END",
        rules="quote_literal(to_jsonb(o)->>'collicurules')",
        deterministic="CASE WHEN NOT o.collisdeterministic THEN 'false' END",
    )
    yield _other(
        "pg_collation",
        "'collation'",
        "n.nspname, o.collname",
        f"format('CREATE COLLATION %I.%I (', n.nspname, o.collname) || {settings} || ')'",
        "pg_collation o JOIN space n ON n.oid = o.collnamespace WHERE " + outside("pg_collation"),
    )
    yield _other(
        "pg_conversion",
        "'conversion'",
        "n.nspname, o.conname",
        f"""format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s',
          {_flag("o.condefault", "DEFAULT ")}, n.nspname, o.conname,
          pg_encoding_to_char(o.conforencoding), pg_encoding_to_char(o.contoencoding),
          o.conproc::regproc)""",
        "pg_conversion o JOIN space n ON n.oid = o.connamespace WHERE " + outside("pg_conversion"),
    )
    yield _other(
        "pg_transform",
        "'transform'",
        "format_type(o.trftype, NULL), l.lanname",
        """concat_ws('; ', 'from SQL ' || nullif(o.trffromsql::oid, 0)::regprocedure,
          'to SQL ' || nullif(o.trftosql::oid, 0)::regprocedure)""",
        "pg_transform o JOIN pg_language l ON l.oid = o.trflang WHERE " + outside("pg_transform"),
    )
    whole = "format('%I.%I', n.nspname, o.cfgname)"
    yield _other(
        "pg_ts_config",
        "'text search configuration'",
        "n.nspname, o.cfgname",
        f"""SELECT 'CREATE TEXT SEARCH CONFIGURATION ' || {whole} || ' (PARSER = ' || (
              SELECT format('%I.%I', x.nspname, p.prsname) FROM pg_ts_parser p
              JOIN pg_namespace x ON x.oid = p.prsnamespace WHERE p.oid = o.cfgparser) || ')'
            || coalesce(string_agg('; ALTER TEXT SEARCH CONFIGURATION ' || {whole}
              || ' ADD MAPPING FOR ' || m.mapping, '' ORDER BY m.mapping), '')
          FROM (SELECT (SELECT t.alias FROM ts_token_type(o.cfgparser) t
                WHERE t.tokid = m.maptokentype) || ' WITH '
              || string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS mapping
            FROM pg_ts_config_map m WHERE m.mapcfg = o.oid GROUP BY m.maptokentype) m""",
        "pg_ts_config o JOIN space n ON n.oid = o.cfgnamespace WHERE " + outside("pg_ts_config"),
    )
    yield _other(
        "pg_ts_dict",
        "'text search dictionary'",
        "n.nspname, o.dictname",
        """format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I', n.nspname, o.dictname,
            x.nspname, t.tmplname) || coalesce(', ' || o.dictinitoption, '') || ')'""",
        """pg_ts_dict o JOIN space n ON n.oid = o.dictnamespace
          JOIN pg_ts_template t ON t.oid = o.dicttemplate
          JOIN pg_namespace x ON x.oid = t.tmplnamespace WHERE """
        + outside("pg_ts_dict"),
    )
    parser = _settings(
        start=_function("o.prsstart"),
        gettoken=_function("o.prstoken"),
        end=_function("o.prsend"),
        headline=_function("o.prsheadline"),
        lextypes=_function("o.prslextype"),
    )
    yield _other(
        "pg_ts_parser",
        "'text search parser'",
        "n.nspname, o.prsname",
        f"format('CREATE TEXT SEARCH PARSER %I.%I (', n.nspname, o.prsname) || {parser} || ')'",
        "pg_ts_parser o JOIN space n ON n.oid = o.prsnamespace WHERE " + outside("pg_ts_parser"),
    )
    made = "format('CREATE TEXT SEARCH TEMPLATE %I.%I (', n.nspname, o.tmplname)"
    template = _settings(init=_function("o.tmplinit"), lexize=_function("o.tmpllexize"))
    yield _other(
        "pg_ts_template",
        "'text search template'",
        "n.nspname, o.tmplname",
        f"{made} || {template} || ')'",
        "pg_ts_template o JOIN space n ON n.oid = o.tmplnamespace WHERE "
        + outside("pg_ts_template"),
    )
