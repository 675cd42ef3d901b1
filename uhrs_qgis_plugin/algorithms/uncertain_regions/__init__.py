"""Uncertain regions."""
