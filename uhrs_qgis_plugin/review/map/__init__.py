"""What a review does on the map."""
