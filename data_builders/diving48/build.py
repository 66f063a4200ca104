"""Builds `diving48` from its label files and what of the reference's data is at hand."""

from __future__ import annotations

import argparse
import functools

from data_builders import clip_set
from data_builders.diving48.diving48_dataset_builder import Builder
from sportjax.data.sequences import Reading
from sportjax.formats.actions import read_video_meta
from sportjax.formats.diving48 import COUNTS, read_diving48


def _read(args: argparse.Namespace) -> clip_set.Labels:
  return read_diving48(args.labels, args.version), read_video_meta(args.video_meta)


KIND = clip_set.ClipSet(
  read=_read,
  counts=COUNTS,
  labels_help='folder of Diving48_vocab.json and of the label files, Diving48_V2_train.json and so on',
  reading=Reading(rate='even'),
  reference=Reading(rate='reference_diving48'),
)
add_arguments = functools.partial(clip_set.add_arguments, kind=KIND)
main = functools.partial(clip_set.main, kind=KIND, builder=Builder)
