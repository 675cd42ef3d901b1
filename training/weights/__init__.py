"""Weights in files: our checkpoints, bundles to continue from, and published encoders."""

from training.weights.checkpoint import Trained, load_trained, save_trained
from training.weights.files import read_weights
from training.weights.library_encoders import load_library_encoder, tell_of_frozen_encoder
from training.weights.pretrained import load_encoders, load_published, tell_where_weights_are
from training.weights.start import begin_with, load_start

__all__ = [
    "Trained",
    "begin_with",
    "load_encoders",
    "load_library_encoder",
    "load_published",
    "load_start",
    "load_trained",
    "read_weights",
    "save_trained",
    "tell_of_frozen_encoder",
    "tell_where_weights_are",
]
