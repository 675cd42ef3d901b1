"""Uncertain regions of a result: found, ranked, outlined."""
