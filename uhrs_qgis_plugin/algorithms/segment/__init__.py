"""Segment raster."""
