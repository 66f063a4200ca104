"""Stages keyed by their inputs and code, resumable, with counts in and out."""
