"""Exact search by alignment: every pair that has a path is aligned, only the first k of each query are kept."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys
from collections.abc import Sequence
from typing import Literal, NamedTuple

import jax
import numpy as np
import tqdm
from jax.experimental import multihost_utils

from sportjax.align import costs, patterns
from sportjax.errors import InputError
from sportjax.retrieval import blocks, nearest
from sportjax.retrieval.blocks import Batch, Metric
from sportjax.retrieval.corpus import Corpus, digest
from sportjax.retrieval.flips import Flip, arrange
from sportjax.retrieval.parts import Parts
from sportjax.typing import Bool, Float, Int

PAIRS_PER_PART = 5_000_000  # about what is lost when a search is killed
PROGRESS_PAIRS = 1_000_000  # a search of more pairs shows a progress bar, on a terminal


class Found(NamedTuple):
  """The nearest references of every query, near ones first."""

  index: Int[np.ndarray, 'q k']  # positions
  distance: Float[np.ndarray, 'q k']


@dataclasses.dataclass(frozen=True)
class Apart:
  """A pair with equal codes is left out: positions for a query and itself, athletes for anything of its own athlete.

  Codes are integers or names, one for each query and one for each reference.
  """

  queries: np.ndarray
  references: np.ndarray


@dataclasses.dataclass(frozen=True)
class Request:
  """What is searched for, and how.

  Args:
    corpus: the references.
    queries: clips that ask; may be the corpus itself.
    k: how many are wanted.
    pattern: step pattern of the alignment.
    flip: how mirrored views enter (`flips.arrange`).
    cost: distance between frames.
    only: the references that may be found, by position; all where not given.
    apart: pairs that are left out.
    infeasible: 'last': a reference without a path to the query ranks last, at +inf, in the order of the corpus, as in
      the retrieval of VPD's reference implementation. 'symmetric2': as in its classifier, a query without a path to any
      reference is answered with that pattern, which has one to all.
  """

  corpus: Corpus
  queries: Corpus
  k: int
  pattern: str | patterns.Pattern = 'symmetricP2'
  flip: Flip = 'min'
  cost: str = 'l2'
  only: Bool[np.ndarray, 'r'] | None = None
  apart: Apart | None = None
  infeasible: Literal['last', 'symmetric2'] = 'last'

  def __post_init__(self):
    """Checks sizes. Raises InputError where a query cannot have k answers or an argument does not fit the corpus."""
    if self.infeasible not in ('last', 'symmetric2'):
      raise InputError(f"infeasible={self.infeasible!r} is unknown; choose 'last' or 'symmetric2'")
    if self.only is not None and (self.only.dtype != bool or self.only.shape != (len(self.corpus),)):
      raise InputError(
        f'only is {self.only.dtype} {self.only.shape}; expected one bool for each of {len(self.corpus)} references'
      )
    arrange(np.zeros((1, 1, 1)), self.flip)
    patterns.find(self.pattern)
    costs.find(self.cost)
    queries, references = self._codes
    if len(queries) != len(self.queries) or len(references) != len(self.corpus):
      raise InputError(
        f'apart has {len(queries)} and {len(references)} codes for {len(self.queries)} queries and '
        f'{len(self.corpus)} references; give one for each'
      )
    self._check_k()

  def _check_k(self) -> None:
    queries, references = self._codes
    own = np.bincount(references[self.allowed], minlength=max(queries.max(initial=0), 0) + 1)
    answers = np.sum(self.allowed) - np.where(queries < 0, 0, own[queries])
    fewest = int(answers.min(initial=np.sum(self.allowed)))
    if not 1 <= self.k <= fewest:
      raise InputError(
        f'k = {self.k} of {len(self.corpus)} references, of which a query may find {fewest}; choose k in 1..{fewest}'
      )

  @functools.cached_property
  def allowed(self) -> Bool[np.ndarray, 'r']:
    """Whether a position may be found at all."""
    return np.ones(len(self.corpus), bool) if self.only is None else self.only

  @functools.cached_property
  def _codes(self) -> tuple[Int[np.ndarray, 'q'], Int[np.ndarray, 'r']]:
    """`apart` as small integers; -1 for queries that are apart from nothing."""
    if self.apart is None:
      return np.full(len(self.queries), -1), np.zeros(len(self.corpus), np.int64)
    names, references = np.unique(self.apart.references, return_inverse=True)
    place = np.searchsorted(names, self.apart.queries)
    known = np.append(names, names[:1])[place] == self.apart.queries if len(names) else np.zeros(len(place), bool)
    return np.where(known, place, -1), references

  @functools.cached_property
  def metric(self) -> Metric:
    """How pairs are compared."""
    return Metric(patterns.find(self.pattern), self.flip, self.cost)

  def key(self) -> str:
    """A digest of all that the results depend on."""
    return digest(
      np.array([self.corpus.key(), self.queries.key(), repr(self.metric), self.infeasible, str(self.k)]),
      self.allowed,
      *self._codes,
    )

  def barred(self, queries: Int[np.ndarray, 'q'], references: Int[np.ndarray, 'r']) -> Bool[np.ndarray, 'q r']:
    """Which pairs of positions are left out."""
    if self.apart is None:
      return np.zeros((len(queries), len(references)), bool)
    asking, answering = self._codes
    return asking[queries][:, None] == answering[references]


def search(
  request: Request, *, folder: pathlib.Path | None = None, devices: Sequence[jax.Device] | None = None
) -> Found:
  """The k nearest references of every query; equally near ones in the order of the corpus.

  With `folder`, results are kept there part by part, and a search that was killed goes on where it stood. All processes
  of jax.distributed take their share of the queries, for which they need a folder that all of them see.

  Raises:
    InputError: the folder holds another search, is missing with several processes, or features do not fit.
  """
  if folder is None:
    if jax.process_count() > 1:
      raise InputError(f'a search by {jax.process_count()} processes needs a folder that all see; give folder=')
    return _gather(request, [_answer(request, blocks.batches(request.queries), devices)])
  search_share(request, folder, (jax.process_index(), jax.process_count()), devices=devices)
  if jax.process_count() > 1:
    multihost_utils.sync_global_devices(f'search in {folder}')
  return collect(request, folder)


def search_share(
  request: Request, folder: pathlib.Path, share: tuple[int, int], *, devices: Sequence[jax.Device] | None = None
) -> None:
  """One process's share (i of n) of a search's parts; `collect` joins them when all processes are done."""
  process, processes = share
  work = _work(request)
  parts = Parts(folder, request.key(), len(work))
  for part in parts.missing():
    if part % processes == process:
      query, found = _answer(request, work[part], devices)
      parts.save(part, query=query, index=found.index, distance=found.distance)


def collect(request: Request, folder: pathlib.Path) -> Found:
  """The results of a search whose parts are all done.

  Raises:
    InputError: some are not, or the folder holds another search.
  """
  parts = Parts(folder, request.key(), len(_work(request)))
  if missing := parts.missing():
    raise InputError(f'{folder}: {len(missing)} of {parts.count} parts are missing, the first {missing[0]}; run again')
  stored = [parts.load(i) for i in range(parts.count)]
  return _gather(request, [(part['query'], Found(part['index'], part['distance'])) for part in stored])


def _work(request: Request) -> list[list[Batch]]:
  """Batches of queries in parts of about PAIRS_PER_PART pairs, whatever the devices and processes."""
  work: list[list[Batch]] = []
  room = 0
  for batch in blocks.batches(request.queries):
    if room <= 0:
      work.append([])
      room = PAIRS_PER_PART
    work[-1].append(batch)
    room -= len(batch.rows) * int(request.allowed.sum())
  return work


def _gather(request: Request, parts: Sequence[tuple[np.ndarray, Found]]) -> Found:
  index = np.full((len(request.queries), request.k), -1, np.int64)
  distance = np.full(index.shape, np.inf, np.float32)
  for query, found in parts:
    index[query], distance[query] = found
  return Found(index, distance)


def _answer(
  request: Request, asked: Sequence[Batch], devices: Sequence[jax.Device] | None
) -> tuple[Int[np.ndarray, 'q'], Found]:
  """The queries of some batches, by position, and what they found."""
  rows = np.concatenate([np.zeros(0, np.int64), *(batch.rows for batch in asked)])
  query = request.queries.position[rows]
  best = _nearest(request, asked, rows, request.metric, devices or blocks.all_devices())
  lost = np.all(best == nearest.NONE, axis=1) & (request.infeasible == 'symmetric2')
  if lost.any():
    again = [Batch(batch.rows[kept], batch.size) for batch in asked if (kept := np.isin(batch.rows, rows[lost])).any()]
    metric = dataclasses.replace(request.metric, pattern=patterns.SYMMETRIC2)
    best[lost] = _nearest(request, again, rows[lost], metric, devices or blocks.all_devices())
  best.sort(axis=1)
  return query, _with_infeasible(request, query, Found(*nearest.decode(best)))


def _nearest(
  request: Request, asked: Sequence[Batch], rows: np.ndarray, metric: Metric, devices: Sequence[jax.Device]
) -> nearest.Keys:
  """Keys of the k nearest references of some rows of queries, which are those of the batches, in their order."""
  corpus = request.corpus
  best = np.full((len(rows), request.k), nearest.NONE)
  place = np.empty(len(request.queries), np.int64)
  place[rows] = np.arange(len(rows))
  answering = np.flatnonzero(request.allowed[corpus.position])
  pairs = len(rows) * len(answering)
  quiet = pairs < PROGRESS_PAIRS or not sys.stderr.isatty()
  with tqdm.tqdm(total=pairs, desc='aligning', unit=' pairs', unit_scale=True, disable=quiet, leave=False) as bar:
    for count, group in blocks.blocks(request.queries, asked, corpus, answering, metric, devices):
      for block in group:
        rows_here = place[block.queries]
        kept = nearest.promising(best[rows_here], block.distance)
        position = corpus.position[block.references[kept]]
        barred = request.barred(request.queries.position[block.queries], position)
        keys = np.where(barred, nearest.NONE, nearest.encode(block.distance[:, kept], position))
        best[rows_here] = nearest.merge(best[rows_here], keys)
      bar.update(count * len(rows))
  return best


def _with_infeasible(request: Request, query: Int[np.ndarray, 'q'], found: Found) -> Found:
  """Places left empty go to references without a path, in the order of the corpus."""
  index = found.index.copy()
  everything = np.arange(len(request.corpus))
  for i in np.flatnonzero(index[:, -1] < 0):
    free = request.allowed & ~request.barred(query[i : i + 1], everything)[0]
    have = index[i][index[i] >= 0]
    free[have] = False
    index[i, len(have) :] = np.flatnonzero(free)[: request.k - len(have)]
  return Found(index, found.distance)
