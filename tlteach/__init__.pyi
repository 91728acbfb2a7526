# The public names, and the wing that each lives in; __init__.py loads them on first use.
from . import (
    distances as distances,
)
from . import (
    explain as explain,
)
from . import (
    scarce as scarce,
)
from . import (
    transferability as transferability,
)
from .backbones import (
    Backbone as Backbone,
)
from .backbones import (
    Classifier as Classifier,
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
    from_folder as from_folder,
)
from .data import (
    load_task as load_task,
)
from .data import (
    shift as shift,
)
from .estimators import (
    FrozenFeatures as FrozenFeatures,
)
from .experiment import (
    compare as compare,
)
from .inference import (
    extract_features as extract_features,
)
from .inference import (
    predict as predict,
)
from .metrics import (
    accuracy as accuracy,
)
from .metrics import (
    brier as brier,
)
from .metrics import (
    confusion_table as confusion_table,
)
from .metrics import (
    ece as ece,
)
from .metrics import (
    log_loss as log_loss,
)
from .regimes import (
    REGIMES as REGIMES,
)
from .regimes import (
    Regime as Regime,
)
from .settings import (
    TrainConfig as TrainConfig,
)
from .stats import (
    paired as paired,
)
from .stats import (
    summarize as summarize,
)
from .training import (
    Run as Run,
)
from .training import (
    train as train,
)
from .verdicts import (
    labels_saved as labels_saved,
)
from .verdicts import (
    verdict as verdict,
)
from .warm import (
    warmup as warmup,
)
from .zoo import (
    load_backbone as load_backbone,
)

__version__: str
