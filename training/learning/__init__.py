"""What a training step learns: the task, objectives, losses, optimisation, and the networks by name."""
