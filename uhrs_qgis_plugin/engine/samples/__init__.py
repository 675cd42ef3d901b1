"""Training samples cut from what was judged."""
