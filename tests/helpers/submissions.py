"""Submissions to test with: whole classes from a seed, and files that nobody should trust."""

import copy
import hashlib
import json
import pickle
import random
from pathlib import Path

from tlteach.classroom.submission import MOST_BYTES
from tlteach.lessons import EXERCISES, QUESTIONS

VERSIONS = {"python": "3.11.7", "tlteach": "0.1.0", "torch": "2.15.0"}
MACHINE = {"processor": "AMD EPYC", "cores": 2, "device": "cpu"}
CONFIGS = {"frozen": "2ba0e44ad5a3", "scratch": "a41ece6da4f2", "fine_tune": "ff17806a4afd"}


def seal(known):
    """Return a file's content with the digest that belongs to it, worked out on its own."""
    rest = {key: value for key, value in known.items() if key != "digest"}
    plain = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return rest | {"digest": hashlib.sha256(plain.encode()).hexdigest()}


def row(regime, seed, value, **changes):
    pretrained = regime != "scratch"
    known = {
        "source": "ImageNet-1k" if pretrained else "none",
        "backbone": "lite0" if pretrained else "small_cnn",
        "regime": regime,
        "shots": 5,
        "seed": seed,
        "value": value,
        "updates": 300,
        "seconds": 1.0 + seed / 7,
        "config": CONFIGS.get(regime, "0" * 12),
    }
    return known | changes


def runs(rows, task="emoji", **changes):
    known = {"task": task, "fingerprint": "ab" * 16, "rows": rows}
    return copy.deepcopy(known | {"versions": VERSIONS, "machine": MACHINE} | changes)


def pair(seed, scratch, frozen, **changes):
    """Return the runs of a learner with one seed and two regimes."""
    return runs([row("scratch", seed, scratch), row("frozen", seed, frozen)], **changes)


def content(alias="ana", date="2026-11-20T10:00:00+00:00", **changes):
    """Return what a small whole file holds, with its digest."""
    known = {
        "format": 2,
        "course": "tlteach",
        "alias": alias,
        "version": "0.1.0",
        "date": date,
        "exercises": {
            "00.1": {
                "answer": "60",
                "states": [["not yet", 1], ["correct", None]],
                "hints": 1,
                "solution": False,
            }
        },
        "quiz": {"00.b": "helps"},
        "runs": [pair(0, 0.3, 0.4)],
    }
    return seal(known | changes)


def older(known):
    """Return the same in format 1, which did not count hints."""
    known = copy.deepcopy(known) | {"format": 1}
    for attempt in known["exercises"].values():
        del attempt["hints"]
    return seal(known)


