"""Networks of other packages, an extra: a package is imported when a network of it is asked for, never before."""

from training.networks.libraries.low_encoder import LowEncoder, low_encoder
from training.networks.libraries.smp import smp_network
from training.networks.libraries.timm import TimmPyramid, TimmTokens
from training.networks.libraries.torchvision import torchvision_network
from training.networks.libraries.windowed import LibraryNetwork, LibraryPrediction

__all__ = [
    "LibraryNetwork",
    "LibraryPrediction",
    "LowEncoder",
    "TimmPyramid",
    "TimmTokens",
    "low_encoder",
    "smp_network",
    "torchvision_network",
]
