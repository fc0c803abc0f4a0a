"""A report, as something to read: used through `as_text`, `as_json` and `as_markdown`."""
