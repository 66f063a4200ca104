"""Film a corpus of the simulated athletes: real video files, their truth beside them."""

from __future__ import annotations

import json
import pathlib

import numpy as np

from sportjax.data.labels import Clip, write_labels
from sportjax.pipeline import Work, map_items
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import save_track
from sportjax.synth.body import ATHLETE
from sportjax.synth.corpus import CorpusSpec, Take, film_take, plan
from sportjax.synth.motion import Action
from sportjax.video.decode import probe

LABELS = 'labels.csv'


def film_corpus(work: Work, *, spec: CorpusSpec, processes: int) -> None:
  """One item a video: `<name>.mp4`, `truth.npz`, `track.npz` (the true pose); and `labels.csv` of all."""
  takes = {take.name: take for take in plan(spec)}
  map_items(work, takes, _film_one, processes=processes)
  clips = [clip for take in takes.values() for clip in _clips(take, work.folder / 'items' / take.name)]
  write_labels(work.folder / LABELS, clips)
  work.count(clips=len(clips))


def _film_one(take: Take, folder: pathlib.Path) -> dict[str, int]:
  counts = film_take(take, folder)
  with np.load(folder / 'truth.npz', allow_pickle=False) as truth:
    save_track(folder / 'track.npz', true_track(folder / f'{take.name}.mp4', dict(truth)))
  return counts


def true_track(video: pathlib.Path, truth: dict[str, np.ndarray]) -> Track:
  """The true pose in the frames that show the athlete: hidden joints too, all of score 1."""
  info = probe(video)
  rows = np.flatnonzero(truth['box'][:, 2] > truth['box'][:, 0])
  joints = truth['joints_px'][rows]
  keypoints = np.concatenate([joints, np.ones((*joints.shape[:2], 1))], axis=-1).astype(np.float32)
  return Track(
    id=video.stem,
    video=str(video),
    frame=rows,
    t_ms=info.t_ms[rows],
    boxes=truth['box'][rows].astype(np.float32),
    keypoints=convert(keypoints, ATHLETE, get_skeleton('coco17')),
    skeleton='coco17',
    image_size=(info.width, info.height),
    source='the simulated world',
  )


def _clips(take: Take, folder: pathlib.Path) -> list[Clip]:
  actions = [Action(**action) for action in json.loads((folder / 'actions.json').read_text())]
  return [Clip(take.name, a.start_ms, a.end_ms, a.label, take.athlete, take.split) for a in actions]
