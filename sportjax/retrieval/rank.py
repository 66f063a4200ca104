"""Ranking and distances of lists of clips in memory."""

from __future__ import annotations

import numpy as np

from sportjax.align import patterns
from sportjax.retrieval import blocks
from sportjax.retrieval.corpus import Clips, of_clips
from sportjax.retrieval.flips import Flip
from sportjax.retrieval.search import Apart, Found, Request, search
from sportjax.typing import Float, Int


def distances(
  queries: Clips,
  references: Clips,
  *,
  pattern: str | patterns.Pattern = 'symmetricP2',
  flip: Flip = 'min',
  cost: str = 'l2',
) -> Float[np.ndarray, 'q r']:
  """DTW distance of every query to every reference, normalised where the pattern allows; +inf without a path.

  Raises:
    InputError: clips are empty, not finite, or differ in width or views.
  """
  asking, answering = of_clips(queries, 'query'), of_clips(references)
  out = np.full((len(queries), len(references)), np.inf, np.float32)
  metric = blocks.Metric(patterns.find(pattern), flip, cost)
  rows = np.arange(len(answering))
  for _, group in blocks.blocks(asking, blocks.batches(asking), answering, rows, metric, blocks.all_devices()):
    for block in group:
      out[np.ix_(asking.position[block.queries], answering.position[block.references])] = block.distance
  return out


def rank(
  query_clips: Clips,
  reference_clips: Clips,
  *,
  k: int,
  pattern: str | patterns.Pattern = 'symmetricP2',
  flip: Flip = 'min',
  exclude_self: Int[np.ndarray, 'q'] | None = None,
  cost: str = 'l2',
) -> Found:
  """The k nearest references of every query and their distances, near ones first; equal ones in their own order.

  `exclude_self` gives the position of each query among the references (-1: not there), which is left out. A pair
  without a path is at +inf and ranks last, as in the reference's retrieval.

  Raises:
    InputError: k is more than a query can find, or clips are empty, not finite, or differ in width or views.
  """
  corpus, queries = of_clips(reference_clips), of_clips(query_clips, 'query')
  apart = None if exclude_self is None else Apart(np.asarray(exclude_self), np.arange(len(corpus)))
  return search(Request(corpus, queries, k, pattern=pattern, flip=flip, cost=cost, apart=apart))
