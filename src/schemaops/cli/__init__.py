"""How commands are typed and shown, one file a command; alone in knowing typer and rich."""
