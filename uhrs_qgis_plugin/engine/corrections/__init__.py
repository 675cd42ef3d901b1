"""Judgements of reviewers, and how they change a class map."""

from uhrs_qgis_plugin.engine.corrections.apply import Applied, apply_corrections
from uhrs_qgis_plugin.engine.corrections.judgements import Judgement, Judgements

__all__ = ["Applied", "Judgement", "Judgements", "apply_corrections"]
