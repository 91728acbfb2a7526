"""Bars are drawn in a terminal and nowhere else."""

from tests.helpers.terminal import run

CODE = "from tlteach.base import bar\nfor _ in bar(range(3), unit='cup'): pass"
HIDDEN = CODE.replace("unit", "shown=False, unit")


def test_a_terminal_sees_it_unless_told_otherwise():
    assert b"3/3" in run(CODE, terminal=True)
    assert run(CODE, terminal=True, TQDM_DISABLE="1") == b""
    assert run(HIDDEN, terminal=True) == b""


def test_a_pipe_sees_nothing():
    assert run(CODE, terminal=False) == b""
