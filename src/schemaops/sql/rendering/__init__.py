"""How each kind of object and operation is written: used through `sql.render`."""
