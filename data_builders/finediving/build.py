"""Builds `finediving` from its annotations and features, poses or crops by dive."""

from __future__ import annotations

import argparse
import functools

from data_builders import clip_set
from data_builders.finediving.finediving_dataset_builder import Builder
from sportjax.formats.finediving import COUNTS, read_finediving


def _read(args: argparse.Namespace) -> clip_set.Labels:
  actions = [dive.action for dive in read_finediving(args.labels)]
  return actions, clip_set.lengths_as_meta(actions)


KIND = clip_set.ClipSet(
  read=_read,
  counts={'default': COUNTS},
  labels_help="FineDiving's folder Annotations; a dive's files are named <competition>__<number>",
  has_video_meta=False,
)
add_arguments = functools.partial(clip_set.add_arguments, kind=KIND)
main = functools.partial(clip_set.main, kind=KIND, builder=Builder)
