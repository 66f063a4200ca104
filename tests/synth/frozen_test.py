"""The world's motions are frozen: every class of every sport moves as it did when version 1 was measured.

Made anew with `python -m tests.synth.frozen_test` when the world's version changes, and never otherwise.
"""

import pathlib

import numpy as np
import pytest

from sportjax.synth.athletes import sample_athlete
from sportjax.synth.corpus import WORLD_VERSION
from sportjax.synth.skills import SPORTS, classes, perform

FILE = pathlib.Path(__file__).parents[1] / 'golden/synth/motions.npz'


def motions(sport):
  """A few poses of one performance of each class."""
  out = []
  for k, label in enumerate(classes(sport)):
    rng = np.random.default_rng([WORLD_VERSION, k])
    joints = perform(sport, sample_athlete(rng), label, rng).joints_m
    out.append(joints[np.linspace(0, len(joints) - 1, 4).round().astype(int)])
  return np.stack(out).astype(np.float16)


@pytest.mark.parametrize('sport', SPORTS)
def test_every_class_moves_as_ever(sport):
  golden = np.load(FILE, allow_pickle=False)
  assert int(golden['version']) == WORLD_VERSION
  np.testing.assert_allclose(motions(sport), golden[sport], atol=4e-3)  # half a float16's step at 4 m is 1 mm


if __name__ == '__main__':
  FILE.parent.mkdir(parents=True, exist_ok=True)
  np.savez_compressed(FILE, version=WORLD_VERSION, **{sport: motions(sport) for sport in SPORTS})
