"""Tiny presets and fakes, imported by tests only."""
