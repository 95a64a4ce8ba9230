"""Match weights: what the levels of a pair are worth by a model, and the model learnt from the records themselves."""

from resolution.score.learn import learn
from resolution.score.model import Model, default_model
from resolution.score.pruning import above
from resolution.score.weights import IMPOSSIBLE, Scores, bits_of, ordered, probability, score, score_levels

__all__ = [
    "IMPOSSIBLE",
    "Model",
    "Scores",
    "above",
    "bits_of",
    "default_model",
    "learn",
    "ordered",
    "probability",
    "score",
    "score_levels",
]
