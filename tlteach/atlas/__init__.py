"""The atlas: real runs, precomputed, that charts and notebooks read instead of training.

It may import `analysis` and everything below. Begin with `store`, which loads, builds and checks
it; `plan` says which rows there are, `runs`, `curves` and `shifted` how each comes about,
`leads`, `claims` and `views` what they say.
"""

from tlteach.atlas.claims import claims, severity
from tlteach.atlas.curves import watched_images
from tlteach.atlas.leads import arms, beyond, gaps, grid, judged, statistics, strongest
from tlteach.atlas.plan import PARTS
from tlteach.atlas.store import BAND, build, check, load
from tlteach.atlas.views import (
    by_seconds,
    by_share,
    early_stopping,
    generalisation_gap,
    hardest,
    measured_on,
    score_ranks,
    since_clean,
    verdicts,
    won_by,
)

__all__ = [
    "BAND",
    "PARTS",
    "arms",
    "beyond",
    "build",
    "by_seconds",
    "by_share",
    "check",
    "claims",
    "early_stopping",
    "gaps",
    "generalisation_gap",
    "grid",
    "hardest",
    "judged",
    "load",
    "measured_on",
    "score_ranks",
    "severity",
    "since_clean",
    "statistics",
    "strongest",
    "verdicts",
    "watched_images",
    "won_by",
]
