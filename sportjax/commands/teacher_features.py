"""A teacher's features, of 2D joints or VIPE*, from pose folders, as <video>.emb.pkl."""

from __future__ import annotations

import argparse
import functools
import pathlib
import sys
from collections.abc import Callable

import numpy as np

from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats import vpd, vpd_features
from sportjax.formats.vpd_features import FrameFeatures
from sportjax.pose.track import Detections
from sportjax.tasks.vipe_teacher import load_teacher, vipe_features, weights_of

_FLAT = '.json.gz'  # a video's file, where there are no folders


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes."""
  parser.add_argument('--poses', type=given_folder, required=True, help='pose folders, or files <video>.json.gz')
  parser.add_argument('--vipe', type=given_folder, help='run or weights of VIPE*; the 2D joints where not given')
  parser.add_argument('--inverted', action='store_true', help='of the poses upside down; stack_features joins them')
  parser.add_argument('--out', type=given_folder, required=True, help='folder to write into')


def main(args: argparse.Namespace) -> str:
  """Writes a file a video; says how many. Raises InputError for whatever the user can mend."""
  if args.inverted and args.vipe is None:
    raise InputError('--inverted is for --vipe=...: the 2D teacher has no features upside down')
  found = pose_files(args.poses)
  describe = _joints if args.vipe is None else functools.partial(of_vipe(args.vipe), inverted=args.inverted)
  frames = 0
  for name, path in found.items():
    people = vpd.read_coco_keypoints(path, n_frames=sys.maxsize)  # how long the video is, these files do not tell
    if not len(people.frame):
      raise InputError(f'{path}: nobody in it; remove it, or estimate its poses again')
    features, about = describe(people)
    vpd_features.write_features(args.out / f'{name}{vpd_features.SUFFIX}', features, about)
    frames += len(features.frame)
  return f'features of {len(found)} videos, {frames} frames'


def pose_files(folder: pathlib.Path) -> dict[str, pathlib.Path]:
  """Keypoint files by video. Raises InputError where there is none."""
  nested = {path.parent.name: path for path in folder.glob(f'*/{vpd.KEYPOINTS}')}
  flat = {path.name.removesuffix(_FLAT): path for path in folder.glob(f'*{_FLAT}')}
  if not nested and not flat:
    raise InputError(f'{folder}: no folders with {vpd.KEYPOINTS} and no *{_FLAT} in it; give the folder of poses')
  return dict(sorted((flat | nested).items()))


def _joints(people: Detections) -> tuple[FrameFeatures, list[dict[str, bool]]]:
  features = vpd_features.from_keypoints(people)
  return features, [{'is_2d': True}] * len(features.frame)


def of_vipe(weights: pathlib.Path) -> Callable[..., tuple[FrameFeatures, list[dict[str, bool]]]]:
  """VIPE*'s features of a video: the mean over the people of a frame, as sure as the least sure of them.

  Source: VPD reference, apply_vipe_model.py.
  """
  model = load_teacher(weights_of(weights))

  def describe(people: Detections, *, inverted: bool = False) -> tuple[FrameFeatures, list[dict[str, bool]]]:
    joints = people.keypoints * np.array([1, -1 if inverted else 1, 1], np.float32)
    values, score = vipe_features(model, joints, track=people.source, frame=people.frame)
    frame, first, count = np.unique(people.frame, return_index=True, return_counts=True)
    mean = np.add.reduceat(values, first, axis=0) / count[:, None, None]
    told = [{'is_mean': True} if many else {'is_mean': False, 'is_flip': False} for many in (count > 1).tolist()]
    return FrameFeatures(frame, mean.astype(np.float32), np.minimum.reduceat(score, first)), told

  return describe
