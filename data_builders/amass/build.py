"""Builds `amass` from the reference's preprocessed poses, or from the pose.npy of rendered recordings."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterable

from data_builders import vipe_motion
from data_builders.amass.amass_dataset_builder import Builder
from sportjax.formats.motion_vipe import BodyMotion, read_amass


def _originals(source: pathlib.Path) -> Iterable[BodyMotion]:
  return (read_amass(path.parent) for path in sorted(source.glob('*/pose.npy')))


KIND = vipe_motion.VipeSet(
  body='amass',
  validates=lambda motion: motion.person == 'EyesJapanDataset',
  originals=_originals,
  original_help='a folder of <set>_<action>/pose.npy (parameters of the body model cannot be read)',
  original_unit_m=1.0,
)
add_arguments = functools.partial(vipe_motion.add_arguments, kind=KIND)
main = functools.partial(vipe_motion.main, kind=KIND, builder=Builder)
