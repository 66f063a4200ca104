"""Search by alignment beside the reference's loop over pairs: a whole dataset, and one query against many clips.

  python benchmarks/retrieval.py [--quick] [--json FILE] [--clips N] [--queries N] [--folder DIR]

All pairs: clips of Diving48's lengths at 25 frames a second where they lie beside the checkout, otherwise of stated
random lengths; two views (as filmed, mirrored) of random unit features, the smallest of the four distances counts. Ours
is measured for a sample of queries against the whole corpus, the reference's way (dtw-python on scikit-learn's
distances, one pair at a time) for a sample of pairs, both in CPU seconds of the process, and both are projected to all
1,970 x 16,997 pairs. On an accelerator, seconds of the clock, and all queries.

One query: clips of 100 frames and 128 features in float16 on disk, 630,000 of them (--quick: 10,000), made of smooth
motions of some classes at varying tempo with noise, so that there is something to find. Seconds until the first answer
count from opening the index and include compilation. The recall of two stages is that of the ten nearest, beside how
much farther the ten found are on average than those: where many clips are about as near, recall alone says little.

Needs jax, flax, optax and NumPy; the reference's side needs dtw-python and scikit-learn and is left out without them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
# The reference's small products are slower on many threads, and threads that wait would count as CPU seconds.
os.environ |= {'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'}

import jax
import numpy as np

from sportjax.align import patterns
from sportjax.retrieval import candidates, corpus, index, search, write_index

LENGTHS = pathlib.Path(__file__).parents[2] / 'shared/data/vpd_labels/video_meta/diving48.json'
QUERIES, CLIPS = 1970, 16997  # of Diving48's test set, and of all of it
D = 64  # of one view
FRAMES, FEATURES = 100, 128  # of the clips on disk
PEAK = 790e12  # flop/s of an H200 in products of 16 bits, as measured on one
ACCELERATOR = jax.default_backend() != 'cpu'


def clip_lengths() -> tuple[np.ndarray, str]:
  """Frames of clips at 25 a second, and where they are from."""
  if LENGTHS.exists():
    found = [max(1, round(25 * frames / fps)) for fps, frames, *_ in json.loads(LENGTHS.read_text()).values()]
    return np.array(found), "Diving48's lengths"
  return np.random.default_rng(0).integers(40, 200, 2000), 'random lengths of 40 to 199 frames'


def random_corpus(lengths: np.ndarray, seed: int, dtype: str) -> corpus.Corpus:
  """Clips of random unit features, drawn from a bank: values do not matter to the time."""
  rng = np.random.default_rng(seed)
  bank = corpus.unit(rng.normal(size=(20_000, 2, D))).astype(dtype)
  starts = rng.integers(0, len(bank) - lengths.max(), len(lengths))
  return corpus.of_clips([bank[start : start + length] for start, length in zip(starts, lengths, strict=True)])


def best_seconds(work: Callable[[], object], repeats: int) -> float:
  """The best time of some repeats: CPU seconds, or those of the clock on an accelerator."""
  clock = time.perf_counter if ACCELERATOR else time.process_time
  best = float('inf')
  for _ in range(repeats):
    start = clock()
    work()
    best = min(best, clock() - start)
  return best


def all_pairs(queries: int, clips: int) -> tuple[dict, corpus.Corpus, corpus.Corpus]:
  """Seconds of ours for a sample, projected to the whole task."""
  rng = np.random.default_rng(0)
  known, source = clip_lengths()
  dtype = 'float16' if ACCELERATOR else 'float32'
  asking, answering = (random_corpus(rng.choice(known, n), seed, dtype) for seed, n in enumerate((queries, clips)))
  if ACCELERATOR:
    answering = corpus.resident(answering, jax.devices()[0])
  request = search.Request(answering, asking, 50)
  search.search(request)  # compiles
  seconds = best_seconds(lambda: search.search(request), 2)
  task = seconds * QUERIES * CLIPS / (queries * clips)
  unit = 'clock' if ACCELERATOR else 'core'
  row = {
    'work': f'all pairs, {source}, minimum over flips: {queries} x {clips} measured',
    'seconds': round(seconds, 3),
    f'{unit}_seconds_of_the_task': round(task, 2),
  }
  if ACCELERATOR:
    row['of_arithmetic_limit'] = round(limit(asking.lengths, answering.lengths) / seconds, 4)
  return row, asking, answering


def limit(n: np.ndarray, m: np.ndarray) -> float:
  """Seconds of an H200 for the products of all pairs that have a path, every cell of their matrices counted."""
  feasible = patterns.SYMMETRIC_P2.feasible(n[:, None], m[None])
  cells = float(np.sum(n[:, None].astype(np.float64) * m[None] * feasible))
  return 4 * cells * 2 * D / PEAK


def by_the_reference(asking: corpus.Corpus, answering: corpus.Corpus, pairs: int) -> dict:
  """The reference's way, on pairs that are then compared with ours."""
  from dtw import dtw
  from sklearn.metrics import pairwise_distances

  def distance(x: np.ndarray, y: np.ndarray) -> float:
    try:
      costs = pairwise_distances(x, y)
      return dtw(costs, step_pattern='symmetricP2', distance_only=True).normalizedDistance
    except ValueError:
      return np.inf

  rng = np.random.default_rng(0)
  chosen = list(zip(rng.integers(0, len(asking), pairs), rng.integers(0, len(answering), pairs), strict=True))
  clips = [(asking.clip(i), answering.clip(j)) for i, j in chosen]
  found: list[float] = []

  def work() -> None:
    found[:] = [min(distance(x[:, a], y[:, b]) for a in (0, 1) for b in (0, 1)) for x, y in clips]

  seconds = best_seconds(work, 2)
  ours = search.Request(answering, asking, len(answering))
  check(ours, chosen, found)
  return {
    'work': f'the same by dtw-python, pair by pair: {pairs} pairs measured',
    'seconds': round(seconds, 3),
    'core_seconds_of_the_task': round(seconds * QUERIES * CLIPS / pairs, 1),
  }


