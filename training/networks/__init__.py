"""The networks, one architecture or part a file; `registry.ARCHITECTURES` lists them by name."""

from training.networks.deeplab import DeepLabPrediction, DeepLabV3Plus
from training.networks.dual_stream import FUSED_CHANNELS, DualStream, LowOutput, Output, normalised_alone
from training.networks.estimator import entropy
from training.networks.high_encoders import STDC, EfficientNetLite0
from training.networks.initialise import Initialisation, initialise
from training.networks.isdnet import ISDNet, ISDPrediction
from training.networks.layers import resize
from training.networks.libraries import LibraryNetwork, LibraryPrediction, TimmPyramid, TimmTokens
from training.networks.network import DOWN_RATIO, Network, Prediction, channels_last, replicate, size_of
from training.networks.registry import ARCHITECTURES, DEFAULT, LIBRARIES, find_architecture, name_of
from training.networks.resnet import ResNet
from training.networks.segformer import SegFormer, SegFormerPrediction
from training.networks.selector import Grid, mean_score, select
from training.networks.settings import Settings, faithful, network_settings, restored_settings, stored_settings
from training.networks.single_stream import HighPrediction, HighStream, LowPrediction, LowStream

__all__ = [
    "ARCHITECTURES",
    "DEFAULT",
    "DOWN_RATIO",
    "FUSED_CHANNELS",
    "LIBRARIES",
    "STDC",
    "DeepLabPrediction",
    "DeepLabV3Plus",
    "DualStream",
    "EfficientNetLite0",
    "Grid",
    "HighPrediction",
    "HighStream",
    "ISDNet",
    "ISDPrediction",
    "Initialisation",
    "LibraryNetwork",
    "LibraryPrediction",
    "LowOutput",
    "LowPrediction",
    "LowStream",
    "Network",
    "Output",
    "Prediction",
    "ResNet",
    "SegFormer",
    "SegFormerPrediction",
    "Settings",
    "TimmPyramid",
    "TimmTokens",
    "channels_last",
    "entropy",
    "faithful",
    "find_architecture",
    "initialise",
    "mean_score",
    "name_of",
    "network_settings",
    "normalised_alone",
    "replicate",
    "resize",
    "restored_settings",
    "select",
    "size_of",
    "stored_settings",
]
