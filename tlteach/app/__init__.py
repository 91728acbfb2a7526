"""Shells around everything else: the command line, the demo, the doctor, the report, the warm-up.

It may import every wing. Names load on first use, so that `tlteach --help` is quick and a warm-up
returns before torch is there. Begin with `cli`;
`own` has the commands for someone's own images, `handin` the report on them.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
