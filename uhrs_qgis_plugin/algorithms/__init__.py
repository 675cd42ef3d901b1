"""Processing algorithms: one class, one file; parameters -> engine call -> outputs."""
