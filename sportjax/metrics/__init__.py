"""Metrics: pure functions and mergeable states."""
