"""Chains of stages; what a config of mode=run names."""
