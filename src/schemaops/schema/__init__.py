"""A state, as a value: used through `Schema`, the object types, `faults` and `fingerprint`."""