def check(request: search.Request, chosen: list, expected: list[float]) -> None:
  """Both sides must have computed the same."""
  for (i, j), distance in list(zip(chosen, expected, strict=True))[:20]:
    pair = search.Request(request.corpus.alone(j), request.queries.alone(i), 1)
    np.testing.assert_allclose(search.search(pair).distance[0, 0], distance, rtol=1e-5)


class Motions:
  """Smooth motions of some classes at varying tempo, with noise: clips by number, each made when it is asked for."""

  def __init__(self, classes: int = 64):
    rng = np.random.default_rng(0)
    phase = np.linspace(0, 2 * np.pi, 4 * FRAMES)[:, None]
    waves = np.concatenate([f(k * phase) for k in (1, 2, 3) for f in (np.sin, np.cos)], axis=1)
    self._motions = (waves @ rng.normal(size=(classes, 6, FEATURES))).astype(np.float32) / 6**0.5
    self._noise = rng.normal(size=(20_000, FEATURES)).astype(np.float32)

  def __call__(self, i: int) -> np.ndarray:
    """One clip, (t, 1, d), of unit features."""
    rng = np.random.default_rng([1, i])
    tempo = np.cumsum(1 + 0.3 * np.sin(np.linspace(0, 2 * np.pi, FRAMES) + rng.uniform(0, 2 * np.pi)))
    frames = (tempo * (4 * FRAMES - 1) / tempo[-1]).astype(int)
    start = rng.integers(0, len(self._noise) - FRAMES)
    clip = self._motions[rng.integers(len(self._motions))][frames] + 0.5 * self._noise[start : start + FRAMES]
    return corpus.unit(clip)[:, None]


