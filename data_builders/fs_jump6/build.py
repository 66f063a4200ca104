"""Builds `fs_jump6` from the reference's action_dataset/fs and what of its data is at hand."""

from __future__ import annotations

import argparse
import functools

from data_builders import clip_set
from data_builders.fs_jump6.fs_jump6_dataset_builder import Builder
from sportjax.data import windows
from sportjax.data.sequences import Reading
from sportjax.formats.actions import read_video_meta
from sportjax.formats.vpd_labels import FS_COUNTS, read_fs


def _read(args: argparse.Namespace) -> clip_set.Labels:
  return read_fs(args.labels), read_video_meta(args.video_meta)


KIND = clip_set.ClipSet(
  read=_read,
  counts={'default': FS_COUNTS},
  labels_help="the reference's action_dataset/fs, with all.txt and val.ids.txt",
  window=windows.jump,
  reading=Reading(gaps='interpolate'),
  reference=Reading(gaps='reference'),
)
add_arguments = functools.partial(clip_set.add_arguments, kind=KIND)
main = functools.partial(clip_set.main, kind=KIND, builder=Builder)
