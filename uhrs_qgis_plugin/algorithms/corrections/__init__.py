"""Corrected classes and training samples."""
