"""Evaluators: they receive features or predict functions."""
