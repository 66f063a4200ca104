"""Skeletons, tracks of people, and normalised pose: NumPy only."""
