"""The networks, one part a file; `architectures.ARCHITECTURES` lists them by name."""
