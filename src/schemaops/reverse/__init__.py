"""The line that undoes a migration, with its losses: used through `reverse`."""
