"""Ranges as types: a number that has a range says so in its signature."""

from typing import Annotated

from msgspec import Meta

Unit = Annotated[float, Meta(ge=0.0, le=1.0)]
"""A share, probability, confidence or quality in [0, 1]."""

Polarity = Annotated[float, Meta(ge=-1.0, le=1.0)]
"""A direction in [-1, 1]: -1 is wholly bad for the holder, +1 wholly good."""
