"""Which runs a class uses: one seed of each learner, each seed once, a reason for all others."""

import json

import pytest

from tests.helpers import submissions as made
from tests.helpers.submissions import NAMES, a_class, five, hand_in, reasons
from tlteach.classroom import pool
from tlteach.measures.once import BF16


def seeds(found):
    return dict(zip(found.runs["alias"], found.runs["seed"], strict=True))


def test_other_settings_are_listed_and_the_majority_is_used(tmp_path):
    a_class(tmp_path)
    odd = made.pair(9, 0.3, 0.9)
    odd["rows"][1]["config"] = "f" * 12
    hand_in(tmp_path, "zoe", odd, minute=0)  # among the first, but alone
    found = pool(tmp_path)
    assert "zoe" in set(found.runs["alias"])  # for scratch, which is as the class's
    assert found.differences("frozen", "scratch")["alias"].tolist() == NAMES
    assert reasons(found, "zoe") == [
        "other settings than the class on emoji at 5 shots: config of frozen ffffffffffff, not "
        "2ba0e44ad5a3"
    ]
    [alone] = found.unpaired("frozen", "scratch").to_dict("records")
    assert alone == {"alias": "zoe", "task": "emoji", "shots": 5, "missing": "frozen"}
    assert "; 1 learner with only one of the two" in found.told("frozen", "scratch")
    asked = pool(tmp_path, regimes=["frozen", "scratch"])
    assert "zoe" not in set(asked.runs["alias"])
    assert reasons(asked, "zoe")[1] == "seed 9 on emoji at 5 shots: no run of frozen"
    assert asked.unpaired("frozen", "scratch").empty


def test_of_equally_many_settings_the_first_to_arrive_is_the_class(tmp_path):
    for seed, (alias, config) in enumerate(zip(NAMES[:4], "abba", strict=True)):
        runs = made.pair(seed, 0.3, 0.4)
        runs["rows"][0]["config"] = runs["rows"][1]["config"] = config
        hand_in(tmp_path, alias, runs)
    assert pool(tmp_path).runs["alias"].unique().tolist() == ["ana", "dee"]


def test_settings_are_counted_by_learners_not_by_runs(tmp_path):
    many = [made.row("frozen", seed, 0.4, config="c" * 12) for seed in range(10)]
    hand_in(tmp_path, "ana", made.runs(many))
    for alias in ("bob", "cem"):
        hand_in(tmp_path, alias, made.runs([made.row("frozen", NAMES.index(alias), 0.4)]))
    assert pool(tmp_path).runs["alias"].tolist() == ["bob", "cem"]


def test_other_data_are_listed(tmp_path):
    a_class(tmp_path)
    hand_in(tmp_path, "zoe", made.pair(9, 0.3, 0.4, fingerprint="cd" * 16), minute=9)
    found = pool(tmp_path)
    assert reasons(found, "zoe") == [
        "emoji has other images or splits: fingerprint cdcdcdcd, and the class has abababab"
    ]
    assert found.runs["alias"].unique().tolist() == NAMES


def test_another_number_format_is_noted_and_used(tmp_path):
    a_class(tmp_path)
    other = made.pair(9, 0.3, 0.4)
    for row in other["rows"]:
        row["config"] += BF16
    hand_in(tmp_path, "zoe", other, minute=9)
    found = pool(tmp_path)
    assert reasons(found, "zoe") == []
    assert set(found.runs["alias"]) == {*NAMES, "zoe"}
    [note] = found.notes.loc[found.notes["alias"] == "zoe", "note"]
    assert note == "format bf16, the class has fp32; used, same settings"


def test_other_versions_are_noted_and_used(tmp_path):
    a_class(tmp_path)
    versions = made.VERSIONS | {"torch": "2.14.1+cpu", "tlteach": "0.1.9"}
    hand_in(tmp_path, "zoe", made.pair(9, 0.3, 0.4, versions=versions), minute=9)
    found = pool(tmp_path)
    assert found.left_out.empty
    assert found.differences("frozen", "scratch")["alias"].tolist() == [*NAMES, "zoe"]
    assert found.notes[["alias", "note"]].to_numpy().tolist() == [
        ["zoe", "torch 2.14, the class has 2.15; used, same settings"]
    ]


def test_the_same_bits_count_once(tmp_path):
    hand_in(tmp_path, "ana", made.pair(3, 0.3, 0.4))
    hand_in(tmp_path, "bob", made.pair(3, 0.3, 0.4, machine={"cores": 8}))
    hand_in(tmp_path, "cem", made.pair(3, 0.3, 0.41))
    found = pool(tmp_path)
    assert found.runs["alias"].unique().tolist() == ["ana"]
    assert reasons(found, "bob") == [
        "seed 3 on emoji at 5 shots: same bits as ana, counted once (a copy, or the same run again)"
    ]
    assert reasons(found, "cem") == [
        "seed 3 on emoji at 5 shots: same seed as ana, whose run is used"
    ]


