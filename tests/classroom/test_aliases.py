"""Names are free: one alias written in two ways, look-alikes, dates from the future, ties."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.helpers import submissions as made
from tlteach.base.text import IGNORABLE
from tlteach.classroom import collect, submit
from tlteach.classroom.aliases import alias_key, look
from tlteach.classroom.submission import read


def date(**ahead):
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat(timespec="seconds")


@pytest.mark.parametrize("letter", [*{low for low, _ in IGNORABLE}], ids=hex)
def test_letters_that_nobody_sees_make_no_other_alias(letter, tmp_path):
    hidden = f"a{chr(letter)}na"
    assert alias_key(hidden) == "ana"
    assert read(submit(hidden, tmp_path)).alias == "ana"
    made.put(tmp_path, made.content(hidden, "2026-11-20T09:00:00+00:00"), "b.json")
    used, reasons = collect(tmp_path)
    assert [one.file for one in used] == ["tlteach-ana.json"]
    if hidden.isprintable():
        assert reasons["b.json"] == "is not used: tlteach-ana.json is of the same alias and newer"
    else:
        assert reasons["b.json"].startswith("alias must hold no control characters; got")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana", "аnа"),  # noqa: RUF001  # Cyrillic a
        ("bob", "bοb"),  # noqa: RUF001  # Greek omicron
        ("scope", "ѕсоре"),  # noqa: RUF001  # Cyrillic all of it
        ("lil", "1il"),
        ("O2", "02"),
        ("bern", "bem"),
        ("seven", "seveո"),  # noqa: RUF001  # Armenian n
        ("vw", "νw"),  # noqa: RUF001  # Greek nu
    ],
)
def test_look_alikes_are_used_and_named(one, other, tmp_path):
    assert look(one) == look(other)
    assert alias_key(one) != alias_key(other)
    for name, alias in (("a.json", one), ("b.json", other), ("c.json", "zoe")):
        made.put(tmp_path, made.content(alias, runs=[]), name)
    used, reasons = collect(tmp_path)
    assert len(used) == 3
    assert reasons == {
        "a.json": "is used, but its alias looks like that of b.json",
        "b.json": "is used, but its alias looks like that of a.json",
    }


def test_people_s_names_do_not_look_alike():
    latin = ["ana", "anna", "bob", "rob", "dee", "zoe", "zoë", "ines", "inês", "müller", "muller"]
    names = [*latin, "мария", "nina", "张伟", "李娜", "हिन्दी", "ali"]
    assert len({look(name) for name in names}) == len(names)


def test_a_date_in_the_future_is_named_and_displaces_nothing(tmp_path):
    made.put(tmp_path, made.content("ana", "2026-11-20T10:00:00+00:00", runs=[]), "a.json")
    made.put(tmp_path, made.content("Ana", date(days=2), runs=[]), "b.json")
    made.put(tmp_path, made.content("bob", date(days=400), runs=[]), "c.json")
    made.put(tmp_path, made.content("cem", date(minutes=10), runs=[]), "d.json")
    found = collect(tmp_path)
    assert [one.file for one in found.submissions] == ["a.json", "d.json", "c.json"]
    assert found.reasons["b.json"].startswith(
        "is not used: a.json is of the same alias, and this one's date is in the future: 20"
    )
    assert found.reasons["c.json"].startswith("is used, but its date is in the future: 20")
    assert [name for name, _ in found.remarks(used=True)] == ["c.json"]
    assert len(found.reasons) == 2


def test_a_tie_is_told(tmp_path):
    for name in ("b.json", "a.json"):
        made.put(tmp_path, made.content("ana", "2026-11-20T10:00:00+00:00"), name)
    used, reasons = collect(tmp_path)
    assert [one.file for one in used] == ["b.json"]
    why = "is not used: b.json is of the same alias and the same date, and later by name"
    assert reasons == {"a.json": why}


def test_two_remarks_about_one_file_are_both_made(tmp_path):
    for name, alias in (("a.json", "ana"), ("b.json", "аnа")):  # noqa: RUF001
        made.put(tmp_path, made.content(alias), name)
    assert collect(tmp_path).reasons["b.json"] == (
        "is used, but its runs and their seconds are those of a.json; "
        "is used, but its alias looks like that of a.json"
    )
