"""Every public function holds its arguments to its annotations, or a reason says why not."""

import importlib
import inspect

import pytest

import tlteach
from tests.test_layers import FLOORS
from tlteach.base import checked

CHECKED = checked(lambda: None).__code__
BY_ID = "answers an unknown id, of whatever kind, with the ids that there are"
POLICY = "`augment.apply` calls it at every update, and is checked"
NO_NUMBER = "a number that is not finite gets a sentence instead of an error"
UNCHECKED = {
    "tlteach.app.warmup": "it must return before torch is loaded; it looks at its argument itself",
    "tlteach.training.config_id": "it takes anything",
    "tlteach.measures.effect": NO_NUMBER,
    "tlteach.measures.mean_and_interval": NO_NUMBER,
    "tlteach.measures.no_word": NO_NUMBER,
    "tlteach.measures.told": NO_NUMBER,
    "tlteach.measures.word": NO_NUMBER,
} | dict.fromkeys(
    (f"tlteach.lessons.{name}" for name in (
        "beside", "check", "chosen", "hint", "quiz", "solution", "use",
    )),
    BY_ID,
) | dict.fromkeys(
    (f"tlteach.data.augment.{name}" for name in (
        "colour", "cutmix", "flip_crop", "mask", "mixup", "none", "shift", "style", "words",
    )),
    POLICY,
)  # fmt: skip
BELOW = "tlteach.base."  # the wing below all others: what calls it is checked, and holds `checked`


def public():
    """Return every function that a face hands out, alone or inside a module, by its name."""
    wings = [importlib.import_module(f"tlteach.{wing}") for floor in FLOORS for wing in floor]
    found = {}
    for face in (*wings, tlteach):
        for name in face.__all__:
            one = getattr(face, name)
            if inspect.isfunction(one):
                found.setdefault(one, f"{face.__name__}.{name}")
            for inner, function in vars(one).items() if inspect.ismodule(one) else ():
                if inspect.isfunction(function) and is_own(function, inner, one):
                    found.setdefault(function, f"{one.__name__}.{inner}")
    return {name: function for function, name in found.items()}


def is_own(function, name, module):
    """Return whether a module shows a function as its own: no helper, and nothing it works with.

    A function that has a module to itself is handed on by another.
    """
    home = function.__module__
    return not name.startswith("_") and (home == module.__name__ or home.endswith(f".{name}"))


def is_excused(name):
    return name in UNCHECKED or name.startswith(BELOW)


PUBLIC = public()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_is_held_to_its_annotations(name):
    function = PUBLIC[name]
    if inspect.signature(function).parameters and not is_excused(name):
        assert function.__code__ is CHECKED
        assert function.__doc__


def test_the_walk_finds_what_people_call():
    assert len(PUBLIC) > 200
    assert {
        "tlteach.experiment.compare", "tlteach.analysis.scarce.pseudo_label",
        "tlteach.analysis.scarce.budget", "tlteach.data.shift.between",
        "tlteach.data.shift.style_mix", "tlteach.analysis.transferability.agreement",
        "tlteach.measures.cka", "tlteach.plots.answer_grid",
    } <= set(PUBLIC)  # fmt: skip


def test_the_exceptions_are_still_needed():
    for name in UNCHECKED:
        assert PUBLIC[name].__code__ is not CHECKED, name
