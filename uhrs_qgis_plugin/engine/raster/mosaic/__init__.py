"""Several rasters read as one."""