def one_query(folder: pathlib.Path, clips: int, questions: int, listed: int) -> dict:
  """One query at a time against an index on disk: exact, and in two stages."""
  motions = Motions()
  if not (folder / 'index.json').exists():
    write_index.write(folder, np.full(clips, FRAMES), motions, about={}, source='benchmark')
  asked = [corpus.of_clips([motions(clips + i)]) for i in range(questions)]
  start = time.perf_counter(), time.process_time()
  opened = index.open_index(folder)
  shortlist = candidates.Shortlist(opened.pooled, 'none')
  answers = opened.corpus
  if ACCELERATOR:
    answers = corpus.resident(answers, jax.devices()[0])
  requests = [search.Request(answers, query, 10, flip='none') for query in asked]
  quick = [candidates.search_in_two_stages(requests[0], shortlist, candidates=listed)]
  first = since(start)
  more, quick_times = each(requests[1:], lambda r: candidates.search_in_two_stages(r, shortlist, candidates=listed))
  exact, exact_times = each(requests, search.search)
  both = list(zip([*quick, *more], exact, strict=True))
  recall = np.mean([candidates.recall(a, b) for a, b in both])
  farther = np.mean([a.distance.mean() / b.distance.mean() - 1 for a, b in both])
  work = f'one query against {len(answers):,} clips of {FRAMES} x {FEATURES} in float16, {listed} candidates'
  names = ('first_answer_s', 'two_stages_s', 'exact_s')
  times = zip(names, (first, quick_times, exact_times[1:]), strict=True)
  clocks = dict(entry for pair in times for entry in both_clocks(*pair))
  return {'work': work, **clocks, 'recall_at_10': float(recall), 'ten_found_are_farther_by': round(float(farther), 5)}


def each(requests: list[search.Request], answer: Callable[[search.Request], search.Found]) -> tuple[list, list]:
  """Answers to requests one by one, and the seconds of each."""
  found, times = [], []
  for request in requests:
    start = time.perf_counter(), time.process_time()
    found.append(answer(request))
    times.append(since(start))
  return found, times


def since(start: tuple[float, float]) -> tuple[float, float]:
  """Seconds of the clock and of the CPU."""
  return time.perf_counter() - start[0], time.process_time() - start[1]


def both_clocks(name: str, times: tuple[float, float] | list) -> list[tuple[str, float]]:
  """Median seconds of the clock and of the CPU, under two names; on a busy machine only the latter repeat."""
  wall, cpu = np.median(np.reshape(times, (-1, 2)), axis=0)
  return [(name, round(float(wall), 4)), (name.removesuffix('_s') + '_cpu_s', round(float(cpu), 4))]


def main() -> None:
  """Both works, and the reference's where it is installed."""
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument('--quick', action='store_true', help='smaller samples')
  parser.add_argument('--json', type=pathlib.Path, help='write rows and ratios to this file')
  parser.add_argument('--clips', type=int, help='clips of the one-query work')
  parser.add_argument('--queries', type=int, help='queries of the all-pairs work that are measured')
  parser.add_argument('--folder', type=pathlib.Path, help='keep the index on disk there, and take it where it is there')
  arguments = parser.parse_args()
  sample = (64, 2000) if arguments.quick else (QUERIES if ACCELERATOR else 64, CLIPS)
  row, asking, answering = all_pairs(arguments.queries or sample[0], sample[1])
  rows, ratios = [row], {}
  if importlib.util.find_spec('dtw') and importlib.util.find_spec('sklearn'):
    rows.append(by_the_reference(asking, answering, 100 if arguments.quick else 400))
    seconds = [next(value for key, value in line.items() if key.endswith('of_the_task')) for line in rows]
    ratios['all_pairs_vs_reference'] = round(seconds[1] / seconds[0], 1)
  else:
    print('dtw-python and scikit-learn are not both installed: the reference is left out')
  clips = arguments.clips or (10_000 if arguments.quick else 630_000)
  with tempfile.TemporaryDirectory() as scratch:
    folder = arguments.folder or pathlib.Path(scratch) / 'index'
    rows.append(one_query(folder, clips, 8, max(50, clips // 100)))
  for line in rows:
    print(line['work'] + ':')
    print('   ' + ', '.join(f'{key} {value}' for key, value in line.items() if key != 'work'))
  for name, ratio in ratios.items():
    print(f'{name}: {ratio}x')
  if arguments.json:
    arguments.json.write_text(json.dumps({'rows': rows, 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
