"""The risks of a change: used through `assess`, and `assess_line` for a whole migration.

assess(operation, before, dialect) -> tuple[Hazard, ...]
assess_line(groups, before) -> tuple[tuple[Group, Hazard], ...]
RULES                                                    every rule there is, by code
"""

from __future__ import annotations

from schemaops.hazards.assessing import assess, assess_line
from schemaops.hazards.base import Hazard, Rule, Severity
from schemaops.hazards.rules import RULES

__all__ = ["RULES", "Hazard", "Rule", "Severity", "assess", "assess_line"]
