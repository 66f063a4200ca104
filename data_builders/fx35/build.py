"""Builds `fx35` from FineGym's annotations of version 1.1 and what of the reference's data is at hand."""

from __future__ import annotations

import argparse
import functools

from data_builders import clip_set
from data_builders.fx35.fx35_dataset_builder import Builder
from sportjax.data.sequences import Reading
from sportjax.formats.actions import read_video_meta
from sportjax.formats.finegym import FX35_COUNTS, read_finegym


def _read(args: argparse.Namespace) -> clip_set.Labels:
  videos = read_video_meta(args.video_meta)
  return read_finegym(args.labels, videos), videos


KIND = clip_set.ClipSet(
  read=_read,
  counts={'default': FX35_COUNTS},
  labels_help="the reference's finegym/data with FineGym's files of version 1.1 in it",
  reading=Reading(rate='even'),
  reference=Reading(rate='reference_fx'),
)
add_arguments = functools.partial(clip_set.add_arguments, kind=KIND)
main = functools.partial(clip_set.main, kind=KIND, builder=Builder)
