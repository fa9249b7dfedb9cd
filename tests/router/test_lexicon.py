"""A lexicon is right before the first message, or the router says where it is not."""

from pathlib import Path

import pytest

from envelope.taxonomy import Audience, Kind, Topic
from message_router.errors import LexiconError
from message_router.lexicon import load_lexicon, parse_lexicon

WHOLE = """\
version: "7"
topics:
  unemployment:
    benefit: {weight: 5, phrases: [بیمه بیکاری]}
kinds:
  question:
    asks: {weight: 2, phrases: [چطور, "?"]}
audiences:
  insured:
    says_so: {weight: 3, phrases: [بیمه شده هستم]}
"""


def test_the_shipped_lexicon_knows_every_topic_kind_and_audience() -> None:
    lexicon = load_lexicon()
    assert set(lexicon.topics) == set(Topic)
    assert set(lexicon.kinds) == set(Kind)
    assert set(lexicon.audiences) == set(Audience)


def test_a_lexicon_of_ones_own_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    assert load_lexicon(path).version == "7"


def test_a_lexicon_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"absent\.yaml: cannot be read"):
        load_lexicon(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("weight: 5", "weight: strong", r"own:4: topics\.unemployment\.benefit\.weight: .*number"),
        (
            "weight: 5",
            "weight: 50",
            r"own:4: topics\.unemployment\.benefit\.weight: .*less than or equal to 10",
        ),
        ("weight: 5, ", "", r"own:4: topics\.unemployment\.benefit\.weight: Field required"),
        ("unemployment:", "unemployed:", r"own:3: topics\.unemployed"),
        ("[بیمه بیکاری]", "[]", r"own:4: topics\.unemployment\.benefit\.phrases: .*at least 1"),
        ("[بیمه بیکاری]", "[وا]", r"own:4: topics\.unemployment\.benefit\.phrases: .*too short"),
        ("[بیمه بیکاری]", "[بیمه (بیکاری)]", r"own:4: .*only letters"),
        (
            "phrases: [بیمه شده هستم]",
            "words: [بیمه شده هستم]",
            r"own:10: audiences\.insured\.says_so\.(phrases|words)",
        ),
        ("kinds:", "topics:", r"own:5: topics: stands twice"),
        ("بیمه شده هستم", "بیمه بیکاری.", r"own: insured\.says_so: «بیمه بیکاری\.» stands elsewhere"),
        ("[چطور, ", "[چطور, [", r"own:"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_entry(good: str, bad: str, told: str) -> None:
    assert good in WHOLE
    with pytest.raises(LexiconError, match=told):
        parse_lexicon(WHOLE.replace(good, bad), name="own")


def test_an_empty_file_is_no_lexicon() -> None:
    with pytest.raises(LexiconError, match="own:1"):
        parse_lexicon("", name="own")
