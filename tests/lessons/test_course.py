"""What the notebooks ask is found by its ids, and only the notebook that is asked for is loaded."""

import importlib
import subprocess
import sys

import pytest

from tlteach.lessons import EXERCISES, QUESTIONS
from tlteach.lessons.course import NAMES, TITLES

ONE = """
import sys
from tlteach.lessons import EXERCISES, check
check("00.1", 60)
print(*(name.rpartition(".")[2] for name in sys.modules if ".course.n" in name))
"""


@pytest.mark.parametrize("name", NAMES)
def test_ids_read_from_the_source_are_those_of_the_module(name):
    module = importlib.import_module(f"tlteach.lessons.course.{name}")
    for known, asked in ((EXERCISES, module.EXERCISES), (QUESTIONS, module.QUESTIONS)):
        assert [id for id in known if id[:2] == name[1:3]] == [one.id for one in asked]
        assert all(known[one.id] is one for one in asked)


def test_it_is_a_mapping_of_all_that_is_asked():
    for known in (EXERCISES, QUESTIONS):
        assert len(known) == len([*known]) == len([*known.values()]) > len(TITLES)
        assert all(id in known and one.id == id for id, one in known.items())
        assert "77.1" not in known
        assert 5 not in known
        with pytest.raises(KeyError):
            known["77.1"]
    assert not EXERCISES.keys() & QUESTIONS.keys()


def test_a_check_loads_its_own_notebook_alone(tmp_path):
    command = [sys.executable, "-c", ONE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "n00_start"
