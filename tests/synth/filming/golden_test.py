"""Films of motions without cuts stay what they were: same draws, same pictures.

Kept as means of 16 x 16 blocks, not as hashes: other processors may round a resampled pixel the other way, while
another random draw moves a picture by many grey levels. Made anew with `python -m tests.synth.filming.golden_test`
when the world's version changes, and never otherwise.
"""

import itertools
import pathlib

import numpy as np
import pytest

from sportjax.synth.corpus import CorpusSpec, plan, shoot

FILE = pathlib.Path(__file__).parents[2] / 'golden/filming/takes.npz'
TAKES = {'diving': (0, 3), 'basketball': (1,)}
NAMES = [f'{sport}_{number}' for sport, numbers in TAKES.items() for number in numbers]


def thumbnails(name: str) -> dict[str, np.ndarray]:
  """Block means and joints of a few frames of one take."""
  sport, number = name.rsplit('_', 1)
  frames = shoot(plan(CorpusSpec(sport, classes=4, athletes=2))[int(number)])[2]
  kept = list(itertools.islice(frames, 0, 41, 10))
  rgb = np.stack([frame.rgb.reshape(16, 16, 16, 16, 3).mean((1, 3)) for frame in kept])
  return {name: rgb.astype(np.float32), f'{name}_joints': np.stack([frame.joints_px for frame in kept])}


@pytest.mark.parametrize('name', NAMES)
def test_takes_are_filmed_as_ever(name):
  golden = np.load(FILE, allow_pickle=False)
  for key, values in thumbnails(name).items():
    np.testing.assert_allclose(values, golden[key], atol=0.2)


if __name__ == '__main__':
  FILE.parent.mkdir(parents=True, exist_ok=True)
  np.savez_compressed(FILE, **{key: values for name in NAMES for key, values in thumbnails(name).items()})
