"""The ablation that `make reproduce` trains, measures and judges."""

from training.reproduction.claims import Results
from training.reproduction.measure import Budget, train_and_measure
from training.reproduction.report import read_results, write_report
from training.reproduction.runs import RUNS

__all__ = ["RUNS", "Budget", "Results", "read_results", "train_and_measure", "write_report"]
