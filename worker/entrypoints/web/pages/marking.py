"""Marks a text as a msgid where it is written and not said yet."""

N_ = str
"""The name by which Babel's extraction finds msgids."""
