"""The catalogue's spelling of a literal's value: what PostgreSQL reads in and writes out again.

What the catalogue writes of a value in a form that is not known here, nobody can tell.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from ipaddress import ip_interface, ip_network
from itertools import pairwise
from typing import Any

from schemaops.sql.binding.postgres_jsonpath import jsonpath

__all__ = ["canonical", "decimal", "in_fields", "is_whole", "truth"]

_INTEGERS = {"int2": 15, "int4": 31, "int8": 63}
_INTEGER = re.compile(r"\s*([+-]?)0*(\d+)\s*\Z")
_DECIMAL = re.compile(r"\s*([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?\s*\Z")
_TRUE = frozenset({"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"})
_FALSE = frozenset({"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"})
_UUID = re.compile(r"\{?([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}\}?\Z")
_DATE = r"(\d{4,})-(\d{1,2})-(\d{1,2})"
_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?"
_ONLY_TIME = re.compile(rf"\s*{_TIME}\s*\Z")
_ZONED = re.compile(
    rf"\s*{_DATE}(?:[T ]\s*{_TIME})?\s*(?:(Z|z|UTC|GMT)|([+-]\d{{1,2}})(?::?(\d{{2}}))?)?\s*\Z"
)
_INTERVAL_PART = re.compile(r"([+-]?\d+)\s*([a-zA-Z]+)\s*")
_PLAIN_INTERVAL = re.compile(
    r"""
    (?:(?:1[ ]year|(?!1[ ])-?[1-9]\d*[ ]years)(?:[ ]|\Z))?
    (?:(?:1[ ]mon|(?!1[ ])-?(?:[1-9]|1[01])[ ]mons)(?:[ ]|\Z))?
    (?:(?:1[ ]day|(?!1[ ])[+-]?[1-9]\d*[ ]days)(?:[ ]|\Z))?
    (?:[+-]?\d\d+:[0-5]\d:[0-5]\d(?:\.\d*[1-9])?)?\Z
    """,
    re.VERBOSE,
)
_UNITS = {
    **dict.fromkeys(("year", "years", "yr", "yrs", "y"), ("months", 12)),
    **dict.fromkeys(("month", "months", "mon", "mons"), ("months", 1)),
    **dict.fromkeys(("week", "weeks", "w"), ("days", 7)),
    **dict.fromkeys(("day", "days", "d"), ("days", 1)),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), ("seconds", 3600)),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), ("seconds", 60)),
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), ("seconds", 1)),
}


def truth(value: str) -> bool | None:
    """Return the truth value that a text stands for as a boolean."""
    word = value.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def decimal(value: str) -> str | None:
    """Return a number's text without sign, zeros or exponents that mean nothing."""
    found = _DECIMAL.match(value)
    if found is None:
        return None
    digits = found[2]
    if found[3]:
        number = Decimal(digits).scaleb(int(found[3]))
        scale = max(0, len(digits.partition(".")[2]) - int(found[3]))
        digits = f"{number:.{scale}f}"
    whole, dot, rest = digits.partition(".")
    text = (whole.lstrip("0") or "0") + (dot + rest if rest else "")
    return "-" + text if found[1] == "-" and text.strip("0.") else text


def canonical(value: str, kind: str) -> str | None:
    """Return a value's text as the catalogue would write it, None where that is not known."""
    if kind in _INTEGERS:
        found = _INTEGER.match(value)
        if found is None or int(found[2]) >> _INTEGERS[kind]:
            return value
        return ("-" if found[1] == "-" and found[2] != "0" else "") + found[2]
    if kind.startswith("_"):
        return _array(value, kind[1:])
    if kind in _SPELLED_ANEW:
        return value if _SPELLED_ANEW[kind].match(value) else None
    form = _FORMS.get(kind)
    return value if form is None else form(value)


def in_fields(value: str, limit: str) -> str | None:
    """Return a number of one field (`interval '3' hour`) as an interval that says so."""
    unit = limit.removeprefix("interval ")
    unit = unit.rpartition(" ")[2]  # a number alone is of the last of several
    return f"{value.strip()} {unit}" if value.strip().isdigit() and unit in _UNITS else None


