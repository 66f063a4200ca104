"""Tracks from what a user of VPD's released code has: crop folders, pose folders, and a teacher's features."""

from __future__ import annotations

import argparse
import functools
import pathlib
from collections.abc import Callable, Mapping

from data_builders.sports_tracks.tracks import Tracks, complete
from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats import vpd, vpd_features
from sportjax.formats.actions import VideoMeta, read_video_meta
from sportjax.formats.vpd_labels import tennis_video
from sportjax.video.crop_file import TrackCrops
from sportjax.video.reference_crops import CropFolder, tennis_crops, track_crops


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What goes with --reference_crops."""
  parser.add_argument('--poses', type=given_folder, help='pose folders of the same videos: boxes and keypoints')
  parser.add_argument('--video_meta', type=given_folder, help="the reference's <set>.video_meta.pkl, or JSON")
  parser.add_argument('--layout', choices=('video', 'tennis'), default='video', help='of the crop folders')
  parser.add_argument('--flow', default='flow', help="flow's name in {n}.<flow>.png; 'compute' takes {n}.prev.png")


def find(args: argparse.Namespace) -> Tracks:
  """Videos that have poses, crops and a teacher, once it is said which have not.

  Raises:
    InputError: a folder is not given, or videos lack a part and that is not allowed.
  """
  if args.poses is None or args.video_meta is None:
    raise InputError('--reference_crops needs --poses (boxes and keypoints) and --video_meta (frame rates) beside it')
  settings = {'flow': None if args.flow == 'compute' else args.flow, 'size': args.crop_size}
  crops_of = functools.partial(_LAYOUTS[args.layout], args.reference_crops, **settings)
  meta = read_video_meta(args.video_meta)
  load = functools.partial(_load, crops_of=crops_of, teacher=args.teacher, meta=meta)
  poses = sorted(path for path in args.poses.iterdir() if path.is_dir()) if args.poses.is_dir() else []
  lacks = functools.partial(_lacks, crops_of=crops_of, teacher=args.teacher, meta=meta)
  source = f'videos with poses in {args.poses}'
  paths = complete({path.name: path for path in poses}, lacks, source, allowed=args.allow_missing)
  return Tracks(paths, load(next(iter(paths.values()))).pose.shape[-1], load)


_LAYOUTS = {'video': lambda root, video, **settings: CropFolder(root / video, **settings), 'tennis': tennis_crops}


def _lacks(path: pathlib.Path, crops_of: Callable, teacher: pathlib.Path | None, meta: Mapping[str, VideoMeta]) -> str:
  """The first part that a video lacks; empty where it has all."""
  parts = {
    'metadata': tennis_video(path.name) in meta,
    vpd.BOXES: (path / vpd.BOXES).exists(),
    vpd.KEYPOINTS: (path / vpd.KEYPOINTS).exists(),
    'features of the teacher': teacher is None or (teacher / f'{path.name}{vpd_features.SUFFIX}').exists(),
    'crops with flow': bool(len(crops_of(path.name).frames)),
  }
  return next((what for what, there in parts.items() if not there), '')


def _load(
  path: pathlib.Path,
  *,
  crops_of: Callable[[str], CropFolder],
  teacher: pathlib.Path | None,
  meta: Mapping[str, VideoMeta],
) -> TrackCrops:
  about = meta[tennis_video(path.name)]
  people = vpd.read_coco_keypoints(path / vpd.KEYPOINTS, n_frames=about.num_frames)
  boxes = vpd.read_boxes(path / vpd.BOXES, n_frames=about.num_frames)
  if teacher is None:
    poses = vpd_features.from_keypoints(people)
  else:
    poses = vpd_features.read_features(teacher / f'{path.name}{vpd_features.SUFFIX}')
  return track_crops(path.name, crops_of(path.name), poses, fps=about.fps, boxes=boxes, people=people)
