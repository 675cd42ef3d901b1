"""What a review keeps: regions, judgements, corrections."""
