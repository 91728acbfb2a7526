# The public names, and the wing that each lives in; __init__.py loads them on first use.
from . import (
    atlas as atlas,
    lessons as lessons,
    plots as plots,
    widgets as widgets,
)
from .analysis import (
    FrozenFeatures as FrozenFeatures,
    audit as audit,
    explain as explain,
    grouped as grouped,
    scarce as scarce,
    transferability as transferability,
)
from .app import (
    report as report,
    warmup as warmup,
)
from .data import (
    Split as Split,
    Task as Task,
    few_shot as few_shot,
    from_arrays as from_arrays,
    from_dataset as from_dataset,
    from_folder as from_folder,
    from_recordings as from_recordings,
    from_table as from_table,
    from_texts as from_texts,
    load_task as load_task,
    resolvable as resolvable,
    resplit as resplit,
    shift as shift,
    to_folder as to_folder,
)
from .experiment import (
    Search as Search,
    compare as compare,
    rerun as rerun,
    train_best as train_best,
)
from .measures import (
    accuracy as accuracy,
    balanced_accuracy as balanced_accuracy,
    brier as brier,
    confusion_table as confusion_table,
    distances as distances,
    ece as ece,
    labels_saved as labels_saved,
    log_loss as log_loss,
    paired as paired,
    summarize as summarize,
    verdict as verdict,
)
from .models import (
    Backbone as Backbone,
    Classifier as Classifier,
    TrainedModel as TrainedModel,
    extract_features as extract_features,
    load_backbone as load_backbone,
    load_model as load_model,
    predict as predict,
)
from .training import (
    REGIMES as REGIMES,
    Regime as Regime,
    Run as Run,
    TrainConfig as TrainConfig,
    train as train,
)

__version__: str
