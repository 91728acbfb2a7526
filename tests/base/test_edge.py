"""What annotations say is what is taken, and nothing of a function is lost by it."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

import tlteach as tlt
from tlteach.base import check_fields, checked
from tlteach.training.record import TestReuseWarning


@checked
def several(
    n: int,
    *,
    part: float = 0.5,
    names: Iterable[str | int] = (),
    path: str | Path | None = None,
    anything: dict[str, int] | None = None,
    **more: int,
) -> tuple[object, ...]:
    """Say it."""
    return n, part, list(names), path, anything, more


@dataclasses.dataclass(frozen=True)
class Made:
    n: int
    name: str = "a"

    def __post_init__(self) -> None:
        check_fields(self)


@pytest.mark.parametrize("n", [1, np.int64(1), np.uint8(1)])
@pytest.mark.parametrize("part", [1, 0.5, np.float32(0.5), np.int64(2)])
@pytest.mark.parametrize("names", [(), ["a", 1], {"a"}, range(3), np.array(["a"]), iter(["a"])])
def test_what_is_meant_is_taken(n, part, names):
    assert several(n, part=part, names=names, path=Path("a"), anything=5, m="x")[:2] == (n, part)


@pytest.mark.parametrize(
    ("named", "error", "says"),
    [
        ({"n": 1.0}, TypeError, "n must be a whole number; got 1.0 of type float"),
        ({"n": np.True_}, TypeError, "n must be a whole number; got np.True_ of type bool"),
        ({"n": 1, "part": "x"}, TypeError, "part must be a finite number; got 'x' of type str"),
        ({"n": 1, "part": np.nan}, ValueError, "part must be a finite number; got nan"),
        ({"n": 1, "names": "ab"}, TypeError, "names must be several texts, such as ['a', 'b'] or"),
        ({"n": 1, "names": [2.5]}, TypeError, "got [2.5] of type list"),
        ({"n": 1, "names": b"ab"}, TypeError, "got b'ab' of type bytes"),
        ({"n": 1, "path": 5}, TypeError, "path must be text or a path; got 5 of type int"),
        ({"n": 1, "path": " "}, ValueError, "path must not be empty; got ' '"),
        ({"n": "x" * 99}, TypeError, f"got '{'x' * 56}... of type str"),
    ],
)
def test_anything_else_is_refused_in_words(named, error, says):
    with pytest.raises(error) as caught:
        several(**named)
    assert says in str(caught.value)


def test_python_s_own_words_for_arguments_stay():
    with pytest.raises(TypeError, match=r"several\(\) missing 1 required positional argument: 'n'"):
        several()


def test_nothing_of_a_function_is_lost():
    assert several.__doc__ == "Say it."
    assert next(iter(inspect.signature(several).parameters)) == "n"
    assert several.__module__ == __name__
    assert several.__globals__ is globals()  # doctest asks for this
    assert pickle.loads(pickle.dumps(several)) is several


def test_fields_of_a_dataclass_are_held_to_theirs():
    assert Made(np.int64(2)).n == 2
    with pytest.raises(TypeError, match="n must be a whole number; got True of type bool"):
        Made(True)
    with pytest.raises(ValueError, match="name must not be empty; got ''"):
        Made(1, "")


def test_a_warning_names_the_line_that_called_into_the_package():
    few = tlt.few_shot(tlt.load_task("digits"), 2, seed=0)
    config = tlt.TrainConfig(updates=2, lr=0.1)
    run = tlt.train(tlt.load_backbone("small_cnn"), few, "scratch", config, seed=0)
    with pytest.warns(TestReuseWarning) as told:  # noqa: PT031
        run.test(few)
        run.test(few)
    assert [one.filename for one in told] == [__file__]
