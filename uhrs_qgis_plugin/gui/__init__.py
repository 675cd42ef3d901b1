"""Dock widgets and map tools: the review of uncertain regions. Nothing here is imported before it is opened."""
