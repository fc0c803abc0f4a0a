"""Git for a database's schema: branch, merge, diff, reverse and replay schema changes."""
