"""Exact ranking of clips by alignment: every pair that has a path is aligned, only the first k are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import tqdm

from sportjax.align import dtw, pack, patterns
from sportjax.errors import InputError
from sportjax.typing import Float, Int

Flip = Literal['min', 'concat', 'none']
Clips = Sequence[Float[np.ndarray, 't d'] | Float[np.ndarray, 't v d']]
Combine = Callable[[list[np.ndarray]], np.ndarray]

PROGRESS_PAIRS = 1_000_000  # a run of more pairs shows a progress bar


def views(clips: Clips, flip: Flip) -> list[list[Float[np.ndarray, 't d']]]:
  """The sets of clips to compare: one for each view with 'min', one otherwise.

  'min' aligns every view of the query with every view of the reference and keeps the best (the VPD paper); 'concat'
  sets the views side by side as one wide feature (its reference implementation's retrieval); 'none' takes the clip as
  filmed.

  Raises:
    InputError: a clip is neither (t, d) nor (t, v, d), or clips differ in their number of views.
  """
  if flip not in ('min', 'concat', 'none'):
    raise InputError(f"flip {flip!r} is unknown; choose 'min', 'concat' or 'none'")
  for i, clip in enumerate(clips):
    if clip.ndim not in (2, 3) or clip.shape[1:-1] != clips[0].shape[1:-1]:
      raise InputError(f'clip {i} has shape {clip.shape}; expected (t, d) or (t, v, d) like clip 0: {clips[0].shape}')
  full = [clip if clip.ndim == 3 else clip[:, None] for clip in clips]
  if flip == 'concat':
    return [[clip.reshape(len(clip), -1) for clip in full]]
  count = full[0].shape[1] if full and flip == 'min' else 1
  return [[clip[:, view] for clip in full] for view in range(count)]


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
  out = np.full((len(queries), len(references)), np.inf, np.float32)
  for rows, columns, part in _parts(queries, references, pattern, flip, cost):
    out[np.ix_(rows, columns)] = part
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
) -> tuple[Int[np.ndarray, 'q k'], Float[np.ndarray, 'q k']]:
  """The k nearest references of every query and their distances, near ones first; equal ones in their own order.

  `exclude_self` gives the position of each query among the references (-1: not there), which is left out. A pair
  without a path is at +inf and ranks last, as in the reference's retrieval.

  Raises:
    InputError: k is not in 1..references, or clips are empty, not finite, or differ in width or views.
  """
  if not 1 <= k <= len(reference_clips) - (exclude_self is not None):
    raise InputError(f'k = {k} of {len(reference_clips)} references; choose k within the corpus, the query left out')
  best = np.full((len(query_clips), k), np.inf, np.float32)
  index = np.full((len(query_clips), k), len(reference_clips), np.int64)
  for rows, columns, part in _parts(query_clips, reference_clips, pattern, flip, cost):
    if exclude_self is not None:
      part = np.where(columns == np.asarray(exclude_self)[rows, None], np.nan, part)
    best[rows], index[rows] = _merge(best[rows], index[rows], part, columns)
  return index, best


def _merge(best: np.ndarray, index: np.ndarray, part: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """The best of those kept and of the new, ordered by distance and then by index; NaN is left out."""
  distance = np.concatenate([best, part], axis=1)
  position = np.concatenate([index, np.broadcast_to(columns, part.shape)], axis=1)
  keep = np.lexsort((position, distance), axis=1)[:, : best.shape[1]]
  return np.take_along_axis(distance, keep, 1), np.take_along_axis(position, keep, 1)


def _parts(
  queries: Clips, references: Clips, pattern: str | patterns.Pattern, flip: Flip, cost: str
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
  """Blocks of distances: (rows of queries, columns of references, distances), each pair once."""
  pattern = patterns.find(pattern)
  query_views, reference_views = views(queries, flip), views(references, flip)
  for clips, name in ((query_views, 'query'), (reference_views, 'reference')):
    for view in clips:
      pack.check_clips(view, name)
  # The views of a clip have one length, so their buckets hold the same clips in the same lanes.
  buckets = list(zip(*(pack.pack(view) for view in reference_views), strict=True))
  by_length = np.argsort([len(clip) for clip in queries], kind='stable')
  chunks = np.array_split(by_length, -(-len(queries) // dtw.QUERIES)) if queries else []
  bar = tqdm.tqdm(
    total=len(chunks) * len(buckets), desc='aligning', disable=len(queries) * len(references) < PROGRESS_PAIRS
  )
  with bar:
    for group in buckets:
      lanes = group[0].index >= 0
      for rows in chunks:
        yield rows, group[0].index[lanes], _nearest(query_views, group, rows, pattern, cost)[:, lanes]
        bar.update()


def _nearest(query_views, group, rows, pattern, cost) -> Float[np.ndarray, 'q tile lane']:
  """The smallest distance over all pairs of views."""
  return np.minimum.reduce(
    [
      dtw.bucket_scores([view[i] for i in rows], bucket, pattern=pattern, cost=cost, normalize=pattern.normalized)
      for view in query_views
      for bucket in group
    ]
  )
