"""Live databases: used through `Database`: `observe`, `ledger`, `execute`."""
