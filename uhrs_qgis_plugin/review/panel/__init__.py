"""What the review panel shows."""
