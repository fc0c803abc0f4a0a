"""Hazard rules, one a file; `RULES` has each, by code."""

from __future__ import annotations

from schemaops.hazards.base import Rule
from schemaops.hazards.rules.check_validated import CheckValidated
from schemaops.hazards.rules.column_computed import ColumnComputed
from schemaops.hazards.rules.delete_every_row import DeleteEveryRow
from schemaops.hazards.rules.drop_column import DropColumn
from schemaops.hazards.rules.drop_index import DropIndexLocks
from schemaops.hazards.rules.drop_table import DropTable
from schemaops.hazards.rules.dropped_default import DroppedDefault
from schemaops.hazards.rules.enum_value import EnumValue
from schemaops.hazards.rules.foreign_key_validated import ForeignKeyValidated
from schemaops.hazards.rules.index_not_concurrently import IndexNotConcurrently
from schemaops.hazards.rules.key_builds_index import KeyBuildsIndex
from schemaops.hazards.rules.key_over_rows import KeyOverRows
from schemaops.hazards.rules.narrower_type import NarrowerType
from schemaops.hazards.rules.not_null_scan import NotNullScan
from schemaops.hazards.rules.rename_column import RenameColumn
from schemaops.hazards.rules.rename_table import RenameTable
from schemaops.hazards.rules.required_column import RequiredColumn
from schemaops.hazards.rules.type_change import TypeChangeRewrites
from schemaops.hazards.rules.unknown_effect import UnknownEffect
from schemaops.hazards.rules.update_every_row import UpdateEveryRow

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    RenameColumn(),
    RenameTable(),
    RequiredColumn(),
    KeyOverRows(),
    DroppedDefault(),
    DropTable(),
    DropColumn(),
    DeleteEveryRow(),
    NarrowerType(),
    UnknownEffect(),
    EnumValue(),
    IndexNotConcurrently(),
    ForeignKeyValidated(),
    CheckValidated(),
    NotNullScan(),
    KeyBuildsIndex(),
    DropIndexLocks(),
    UpdateEveryRow(),
    TypeChangeRewrites(),
    ColumnComputed(),
)
