"""What the builders of labelled actions share: their command line, and the way from label files to a dataset."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import pathlib
from collections.abc import Callable, Mapping, Sequence

import tensorflow_datasets as tfds
from absl import logging

from data_builders.building import FORMAT, prepare
from data_builders.clip_parts import ClipReader, Missing, Parts
from data_builders.clips_builder import ClipsBuilder, ClipsConfig
from sportjax.command_line import given_folder
from sportjax.data.sequences import Reading
from sportjax.data.windows import Window, as_labelled
from sportjax.errors import InputError
from sportjax.formats.actions import Action, Counts, VideoMeta, check_counts, few_shot_within, read_few_shot
from sportjax.video.reference_crops import CropFolder

CropsOf = Callable[..., CropFolder]  # of the root, a video's name, and the settings of CropFolder
Labels = tuple[Sequence[Action], Mapping[str, VideoMeta]]
UNKNOWN_FPS = 25.0  # where a dataset is of images whose rate is not told; only their order counts


@dataclasses.dataclass(frozen=True)
class ClipSet:
  """How one dataset differs from the others; by version where it has several."""

  read: Callable[[argparse.Namespace], Labels]
  counts: Mapping[str, Counts]
  labels_help: str
  window: Window = as_labelled
  reading: Reading = Reading()  # noqa: B008 (frozen)
  reference: Reading = Reading()  # noqa: B008 (frozen); the bugs of the released code
  crops_of: CropsOf = lambda root, video, **settings: CropFolder(root / video, **settings)
  has_video_meta: bool = True


def add_arguments(parser: argparse.ArgumentParser, kind: ClipSet) -> None:
  """What the command line takes for a dataset of labelled actions."""
  parser.add_argument('--labels', type=given_folder, required=True, help=kind.labels_help)
  parser.add_argument('--few_shot', type=given_folder, help='folder of the fixed lists train_{k}_{i}.ids.txt')
  if kind.has_video_meta:
    parser.add_argument(
      '--video_meta', type=given_folder, required=True, help="the reference's <set>.video_meta.pkl, or the same as JSON"
    )
  source = parser.add_mutually_exclusive_group()
  source.add_argument('--features', type=given_folder, help='folder of <video>.emb.pkl')
  source.add_argument('--poses', type=given_folder, help='folder of poses: features are the normalised 2D joints')
  parser.add_argument('--crops', type=given_folder, help='folder of crops')
  parser.add_argument('--flow', default='flow', help="flow's name in {n}.<flow>.png; 'compute' takes {n}.prev.png")
  parser.add_argument('--crop_size', type=int, default=128, help='pixels that crops are resized to')
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')
  parser.add_argument('--allow_missing', action='store_true', help='keep actions whose features or crops are missing')
  parser.add_argument(
    '--reading', choices=('paper', 'reference'), default='paper', help='how gaps and rates are read; docs/VPD.md'
  )
  if len(kind.counts) > 1:
    parser.add_argument('--version', choices=tuple(kind.counts), default=list(kind.counts)[-1], help='of the labels')


def main(args: argparse.Namespace, kind: ClipSet, builder: type[ClipsBuilder]) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  version = getattr(args, 'version', next(iter(kind.counts)))
  if not (args.features or args.poses or args.crops):
    raise InputError(f'{builder.name}: nothing to build from; give --features, --poses or --crops')
  actions, videos = kind.read(args)
  check_counts(builder.name, actions, kind.counts[version])
  unknown = sorted({action.video for action in actions} - set(videos))
  if unknown:
    raise InputError(f'{args.video_meta}: {len(unknown)} videos are not in it, such as {unknown[0]}; give that of all')
  few_shot = few_shot_within(read_few_shot(args.few_shot), actions) if args.few_shot else {}
  reading = kind.reading if args.reading == 'paper' else kind.reference
  reader = ClipReader(_parts(args, kind), kind.window, reading, videos, few_shot)
  missing, shape = reader.missing(actions)
  _say(builder.name, missing, args.allow_missing)
  config = ClipsConfig(
    name=version,
    actions={split: tuple(a for a in actions if a.split == split) for split in kind.counts[version].splits},
    records=functools.partial(reader.records, shape=shape),
    classes=tuple(sorted({action.label for action in actions})),
    feature_shape=shape,
    about={'reading': dataclasses.asdict(reading), 'missing': dataclasses.asdict(missing)},
  )
  return prepare(builder(data_dir=str(args.out), config=config, file_format=FORMAT))


def lengths_as_meta(actions: Sequence[Action], image_size: tuple[int, int] = (0, 0)) -> dict[str, VideoMeta]:
  """Metadata of videos that are one action each."""
  return {action.video: VideoMeta(UNKNOWN_FPS, action.end_frame, *image_size) for action in actions}


def _parts(args: argparse.Namespace, kind: ClipSet) -> Parts:
  for folder in (args.features, args.poses, args.crops):
    if folder and not folder.is_dir():
      raise InputError(f'{folder}: no such folder; check the path')
  if not args.crops:
    return Parts(args.features, args.poses, None)
  settings = {'flow': None if args.flow == 'compute' else args.flow, 'size': args.crop_size}
  return Parts(args.features, args.poses, functools.partial(kind.crops_of, pathlib.Path(args.crops), **settings))


def _say(name: str, missing: Missing, allowed: bool) -> None:
  """Raises InputError with the whole list of what is missing, or logs it where that is allowed."""
  told = missing.told()
  if told and not allowed:
    raise InputError(
      f'{name}: missing are {"; ".join(told)}; add them, or keep their actions without frames with --allow_missing'
    )
  if told:
    logging.warning('%s: missing are %s', name, '; '.join(told))
