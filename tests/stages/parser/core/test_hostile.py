import json
from collections.abc import Callable

import pytest

from stonks.model.errors import Malformed
from stonks.stages.parser.core.filings import read_filing
from stonks.stages.parser.core.hostile import refuse_hostile
from stonks.stages.parser.core.page import read_page
from stonks.stages.parser.core.reading import Reading, read_item

ATTRIBUTES = "<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x</p>"
DEPTH = "<div>" * 20_000 + "x"


def read_marked_up_item(raw: bytes, title: str) -> Reading:
    return read_item(json.dumps({"title": title, "body": raw.decode()}).encode(), title)


@pytest.mark.parametrize("read", [read_page, read_filing, read_marked_up_item])
@pytest.mark.parametrize(("hostile", "complaint"), [(ATTRIBUTES, "attributes"), (DEPTH, "inside one another")])
def test_markup_built_to_exhaust_a_parser_reaches_none(
    hostile: str, complaint: str, read: Callable[[bytes, str], Reading]
) -> None:
    with pytest.raises(Malformed, match=complaint):
        read(hostile.encode(), "A title")


def test_an_old_page_that_leaves_out_end_tags_is_no_attack() -> None:
    refuse_hostile("<table>" + "<tr><td>1<td>2" * 5_000 + "</table>" + "<ul>" + "<li>one" * 5_000 + "</ul>")
