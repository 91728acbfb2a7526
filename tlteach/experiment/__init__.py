"""The fair comparison: regimes x shots x seeds under one protocol, into one tidy table.

It may import `training` and everything below. Begin with `compare`; a cell of it (`cells`) is
searched, trained again on all labels and tested once, and `results` keeps its rows. `kept` makes
what it found best into a model to use.
"""

from tlteach.experiment.baselines import raw_pixels
from tlteach.experiment.candidates import rerun
from tlteach.experiment.cells import choose
from tlteach.experiment.compare import RangeEdgeWarning, compare
from tlteach.experiment.cores import on_all_cores
from tlteach.experiment.kept import train_best
from tlteach.experiment.race import score
from tlteach.experiment.results import COLUMNS
from tlteach.experiment.search import SEARCH, Search, get_search
from tlteach.experiment.searched import train_searched

__all__ = [
    "COLUMNS",
    "SEARCH",
    "RangeEdgeWarning",
    "Search",
    "choose",
    "compare",
    "get_search",
    "on_all_cores",
    "raw_pixels",
    "rerun",
    "score",
    "train_best",
    "train_searched",
]
