"""How changes are written: used through `interpret` and `render`; alone in knowing sqlglot."""
