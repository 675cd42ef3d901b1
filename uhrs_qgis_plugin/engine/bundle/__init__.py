"""The `.uhrs` file: a trained model with everything needed to run it."""

from uhrs_qgis_plugin.engine.bundle.bundle import Bundle, read_bundle, write_bundle

__all__ = ["Bundle", "read_bundle", "write_bundle"]
