"""Stonks Oracle: market news in, explained paper orders out."""
