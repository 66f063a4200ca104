"""Filmed sets of the simulated world: video with all that is known of it."""
