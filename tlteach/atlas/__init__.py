"""The atlas: real runs, precomputed, that charts and notebooks read instead of training.

It may import `analysis` and everything below. Begin with `store`, which loads and builds
it; `plan` says which rows there are, `runs`, `curves`, `shifted` and `sized` how each comes about,
`leads`, `claims`, `views` and `watched` what they say, `reading` in words; `again` runs rows again;
`asked` and `rules` put a learner's function to them.
"""

from tlteach.atlas.again import BAND, check
from tlteach.atlas.asked import BARE, bare, brake, stopped, time_needed
from tlteach.atlas.beyond import arms, beyond, strongest
from tlteach.atlas.claims import claim_table, claims, severity
from tlteach.atlas.curves import watched_images
from tlteach.atlas.leads import by_size, gaps, judged, statistics
from tlteach.atlas.plan import PARTS
from tlteach.atlas.reading import grid
from tlteach.atlas.rules import chosen, favourites, rescues, starts, worth
from tlteach.atlas.store import build, load
from tlteach.atlas.views import (
    by_seconds,
    by_share,
    measured_on,
    score_ranks,
    since_clean,
    verdicts,
    won_by,
)
from tlteach.atlas.watched import early_stopping, generalisation_gap, hardest

__all__ = [
    "BAND",
    "BARE",
    "PARTS",
    "arms",
    "bare",
    "beyond",
    "brake",
    "build",
    "by_seconds",
    "by_share",
    "by_size",
    "check",
    "chosen",
    "claim_table",
    "claims",
    "early_stopping",
    "favourites",
    "gaps",
    "generalisation_gap",
    "grid",
    "hardest",
    "judged",
    "load",
    "measured_on",
    "rescues",
    "score_ranks",
    "severity",
    "since_clean",
    "starts",
    "statistics",
    "stopped",
    "strongest",
    "time_needed",
    "verdicts",
    "watched_images",
    "won_by",
    "worth",
]
