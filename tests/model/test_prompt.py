import pytest

from stonks.model.errors import Refused
from stonks.model.prompt import PromptFile, active_prompt, read_prompts

PROMPTS = read_prompts([("reader-10.txt", "c"), ("reader-9.txt", "b"), ("writer-1.txt", "a")])


def test_the_newest_version_by_number_is_in_use_until_another_is_promoted() -> None:
    assert active_prompt(PROMPTS, "reader", {}).version == "reader-10"
    assert active_prompt(PROMPTS, "reader", {"reader": "reader-9"}).text == "b"
    assert active_prompt(PROMPTS, "reader", {"reader": "reader-7", "writer": "reader-9"}).version == "reader-10"


def test_an_agent_without_words_is_refused() -> None:
    with pytest.raises(Refused, match="no prompt of painter"):
        active_prompt(PROMPTS, "painter", {})


@pytest.mark.parametrize("name", ["reader.txt", "reader-1.md", "-1.txt", "reader-one.txt"])
def test_a_file_that_does_not_say_which_version_it_is_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="AGENT-NUMBER"):
        read_prompts([(name, "")])


def test_the_nonce_is_the_last_line_of_what_an_agent_is_told() -> None:
    words = PromptFile(agent="thesis-rewriter", number=1, text="Say it in other words.\n\n")

    assert words.ending_with("00c0ffee") == "Say it in other words.\n\nNONCE=00c0ffee"
