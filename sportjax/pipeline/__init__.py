"""Stages keyed by their inputs and code, resumable, with counts in and out."""

from sportjax.pipeline.items import item_folders, map_items, progress
from sportjax.pipeline.stage import Done, Pipeline, Skip, Work, write_json

__all__ = ['Done', 'Pipeline', 'Skip', 'Work', 'item_folders', 'map_items', 'progress', 'write_json']
