"""Histories of other tools: their files, and what their version tables say, as values.

One file a tool. A reader takes `Files` and gives a `ForeignHistory`; nothing here knows revisions.
"""
