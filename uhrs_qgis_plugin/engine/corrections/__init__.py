"""Judgements of people, and their way into a class map."""
