"""Judgements of people, and their way into a class map."""

from uhrs_qgis_plugin.engine.corrections.apply import Burnt, Look, burn
from uhrs_qgis_plugin.engine.corrections.judgements import Judgement, Judgements
from uhrs_qgis_plugin.engine.corrections.polygons import Shape, read_wkb

__all__ = ["Burnt", "Judgement", "Judgements", "Look", "Shape", "burn", "read_wkb"]
