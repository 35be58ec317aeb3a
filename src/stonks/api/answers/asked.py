"""The body of a command."""

from typing import Annotated

import msgspec

Reason = Annotated[
    str,
    msgspec.Meta(
        min_length=3,
        max_length=500,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        description="Why; it is kept in the audit.",
    ),
]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a command that needs nothing but its reason; others derive from it."""

    reason: Reason
