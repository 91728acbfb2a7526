"""What a class finds out: its table, paired differences, the growing verdict and its figure."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from tests.helpers import submissions as made
from tests.helpers.submissions import GAINS, NAMES, a_class, five, hand_in, reasons
from tlteach import plots
from tlteach.classroom import pool
from tlteach.experiment import COLUMNS
from tlteach.measures import false_words_told
from tlteach.plots.style import REGIMES
from tlteach.plots.words import in_words


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_all_runs_make_one_results_table(tmp_path):
    found = pool(a_class(tmp_path))
    table = found.results
    assert list(table.columns) == COLUMNS
    assert len(table) == 16
    assert not table.duplicated(["task", "regime", "shots", "seed"]).any()
    assert set(table["split"]) == {"test"}
    assert set(table["metric"]) == {"accuracy"}
    values = table.set_index(["regime", "seed"])["value"]
    for seed, gain in enumerate(GAINS):
        assert values["scratch", seed] == 0.3 + seed / 64
        assert values["frozen", seed] == 0.3 + seed / 64 + gain
    assert found.left_out.empty
    assert found.notes.empty
    assert found.runs["alias"].unique().tolist() == NAMES


def test_differences_are_paired_and_in_order_of_arrival(tmp_path):
    found = pool(a_class(tmp_path)).differences("frozen", "scratch")
    assert found["alias"].tolist() == NAMES
    assert found["difference"].tolist() == pytest.approx(GAINS)
    assert found["a"].sub(found["b"]).equals(found["difference"])


def test_order_of_arrival_is_by_date_not_by_name(tmp_path):
    for alias, minute in (("ana", 3), ("bob", 1), ("cem", 2)):
        hand_in(tmp_path, alias, made.pair(minute, 0.3, 0.4), minute=minute)
    found = pool(tmp_path)
    assert found.differences("frozen", "scratch")["alias"].tolist() == ["bob", "cem", "ana"]
    assert found.growth("frozen", "scratch")["alias"].tolist() == ["cem", "ana"]


def test_growth_and_verdict_agree_with_scipy(tmp_path):
    found = pool(a_class(tmp_path))
    growth = found.growth("frozen", "scratch")
    assert growth["n"].tolist() == list(range(2, 9))
    for row in growth.itertuples():
        gains = GAINS[: row.n]
        low, high = reference.t.interval(0.95, row.n - 1, np.mean(gains), reference.sem(gains))
        assert (row.mean, row.ci_low, row.ci_high) == pytest.approx((np.mean(gains), low, high))
        agree = np.mean([gain > 0 for gain in gains]) >= 0.75
        word = "helps" if low > 0 and agree else "cannot tell"
        assert row.verdict == (word if row.n >= 5 else "")
    assert growth["verdict"].tolist() == [""] * 3 + ["cannot tell"] + ["helps"] * 3
    assert found.told_since("frozen", "scratch") == 6
    last, said = growth.iloc[-1], found.verdict("frozen", "scratch")
    assert (said.word, said.n, said.won) == ("helps", 8, 7)
    assert (said.difference, said.low, said.high) == pytest.approx(
        (last["mean"], last["ci_low"], last["ci_high"])
    )


def test_turned_round_it_hurts(tmp_path):
    found = pool(a_class(tmp_path))
    assert found.verdict("scratch", "frozen").word == "hurts"
    assert found.told_since("scratch", "frozen") == 6


def test_since_when_counts_from_the_last_change(tmp_path):
    found = pool(a_class(tmp_path, [0.05, 0.051, 0.05, 0.052, 0.05, 0.051, -0.2, 0.05]))
    words = found.growth("frozen", "scratch")["verdict"].tolist()
    assert words == [""] * 3 + ["helps"] * 2 + ["cannot tell"] * 2
    assert found.told_since("frozen", "scratch") is None
    assert pool(a_class(tmp_path, GAINS[2:4])).told_since("frozen", "scratch") is None


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_class_of_fewer_than_five_has_numbers_and_no_word(n, tmp_path):
    found = pool(a_class(tmp_path, [0.05, 0.051, 0.049, 0.05][:n]))
    assert found.growth("frozen", "scratch")["verdict"].tolist() == [""] * (n - 1)
    assert found.told_since("frozen", "scratch") is None
    said = found.verdict("frozen", "scratch")
    assert said.word == ""
    line = found.told("frozen", "scratch")
    assert "frozen against scratch: no word, +" in line
    assert line.endswith(f"; too few seeds for a word ({n}, at least 5)")
    assert "no word so far" in in_words(found.figure("frozen", "scratch"))


def test_learners_that_agree_have_a_word_from_the_fifth_on(tmp_path):
    found = pool(a_class(tmp_path, [0.05, 0.051, 0.049, 0.05, 0.05]))
    assert found.told_since("frozen", "scratch") == 5


def test_one_learner_is_no_class_and_no_error(tmp_path):
    found = pool(a_class(tmp_path, GAINS[:1]))
    assert found.growth("frozen", "scratch").empty
    assert found.told_since("frozen", "scratch") is None
    assert "no interval from one seed" in str(found.verdict("frozen", "scratch"))
    assert "1 learner. " in in_words(found.figure("frozen", "scratch"))


def test_tasks_and_shots_stand_apart(tmp_path):
    for seed, alias in enumerate(NAMES[:5]):
        ten = made.runs([made.row(r, seed, 0.5, shots=10) for r in ("scratch", "frozen")])
        digits = made.pair(seed, 0.9 - seed / 64, 0.8, task="digits")
        hand_in(tmp_path, alias, made.pair(seed, 0.3, 0.4 + seed / 64), ten, digits)
    found = pool(tmp_path)
    with pytest.raises(ValueError, match="growth must be asked for one task and number of shots"):
        found.growth("frozen", "scratch")
    assert found.verdict("frozen", "scratch", task="digits").word == "hurts"
    assert found.verdict("frozen", "scratch", task="emoji", shots=5).word == "helps"
    lines = found.told("frozen", "scratch").splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "emoji, 5 shots", "emoji, 10 shots", "digits, 5 shots", "Verdicts",
    ]  # fmt: skip
    assert lines[2].startswith("digits, 5 shots: frozen against scratch: hurts, -6.9 points")
    assert lines[2].endswith("; so from 5 learners on")
    assert lines[3:] == [false_words_told(2)]  # ten shots gave all the same, so no word
    only = pool(tmp_path, task="emoji", shots=10)
    assert set(only.results["shots"]) == {10}
    assert only.left_out.empty


def test_runs_of_another_source_can_be_put_aside(tmp_path):
    row = made.row("frozen", 0, 0.6, source="glyphs", backbone="small:glyphs", config="e" * 12)
    hand_in(tmp_path, "ana", made.pair(0, 0.3, 0.4), made.runs([row]))
    hand_in(tmp_path, "bob", made.pair(1, 0.3, 0.4))
    found = pool(tmp_path, source="glyphs").differences("frozen", "scratch")
    assert found["difference"].tolist() == pytest.approx([0.3])
    everything = pool(tmp_path)
    assert len(everything.results) == 4
    assert len(reasons(everything, "ana")) == 1


def test_learners_without_runs_and_refused_files_are_listed(tmp_path):
    hand_in(tmp_path, "ana")
    hand_in(tmp_path, "bob", made.pair(1, 0.3, 0.4))
    edited = hand_in(tmp_path, "cem", made.pair(2, 0.3, 0.4))
    edited.write_text(edited.read_text().replace("0.4", "0.9"))
    found = pool(tmp_path)
    assert found.left_out.to_numpy().tolist() == [
        ["", "tlteach-cem.json", "was edited after it was written: its digest does not fit"],
        ["ana", "tlteach-ana.json", "no runs of this kind"],
    ]


def test_a_folder_that_fills_is_read_again(tmp_path):
    assert pool(tmp_path).results.empty
    assert (
        pool(tmp_path).told("frozen", "scratch") == "no learner has both frozen and scratch so far"
    )
    a_class(tmp_path, GAINS[:2])
    whole = json.dumps(made.content("cem", "2026-11-20T11:00:00+00:00",
                                    runs=[made.pair(7, 0.3, 0.4)]))  # fmt: skip
    (tmp_path / "tlteach-cem.json").write_text(whole[:200])
    found = pool(tmp_path)
    assert found.left_out["file"].tolist() == ["tlteach-cem.json"]
    assert "is cut off or damaged" in found.left_out["reason"][0]
    (tmp_path / "tlteach-cem.json").write_text(whole)
    found = pool(tmp_path)
    assert found.left_out.empty
    assert found.growth("frozen", "scratch")["n"].tolist() == [2, 3]


def test_a_class_of_300_files_loses_nothing(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    learners, wanted = made.write_class(folder)
    found = pool(folder, regimes=["frozen", "scratch"])
    assert set(found.left_out["file"]) == set(wanted)
    assert len(found.results) == 2 * len(learners)
    gains = [
        known["runs"][0]["rows"][1]["value"] - known["runs"][0]["rows"][0]["value"]
        for known in learners
    ]
    assert found.verdict("frozen", "scratch").difference == pytest.approx(np.mean(gains))


def test_wrong_questions_are_answered_with_what_is_allowed(tmp_path):
    found = pool(a_class(tmp_path))
    with pytest.raises(ValueError, match="regime must be one of 'scratch', 'frozen'; got 'lp_ft'"):
        found.differences("lp_ft", "scratch")
    with pytest.raises(ValueError, match="shots must be one of 5; got 50"):
        found.verdict("frozen", "scratch", shots=50)
    with pytest.raises(ValueError, match="column must be one of 'task', 'shots'; got 'seed'"):
        found.growth("frozen", "scratch", seed=1)
    with pytest.raises(FileNotFoundError, match="folder must be a folder with submissions"):
        pool(tmp_path / "nowhere")


def test_figure_draws_a_dot_per_learner_and_the_interval_as_it_grew(tmp_path):
    found = pool(a_class(tmp_path))
    growth = found.growth("frozen", "scratch")
    given = plt.subplots()[1]
    ax = found.figure("frozen", "scratch", given)
    assert ax is given
    dots = ax.collections[0]
    assert dots.get_offsets().tolist() == pytest.approx(
        np.array([[i + 1, 100 * gain] for i, gain in enumerate(GAINS)])
    )
    assert dots.get_facecolor()[0, :3] == pytest.approx(
        np.array([int(REGIMES["frozen"].colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    )
    band = ax.collections[1].get_paths()[0].vertices
    for row in growth.itertuples():
        heights = band[band[:, 0] == row.n, 1]
        assert (heights.min(), heights.max()) == pytest.approx(
            (100 * row.ci_low, 100 * row.ci_high)
        )
    assert ax.texts[0].get_text() == "helps from\n6 learners on"
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("gains", [GAINS, GAINS[:1], [0.0, 0.0], [-0.3, -0.29, -0.31]])
def test_figure_shows_every_dot_and_zero(gains, tmp_path):
    ax = pool(a_class(tmp_path, gains)).figure("frozen", "scratch")
    bottom, top = ax.get_ylim()
    assert all(bottom < 100 * gain < top for gain in [0, *gains])


@pytest.mark.parametrize("gains", [GAINS, GAINS[:6], [0.05, 0.051, 0.05, 0.052, 0.05]])
def test_words_of_the_figure_stay_inside_it(gains, tmp_path):
    ax = pool(a_class(tmp_path, gains)).figure("frozen", "scratch")
    ax.figure.draw_without_rendering()
    words, frame = ax.texts[0].get_window_extent(), ax.get_window_extent()
    assert frame.x0 < words.x0 < words.x1 < frame.x1
    assert frame.y0 < words.y0 < words.y1 < frame.y1


def test_figure_is_told_in_words(tmp_path):
    found = pool(a_class(tmp_path))
    assert in_words(found.figure("frozen", "scratch")) == (
        "Class result on emoji, 5 shots: frozen minus scratch, one dot per learner, 8 learners. "
        "Differences -2.0 to +17.0 points. The interval of the mean by number of learners: helps "
        f"from 6 learners on. {found.verdict('frozen', 'scratch')}."
    )
    few = pool(a_class(tmp_path, [0.05, -0.05])).figure("frozen", "scratch")
    assert few.get_title(loc="left") == "emoji, 5 shots: one dot per learner"


def test_text_names_who_is_left_out_and_cuts_long_lists(tmp_path):
    hand_in(tmp_path, "ana", five())
    (tmp_path / "x.json").write_text("")
    assert str(pool(tmp_path)) == (
        "1 learner in the class's table; files not used: 1\n"
        "  emoji, 5 shots: fine_tune 1, frozen 1, scratch 1\n"
        "left out\n"
        "  x.json: is empty\n"
        "  ana: seeds 1, 2, 3, 4 on emoji at 5 shots: one learner is one seed, and 0 is used"
    )
    for i in range(20):
        (tmp_path / f"{i}.json").write_text("")
    assert repr(pool(tmp_path)).endswith("\n  and 10 more")


def test_results_fit_the_package(tmp_path):
    table = pool(a_class(tmp_path)).results
    assert isinstance(table, pd.DataFrame)
    ax = plots.regime_comparison(table)
    assert "scratch: 30.0% to 40.9%, 8 seeds" in in_words(ax)
