"""Weights in files: our checkpoints read, a bundle taken up again, encoders that others published."""
