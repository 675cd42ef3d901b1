"""Judgements of people, and their way into a class map."""

from uhrs_qgis_plugin.engine.corrections.apply import Burnt, Look, burn
from uhrs_qgis_plugin.engine.corrections.judgements import Judgement, Judgements

__all__ = ["Burnt", "Judgement", "Judgements", "Look", "burn"]
