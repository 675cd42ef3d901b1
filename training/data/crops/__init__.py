"""Crops of scenes, their order and their augmentation."""
