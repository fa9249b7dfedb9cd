"""Both languages say the same things, with the same gaps."""

from string import Formatter

from gateway_portal.words import words


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_things():
    fa, en = words("fa"), words("en")
    assert fa.keys() == en.keys()
    assert {key: gaps(fa[key]) for key in fa} == {key: gaps(en[key]) for key in en}
