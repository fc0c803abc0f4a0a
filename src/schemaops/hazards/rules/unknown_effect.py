"""The rule irreversible.unknown-effect."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.operations import Opaque

__all__ = ["UnknownEffect"]


class UnknownEffect(Rule):
    """A statement does what nobody knows: it was neither understood, nor observed, nor declared.

    It cannot be reversed, checked or merged. Seal it where a scratch database can run it
    (`scratch = URL` in the configuration), or declare its effect.
    """

    code = "IR01"
    name = "irreversible.unknown-effect"
    severity = Severity.DANGER

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a statement of unknown effect."""
        match change.operation:
            case Opaque(effect=None, text=text):
                words = " ".join(text.split())
                yield self.hazard(None, f"what `{words[:60]}` does is not known")
