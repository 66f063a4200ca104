"""Tracks from Penn Action as it is handed out: images, and joints and boxes by hand."""

from __future__ import annotations

import argparse
import functools
import pathlib
from collections.abc import Mapping

import numpy as np

from data_builders.clip_set import UNKNOWN_FPS
from data_builders.sports_tracks.tracks import Tracks, complete
from sportjax.errors import InputError
from sportjax.formats import vpd_features
from sportjax.formats.penn_action import Sequence, coco17, read_penn_action
from sportjax.formats.vpd_features import FrameFeatures
from sportjax.pose.normalise import teacher_pose
from sportjax.video import strip
from sportjax.video.crop import into_crops
from sportjax.video.crop_file import TrackCrops
from sportjax.video.image_folder import image_pairs, images
from sportjax.video.pack_crops import pack_crops
from sportjax.video.strip import CropParams

_RULES = {'paper': CropParams(), 'reference': strip.REFERENCE}


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What goes with --penn."""
  parser.add_argument(
    '--rules', choices=tuple(_RULES), default='paper', help='how --penn is cropped; docs/VPD.md, "Compatibility"'
  )


def find(args: argparse.Namespace) -> Tracks:
  """Sequences that have images and a teacher, in the dataset's own splits.

  Raises:
    InputError: there are no annotations, or sequences lack a part and that is not allowed.
  """
  labels, frames = args.penn / 'labels', args.penn / 'frames'
  sequences = {sequence.action.id: sequence for sequence in read_penn_action(labels)}
  lacks = functools.partial(_lacks, sequences=sequences, teacher=args.teacher)
  source = f'sequences annotated in {labels}'
  paths = complete({name: frames / name for name in sequences}, lacks, source, allowed=args.allow_missing)
  params = CropParams(**vars(_RULES[args.rules]) | {'size': args.crop_size})
  load = functools.partial(_load, sequences=sequences, teacher=args.teacher, params=params)
  splits = {name: sequences[name].action.split for name in paths}
  return Tracks(paths, load(next(iter(paths.values()))).pose.shape[-1], load, splits)


def _lacks(path: pathlib.Path, sequences: Mapping[str, Sequence], teacher: pathlib.Path | None) -> str:
  """The first part that a sequence lacks; empty where it has all."""
  count = sequences[path.name].action.end_frame
  parts = {
    'a box': bool(len(_boxed(sequences[path.name]))),
    'images of all frames': np.array_equal(images(path, first=1), np.arange(count)),
    'features of the teacher': teacher is None or (teacher / f'{path.name}{vpd_features.SUFFIX}').exists(),
  }
  return next((what for what, there in parts.items() if not there), '')


def _boxed(sequence: Sequence) -> np.ndarray:
  """Frames whose box is one; the last few of some sequences have none."""
  low, high = np.split(sequence.boxes[: sequence.action.end_frame], 2, axis=1)
  return np.flatnonzero((high > low).all(axis=1))


def _load(
  path: pathlib.Path, *, sequences: Mapping[str, Sequence], teacher: pathlib.Path | None, params: CropParams
) -> TrackCrops:
  sequence = sequences[path.name]
  joints = coco17(sequence.joints)
  known = _taught(path.name, joints, teacher)
  frames = np.intersect1d(_boxed(sequence), known.frame)
  if not len(frames):
    raise InputError(f'{path}: no frame has a box and a pose; check that both are of one sequence')
  pairs = image_pairs(path, frames, sequence.image_size, first=1, fps=UNKNOWN_FPS)
  crops = list(strip.crops_of_pairs(pairs, frames, sequence.boxes[frames], params, {}))
  shown = into_crops(joints[frames], np.array([crop.box for crop in crops]), params.size)
  return pack_crops(path.name, str(path), crops, known, shown, params.size)


def _taught(name: str, joints: np.ndarray, teacher: pathlib.Path | None) -> FrameFeatures:
  """A teacher's features, or the normalised joints, scored by how many are visible."""
  if teacher is None:
    return FrameFeatures(np.arange(len(joints)), *teacher_pose(joints, track=name))
  path = teacher / f'{name}{vpd_features.SUFFIX}'
  features = vpd_features.read_features(path)
  if features.features.shape[1] != 2 or np.isnan(features.score).any():
    raise InputError(f'{path}: a teacher needs poses as filmed and mirrored, and their scores; extract them with flips')
  return features
