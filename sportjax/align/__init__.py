"""Sequence alignment: costs, DTW, soft-DTW and paths."""
