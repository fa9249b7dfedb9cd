"""Answers found by what they share with the text, and texts compared."""

from desk.compare import Piece, compared
from desk.finding import best_fitting


def test_the_answer_that_shares_most_words_comes_first():
    answers = [
        {"title": "مدارک لازم"},
        {"title": "زمان واریز", "text": "حقوق بازنشستگی پایان ماه واریز می‌شود"},
    ]
    assert best_fitting("حقوق بازنشستگی پدرم واریز نشده", answers, 5)[0]["title"] == "زمان واریز"
    assert best_fitting("", answers, 1) == answers[:1]


def test_what_changed_is_told_word_by_word():
    assert compared("تا پایان ماه واریز می‌شود", "تا پنجم ماه واریز می‌شود.") == [
        Piece("same", "تا "),
        Piece("removed", "پایان"),
        Piece("added", "پنجم"),
        Piece("same", " ماه واریز "),
        Piece("removed", "می‌شود"),
        Piece("added", "می‌شود."),
    ]


def test_the_pieces_make_up_both_texts():
    before, after = "یک  دو سه\nچهار", "دو سه پنج\nچهار شش"
    pieces = compared(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "added") == before
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == after
