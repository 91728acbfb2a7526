"""What every other wing stands on: errors in words, random streams, files, the machine.

It imports nothing of ours. Begin with `seeding`: one seed, an independent stream for each purpose;
`validate` says what was wrong, `whole` and `sealed` keep files whole, `cache` knows where,
`device` knows where things run, `text` breaks lines for a page, `markup` builds the small HTML
that a notebook shows of an object, `install` knows a clone from a wheel, `rounding` whether bits
can come out again on this machine.

Names load on first use, since some rooms need torch: a command that only reads a learner's
progress must not wait for it. The public names stand in ``__init__.pyi``.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
