"""Tasks to learn: what ships, what lies elsewhere, your own folder, and how inputs are changed.

It imports `base` alone. Begin with `task`: a `Task` is inputs in splits, with a card; `shipped`
loads them by name, `from_files`, `from_memory`, `from_sets`, `from_texts` and `recordings` make one
of your own data, `to_folder` writes one out, `subset` leaves a few labels, `parts` some classes,
`augment` and `shift` change images, `canvas` puts several on one.
"""

from tlteach.data import augment, shift, sound
from tlteach.data.canvas import collage, covered
from tlteach.data.card import Card
from tlteach.data.from_files import from_folder, from_table
from tlteach.data.from_memory import from_arrays
from tlteach.data.from_sets import from_dataset
from tlteach.data.from_texts import from_texts
from tlteach.data.own import FolderNote
from tlteach.data.parts import only_classes, only_domains, with_splits
from tlteach.data.recordings import from_recordings
from tlteach.data.resplit import resolvable, resplit
from tlteach.data.shipped import SUBTASKS, TASKS, load_task, shipped_data
from tlteach.data.subset import all_labels, at_seed, few_shot, one_in_five
from tlteach.data.task import UNKNOWN, Split, Task
from tlteach.data.texts import rows_of, texts_of
from tlteach.data.to_folder import to_folder

__all__ = [
    "SUBTASKS",
    "TASKS",
    "UNKNOWN",
    "Card",
    "FolderNote",
    "Split",
    "Task",
    "all_labels",
    "at_seed",
    "augment",
    "collage",
    "covered",
    "few_shot",
    "from_arrays",
    "from_dataset",
    "from_folder",
    "from_recordings",
    "from_table",
    "from_texts",
    "load_task",
    "one_in_five",
    "only_classes",
    "only_domains",
    "resolvable",
    "resplit",
    "rows_of",
    "shift",
    "shipped_data",
    "sound",
    "texts_of",
    "to_folder",
    "with_splits",
]