def put(folder, known, name=None):
    """Write a file as a learner's machine would; return its path."""
    path = Path(folder) / (name or f"tlteach-{known['alias']}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return path


def learner(number, draw):
    """Return one made-up learner's file."""
    exercises = {}
    for id, exercise in EXERCISES.items():
        if draw.random() < 0.2:
            continue
        traps = draw.choices([None, *range(len(exercise.traps))], k=draw.randrange(4))
        states = [["not yet", trap] for trap in traps]
        if draw.random() < 0.6:
            states.append(["correct", None])
        exercises[id] = {
            "answer": str(draw.randrange(100)),
            "states": states,
            "hints": draw.randrange(4),
            "solution": draw.random() < 0.1,
        }
    scratch = draw.gauss(0.3, 0.03)
    return content(
        f"learner {number:03}",
        f"2026-11-20T10:{number // 60:02}:{number % 60:02}+00:00",
        exercises=exercises,
        quiz={
            id: draw.choice(list(question.options))
            for id, question in QUESTIONS.items()
            if draw.random() < 0.8
        },
        runs=[pair(number, scratch, scratch + draw.gauss(0.05, 0.04))],
    )


def hostile():
    """Return files that must not be used: content and what must be said of each, by name."""
    deep = "[" * 100_000 + "]" * 100_000
    whole = json.dumps(content("cut")).encode()
    edited = content("edited")
    edited["exercises"]["00.1"]["states"] = [["correct", None]]
    big = json.dumps(content("huge", quiz={"00.a": "x" * MOST_BYTES})).encode()
    changed = {
        "newer.json": (content("newer", format=3), "was made by a newer tlteach: format 3"),
        "oldest.json": (content("oldest", format=0), "format must be between 1 and"),
        "other.json": (content("other", course="cooking"), "is of another course: 'cooking'"),
        "path.json": (content("../../etc/passwd"), "alias must not look like a path"),
        "drive.json": (content("C:\\ana"), "alias must not look like a path"),
        "formula.json": (content("=1+1"), "alias must begin with a letter or a digit"),
        "escape.json": (content("ana\x1b[2J"), "alias must hold no control characters"),
        "turned.json": (content("ana\u202egpj"), "alias must hold no control characters"),
        "half.json": (content("\ud800"), "alias must hold no control characters"),
        "long.json": (content("a" * 61), "alias must have at most 60 characters; got 61"),
        "nobody.json": (content(""), "alias must begin with a letter"),
        "number.json": (content(7), "alias must be text; got 7"),
        "exercise.json": (content("e", exercises={"99.9": {}}), "exercise '99.9' is unknown to"),
        "question.json": (content("q", quiz={"99.z": "a"}), "question '99.z' is unknown to"),
        "chatty.json": (
            content("chatty", quiz={"00.a": "x" * 501}),
            "choice of 00.a must have at most 500 characters",
        ),
        "date.json": (
            content("d", date="yesterday"),
            "date must be like 2026-11-20T10:00:00+00:00; got",
        ),
        "zone.json": (
            content("z", date="2026-11-20T10:00:00"),
            "date must be like 2026-11-20T10:00:00+00:00; got",
        ),
        "era.json": (content("y", date="0001-01-01T00:00:00+00:00"), "year of the date must be"),
        "extra.json": (seal(content("x") | {"grade": 1.0}), "unknown 'grade'"),
        "lacking.json": (
            seal({k: v for k, v in content("l").items() if k != "quiz"}),
            "missing quiz; unknown nothing",
        ),
        "list.json": ([1, 2], "is no file of `tlteach submit`"),
        "accuracy.json": (
            content("acc", runs=[pair(0, 0.3, 1.2)]),
            "value must be between 0 and 1; got 1.2",
        ),
        "seed.json": (content("s", runs=[pair(0.5, 0.3, 0.4)]), "seed must be a whole number"),
        "runs.json": (content("r", runs={}), "runs must be a list"),
        "trap.json": (
            content("t", exercises={"00.1": attempt(states=[["not yet", 99]])}),
            "trap of 00.1 must be between 0 and 4; got 99",
        ),
        "state.json": (
            content("t", exercises={"00.1": attempt(states=[["graded", None]])}),
            "state of 00.1 must be one of 'not yet', 'correct'; got 'graded'",
        ),
        "hints.json": (
            content("h", exercises={"00.1": attempt(hints=9)}),
            "hints of 00.1 must be between 0 and 3; got 9",
        ),
    }
    files = {name: (json.dumps(known).encode(), why) for name, (known, why) in changed.items()}
    return files | {
        "empty.json": (b"", "is empty"),
        "blank.json": (b" \n", "is empty"),
        "cut.json": (whole[: len(whole) // 2], "is cut off or damaged at character"),
        "edited.json": (json.dumps(edited).encode(), "was edited after it was written"),
        "huge.json": (big, "is too large: 5.0 MB"),
        "deep.json": (deep.encode(), "is nested too deeply"),
        "inside.json": (f'{{"course": {deep}}}'.encode(), "is nested too deeply"),
        "pickle.json": (pickle.dumps(content("pickle")), "is a pickle"),
        "binary.json": (bytes(range(128, 256)) * 9, "is no text in UTF-8"),
        "nan.json": (b'{"course": NaN}', "holds NaN, which is no number"),
        "infinite.json": (
            json.dumps(content("i")).replace("0.4", "1e999").encode(),
            "was edited after it was written",
        ),
        "digits.json": (b'{"course": ' + b"9" * 5000 + b"}", "holds a number of 5000 digits"),
        "twice.json": (b'{"course": 1, "course": 2}', "holds a key twice"),
    }


def attempt(**changes):
    return {"answer": "", "states": [], "hints": 0, "solution": False} | changes


def write_class(folder, n=300, seed=0):
    """Write a class of n files, some of which must not be used.

    Returns
    -------
    learners : list of dict
        Content of the files to be used.
    reasons : dict of str to str
        What must be said of the others, by name.
    """
    draw = random.Random(seed)
    bad = hostile()
    reasons = {name: why for name, (_, why) in bad.items()}
    for name, (raw, _) in bad.items():
        folder.joinpath(name).write_bytes(raw)
    extras = 5  # two older duplicates, two links, one pickle by name
    learners = [learner(i, draw) for i in range(n - len(bad) - extras)]
    learners[3] = older(learners[3])
    for known in learners:
        put(folder, known)
    for i in (0, 1):
        again = seal(learners[i] | {"date": "2026-11-19T10:00:00+00:00"})
        put(folder, again, f"again-{i}.json")
        reasons[f"again-{i}.json"] = f"tlteach-{again['alias']}.json is of the same alias and newer"
    outside = folder.parent / "outside.json"
    put(folder.parent, content("outside"), "outside.json")
    folder.joinpath("link.json").symlink_to(outside)
    folder.joinpath("loop").symlink_to(folder.parent, target_is_directory=True)
    folder.joinpath("answers.pkl").write_bytes(pickle.dumps({}))
    reasons |= {
        "link.json": "is a link",
        "loop": "is a link",
        "answers.pkl": "a submission ends in .json",
    }
    return learners, reasons


GAINS = [0.08, -0.02, 0.06, 0.065, 0.045, 0.04, 0.17, 0.05]  # helps from the sixth learner on
NAMES = ["ana", "bob", "cem", "dee", "eli", "fay", "gus", "hal"]


def hand_in(folder, alias, *runs, minute=None, **changes):
    """Write a learner's file; learners arrive in the order of NAMES."""
    minute = NAMES.index(alias) if minute is None else minute
    date = f"2026-11-20T10:{minute:02}:00+00:00"
    return put(folder, content(alias, date, runs=list(runs), **changes))


def a_class(folder, gains=GAINS):
    """Write a learner's file for each gain of frozen over scratch; return the folder."""
    for seed, (alias, gain) in enumerate(zip(NAMES, gains, strict=False)):
        hand_in(folder, alias, pair(seed, 0.3 + seed / 64, 0.3 + seed / 64 + gain))
    return folder


def five(own=None, shift=0.0):
    """Return five common seeds as notebook 01 keeps them, and perhaps a seed of one's own."""
    rows = [
        row(regime, seed, 0.3 + seed / 64 + shift + (regime == "frozen") / 16)
        for seed in range(5)
        for regime in ("scratch", "frozen", "fine_tune")
    ]
    own_rows = [] if own is None else pair(own, 0.3, 0.4 + own / 1024)["rows"]
    return runs([*rows, *own_rows])


def reasons(found, alias):
    """Return why runs of a learner are left out of a pool."""
    return found.left_out.loc[found.left_out["alias"] == alias, "reason"].tolist()
