"""Where revisions are read from and added to: used through `Store`: `ids`, `read`, `add`."""
