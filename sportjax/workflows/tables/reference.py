"""Corpora of the paper itself: its labels, and the features that its authors released or a user has made."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import pathlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from sportjax.data import windows
from sportjax.data.labels import Clip
from sportjax.data.windows import Window
from sportjax.errors import InputError
from sportjax.evals.detection import intervals_of
from sportjax.formats.actions import Action, few_shot_within, read_few_shot, read_lines, read_video_meta
from sportjax.formats.vpd_labels import SWING_CLASSES, read_tennis, tennis_video
from sportjax.pipeline import Pipeline
from sportjax.workflows.stages import reference_clips
from sportjax.workflows.stages.detect import DetectSettings
from sportjax.workflows.stages.reference_clips import BUILDERS
from sportjax.workflows.tables.corpus import Corpus, Routines
from sportjax.workflows.tables.methods import Method

_HALF_SWING_S = 0.1  # where swings are detected
_LOCALIZE = 'train.localize.{}.txt'


@dataclasses.dataclass(frozen=True)
class ReferenceSpec:
  """What is on disk. `features` holds one folder a row, named by the row's key, of `<video>.emb.pkl` files."""

  dataset: str  # of BUILDERS
  features: pathlib.Path
  labels: pathlib.Path  # as `python -m data_builders` takes it
  video_meta: pathlib.Path
  few_shot: pathlib.Path | None = None  # of the fixed lists; subsets are drawn where it is not given
  reading: Literal['paper', 'reference'] = 'paper'
  allow_missing: bool = False
  version: Literal['v1', 'v2'] = 'v2'  # of Diving48's labels

  def __post_init__(self):
    for name in ('features', 'labels', 'video_meta', 'few_shot'):
      path = getattr(self, name)
      if path is not None and not path.exists():
        raise InputError(f'{name}={path}: no such file or folder')

  def folder(self, method: Method) -> pathlib.Path:
    """The features of a row. Raises: InputError where they are not there, with what is."""
    folder = self.features / method.key
    if not folder.is_dir():
      there = ', '.join(sorted(path.name for path in self.features.iterdir() if path.is_dir())) or 'none'
      raise InputError(
        f'{folder}: no such folder of features ({there}); add it, or name your rows in --config.ask.rows'
      )
    return folder


def corpus(pipeline: Pipeline, spec: ReferenceSpec, detect: DetectSettings) -> Corpus:
  """Labels as clips of one track an action, and stores of each row's features.

  Raises:
    InputError: labels, lists or metadata are missing or do not fit together.
  """
  kind = BUILDERS[spec.dataset].kind
  given = argparse.Namespace(labels=spec.labels, video_meta=spec.video_meta, version=spec.version)
  actions, videos = kind.read(given)
  clips = tuple(
    dataclasses.replace(windows.clip_of(action, kind.window, videos[action.video].fps), video=action.id)
    for action in actions
  )
  lists = few_shot_within(read_few_shot(spec.few_shot), actions) if spec.few_shot else {}
  # The paper's: all clips ask, but of Diving48 those of the test.
  queries = frozenset(clip.id for clip in clips if clip.split == 'test') if spec.dataset == 'diving48' else None
  return Corpus(
    about=f'{spec.dataset}: {len(clips)} clips, features of {spec.features.name}',
    kind='real',
    clips=clips,
    store=functools.cache(functools.partial(_clips_store, pipeline, spec)),
    queries=queries,
    lists=lists,
    routines=_routines(pipeline, spec, actions, detect),
  )


def _clips_store(pipeline: Pipeline, spec: ReferenceSpec, method: Method) -> pathlib.Path:
  given = {
    'dataset': spec.dataset,
    'features': spec.folder(method),
    'labels': spec.labels,
    'video_meta': spec.video_meta,
    'reading': spec.reading,
    'allow_missing': spec.allow_missing,
    'version': spec.version,
  }
  return pipeline.run('clips', functools.partial(reference_clips.store_clips, **given), inputs=given).folder


def _videos_store(pipeline: Pipeline, spec: ReferenceSpec, method: Method) -> pathlib.Path:
  given = {
    'dataset': spec.dataset,
    'features': spec.folder(method),
    'video_meta': spec.video_meta,
    'reading': spec.reading,
  }
  return pipeline.run('videos', functools.partial(reference_clips.store_videos, **given), inputs=given).folder


def _routines(
  pipeline: Pipeline, spec: ReferenceSpec, actions: Sequence[Action], detect: DetectSettings
) -> Routines | None:
  """Jumps as they are labelled, and swings about their contact; the first videos of each list are trained on."""
  lists = [spec.labels / _LOCALIZE.format(trial) for trial in range(detect.trials)]
  if spec.dataset not in ('fs_jump6', 'tennis7') or not all(path.exists() for path in lists):
    return None
  videos = read_video_meta(spec.video_meta)
  window: Window = windows.as_labelled
  if spec.dataset == 'tennis7':
    actions = read_tennis(spec.labels, videos, SWING_CLASSES)
    window = functools.partial(windows.swing, half_s=_HALF_SWING_S)
  video_of = tennis_video if spec.dataset == 'tennis7' else str
  clips = [windows.clip_of(action, window, videos[video_of(action.video)].fps) for action in actions]
  intervals = intervals_of(clips)
  trials = tuple(_tracks_of(read_lines(path)[: detect.train_videos], clips, video_of) for path in lists)
  test = tuple(sorted({clip.video for clip in clips if clip.split == 'test'}))
  # Its code takes the mean of the whole training set, also where it trains on five videos of it.
  mean = float(np.mean([clip.end_ms - clip.start_ms for clip in clips if clip.split == 'train']))
  store = functools.cache(functools.partial(_videos_store, pipeline, spec))
  return Routines({'action': intervals}, trials, test, store, {'action': mean})


def _tracks_of(names: Sequence[str], clips: Sequence[Clip], video_of) -> tuple[str, ...]:
  """Tracks with labels in the videos of a list: in tennis there are two players."""
  tracks = tuple(sorted({clip.video for clip in clips if video_of(clip.video) in set(names)}))
  if len(tracks) < 2:
    raise InputError(f'{len(tracks)} labelled videos of a localisation list; copy labels and lists from one place')
  return tracks