def test_who_measured_more_with_the_same_seed_is_no_copy(tmp_path):
    hand_in(tmp_path, "ana", made.runs([made.row("scratch", 3, 0.3)]))
    hand_in(tmp_path, "bob", made.pair(3, 0.3, 0.4))
    hand_in(tmp_path, "cem", made.runs([made.row("frozen", 3, 0.4)]))
    found = pool(tmp_path, regimes=["frozen", "scratch"])
    assert seeds(found) == {"bob": 3}
    assert found.notes.empty
    loose = pool(tmp_path)
    assert reasons(loose, "bob") == [
        "seed 3 on emoji at 5 shots: same seed as ana, whose run is used"
    ]
    assert "same bits as bob" in reasons(loose, "cem")[0]


def test_one_learner_is_one_seed(tmp_path):
    hand_in(tmp_path, "ana", five())
    found = pool(tmp_path)
    assert seeds(found) == {"ana": 0}
    assert sorted(found.runs["regime"]) == ["fine_tune", "frozen", "scratch"]
    assert reasons(found, "ana") == [
        "seeds 1, 2, 3, 4 on emoji at 5 shots: one learner is one seed, and 0 is used"
    ]


def test_a_seed_of_ones_own_comes_before_those_that_all_have(tmp_path):
    for i, alias in enumerate(NAMES[:4]):
        hand_in(tmp_path, alias, five(own=10 + i))
    found = pool(tmp_path, regimes=["frozen", "scratch"])
    assert seeds(found) == {"ana": 0, "bob": 11, "cem": 12, "dee": 13}
    assert reasons(found, "bob") == [
        "seeds 0, 1, 2, 3, 4 on emoji at 5 shots: same bits as ana, counted once (a copy, or the "
        "same run again)"
    ]


def test_where_all_ran_the_same_seeds_each_counts_once(tmp_path):
    for i, alias in enumerate(NAMES[:6]):
        mine = five()
        mine["rows"][0]["seconds"] = 50 + i  # each on a machine of its own
        hand_in(tmp_path, alias, mine)
    found = pool(tmp_path)
    assert seeds(found) == dict(zip(NAMES[:5], range(5), strict=True))
    assert found.notes["alias"].tolist() == NAMES[1:5]
    assert found.notes["note"].iloc[-1] == (
        "seed 4 on emoji at 5 shots: same bits as ana's, and no other is free; it counts once, here"
    )
    assert reasons(found, "fay")[0].startswith("seeds 0, 1, 2, 3, 4 on emoji at 5 shots: same bits")


def test_a_file_copied_whole_is_noted_as_a_file_and_left_out_as_runs(tmp_path):
    for alias in ("ana", "bob"):
        hand_in(tmp_path, alias, made.pair(3, 0.3, 0.4))
    found = pool(tmp_path)
    assert found.runs["alias"].unique().tolist() == ["ana"]
    assert len(reasons(found, "bob")) == 1
    assert found.notes["file"].tolist() == ["tlteach-ana.json", "tlteach-bob.json"]
    assert "its runs and their seconds are those of tlteach-ana.json" in found.notes["note"][1]


def test_on_other_machines_the_first_free_seed_is_taken(tmp_path):
    for i, alias in enumerate(NAMES[:3]):
        hand_in(tmp_path, alias, five(shift=i / 1024))
    found = pool(tmp_path)
    assert seeds(found) == {"ana": 0, "bob": 1, "cem": 2}
    assert reasons(found, "cem") == [
        "seed 0 on emoji at 5 shots: same seed as ana, whose run is used",
        "seed 1 on emoji at 5 shots: same seed as bob, whose run is used",
        "seeds 3, 4 on emoji at 5 shots: one learner is one seed, and 2 is used",
    ]


def test_values_never_decide_which_seed_counts(tmp_path):
    for folder, gain in (("low", -0.2), ("high", 0.2)):
        for i, alias in enumerate(NAMES[:4]):
            rows = [r for s in (i, i + 4) for r in made.pair(s, 0.3, 0.3 + s * gain / 9)["rows"]]
            hand_in(tmp_path / folder, alias, made.runs(rows))
    wanted = dict(zip(NAMES[:4], range(4), strict=True))
    assert seeds(pool(tmp_path / "low")) == seeds(pool(tmp_path / "high")) == wanted


