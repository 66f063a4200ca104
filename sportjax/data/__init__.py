"""Datasets, input pipelines and the feature store."""
