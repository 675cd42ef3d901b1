"""Tests of networks of other packages: skipped where the extra is not installed, which `make setup` does."""

import sys

import pytest

from tests.environments import TRAINING, here
from training.errors import SettingsError
from training.networks.libraries.required import APART, required


def needs_library(package="segmentation_models_pytorch"):
    """Import a package of requirements-networks.txt, or skip; where `make setup` has installed it, a failure fails."""
    try:
        return required(package, "a test")
    except SettingsError as error:
        if here() == TRAINING and APART.is_dir() and sys.version_info >= (3, 10):
            raise
        pytest.skip(f"the extra requirements-networks.txt is not installed: {error}")


def needs_network(name):
    """Skip where the package of an architecture, or of a low encoder, is not installed."""
    package = {"smp": "segmentation_models_pytorch", "torchvision": "torchvision", "timm": "timm"}.get(
        name.split(":")[0]
    )
    if package and ":" in name:
        needs_library(package)