@pytest.mark.parametrize("regimes", [(), ("frozen", "scratch")])
def test_an_unfinished_seed_is_passed_over(regimes, tmp_path):
    rows = [made.row("frozen", 0, 0.4), *made.pair(1, 0.3, 0.4)["rows"]]
    hand_in(tmp_path, "ana", made.runs(rows))
    found = pool(tmp_path, regimes=regimes)
    assert seeds(found) == {"ana": 1}
    why = "no run of scratch" if regimes else "one learner is one seed, and 1 is used"
    assert reasons(found, "ana") == [f"seed 0 on emoji at 5 shots: {why}"]


def test_a_run_measured_again_counts_once(tmp_path):
    hand_in(tmp_path, "ana", made.pair(0, 0.3, 0.4), made.pair(0, 0.3, 0.5))
    found = pool(tmp_path)
    assert found.differences("frozen", "scratch")["difference"].tolist() == pytest.approx([0.2])
    assert reasons(found, "ana") == [
        "frozen on emoji at 5 shots, seed 0: measured again; the last one is used"
    ]


def again(change):
    """Return what a class hands in twice, the second time with a change of every file."""

    def hand_in_twice(folder):
        for path in sorted(folder.glob("*.json")):
            known = json.loads(path.read_text(encoding="utf-8"))
            made.put(folder, made.seal(change(known)), f"again-{path.name}")

    return hand_in_twice


def renamed(known):
    return known | {"alias": f"z{known['alias']}", "date": "2026-11-21T10:00:00+00:00"}


def with_rows(known, change):
    runs = [run | {"rows": [change(row) for row in run["rows"]]} for run in known["runs"]]
    return renamed(known) | {"runs": runs}


DOUBLED = {
    "the same files again": again(lambda known: known),
    "under other names": again(renamed),
    "rows written twice": again(
        lambda known: known | {"runs": [run | {"rows": 2 * run["rows"]} for run in known["runs"]]}
    ),
    "runs kept twice": again(lambda known: known | {"runs": 2 * known["runs"]}),
    "run again on other machines": again(
        lambda known: with_rows(
            known, lambda row: row | {"value": row["value"] + 1e-9, "seconds": row["seconds"] + 1}
        )
    ),
    "with other numbers for the seeds": again(
        lambda known: with_rows(known, lambda row: row | {"seed": row["seed"] + 100})
    ),
    "with other settings": again(
        lambda known: with_rows(
            known, lambda row: row | {"config": "e" * 12, "seed": row["seed"] + 100}
        )
    ),
}


@pytest.mark.parametrize("double", DOUBLED.values(), ids=DOUBLED)
def test_a_class_handed_in_twice_says_what_it_says_once(double, tmp_path):
    a_class(tmp_path)
    once = pool(tmp_path)
    double(tmp_path)
    found = pool(tmp_path)
    assert str(found.verdict("frozen", "scratch")) == str(once.verdict("frozen", "scratch"))
    assert len(found.runs) == len(once.runs)
    assert len(found.left_out) + len(found.notes) >= len(NAMES)  # and every learner is told


def test_a_run_under_another_seed_is_named_as_what_it_is(tmp_path):
    hand_in(tmp_path, "ana", made.pair(0, 0.3, 0.4))
    copied = [row | {"seed": 7} for row in made.pair(0, 0.3, 0.4)["rows"]]
    hand_in(tmp_path, "bob", made.runs(copied), minute=9)
    found = pool(tmp_path)
    assert seeds(found) == {"ana": 0}
    assert reasons(found, "bob")[0] == (
        "scratch on emoji at 5 shots, seed 7: value and seconds are those of seed 0 of ana, so it "
        "is one run, counted once"
    )


def test_what_costs_no_time_may_be_equal_for_all_seeds(tmp_path):
    for i, alias in enumerate(NAMES[:3]):
        rows = [*made.pair(i, 0.3, 0.4)["rows"], made.row("majority", i, 0.1, seconds=0.0)]
        hand_in(tmp_path, alias, made.runs(rows))
    found = pool(tmp_path)
    assert len(found.runs) == 9
    assert found.left_out.empty


def test_every_run_is_used_or_has_a_reason(tmp_path):
    """Count over a class of all kinds: what is neither used nor explained would be lost."""
    a_class(tmp_path)
    hand_in(tmp_path, "zoe", five(own=20), made.pair(3, 0.1, 0.2, fingerprint="cd" * 16), minute=9)
    hand_in(tmp_path, "yan", five(shift=0.01), minute=10)
    found = pool(tmp_path, regimes=["frozen", "scratch"])
    assert seeds(found) == dict(zip(NAMES, range(8), strict=True)) | {"zoe": 20}
    told = " ".join(reasons(found, "yan"))
    assert all(f"seed {seed} " in told or f" {seed}," in told for seed in range(5))
    assert len(reasons(found, "zoe")) == 6
