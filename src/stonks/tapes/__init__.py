"""Recorded months that ship with the project, each a folder the tape source can play."""
