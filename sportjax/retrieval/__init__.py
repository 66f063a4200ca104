"""Indices over clips and their search by alignment."""
