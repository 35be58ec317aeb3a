"""Protocols only: what the pipeline asks of the outside world."""
