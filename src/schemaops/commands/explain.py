"""``explain``: the page of a code, which is the docstring of what has the code."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import schemaops
from schemaops.errors import SchemaOpsError
from schemaops.hazards import RULES
from schemaops.reports.explanation import ExplanationReport

__all__ = ["UnknownCode", "explain", "pages"]


class UnknownCode(SchemaOpsError):
    """A code was asked for that nothing has.

    Errors and conflicts have codes like SO301, hazards like DL101; `docs/reference` lists them all.
    """

    code = "SO710"


def explain(code: str) -> ExplanationReport:
    """Return the page of a code or of a hazard's dotted name; raise UnknownCode."""
    wanted = code.strip().lower()
    for page in pages():
        if wanted in (page.code.lower(), page.name.lower()):
            return page
    raise UnknownCode(f"nothing has the code {code}", hints=("schemaops explain SO710",))


def pages() -> Iterator[ExplanationReport]:
    """Yield the page of every code there is."""
    for name in _modules():
        import_module(name)
    for kind in _below(SchemaOpsError):
        if "code" in vars(kind):
            yield ExplanationReport(kind.code, kind.__name__, inspect.getdoc(kind) or "")
    for rule in RULES:
        yield ExplanationReport(rule.code, rule.name, inspect.getdoc(type(rule)) or "")


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(schemaops.__path__, "schemaops."):
        if not module.name.endswith(".__main__"):
            yield module.name


def _below(kind: type[SchemaOpsError]) -> Iterator[type[SchemaOpsError]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("schemaops."):
            yield below
        yield from _below(below)
