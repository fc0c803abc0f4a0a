"""The environments of a project, as configured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.text import Text, aligned, dim, line, title

__all__ = ["EnvironmentLine", "EnvironmentsReport", "EnvironmentsShape"]


class EnvironmentSettingsShape(TypedDict):
    """One environment; its URL as it is written, variables unexpanded."""

    name: str
    url: str
    protected: bool
    follow: bool
    lossless: bool
    after: list[str]


class EnvironmentsShape(TypedDict):
    """The environments, in the order of a rollout."""

    format: Literal["schemaops.environments/1"]
    environments: list[EnvironmentSettingsShape]


@dataclass(frozen=True, slots=True)
class EnvironmentLine:
    """One environment as configured."""

    name: str
    url: str
    protected: bool = False
    follow: bool = False
    lossless: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvironmentsReport:
    """The environments, in the order of a rollout."""

    environments: tuple[EnvironmentLine, ...]

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> EnvironmentsShape:
        """Return the environments as plain data."""
        return {
            "format": "schemaops.environments/1",
            "environments": [
                {
                    "name": one.name,
                    "url": one.url,
                    "protected": one.protected,
                    "follow": one.follow,
                    "lossless": one.lossless,
                    "after": list(one.after),
                }
                for one in self.environments
            ],
        }

    def text(self) -> Text:
        """Return the environments, one a line."""
        if not self.environments:
            return (line("no environments yet"),)
        rows = []
        for one in self.environments:
            said = [
                word
                for word, so in (
                    ("protected", one.protected),
                    ("follows", one.follow),
                    ("lossless", one.lossless),
                )
                if so
            ]
            said += (f"after {name}" for name in one.after)
            rows.append((title(one.name), one.url, dim(", ".join(said))))
        return aligned(rows, indent="")
