"""Which statements, in which order, in which transaction: used through `plan`, giving a `Plan`."""
