"""What a report shows beside its table: clips and what was found for them, a path, poses, confusion, curves."""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sportjax.align.path import dtw
from sportjax.data.features import FeatureStore
from sportjax.data.labels import Clip
from sportjax.data.tracks import TrackRecords
from sportjax.metrics import classification
from sportjax.pipeline import Done
from sportjax.pose.normalise import KEPT_JOINTS
from sportjax.pose.skeletons import get_skeleton
from sportjax.report import content
from sportjax.report.curves import curve_panels
from sportjax.train.writer import read_metrics
from sportjax.typing import Float32
from sportjax.video.codec import decode_planes
from sportjax.video.crop_file import TrackCrops, load_crops
from sportjax.workflows.chain import Prepared
from sportjax.workflows.stages import evaluate
from sportjax.workflows.stages.distil import load_student
from sportjax.workflows.stages.evaluate import EvaluateSettings, RowOutcome

Show = Callable[[Clip], content.Clip]

_QUERIES, _MATCHES, _POSES = 5, 4, 8
_SHOWN = ('student', 'teacher')


def collect(
  prepared: Prepared,
  student: Done,
  rows: Mapping[str, pathlib.Path],
  evaluated: Done,
  settings: EvaluateSettings,
  *,
  labelled: bool,
) -> dict[str, Any]:
  """The report's parts, as keyword arguments of `ReportContent`."""
  stored = json.loads((evaluated.folder / 'clips.json').read_text())
  test = [Clip(**c) for c in stored['test']]
  show = functools.partial(show_clip, prepared)
  outcomes = {row: evaluate.load_outcome(evaluated.folder, row) for row in _SHOWN}
  rng = np.random.default_rng(settings.seed)
  chosen = rng.permutation(len(test))[:_QUERIES].tolist()
  return {
    'queries': tuple(_query(test, i, outcomes, show, labelled) for i in chosen),
    'alignments': _alignments(test, chosen, outcomes['student'], rows['student'], settings, show),
    'poses': pose_examples(prepared, student, rng),
    'confusions': _confusions(outcomes['student'], test, settings) if labelled and stored['train'] else (),
    'histograms': (_scores(prepared),),
    'curves': curve_panels(read_metrics(student.folder)),
  }


def show_clip(prepared: Prepared, clip: Clip) -> content.Clip:
  """The crops of a clip, as video."""
  crops = _crops(prepared.crops[clip.video])
  rows = np.flatnonzero((crops.t_ms >= clip.start_ms) & (crops.t_ms < clip.end_ms))
  frames = np.stack([decode_planes(crops.rgb[i], crops.motion[i])[..., :3] for i in rows])
  return content.Clip(clip.video, clip.label, frames, crops.t_ms[rows])


@functools.lru_cache(maxsize=64)
def _crops(path: pathlib.Path) -> TrackCrops:
  return load_crops(path)


def _query(test, i: int, outcomes: Mapping[str, RowOutcome], show: Show, labelled: bool) -> content.RankedQuery:
  rankings = []
  for row, outcome in outcomes.items():
    near = zip(outcome.index[i, :_MATCHES].tolist(), outcome.distance[i, :_MATCHES].tolist(), strict=True)
    matches = tuple(
      content.Match(show(test[j]), distance, test[j].label == test[i].label if labelled else None)
      for j, distance in near
      if np.isfinite(distance)
    )
    rankings.append(content.Ranking(row, matches))
  return content.RankedQuery(show(test[i]), tuple(rankings))


def _alignments(
  test: Sequence[Clip],
  chosen: Sequence[int],
  outcome: RowOutcome,
  store: pathlib.Path,
  settings: EvaluateSettings,
  show: Show,
) -> tuple[content.Alignment, ...]:
  """The student's path between the first query that has one and its best match."""
  for i in chosen:
    if np.isfinite(outcome.distance[i, 0]):
      j = int(outcome.index[i, 0])
      clips = evaluate.clip_features(FeatureStore(store), [test[i], test[j]], settings.unit_norm)
      a, b = (x[:, 0] for x in clips)
      cost = np.linalg.norm(a[:, None] - b[None], axis=-1)
      path = dtw(cost, 'symmetricP2').path
      if len(path):  # the nearest pair of views may have been the mirrored one, of the same length all the same
        title = f'{test[i].video} beside its nearest clip, {test[j].video}, by the student'
        return (content.Alignment(title, show(test[i]), show(test[j]), cost, path),)
  return ()


def _confusions(outcome: RowOutcome, test: Sequence[Clip], settings: EvaluateSettings) -> tuple[content.Confusion, ...]:
  names = sorted({c.label for c in test} | set(outcome.predicted[0].tolist()))
  number = {name: k for k, name in enumerate(names)}
  truth = np.array([number[c.label] for c in test])
  found = np.array([number[name] for name in outcome.predicted[0].tolist()])
  title = f'Student, {settings.shots} labels a class, first of {settings.subsets} subsets'
  return (content.Confusion(title, tuple(names), classification.Confusion.of(found, truth, len(names)).counts),)


def _scores(prepared: Prepared) -> content.Histogram:
  series = {split: TrackRecords(prepared.dataset, split).table().score for split in prepared.splits}
  joints = 13 if prepared.teacher == '2d' else 17
  return content.Histogram(
    "The teacher's confidence", f'mean score of the {joints} joints', series, note='One count a frame of an athlete.'
  )


def pose_examples(prepared: Prepared, student: Done, rng: np.random.Generator) -> tuple[content.PoseExample, ...]:
  """Crops from the surest to the least sure teacher, with its keypoints and the pose the student sees.

  A student of VIPE* says no joints: of it there is nothing to draw.
  """
  names = sorted(prepared.crops)
  crops = [_crops(prepared.crops[names[k]]) for k in rng.permutation(len(names))[:40]]
  places = [(c, i) for c in crops for i in range(len(c.frame))]
  by_score = sorted(places, key=lambda place: -place[0].score[place[1]])
  picked = [by_score[int(q * (len(by_score) - 1))] for q in np.linspace(0.02, 0.98, _POSES)]
  frames = np.stack([decode_planes(c.rgb[i], c.motion[i]) for c, i in picked])
  drawn = prepared.teacher == '2d'
  poses = np.asarray(load_student(student.folder).pose(frames))[:, 0] if drawn else np.zeros((len(frames), 0))
  return tuple(
    content.PoseExample(
      f'{c.track}, frame {c.frame[i]}: teacher {c.score[i]:.2f} sure',
      frames[n, ..., :3],
      (
        content.DrawnPose('teacher', get_skeleton('coco17'), c.keypoints[i]),
        *(
          content.DrawnPose('student', get_skeleton('coco17'), place_pose(pose, c.size))
          for pose in poses[n : n + drawn]
        ),
      ),
    )
    for n, (c, i) in enumerate(picked)
  )


def place_pose(pose: Float32[np.ndarray, 'd'], size: int) -> Float32[np.ndarray, '17 3']:
  """A normalised pose, which has neither place nor size, drawn so that it fills the athlete's box in the crop."""
  xy = pose[:26].reshape(13, 2)
  low, high = xy.min(0), xy.max(0)
  margin = 0.14 * size
  scale = float(((size - 2 * margin) / np.maximum(high - low, 1e-3)).min())
  placed = (xy - (low + high) / 2) * scale + size / 2
  joints = np.zeros((17, 3), np.float32)
  joints[list(KEPT_JOINTS)] = np.concatenate([placed, np.ones((13, 1))], axis=1)
  return joints
