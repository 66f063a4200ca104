"""Meshes, sharding rules and arrays across processes."""
