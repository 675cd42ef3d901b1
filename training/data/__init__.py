"""Datasets: official layout in, scenes and crops out."""
