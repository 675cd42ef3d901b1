"""What keeps a training run safe, repeatable and spread over several processes."""
