"""Each rule is a page, has a code of a family, and a case that raises it and one that does not."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemaops.hazards import RULES, Rule, assess, assess_line, rules
from schemaops.names import Address, Kind, Name
from schemaops.operations import Drop
from schemaops.sql.interpret import interpret

CASES = Path(__file__).parents[3] / "fixtures" / "hazards"
FAMILIES = {
    "DL": "data-loss",
    "LK": "locks",
    "RW": "rewrites",
    "BC": "breaks-code",
    "IR": "irreversible",
}
_KEY = re.compile(r"(?:- |  )(\w+): (.*)")


def _cases(name: str) -> Iterator[dict[str, str]]:
    """Read the few forms of YAML that the cases use: `key: value`, and folded text below a key."""
    case: dict[str, str] = {}
    key = ""
    for line in (CASES / f"{name.partition('.')[2]}.yml").read_text().splitlines():
        found = _KEY.fullmatch(line)
        if line.startswith("- ") and case:
            yield case
            case = {}
        if found:
            key = found[1]
            case[key] = "" if found[2] == ">-" else found[2]
        elif not line.startswith("#"):
            case[key] = f"{case[key]} {line.strip()}".strip()
    yield case


EVERY = [(rule, case) for rule in RULES for case in _cases(rule.name)]


@pytest.mark.parametrize(
    ("rule", "case"), EVERY, ids=[f"{rule.name}: {case['up']}" for rule, case in EVERY]
)
def test_a_case_raises_what_it_says(rule: Rule, case: dict[str, str]) -> None:
    base = interpret(case["base"], dialect=case["dialect"])
    up = interpret(case["up"], base.after)
    assert base.faults == up.faults == ()
    found = [hazard for _, hazard in assess_line(up.groups, base.after) if hazard.code == rule.code]
    assert bool(found) == (case["raises"] == "true")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_a_raising_and_a_quiet_case(rule: Rule) -> None:
    assert {case["raises"] for case in _cases(rule.name)} == {"true", "false"}


def test_no_case_is_of_no_rule() -> None:
    assert {path.stem for path in CASES.iterdir()} == {r.name.partition(".")[2] for r in RULES}


def test_every_rule_is_listed_once_by_code() -> None:
    files = {module.name for module in pkgutil.iter_modules(rules.__path__)}
    assert len(files) == len(RULES)
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_a_page_of_a_family(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{2}\d\d", rule.code)
    assert rule.name.partition(".")[0] == FAMILIES[rule.code[:2]]
    meaning, _, advice = (inspect.getdoc(type(rule)) or "").partition("\n\n")
    assert meaning.endswith("."), "say first what it warns of"
    assert advice.endswith("."), "say then what to do"


# Of the others' safer ways, some are queries to look with, or change other objects first.
REWRITTEN = ("BC03", "LK01", "LK02", "LK03", "LK04", "LK05", "LK06")
SAFE = [(rule, case) for rule, case in EVERY if case["raises"] == "true" and rule.code in REWRITTEN]


@pytest.mark.parametrize(
    ("rule", "case"), SAFE, ids=[f"{rule.name}: {case['up']}" for rule, case in SAFE]
)
def test_the_safer_way_is_read_and_free_of_the_hazard(rule: Rule, case: dict[str, str]) -> None:
    before = interpret(case["base"], dialect=case["dialect"]).after
    up = interpret(case["up"], before)
    found = [h for _, h in assess_line(up.groups, before) if h.code == rule.code]
    assert found[0].safer is not None
    safer = interpret(found[0].safer, before)
    assert safer.faults == ()
    again = [h for _, h in assess_line(safer.groups, before) if h.code == rule.code]
    if rule.code != "LK04":  # SET NOT NULL stays; what makes it quick is the check before it
        assert again == []


def test_one_operation_is_assessed_over_the_schema_before_it() -> None:
    before = interpret("CREATE TABLE t (a int)", dialect="postgres").after
    at = Address(Kind.TABLE, (Name("public"), Name("t")))
    (hazard,) = assess(Drop(before.at(at)), before, "postgres")
    assert (hazard.code, hazard.at) == ("DL01", at)
    assert assess(Drop(before.at(at)), before, "postgres", made=frozenset({at})) == ()


def test_what_goes_along_with_a_table_is_not_named_besides() -> None:
    before = interpret(
        "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE INDEX i ON t (b)", dialect="postgres"
    ).after
    up = interpret("DROP TABLE t", before)
    assert [hazard.code for _, hazard in assess_line(up.groups, before)] == ["DL01"]