def is_whole(value: str, limit: str) -> bool:
    """Whether an interval as the catalogue writes it has nothing that its fields, or so many digits of
    a second, would cut off."""
    if "interval" not in limit:
        return "." not in value
    unit = limit.rpartition(" ")[2]
    time = re.search(r"\d+:(\d\d):(\d\d(?:\.\d+)?)\Z", value)
    if unit.startswith("second"):
        return time is None or "." not in time[2]
    if unit in ("hour", "minute"):
        return time is None or (time[2] == "00" and (unit == "minute" or time[1] == "00"))
    finer = {"year": ("mon", "day", ":"), "month": ("day", ":"), "day": (":",)}.get(unit, ("",))
    return value == "00:00:00" or not any(word in value for word in finer)


def _uuid(value: str) -> str | None:
    if not _UUID.match(value):
        return None
    digits = value.strip("{}").replace("-", "").lower()
    ends = (0, 8, 12, 16, 20, 32)
    return "-".join(digits[a:b] for a, b in pairwise(ends))


def _bytea(value: str) -> str | None:
    if value.startswith("\\x"):
        digits = re.sub(r"\s", "", value[2:])
        return "\\x" + digits.lower()
    if "\\" in value:
        return None
    return "\\x" + value.encode().hex()


def _date(value: str) -> str | None:
    # A time of day is read and says nothing here.
    found = _ZONED.match(value)
    return _special(value) if found is None else _day(found)


def _special(value: str) -> str | None:
    # `now` and `today` stand for a moment that nobody knows here.
    word = value.strip().lower()
    return word if word in ("infinity", "-infinity") else None


def _day(found: re.Match[str]) -> str:
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _clock(hour: str | None, minute: str | None, second: str | None, rest: str | None) -> str:
    text = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
    rest = (rest or "").rstrip("0")
    return f"{text}.{rest}" if rest else text


def _time(value: str) -> str | None:
    found = _ONLY_TIME.match(value)
    return None if found is None else _clock(*found.groups())


def _timestamp(value: str) -> str | None:
    if value.strip().lower() == "epoch":
        return "1970-01-01 00:00:00"
    # A zone is read and says nothing here.
    found = _ZONED.match(value)
    if found is None:
        return _special(value)
    return f"{_day(found)} {_clock(*found.groups()[3:7])}"


def _timestamptz(value: str) -> str | None:
    if value.strip().lower() == "epoch":
        return "1970-01-01 00:00:00+00"
    # Without a zone, and for any but UTC, the session's decides: SchemaOps' own are in UTC.
    found = _ZONED.match(value)
    if found is None:
        return _special(value)
    if int(found[9] or 0) or int(found[10] or 0):
        return None
    return f"{_day(found)} {_clock(*found.groups()[3:7])}+00"


def _interval(value: str) -> str | None:
    text = value.strip()
    if _PLAIN_INTERVAL.match(text) and text and "  " not in text:
        return text
    amounts = {"months": 0, "days": 0, "seconds": 0}
    if text.isdigit():
        text += " seconds"
    at = 0
    while at < len(text):
        found = _INTERVAL_PART.match(text, at)
        unit = _UNITS.get(found[2].lower()) if found else None
        if found is None or unit is None:
            return None
        amounts[unit[0]] += int(found[1]) * unit[1]
        at = found.end()
    if min(amounts.values()) < 0 or not text:
        return None
    years, months = divmod(amounts["months"], 12)
    parts = [
        f"{n} {word}" if n == 1 else f"{n} {word}s"
        for n, word in ((years, "year"), (months, "mon"), (amounts["days"], "day"))
        if n
    ]
    seconds = amounts["seconds"]
    if seconds or not parts:
        parts.append(f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}")
    return " ".join(parts)


class _Digits(str):
    """A JSON number, as it was written."""

    __slots__ = ()


def _jsonb(value: str) -> str | None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(pairs)

    try:
        read = json.loads(
            value,
            parse_int=_Digits,
            parse_float=_Digits,
            parse_constant=_Digits,
            object_pairs_hook=unique,
        )
    except ValueError:
        return None
    return _json_text(read)


