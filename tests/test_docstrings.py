"""Every public name says what it takes, what it returns and how it is called, as numpydoc reads it.

That the examples run is seen by doctest.
"""

import dataclasses
import importlib
import inspect

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import tlteach
from tests.test_layers import FLOORS

# What numpydoc asks for and this package does not.
LEFT_OUT = {
    "SA01": "names in backticks point to others where they are needed",
    "ES01": "a first line that says it all needs no second",
    "RT04": "the columns of a table begin as they are written",
}
# Fields of a dataclass stand under Attributes, since they stay to be read: see `unlisted`.
FIELDS = {"PR01", "PR02"}
NO_EXAMPLE = {
    "TrainLive": "train_live makes it, and trains with it in its own example",
    "TryModel": "it takes trained models: try_model makes it, and asks it in its own example",
}


def public():
    """Return what the faces and `tlteach` itself hand out: functions and classes."""
    faces = [importlib.import_module(f"tlteach.{wing}") for floor in FLOORS for wing in floor]
    found = [getattr(face, name) for face in (*faces, tlteach) for name in face.__all__]
    known = {id(one): one for one in found if inspect.isclass(one) or inspect.isfunction(one)}
    return list(known.values())


def is_shown(what):
    """Return whether an example is due: not of a kind of error, nor of what only others fill in."""
    if what.__name__ in NO_EXAMPLE or inspect.isabstract(what):
        return False
    return not (inspect.isclass(what) and issubclass(what, Exception))


def unlisted(what):
    """Return the fields of a dataclass that are not described, or have no type."""
    doc = NumpyDocString(inspect.getdoc(what))
    entries = [*doc["Attributes"], *doc["Parameters"]]
    told = {name.strip() for one in entries if one.type for name in one.name.split(",")}
    return [field.name for field in dataclasses.fields(what) if field.name not in told]


def faults(what):
    left_out = {*LEFT_OUT}
    if not is_shown(what):
        left_out.add("EX01")
    if dataclasses.is_dataclass(what):
        left_out |= FIELDS
    # by the module it was made in: a wing may have a module of the same name
    errors = validate(f"{what.__module__}.{what.__qualname__}")["errors"]
    found = [f"{code} {told}" for code, told in errors if code not in left_out]
    if dataclasses.is_dataclass(what):
        found += [f"field {name} is not described with its type" for name in unlisted(what)]
    if is_shown(what) and ">>>" not in (inspect.getdoc(what) or ""):
        found.append("no example that can run")
    return found


# numpydoc looks at every attribute, and widgets have old ones
@pytest.mark.filterwarnings("ignore:Widget:DeprecationWarning")
@pytest.mark.parametrize("what", public(), ids=lambda what: f"{what.__module__}.{what.__name__}")
def test_a_public_name_is_documented_in_full(what):
    assert faults(what) == []


def test_exceptions_are_still_needed():
    names = {what.__name__: what for what in public()}
    for name in NO_EXAMPLE:
        assert ">>>" not in inspect.getdoc(names[name])


def bare(left, right):
    """Add two numbers."""
    return left + right


@dataclasses.dataclass
class Bare:
    """Hold two numbers.

    Attributes
    ----------
    left : int
        The first.
    right
        The second.

    Examples
    --------
    >>> Bare(1, 2).left
    1
    """

    left: int
    right: int
    third: int = 0


def test_a_function_that_says_too_little_is_found():
    codes = {fault.split()[0] for fault in faults(bare)}
    assert {"PR01", "RT01", "EX01"} <= codes


def test_a_field_that_is_not_described_is_found():
    assert unlisted(Bare) == ["right", "third"]
