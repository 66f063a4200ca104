"""Film takes of the simulated athletes: real video files, their truth beside them."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Sequence

import numpy as np

from sportjax.data.labels import Clip, write_labels
from sportjax.pipeline import Work, item_folders, map_items
from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.pose.track import Track
from sportjax.pose.track_file import save_track
from sportjax.synth.body import ATHLETE
from sportjax.synth.corpus import CorpusSpec, plan
from sportjax.synth.takes import Take, read_actions
from sportjax.video.decode import probe

LABELS = 'labels.csv'


def film_corpus(work: Work, *, spec: CorpusSpec, processes: int) -> None:
  """The takes of one corpus; see `film_takes`."""
  film_takes(work, plan(spec), processes=processes)


def film_takes(work: Work, takes: Sequence[Take], *, processes: int) -> None:
  """One item a video: what the take writes, `track.npz` (the true pose); and `labels.csv` of all."""
  named = {take.name: take for take in takes}
  map_items(work, named, _film_one, processes=processes)
  filmed = item_folders(work.folder)  # by name; the labels keep the plan's order
  clips = [clip for name in named if name in filmed for clip in _clips(named[name], filmed[name])]
  write_labels(work.folder / LABELS, clips)
  work.count(clips=len(clips))


def _film_one(take: Take, folder: pathlib.Path) -> dict[str, int]:
  start_s = time.process_time()  # the processor's own: what a take costs, however busy the machine is
  counts = take.film(folder)
  with np.load(folder / 'truth.npz', allow_pickle=False) as truth:
    save_track(folder / 'track.npz', true_track(folder / f'{take.name}.mp4', dict(truth)))
  return counts | {'cpu_ms': round(1000 * (time.process_time() - start_s))}


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
  return [Clip(take.name, a.start_ms, a.end_ms, a.label, take.athlete, take.split) for a in read_actions(folder)]
