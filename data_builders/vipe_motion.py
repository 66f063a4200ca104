"""The four licence-gated sets that VIPE* is trained on, as their users have them: preprocessed or original."""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
from collections.abc import Callable, Iterable

import tensorflow_datasets as tfds

from data_builders.motion_builder import MotionBuilder, MotionConfig, build, of_body
from sportjax.command_line import given_folder
from sportjax.errors import InputError
from sportjax.formats.motion_vipe import PREPROCESSED, UNIT_M, BodyMotion, read_preprocessed
from sportjax.pose.bodies import BODIES


@dataclasses.dataclass(frozen=True)
class VipeSet:
  """How one of them differs from the others."""

  body: str
  validates: Callable[[BodyMotion], bool]  # Source: VPD reference, vipe_dataset/*.py
  originals: Callable[[pathlib.Path], Iterable[BodyMotion]]
  original_help: str
  original_unit_m: float = 0.0  # 0: not known


def add_arguments(parser: argparse.ArgumentParser, kind: VipeSet) -> None:
  """What the command line takes for these sets."""
  parser.add_argument(
    '--source', type=given_folder, required=True, help=f"the reference's {PREPROCESSED}, or {kind.original_help}"
  )
  parser.add_argument('--out', type=given_folder, required=True, help='folder of TFDS datasets to build in')


def main(args: argparse.Namespace, kind: VipeSet, builder: type[MotionBuilder]) -> tfds.core.DatasetInfo:
  """Builds what the command line asks for. Raises InputError for whatever the user can mend."""
  preprocessed = args.source if args.source.suffix == '.pkl' else args.source / PREPROCESSED
  if not args.source.exists():
    raise InputError(f'--source={args.source}: no such file or folder; give {PREPROCESSED}, or {kind.original_help}')
  given = preprocessed.exists()
  motions = read_preprocessed(preprocessed, kind.body) if given else kind.originals(args.source)
  config = MotionConfig(
    name='preprocessed' if given else 'original',
    recordings=tuple(of_body(each, 'val' if kind.validates(each) else 'train') for each in motions),
    points=BODIES[kind.body].joints,
    unit_m=UNIT_M.get(kind.body, 0.0) if given else kind.original_unit_m,
  )
  return build(builder, args, config)
