"""What is installed here, and whether it works."""

from uhrs_qgis_plugin.engine.diagnostics.installation import PRIVACY, Fact, Probe, collect_facts, self_tests, software

__all__ = ["PRIVACY", "Fact", "Probe", "collect_facts", "self_tests", "software"]