def _json_text(value: object) -> str:
    match value:
        case _Digits():
            return decimal(value) or str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case dict():
            keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
            inside = ", ".join(
                f"{json.dumps(key, ensure_ascii=False)}: {_json_text(value[key])}" for key in keys
            )
            return "{" + inside + "}"
        case list():
            return "[" + ", ".join(map(_json_text, value)) + "]"
        case _:
            return {None: "null", True: "true", False: "false"}[value]  # type: ignore[index]


_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",{}\\]*?))\s*(,|\Z)', re.DOTALL)
_NEEDS_QUOTES = re.compile(r'["\\{},\s]|\A\Z|\Anull\Z', re.IGNORECASE)


def _array(value: str, kind: str) -> str | None:
    text = value.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    inside = text[1:-1]
    if not inside.strip():
        return "{}"
    items = []
    at = 0
    while True:
        found = _ITEM.match(inside, at)
        if found is None:
            return None
        if found[1] is not None:
            item = re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL)
        elif found[2].lower() == "null":
            items.append("NULL")
            item = None
        else:
            item = found[2]
        if item is not None:
            item = canonical(item, kind)
            if item is None:
                return None
            if _NEEDS_QUOTES.search(item):
                item = '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
            items.append(item)
        at = found.end()
        if found[3] == "":
            return "{" + ",".join(items) + "}"


def _inet(value: str) -> str | None:
    try:
        address = ip_interface(value)
    except ValueError:
        return None
    # IPv6 in the long form, or with an IPv4 part, is not gone into.
    if address.version == 6 and address.ip.compressed != value.partition("/")[0].lower():
        return None
    alone = address.network.prefixlen == address.max_prefixlen
    return str(address.ip) if alone else str(address)


def _cidr(value: str) -> str | None:
    try:
        return str(ip_network(value)) if "/" in value and value.count(".") in (0, 3) else None
    except ValueError:
        return None


_FORMS = {
    "inet": _inet,
    "cidr": _cidr,
    "uuid": _uuid,
    "bytea": _bytea,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "timestamptz": _timestamptz,
    "interval": _interval,
    "jsonb": _jsonb,
    "jsonpath": jsonpath,
}

_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?"
_POINT = rf"\({_NUMBER},{_NUMBER}\)"
_WHOLE = r"(?:-?\d+)?"
_LEXEME = r"'[^' \\]+'"
# What the server writes of values of these types is another text than most that it reads. A text
# that is as it writes them stays.
_SPELLED_ANEW = {
    kind: re.compile(rf"(?:{form})\Z")
    for kind, form in {
        "money": r"(?!)",
        **dict.fromkeys(("regtype", "regproc", "regprocedure", "regoper", "regoperator"), r"(?!)"),
        **dict.fromkeys(("regrole", "regnamespace", "regcollation"), r"[a-z_][a-z0-9_]*"),
        "tsquery": rf"!?{_LEXEME}(?: [&|] !?{_LEXEME})?",
        "tsvector": rf"(?:{_LEXEME})?",
        "point": _POINT,
        **dict.fromkeys(("lseg", "box", "path", "polygon", "circle", "line"), r"(?!)"),
        **dict.fromkeys(("int4range", "int8range"), rf"empty|\[-?\d+,{_WHOLE}\)|\(,{_WHOLE}\)"),
        "numrange": r"empty|[\[(](?:-?\d+(?:\.\d+)?)?,(?:-?\d+(?:\.\d+)?)?[\])]",
        "daterange": r"empty|\[\d{4}-\d\d-\d\d,(?:\d{4}-\d\d-\d\d)?\)|\(,\d{4}-\d\d-\d\d\)",
        **dict.fromkeys(("tsrange", "tstzrange"), "empty"),
        **dict.fromkeys(("int4multirange", "int8multirange", "nummultirange"), r"\{\}"),
        **dict.fromkeys(("datemultirange", "tsmultirange", "tstzmultirange"), r"\{\}"),
        **dict.fromkeys(("numeric", "float4", "float8"), r"NaN|-?Infinity"),
        "oid": r"0|[1-9]\d*",
        "pg_lsn": r"(?:0|[1-9A-F][0-9A-F]*)/(?:0|[1-9A-F][0-9A-F]*)",
        "macaddr": r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
        "macaddr8": r"(?:[0-9a-f]{2}:){7}[0-9a-f]{2}",
        "timetz": r"\d\d:\d\d:\d\d[+-]\d\d",
    }.items()
}
