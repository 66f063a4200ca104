"""A trained student applied to new videos: features of every frame of their athletes, as a store and as CSV."""

from __future__ import annotations

import csv
import dataclasses
import functools
import pathlib

from absl import logging

from sportjax.data.features import FeatureStore
from sportjax.errors import InputError
from sportjax.models import vpd
from sportjax.tasks.jitter import Jitter
from sportjax.workflows import chain
from sportjax.workflows.chain import ChainSettings
from sportjax.workflows.dispatch import Context
from sportjax.workflows.own_videos import PoseSource, pairs_of
from sportjax.workflows.stages import distil, features
from sportjax.workflows.videos import find_videos

MODES = ('extract',)


@dataclasses.dataclass(frozen=True)
class Settings(PoseSource):
  """What `configs/extract.py` sets."""

  student: pathlib.Path = pathlib.Path()  # workdir of a finished run, or the folder of its training
  videos: str = ''
  chain: ChainSettings = ChainSettings()
  jitter: Jitter = Jitter()
  csv: bool = True

  def __post_init__(self):
    super().__post_init__()
    for name in ('student', 'videos'):
      if not getattr(self, name) or getattr(self, name) == pathlib.Path():
        raise InputError(f'{name} is missing: set --config.{name}=...')


def extract(settings: Settings, context: Context) -> None:
  """Tracks, crops, features."""
  pipeline = context.pipeline
  training = trained_folder(settings.student)
  pairs = pairs_of(settings, pipeline, find_videos(settings.videos), settings.chain.processes)
  student = distil.load_student(training)
  crop = dataclasses.replace(settings.chain.crop, size=student.config.size_px)
  settings_chain = dataclasses.replace(settings.chain, crop=crop)
  prepared = chain.prepare(pipeline, pairs, dict.fromkeys(pairs, 'train'), settings_chain)
  given = {'splits': prepared.splits, 'jitter': settings.jitter}
  done = pipeline.run(
    'features',
    functools.partial(features.student_features, dataset=prepared.dataset, run=training, **given),
    inputs={'dataset': prepared.done, 'student': str(training), 'step': distil.best_step(training), **given},
  )
  store = FeatureStore(done.folder)
  if settings.csv:
    write_csv(context.workdir / 'features.csv', store)
  logging.info('features of %d tracks, %d frames: %s', len(store.tracks), store.n_frames, done.folder)


def trained_folder(path: pathlib.Path) -> pathlib.Path:
  """The training stage of a workdir, or the folder itself.

  Raises:
    InputError: there is no finished training in it, or more than one.
  """
  if (path / 'checkpoints').is_dir() or vpd.is_reference(path):
    return path
  found = [p for p in sorted((path / 'stages').glob('distil-*')) if not p.name.endswith('.partial')]
  if len(found) != 1:
    named = ', '.join(p.name for p in found) or 'none'
    raise InputError(f'student={path}: one finished training is needed there, found {named}; name its folder')
  return found[0]


def write_csv(path: pathlib.Path, store: FeatureStore) -> None:
  """One line a frame: track, frame, t_ms and the feature as filmed."""
  with path.open('w', newline='', encoding='utf-8') as file:
    writer = csv.writer(file)
    for name in store.tracks:
      track = store.track(name)
      if file.tell() == 0:
        writer.writerow(['track', 'frame', 't_ms', *(f'f{k}' for k in range(track.features.shape[-1]))])
      for frame, t_ms, values in zip(track.frame, track.t_ms, track.features[:, 0], strict=True):
        writer.writerow([name, int(frame), f'{t_ms:.3f}', *(f'{v:.6g}' for v in values)])
