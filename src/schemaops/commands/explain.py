"""``explain``: the page of a code, which is the docstring of what has the code."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from textwrap import fill

import schemaops
from schemaops.errors import SchemaOpsError
from schemaops.hazards import RULES
from schemaops.merge.conflicts import ConflictKind
from schemaops.reports.explanation import ExplanationReport

__all__ = ["UnknownCode", "explain", "pages"]

_WIDTH = 100


class UnknownCode(SchemaOpsError):
    """A code was asked for that nothing has.

    Errors and conflicts have codes like SO301, hazards like DL01; `docs/reference` lists them all.
    """

    code = "SO710"


def explain(code: str) -> ExplanationReport:
    """Return the page of a code, or of a hazard's or conflict's name; raise UnknownCode."""
    wanted = code.strip()
    known = [page for page in pages() if wanted.lower() in (page.code.lower(), page.name.lower())]
    if known:
        return next((page for page in known if page.name == wanted), known[0])
    raise UnknownCode(f"nothing has the code {code}")


def pages() -> Iterator[ExplanationReport]:
    """Yield the page of every code there is."""
    for name in _modules():
        import_module(name)
    for error in _below(SchemaOpsError):
        if "code" in vars(error):
            yield ExplanationReport(error.code, error.__name__, inspect.getdoc(error) or "")
    for kind in ConflictKind:
        silent = "\n\nSilent: both orders run without an error." if kind.silent else ""
        yield ExplanationReport(kind.code, kind.name_, f"{fill(kind.page, _WIDTH)}{silent}")
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
