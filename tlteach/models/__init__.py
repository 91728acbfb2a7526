"""Networks: backbones with their own preprocessing, where their weights come from, what they say.

It may import `data`, `measures` and `base`. Begin with `backbone`, which turns inputs into
features; `zoo` loads one by name, `inference` runs it. `trained` is a model to keep.
"""

from tlteach.models.backbone import Backbone, Classifier, ModelCard
from tlteach.models.inference import extract_features, predict
from tlteach.models.intake import Intake
from tlteach.models.layers import initialise
from tlteach.models.loading import load_model, source_of
from tlteach.models.lora import add_lora
from tlteach.models.preprocessing import Preprocessing, Recipe
from tlteach.models.small import load_small, small_cnn, small_file
from tlteach.models.sources import SOURCES, load_source
from tlteach.models.statefile import read_state
from tlteach.models.text import bag_of_words, needs_text
from tlteach.models.trained import TrainedModel
from tlteach.models.zoo import load_backbone

__all__ = [
    "SOURCES",
    "Backbone",
    "Classifier",
    "Intake",
    "ModelCard",
    "Preprocessing",
    "Recipe",
    "TrainedModel",
    "add_lora",
    "bag_of_words",
    "extract_features",
    "initialise",
    "load_backbone",
    "load_model",
    "load_small",
    "load_source",
    "needs_text",
    "predict",
    "read_state",
    "small_cnn",
    "small_file",
    "source_of",
]
