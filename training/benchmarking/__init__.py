"""The parts of `training/benchmark.py`."""
