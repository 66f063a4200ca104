"""Detection of actions in whole videos from features per frame and a few videos labelled in time."""

from __future__ import annotations

import csv
import dataclasses
import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.errors import InputError
from sportjax.evals import frame_classifier, proposals
from sportjax.evals.frame_classifier import FrameConfig
from sportjax.evals.proposals import ProposalRules
from sportjax.metrics import detection
from sportjax.typing import Bool, Float, Int

Intervals = Mapping[str, Float[np.ndarray, 'n 2']]  # [start_ms, end_ms) by video; none where nothing happens

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # VPD's Table 7, figure skating
THRESHOLDS_SHORT_ACTIONS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)  # the same, tennis


@dataclasses.dataclass(frozen=True)
class DetectionConfig:
  """How actions are found and how the finds are counted. Source: VPD (arXiv 2109.01305), supplement D."""

  frames: FrameConfig = FrameConfig()
  rules: ProposalRules = proposals.PAPER
  ap: detection.AP = 'voc'
  thresholds: tuple[float, ...] = THRESHOLDS
  tious: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
  threshold: float = 0.2  # of the proposals that are written

  def __post_init__(self):
    if not self.thresholds or not self.tious or not all(0 < x <= 1 for x in (*self.thresholds, *self.tious)):
      raise InputError('detection: thresholds and tious must be given, above 0 and at most 1')


@dataclasses.dataclass(frozen=True)
class Detected:
  """What was found in the test videos."""

  videos: tuple[str, ...]
  activations: tuple[Float[np.ndarray, 't'], ...]
  found: tuple[detection.Scored, ...]  # at `threshold`; in frames of the track
  ap: Float[np.ndarray, 's k']  # by threshold and tIoU

  def write(self, path: pathlib.Path, store: FeatureStore) -> None:
    """The proposals as CSV, in milliseconds."""
    with path.open('w', newline='', encoding='utf-8') as file:
      writer = csv.writer(file)
      writer.writerow(('video', 'start_ms', 'end_ms', 'score'))
      for name, each in zip(self.videos, self.found, strict=True):
        times_ms = frames_to_ms(store.track(name).t_ms, each.intervals)
        writer.writerows((name, *row, s) for row, s in zip(times_ms.round(1), each.scores.round(6), strict=True))


def intervals_of(clips: Sequence[Clip]) -> dict[str, Float[np.ndarray, 'n 2']]:
  """Labelled clips as intervals by video, those that overlap or touch made one."""
  videos = sorted({clip.video for clip in clips})
  rows = {v: np.array([(c.start_ms, c.end_ms) for c in clips if c.video == v], np.float64) for v in videos}
  return {video: detection.merge_overlapping(found) for video, found in rows.items()}


def detect(
  store: FeatureStore,
  train: Intervals,
  test: Intervals,
  config: DetectionConfig = DetectionConfig(),
  *,
  folds: Mapping[str, int] | None = None,
  mean_frames: float | None = None,
  seed: int = 0,
) -> Detected:
  """Trains on the training videos, proposes intervals in the test videos, and counts them at every threshold and tIoU.

  Time is counted in a track's frames, so a track with missing frames is shorter than its video.

  Args:
    store: features of whole videos.
    train: where the actions are in videos to train on.
    test: the same of the others; their classes do not matter.
    config: of all parts.
    folds: the fold of each training video; drawn where None.
    mean_frames: of an action; that of the training videos where None. VPD's code takes it of the whole training set
      even where it trains on five videos of it.
    seed: of everything that is drawn.

  Raises:
    InputError: a video is in both, is not in the store, or there is none to test on.
  """
  both = sorted(set(train) & set(test))
  if both or not test:
    raise InputError(f'detection: {both[0]!r} is to be trained and tested on' if both else 'detection: no test videos')
  frames = {name: ms_to_frames(store.track(name).t_ms, spans) for name, spans in {**train, **test}.items()}
  videos = [_features(store, name) for name in train]
  ensemble = frame_classifier.train_ensemble(
    videos,
    [_active(frames[name], len(video)) for name, video in zip(train, videos, strict=True)],
    config.frames,
    folds=None if folds is None else np.array([folds[name] for name in train]),
    seed=seed,
  )
  if mean_frames is None:
    mean_frames = float(np.mean(np.concatenate([np.diff(frames[name]) for name in train])))
  activations = [ensemble.activations(_features(store, name)) for name in test]
  truths = [frames[name] for name in test]
  return Detected(
    tuple(test),
    tuple(activations),
    tuple(proposals.propose(x, config.threshold, mean_frames, config.rules) for x in activations),
    sweep(activations, truths, mean_frames, config),
  )


def sweep(
  activations: Sequence[Float[np.ndarray, 't']],
  truths: Sequence[Int[np.ndarray, 'n 2']],
  mean_frames: float,
  config: DetectionConfig,
) -> Float[np.ndarray, 's k']:
  """AP at every threshold (s) and tIoU (k)."""
  found = [[proposals.propose(x, t, mean_frames, config.rules) for x in activations] for t in config.thresholds]
  return np.array(
    [[detection.average_precision(each, truths, tiou, rule=config.ap) for tiou in config.tious] for each in found]
  )


def ms_to_frames(t_ms: Float[np.ndarray, 't'], spans_ms: Float[np.ndarray, 'n 2']) -> Int[np.ndarray, 'n 2']:
  """First frame of each interval and the one after its last."""
  return np.searchsorted(t_ms, np.asarray(spans_ms, np.float64).reshape(-1, 2))


def frames_to_ms(t_ms: Float[np.ndarray, 't'], frames: Float[np.ndarray, 'n 2']) -> Float[np.ndarray, 'n 2']:
  """When intervals of frames begin and end; the last frame lasts as long as the one before it."""
  length_ms = t_ms[-1] - t_ms[-2] if len(t_ms) > 1 else 0.0
  edges = np.append(t_ms, t_ms[-1] + length_ms)
  return np.interp(frames, np.arange(len(edges)), edges)


def _features(store: FeatureStore, name: str) -> Float[np.ndarray, 't v d']:
  return np.asarray(store.track(name).features, np.float32)


def _active(frames: Int[np.ndarray, 'n 2'], count: int) -> Bool[np.ndarray, 't']:
  active = np.zeros(count, bool)
  for start, end in frames:
    active[start:end] = True
  return active
