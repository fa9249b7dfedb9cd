import pytest

from envelope.models import Language
from envelope.taxonomy import Topic
from persian.normalize import normalize
from persian.words import PROVINCES, WORDS, word


@pytest.mark.parametrize("terms", WORDS, ids=lambda terms: terms.__name__)
def test_every_term_has_its_word_in_both_languages_and_no_two_share_one(terms):
    assert set(WORDS[terms]) == set(terms)
    for language in Language:
        told = [word(term, language) for term in terms]
        assert all(told)
        assert len(set(told)) == len(told)


def test_words_are_written_with_persian_letters():
    for terms in WORDS.values():
        assert not any(set(entry.fa) & set("يكىة0123456789") for entry in terms.values())


def test_a_word_is_told_in_the_persons_language():
    assert word(Topic.PENSION_PAYMENT) == "واریز و فیش مستمری"
    assert word(Topic.PENSION_PAYMENT, "en") == "Pension payment"


def test_there_are_31_provinces_each_once():
    assert len({normalize(name) for name in PROVINCES}) == 31
