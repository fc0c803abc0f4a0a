"""A change, as a value: used through `Operation`, `commute` and `Migration`."""
