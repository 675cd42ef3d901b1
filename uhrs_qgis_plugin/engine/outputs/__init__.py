"""How results are written: blocks, overviews, publication under the final names."""
