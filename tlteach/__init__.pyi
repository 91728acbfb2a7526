# The public names, and the wing that each lives in; __init__.py loads them on first use.
from .analysis import (
    FrozenFeatures as FrozenFeatures,
)
from .analysis import (
    explain as explain,
)
from .analysis import (
    scarce as scarce,
)
from .analysis import (
    transferability as transferability,
)
from .app import (
    warmup as warmup,
)
from .data import (
    Split as Split,
)
from .data import (
    Task as Task,
)
from .data import (
    few_shot as few_shot,
)
from .data import (
    from_arrays as from_arrays,
)
from .data import (
    from_dataset as from_dataset,
)
from .data import (
    from_folder as from_folder,
)
from .data import (
    from_table as from_table,
)
from .data import (
    load_task as load_task,
)
from .data import (
    shift as shift,
)
from .experiment import (
    compare as compare,
)
from .measures import (
    accuracy as accuracy,
)
from .measures import (
    brier as brier,
)
from .measures import (
    confusion_table as confusion_table,
)
from .measures import (
    distances as distances,
)
from .measures import (
    ece as ece,
)
from .measures import (
    labels_saved as labels_saved,
)
from .measures import (
    log_loss as log_loss,
)
from .measures import (
    paired as paired,
)
from .measures import (
    summarize as summarize,
)
from .measures import (
    verdict as verdict,
)
from .models import (
    Backbone as Backbone,
)
from .models import (
    Classifier as Classifier,
)
from .models import (
    extract_features as extract_features,
)
from .models import (
    load_backbone as load_backbone,
)
from .models import (
    predict as predict,
)
from .training import (
    REGIMES as REGIMES,
)
from .training import (
    Regime as Regime,
)
from .training import (
    Run as Run,
)
from .training import (
    TrainConfig as TrainConfig,
)
from .training import (
    train as train,
)

__version__: str
