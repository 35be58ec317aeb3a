"""Stands in for edgartools, which is not part of the base install: put its folder on the search path."""
