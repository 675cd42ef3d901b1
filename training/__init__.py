"""Training of the dual-stream networks: data, networks, losses, entry points."""
