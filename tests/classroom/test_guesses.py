"""A hall's guesses are counted from learners' files; what has a right answer is not told."""

from tests.helpers.submissions import content, put
from tlteach.app.cli import main
from tlteach.classroom import guesses
from tlteach.lessons import QUESTIONS

PREDICTED, *_ = [id for id, question in QUESTIONS.items() if not question.seal]
SEALED, *_ = [id for id, question in QUESTIONS.items() if question.seal]


def hall(folder):
    first, second, *_ = QUESTIONS[PREDICTED].options
    for i, option in enumerate([first, second, second]):
        sealed = next(iter(QUESTIONS[SEALED].options))
        quiz = {PREDICTED: option, SEALED: sealed}
        put(folder, content(f"learner {i}", quiz=quiz))
    return first, second


def test_guesses_are_counted_and_drawn(tmp_path):
    first, second = hall(tmp_path)
    found = guesses(tmp_path)
    table = found.table.set_index("option")
    assert set(found.table["question"]) == {PREDICTED}
    assert table.loc[[first, second], "learners"].tolist() == [1, 2]
    assert table["share"].sum() == 1
    told = str(found)
    assert QUESTIONS[PREDICTED].ask in told
    assert f"2  {'#' * 20}" in told
    assert f"1  {'#' * 10}" in told


def test_the_pool_shows_them_on_a_terminal(tmp_path, capsys):
    hall(tmp_path)
    assert main(["pool", str(tmp_path), "--guesses"]) == 0
    assert capsys.readouterr().out == f"{guesses(tmp_path)}\n"


def test_no_guess_is_said(tmp_path):
    put(tmp_path, content(quiz={}))
    assert str(guesses(tmp_path)) == "No predictions in these files."
