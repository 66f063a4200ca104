"""Builds `penn_action` from its annotations and features, poses or crops by sequence."""

from __future__ import annotations

import argparse
import functools

from data_builders import clip_set
from data_builders.penn_action.penn_action_dataset_builder import Builder
from sportjax.formats.penn_action import COUNTS, read_penn_action


def _read(args: argparse.Namespace) -> clip_set.Labels:
  actions = [sequence.action for sequence in read_penn_action(args.labels)]
  return actions, clip_set.lengths_as_meta(actions)


KIND = clip_set.ClipSet(
  read=_read,
  counts={'default': COUNTS},
  labels_help="Penn Action's folder labels, of .mat files",
  has_video_meta=False,
)
add_arguments = functools.partial(clip_set.add_arguments, kind=KIND)
main = functools.partial(clip_set.main, kind=KIND, builder=Builder)
