"""The `.uhrs` file: a trained model with everything needed to run it."""
