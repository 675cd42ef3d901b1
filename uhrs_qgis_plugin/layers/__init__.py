"""What a layer knows: its styles, fields, ground, and the version of QGIS it lives in."""
