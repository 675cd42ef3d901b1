"""The ablation that `make reproduce` trains, measures and judges."""
