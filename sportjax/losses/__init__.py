"""Losses: pure functions."""
