"""Items that stand elsewhere: in the proxy statement, in an exhibit, or on another page of the same report."""

import re

_LONGEST = 1_500
"""Characters up to which an item may be nothing but a reference to another document."""

_SAID_LITTLE = 500
"""Characters up to which it may be one to another place of the same report."""

_INDEX_LINE = 250
"""Characters up to which it may be a line of an index."""

_INCORPORATED = re.compile(r"\bincorporate[sd]\b[^.]{0,80}?\bby\s+reference\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:refer(?:ence is made|red)? to|see|(?:is|are|appears?) (?:set forth|contained|included|presented|found|"
    r"provided|described|discussed|disclosed) (?:in|on|under|at)|(?:is|are) in|"
    r"proxy statement|annual report to (?:stock|share)holders|exhibit 13|information statement)\b",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\bpages?\W{1,4}\d|\d\s*$", re.IGNORECASE)


def is_elsewhere(section: str) -> bool:
    """Whether an item says that its text stands in another place, and little else."""
    body = section.partition("\n")[2] or section
    if len(body) <= _SAID_LITTLE and _ELSEWHERE.search(body):
        return True
    return len(body) <= _LONGEST and _INCORPORATED.search(body) is not None


def is_pointer(section: str) -> bool:
    """Whether there is only a line of an index: a title, and perhaps the page on which to look."""
    return len(section) <= _INDEX_LINE and ("\n" not in section or _PAGE.search(section) is not None)
