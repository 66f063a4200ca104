"""A student's features, of ours or of the reference's training, from a built dataset of crops, as <track>.emb.pkl."""

from __future__ import annotations

import argparse
import itertools

import numpy as np
import tensorflow_datasets as tfds

from sportjax.command_line import given_folder
from sportjax.data.tracks import TrackRecords
from sportjax.errors import InputError
from sportjax.evals.extract import extract
from sportjax.formats import vpd_features
from sportjax.formats.vpd_features import FrameFeatures
from sportjax.tasks.jitter import Jitter
from sportjax.workflows.extract import trained_folder
from sportjax.workflows.stages import distil


def add_arguments(parser: argparse.ArgumentParser) -> None:
  """What the command line takes."""
  parser.add_argument(
    '--student', type=given_folder, required=True, help="workdir of a run, or a reference's --save_dir"
  )
  parser.add_argument('--dataset', type=given_folder, required=True, help='folder of a built sports_tracks dataset')
  parser.add_argument('--jitter', type=int, default=0, metavar='N', help='features of N random changes of a frame too')
  parser.add_argument('--jitter_of', choices=('colour', 'colour_and_crop'), default='colour', help='what changes')
  parser.add_argument(
    '--jitter_keep', choices=('apart', 'mean'), default='apart', help='each change as two more views, or their mean'
  )
  parser.add_argument('--seed', type=int, default=0, help='of the changes')
  parser.add_argument('--out', type=given_folder, required=True, help='folder to write into')


def main(args: argparse.Namespace) -> str:
  """Writes a file a track; says how many. Raises InputError for whatever the user can mend."""
  if not (args.dataset / 'dataset_info.json').exists():
    raise InputError(f'{args.dataset}: no dataset there; build one: python -m data_builders sports_tracks')
  student = distil.load_student(trained_folder(args.student))
  records = [TrackRecords(args.dataset, split) for split in tfds.builder_from_directory(args.dataset).info.splits]
  size = records[0][0]['size']
  if size != student.config.size_px:
    raise InputError(f'{args.dataset}: crops of {size} px, the student takes {student.config.size_px}; crop them anew')
  predict = student.jittered(Jitter(args.jitter, args.jitter_of, args.jitter_keep, args.seed))
  tracks = frames = 0
  for track in itertools.chain.from_iterable(extract(each, predict) for each in records):
    unknown = np.full(len(track.frame), np.nan, np.float32)  # a student tells no score
    features = FrameFeatures(track.frame, np.asarray(track.features, np.float32), unknown)
    vpd_features.write_features(args.out / f'{track.track}{vpd_features.SUFFIX}', features)
    tracks, frames = tracks + 1, frames + len(track.frame)
  return f'features of {tracks} tracks, {frames} frames'
