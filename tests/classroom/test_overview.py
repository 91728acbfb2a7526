"""What an instructor sees agrees with counts made on their own from the same files."""

import math
import statistics
from collections import Counter

import pandas as pd
import pytest

from tests.helpers import submissions as made
from tlteach.classroom import overview
from tlteach.classroom.overview import NO_GRADE
from tlteach.lessons import EXERCISES, QUESTIONS


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Return the content of a class of 300 files, what must be said of bad ones, the overview."""
    folder = tmp_path_factory.mktemp("class") / "in"
    folder.mkdir()
    learners, reasons = made.write_class(folder)
    return learners, reasons, overview(folder)


def best(attempt):
    words = [state for state, _ in attempt["states"]]
    return "correct" if "correct" in words else words[-1] if words else "not attempted"


def attempts(learners, id):
    return [known["exercises"][id] for known in learners if id in known["exercises"]]


@pytest.mark.parametrize("id", EXERCISES)
def test_every_exercise_is_counted(big, id):
    learners, _, found = big
    [seen] = found.exercises[found.exercises["exercise"] == id].to_dict("records")
    known = attempts(learners, id)
    states = Counter(map(best, known))
    assert seen["correct"] == states["correct"]
    assert seen["not_yet"] == states["not yet"]
    assert seen["attempted"] == states["correct"] + states["not yet"] > 100
    assert seen["stuck"] == states["not yet"] / seen["attempted"]
    assert seen["solutions"] == sum(attempt["solution"] for attempt in known)
    counted = [attempt["hints"] for attempt in known if "hints" in attempt]
    assert seen["hints"] == statistics.median(counted)


@pytest.mark.parametrize("id", EXERCISES)
def test_the_commonest_trap_counts_learners_not_tries(big, id):
    learners, _, found = big
    [seen] = found.exercises[found.exercises["exercise"] == id].to_dict("records")
    fell = Counter()
    for attempt in attempts(learners, id):
        fell.update({trap for _, trap in attempt["states"] if trap is not None})
    assert seen["fell"] == max(fell.values())
    worst = [trap for trap, n in fell.items() if n == seen["fell"]]
    assert seen["trap"] in [EXERCISES[id].traps[trap].says for trap in worst]


def test_one_who_falls_often_counts_once(tmp_path):
    often = made.attempt(states=[["not yet", 0]] * 9)
    for alias, known in (("ana", often), ("bob", made.attempt(states=[["not yet", 2]] * 2))):
        made.put(tmp_path, made.content(alias, exercises={"00.1": known}, runs=[]))
    made.put(tmp_path, made.content("cem", exercises={"00.1": known}, runs=[]))
    seen = overview(tmp_path).exercises.iloc[0]
    assert (seen["fell"], seen["trap"]) == (2, EXERCISES["00.1"].traps[2].says)


def test_the_most_stuck_come_first(big):
    shares = big[2].exercises["stuck"].tolist()
    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[-1] < shares[0] < 1


def test_choices_are_shared_out(big):
    learners, _, found = big
    assert list(found.questions.columns) == ["question", "option", "learners", "share", "right"]
    for id, question in QUESTIONS.items():
        chosen = Counter(known["quiz"][id] for known in learners if id in known["quiz"])
        rows = found.questions[found.questions["question"] == id]
        assert rows["option"].tolist() == list(question.options)
        assert dict(zip(rows["option"], rows["learners"], strict=True)) == chosen
        assert rows["share"].sum() == pytest.approx(1)
        right = rows.loc[rows["right"] == True, "option"]  # noqa: E712  # some are None
        assert [question.is_right(option) for option in right] == [True] * bool(question.seal)
        assert bool(question.seal) or rows["right"].isna().all()


def test_an_option_of_other_words_is_shown_as_it_is(tmp_path):
    made.put(tmp_path, made.content(quiz={"00.d": "out of the twenty"}))
    rows = overview(tmp_path).questions.set_index(["question", "option"])
    assert rows.loc[("00.d", "out of the twenty"), "share"] == 1
    assert rows.loc[("00.d", "out of the 20"), "share"] == 0


def test_every_learner_has_a_row(big):
    learners, _, found = big
    assert found.learners["student"].tolist() == [known["alias"] for known in learners]
    for known, row in zip(learners, found.learners.itertuples(), strict=True):
        states = Counter(map(best, known["exercises"].values()))
        assert (row.correct, row.not_yet) == (states["correct"], states["not yet"])
        assert row.correct + row.not_yet + row.open == len(EXERCISES)
        assert row.hints == sum(a.get("hints", 0) for a in known["exercises"].values())
        assert row.runs == 2


def test_every_file_that_is_not_used_is_named(big):
    learners, reasons, found = big
    said = found.files.set_index("file")
    assert set(said.index) == set(reasons)
    assert len(said) + len(learners) == 300
    assert not said["used"].any()
    assert [name for name, why in reasons.items() if why not in said.loc[name, "says"]] == []


def test_a_copy_is_named_and_used(tmp_path):
    made.put(tmp_path, made.content("ana"))
    made.put(tmp_path, made.content("bob"))
    found = overview(tmp_path)
    assert found.files["used"].tolist() == [True, True]
    assert found.learners["student"].tolist() == ["ana", "bob"]


def test_the_text_tells_where_learners_get_stuck(tmp_path):
    lost = made.attempt(states=[["not yet", 1]], hints=2, solution=True)
    for alias in ("ana", "bob", "cem"):
        exercises = {"00.1": lost if alias != "cem" else made.attempt(states=[["correct", None]])}
        exercises["00.2"] = made.attempt(states=[["correct", None]])
        made.put(tmp_path, made.content(alias, exercises=exercises, quiz={"00.d": "out of the 20"},
                                        runs=[]))  # fmt: skip
    (tmp_path / "dee.json").write_text("")
    assert str(overview(tmp_path)) == (
        "3 learners; files not used: 1. Every state is self-reported by the learner, "
        "not a grade.\n"
        "\n"
        "Where learners get stuck\n"
        "  00.1   67% not yet (2 of 3), median of hints 2, solution looked at by 2\n"
        "        2 fell for: That is one image for each class: 1 shot.\n"
        "  00.2    0% not yet (0 of 3), median of hints 0\n"
        "\n"
        "What they chose\n"
        "  00.d  3 learners: 0% from the test split; 100% out of the 20 (right); "
        "0% from 20 more labels\n"
        "\n"
        "Files to look at\n"
        "  dee.json is empty"
    )
    assert repr(overview(tmp_path)) == str(overview(tmp_path))


def test_the_text_of_a_class_fits_a_terminal_and_hides_nothing(big):
    text = str(big[2])
    assert max(map(len, text.split("Files to look at")[0].splitlines())) <= 98
    assert all(f"  {id}  " in text for id in EXERCISES)
    assert all(f"  {name} " in text for name in big[1])


def test_an_empty_folder_is_no_error(tmp_path):
    found = overview(tmp_path)
    assert str(found).startswith("0 learners; files not used: 0.")
    assert found.exercises["attempted"].eq(0).all()
    assert found.exercises["stuck"].isna().all()
    assert found.learners.empty
    found.to_csv(tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv").empty


def test_hints_that_an_older_file_did_not_count_are_unknown(tmp_path):
    made.put(tmp_path, made.older(made.content()))
    found = overview(tmp_path)
    assert math.isnan(found.exercises.iloc[0]["hints"])
    assert found.states.loc[found.states["exercise"] == "00.1", "hints"].isna().all()


def test_the_csv_says_in_every_row_that_it_is_no_grade(big, tmp_path):
    learners, _, found = big
    table = pd.read_csv(found.to_csv(tmp_path / "states.csv"))
    assert list(table.columns) == [
        "student", "exercise", "self_reported_score", "self_reported_state", "hints",
        "solution_seen", "time", "note",
    ]  # fmt: skip
    assert len(table) == len(learners) * len(EXERCISES)
    assert set(table["note"]) == {NO_GRADE}
    correct = table["self_reported_state"] == "correct"
    assert table["self_reported_score"].eq(correct.astype(int)).all()
    known = {one["alias"]: one for one in learners}
    for row in table.itertuples():
        attempt = known[row.student]["exercises"].get(row.exercise[9:], made.attempt())
        assert row.exercise[:9] == "exercise "  # else a spreadsheet reads 01.10 as a number
        assert row.self_reported_state == best(attempt)
        assert pd.Timestamp(row.time) == pd.Timestamp(known[row.student]["date"])


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="folder must be a folder with submissions; got"):
        overview(tmp_path / "nowhere")
