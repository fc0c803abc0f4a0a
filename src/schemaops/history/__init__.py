"""Revisions in a DAG: used through `Revision`, `Dag` and `schema_at`."""
