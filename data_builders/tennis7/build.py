"""Builds `tennis7` from the reference's action_dataset/tennis and what of its data is at hand."""

from __future__ import annotations

import argparse
import functools

from data_builders import clip_set
from data_builders.tennis7.tennis7_dataset_builder import Builder
from sportjax.data import windows
from sportjax.data.sequences import Reading
from sportjax.formats.actions import read_video_meta
from sportjax.formats.vpd_labels import TENNIS_COUNTS, read_tennis, tennis_video
from sportjax.video.reference_crops import tennis_crops


def _read(args: argparse.Namespace) -> clip_set.Labels:
  points = read_video_meta(args.video_meta)
  actions = read_tennis(args.labels, points)
  return actions, {action.video: points[tennis_video(action.video)] for action in actions}


KIND = clip_set.ClipSet(
  read=_read,
  counts={'default': TENNIS_COUNTS},
  labels_help="the reference's action_dataset/tennis, with all.txt and val.ids.txt",
  window=windows.swing,
  reading=Reading(gaps='interpolate'),
  reference=Reading(gaps='reference'),
  crops_of=tennis_crops,
)
add_arguments = functools.partial(clip_set.add_arguments, kind=KIND)
main = functools.partial(clip_set.main, kind=KIND, builder=Builder)
