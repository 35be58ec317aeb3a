"""Recorded input played through the pipeline under a virtual clock."""
