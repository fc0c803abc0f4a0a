"""Histories of other tools, one file a tool."""
