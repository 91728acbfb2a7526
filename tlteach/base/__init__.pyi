# The public names, and the room that each lives in; __init__.py loads them on first use.
from . import (
    cache as cache,
    device as device,
)
from .bars import bar as bar
from .cache import (
    CacheWarning as CacheWarning,
    check_hash as check_hash,
    home as home,
    is_offline as is_offline,
    kept as kept,
    progress_home as progress_home,
    room as room,
    sha256 as sha256,
    shared as shared,
)
from .edge import check_fields as check_fields, checked as checked, warn_caller as warn_caller
from .install import adding as adding, clone as clone, course_folder as course_folder
from .rounding import rounding as rounding
from .sealed import read_sealed as read_sealed, write_sealed as write_sealed
from .seeding import derive as derive, generator as generator, rng as rng
from .text import (
    counted as counted,
    unformula as unformula,
    unwrapped as unwrapped,
    visible as visible,
    without_ignorables as without_ignorables,
    wrapped as wrapped,
)
from .validate import (
    finite as finite,
    in_range as in_range,
    one_of as one_of,
    same_length as same_length,
)
from .whole import (
    DamagedError as DamagedError,
    atomic_write as atomic_write,
    read_json as read_json,
    read_sums as read_sums,
)
