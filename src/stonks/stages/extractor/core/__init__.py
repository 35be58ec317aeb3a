"""Reads documents by rules: what is said of whom, which events are told, and what a macro event means for whom."""
