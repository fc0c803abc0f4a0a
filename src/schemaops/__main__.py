"""``python -m schemaops`` is ``schemaops``."""

from __future__ import annotations

from schemaops.cli.app import main

if __name__ == "__main__":
    main()
