"""The datasets, in their layouts as downloaded."""
