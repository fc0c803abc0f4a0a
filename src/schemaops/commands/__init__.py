"""Use cases, one function a file, named as the command; no terminal and no exit codes."""
