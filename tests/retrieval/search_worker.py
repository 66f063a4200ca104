"""A process of a search, for resume_test: `search_worker.py FOLDER [PORT PROCESS]`, the latter for one of two."""

import pathlib
import sys

import jax
import numpy as np

from sportjax.retrieval import corpus, search

PAIRS_PER_PART = 2000  # a dozen parts


def request(k: int = 4) -> search.Request:
  """Clips of random lengths that search among themselves."""
  rng = np.random.default_rng(0)
  clips = [rng.normal(size=(length, 1, 3)).astype(np.float32) for length in rng.integers(8, 90, 150)]
  everything = np.arange(len(clips))
  both = corpus.of_clips(clips)
  return search.Request(both, both, k, apart=search.Apart(everything, everything))


def main(folder, port=None, process=None):
  if port is not None:
    jax.distributed.initialize(f'localhost:{port}', num_processes=2, process_id=int(process))
  search.PAIRS_PER_PART = PAIRS_PER_PART
  found = search.search(request(), folder=pathlib.Path(folder))
  with open(f'{folder}/answer-{process}.npz', 'wb') as file:
    np.savez(file, index=found.index, distance=found.distance)


if __name__ == '__main__':
  main(*sys.argv[1:])
