"""One cell of a table of detection: what each trial's ensemble finds in the test videos, at every threshold."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.errors import InputError
from sportjax.evals import detection, proposals
from sportjax.evals.detection import DetectionConfig, Intervals
from sportjax.pipeline import Work, write_json
from sportjax.typing import JSON

FOUND = 'found.json'


@dataclasses.dataclass(frozen=True)
class DetectSettings:
  """How actions are found, and from how many videos; VPD trains on five, in five trials."""

  detection: DetectionConfig = DetectionConfig()
  train_videos: int = 5
  trials: int = 5
  seed: int = 0

  def __post_init__(self):
    if self.train_videos < 2 or self.trials < 1:
      raise InputError('detect: train_videos must be at least 2 and trials at least 1')


def detect(
  work: Work,
  *,
  store: pathlib.Path,
  tasks: Mapping[str, Intervals],
  trials: Sequence[Sequence[str]],
  test: Sequence[str],
  mean_ms: Mapping[str, float] | None,
  settings: DetectSettings,
) -> None:
  """Writes `found.json`: by task, trial and test video the true intervals and those found at each threshold, in frames.

  A task that no video of a trial shows cannot be learned there: it is booked as skipped, and its truth is in no count.

  Raises:
    InputError: features are missing, or nothing can be learned at all.
  """
  features, found = FeatureStore(store), []
  for task, intervals in tasks.items():
    for number, train in enumerate(trials):
      if not any(len(intervals[video]) for video in train):
        work.skip(f'{task}, trial {number}', 'no video to train on shows it')
        continue
      mean = None if mean_ms is None else mean_ms[task]
      found += [
        {'task': task, 'trial': number, **one} for one in _trial(features, intervals, train, test, mean, settings)
      ]
  if not found:
    raise InputError('detection: no video to train on shows any action; look at the labels')
  unseen = sum(start == end for one in found for start, end in one['truth'])
  if unseen:
    work.skip(f'{unseen} true intervals', 'the athlete is not tracked there; they count as not found')
  write_json(work.folder / FOUND, found)
  work.count(tasks=len(tasks), trials=len(trials), test_videos=len(test))


def _trial(
  store: FeatureStore,
  intervals: Intervals,
  train: Sequence[str],
  test: Sequence[str],
  mean_ms: float | None,
  settings: DetectSettings,
) -> list[JSON]:
  config = settings.detection
  known, asked = ({video: intervals[video] for video in videos} for videos in (train, test))
  mean = _mean_frames(store, known, mean_ms)
  done = detection.detect(store, known, asked, config, mean_frames=mean, seed=settings.seed)
  out: list[JSON] = []
  for video, activations in zip(done.videos, done.activations, strict=True):
    truth = detection.ms_to_frames(store.track(video).t_ms, asked[video])
    proposed = {f'{t:g}': proposals.propose(activations, t, mean, config.rules) for t in config.thresholds}
    scored = {t: {'intervals': p.intervals.tolist(), 'scores': p.scores.tolist()} for t, p in proposed.items()}
    out.append({'video': video, 'truth': truth.tolist(), 'found': scored})
  return out


def _mean_frames(store: FeatureStore, known: Intervals, mean_ms: float | None) -> float:
  """Length of an action in frames: of the videos trained on, or what is known of more."""
  if mean_ms is None:
    return float(np.concatenate([np.diff(_frames(store, video, spans)) for video, spans in known.items()]).mean())
  t_ms = store.track(next(iter(known))).t_ms
  return mean_ms / float(np.median(np.diff(t_ms)))


def _frames(store: FeatureStore, video: str, spans: np.ndarray) -> np.ndarray:
  return detection.ms_to_frames(store.track(video).t_ms, spans)
