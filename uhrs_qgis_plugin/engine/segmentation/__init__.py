"""One run: check, coarse pass, selection, refine pass, report."""
