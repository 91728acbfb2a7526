"""What a lecturer runs: files handed in, a class's overview and pooled result, grades, the kit.

It may import everything but `app`. Begin with `submission`, which reads a learner's file as if from
a stranger; `overview` and `pool` make tables of many. `kit` and `assignments` write for a course;
`kit` needs the extra "notebooks", so it loads only when asked for by name.
"""

from tlteach.classroom.assignments import grade, write_assignment
from tlteach.classroom.gradebook import write_grades
from tlteach.classroom.guesses import Guesses, guesses
from tlteach.classroom.overview import Overview, overview
from tlteach.classroom.pool import Pool, pool
from tlteach.classroom.submission import Refused, Submission, collect, submit

__all__ = [
    "Guesses",
    "Overview",
    "Pool",
    "Refused",
    "Submission",
    "collect",
    "grade",
    "guesses",
    "overview",
    "pool",
    "submit",
    "write_assignment",
    "write_grades",
]
