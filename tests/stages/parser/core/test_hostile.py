import json
from collections.abc import Callable

import pytest

from stonks.model.errors import Malformed
from stonks.stages.parser.core.filings import read_filing
from stonks.stages.parser.core.hostile import refuse_hostile, refuse_vast
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


@pytest.mark.parametrize(
    "attributes",
    [
        " ".join(f"a{n}='<'" for n in range(300)),
        " ".join(f"a{n}='>'" for n in range(500)),
        " ".join(f"a{n}" for n in range(300)),
        "/".join(f"a{n}" for n in range(300)),
        "it's " + " ".join(f"a{n}" for n in range(300)),
        "a=='> <p " + " ".join(f"a{n}" for n in range(300)),
    ],
    ids=["less", "more", "bare", "slashes", "apostrophe", "twice equal"],
)
def test_attributes_are_counted_however_they_are_written(attributes: str) -> None:
    with pytest.raises(Malformed, match="attributes"):
        refuse_hostile(f"<p>It's so</p><p {attributes}>x</p>")


@pytest.mark.parametrize(
    "page",
    [
        f"<script>for (i = 0; i<n; i++) {{ {'let a = b; ' * 400} }}</script>",
        f"<!-- if a <b {'c = d; ' * 400} -->",
        f'<div data-state="{"a=1 &gt; b " * 400}">x</div>',
        f'<img src="data:image/png;base64,{"ab/cd+" * 4000}">',
    ],
    ids=["script", "comment", "value", "picture"],
)
def test_what_only_looks_like_many_attributes_is_no_attack(page: str) -> None:
    refuse_hostile(page)


def test_a_page_with_too_many_elements_or_too_long_is_refused() -> None:
    with pytest.raises(Malformed, match="elements"):
        refuse_vast("<p>x" * 20_001)
    with pytest.raises(Malformed, match="characters"):
        refuse_vast("x" * 2_500_001)
    refuse_vast("<p>x" * 20_000)
