"""What every other wing stands on: errors in words, random streams, files, the machine.

It imports nothing of ours. Begin with `seeding`: one seed, an independent stream for each purpose;
`validate` says what was wrong, `whole` and `sealed` keep files whole, `cache` knows where,
`device` knows where things run, `text` breaks lines for a page, `markup` builds the small HTML
that a notebook shows of an object, `install` knows a clone from a wheel, `rounding` whether bits
can come out again on this machine.
"""

from tlteach.base import cache, device
from tlteach.base.bars import bar
from tlteach.base.cache import (
    CacheWarning,
    check_hash,
    home,
    is_offline,
    kept,
    progress_home,
    room,
    sha256,
    shared,
)
from tlteach.base.edge import check_fields, checked, warn_caller
from tlteach.base.install import adding, clone, course_folder
from tlteach.base.rounding import rounding
from tlteach.base.sealed import read_sealed, write_sealed
from tlteach.base.seeding import derive, generator, rng
from tlteach.base.text import (
    counted,
    unformula,
    unwrapped,
    visible,
    without_ignorables,
    wrapped,
)
from tlteach.base.validate import finite, in_range, one_of, same_length
from tlteach.base.whole import DamagedError, atomic_write, read_json, read_sums

__all__ = [
    "CacheWarning",
    "DamagedError",
    "adding",
    "atomic_write",
    "bar",
    "cache",
    "check_fields",
    "check_hash",
    "checked",
    "clone",
    "counted",
    "course_folder",
    "derive",
    "device",
    "finite",
    "generator",
    "home",
    "in_range",
    "is_offline",
    "kept",
    "one_of",
    "progress_home",
    "read_json",
    "read_sealed",
    "read_sums",
    "rng",
    "room",
    "rounding",
    "same_length",
    "sha256",
    "shared",
    "unformula",
    "unwrapped",
    "visible",
    "warn_caller",
    "without_ignorables",
    "wrapped",
    "write_sealed",
]
