"""Alignment beside its peers: symmetricP2 from features to scores, soft-DTW with its gradient.

  python benchmarks/alignment.py [--quick] [--json FILE]

Both sides of a row take turns and are compared before they are timed. Times are CPU seconds of the process, the best of
several repeats, so that work of other processes on the machine counts for neither side; with more than one core in use
a side pays for all of them. Peers that are not installed are left out and named.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import pathlib
import sys
import time
import warnings
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import jax
import jax.numpy as jnp
import numpy as np

from sportjax.align import dtw, pack, soft_dtw

Side = Callable[[], np.ndarray]


def unit_features(rng: np.random.Generator, *shape: int) -> np.ndarray:
  """Rows of length 1, as the embeddings of a student are."""
  x = rng.normal(size=shape)
  return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype(np.float32)


def alternate(ours: Side, theirs: Side, repeats: int) -> tuple[float, float]:
  """The best CPU time of each side in ms, the two taking turns."""
  best = [float('inf')] * 2
  for _ in range(repeats):
    for i, side in enumerate((ours, theirs)):
      start = time.process_time()
      side()
      best[i] = min(best[i], 1e3 * (time.process_time() - start))
  return best[0], best[1]


def dtw_row(pattern: str, clips: int, frames: int, d: int, repeats: int) -> dict:
  """One query against many clips: our tiles and dtw-python on scipy's distances."""
  from dtw import dtw as dtw_python
  from scipy.spatial.distance import cdist

  rng = np.random.default_rng(0)
  query, references = unit_features(rng, frames, d), unit_features(rng, clips, frames, d)
  bucket = pack.pack(references).pop()
  on_device = pack.Bucket(jnp.asarray(bucket.frames), bucket.lengths, bucket.index)

  def ours() -> np.ndarray:
    return dtw.bucket_scores([query], on_device, pattern=pattern, normalize=False)[0][bucket.index >= 0]

  def theirs() -> np.ndarray:
    options = {'step_pattern': pattern, 'distance_only': True}
    return np.array([dtw_python(cdist(query, clip), **options).distance for clip in references])

  np.testing.assert_allclose(ours(), theirs(), rtol=1e-5)
  return row(f'{pattern}, {clips} clips of {frames} x {d}', 'dtw-python', alternate(ours, theirs, repeats))


def soft_dtw_row(pairs: int, frames: int, d: int, repeats: int) -> dict:
  """Value and gradient to both sides of a batch of pairs: our custom rule and ott-jax under vmap."""
  with warnings.catch_warnings():
    warnings.simplefilter('ignore', DeprecationWarning)
    from ott.geometry import costs

  rng = np.random.default_rng(0)
  x, y = (jnp.asarray(unit_features(rng, pairs, frames, d)) for _ in range(2))
  losses = (lambda x, y: soft_dtw.soft_dtw_features(x, y, 0.1).sum(), lambda x, y: peer(x, y).sum())
  peer = jax.vmap(costs.SoftDTW(gamma=0.1))
  ours, theirs = (jax.jit(jax.value_and_grad(loss, argnums=(0, 1))) for loss in losses)
  for a, b in zip(jax.tree.leaves(ours(x, y)), jax.tree.leaves(theirs(x, y)), strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-3)
  volumes = ours.lower(x, y).compile().memory_analysis().temp_size_in_bytes / (4 * pairs * frames**2)
  times = alternate(lambda: jax.block_until_ready(ours(x, y)), lambda: jax.block_until_ready(theirs(x, y)), repeats)
  name = f'soft-DTW value and gradient, {pairs} pairs of {frames} x {d}'
  return row(name, 'ott-jax', times) | {'temporary_volumes': round(volumes, 2)}


def row(name: str, peer: str, times: tuple[float, float]) -> dict:
  """One line of the table."""
  ours, theirs = times
  return {
    'work': name,
    'peer': peer,
    'ours_cpu_ms': round(ours, 2),
    'peer_cpu_ms': round(theirs, 2),
    'ratio': round(theirs / ours, 2),
  }


def main() -> None:
  """Run every row whose peer is installed."""
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument('--quick', action='store_true', help='fewer repeats')
  parser.add_argument('--json', type=pathlib.Path, help='write rows and ratios to this file')
  arguments = parser.parse_args()
  repeats = 8 if arguments.quick else 30
  rows = {}
  if importlib.util.find_spec('dtw'):
    rows['symmetricP2_vs_dtw_python'] = dtw_row('symmetricP2', 512, 100, 64, repeats)
    rows['symmetric1_vs_dtw_python'] = dtw_row('symmetric1', 512, 100, 64, repeats)
  if importlib.util.find_spec('ott'):
    rows['soft_dtw_vs_ott'] = soft_dtw_row(64, 128, 64, repeats)
  for peer in ('dtw', 'ott'):
    if not importlib.util.find_spec(peer):
      print(f'{peer} is not installed: its rows are left out')
  for line in rows.values():
    ours, theirs = f'ours {line["ours_cpu_ms"]:8.2f} ms', f'{line["peer"]} {line["peer_cpu_ms"]:8.2f} ms'
    print(f'{line["work"]:60} {ours}  {theirs}  {line["ratio"]:6.1f}x')
  if arguments.json:
    ratios = {key: line['ratio'] for key, line in rows.items()}
    arguments.json.write_text(json.dumps({'rows': list(rows.values()), 'ratios': ratios}, indent=2))


if __name__ == '__main__':
  main()
