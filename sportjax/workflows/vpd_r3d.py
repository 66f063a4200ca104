"""Features of a pretrained R3D about every frame of a dataset, for detection beside VPD's own."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys

from sportjax.errors import InputError
from sportjax.workflows.dispatch import Context
from sportjax.workflows.stages import r3d_features

MODES = ('extract',)


@dataclasses.dataclass(frozen=True)
class Settings:
  """What `configs/vpd/baselines/r3d.py` sets."""

  dataset: pathlib.Path | None = None  # folder of a built `sports_tracks` dataset
  weights: pathlib.Path | None = None  # torchvision's, as .pth or .safetensors
  preset: str = 'r3d_18'
  window: int = r3d_features.WINDOW

  def __post_init__(self):
    for name in ('dataset', 'weights'):
      if getattr(self, name) is None:
        raise InputError(f'{name} is missing: set --config.{name}=...')
    if self.window < 1:
      raise InputError(f'window={self.window}: must be at least 1')


def extract(settings: Settings, context: Context) -> None:
  """Writes the store and says where it is."""
  given = {name: getattr(settings, name) for name in ('weights', 'preset', 'window')}
  assert settings.dataset is not None, 'the settings refuse that'
  done = context.pipeline.run(
    'r3d',
    functools.partial(r3d_features.r3d_features, dataset=settings.dataset, **given),
    inputs={'dataset': settings.dataset / 'dataset_info.json', **given},
  )
  sys.stdout.write(f'{done.counts["frames"]} frames: {done.folder}\n')
