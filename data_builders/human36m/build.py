"""Builds `human36m` from the reference's preprocessed poses, or from data_3d_h36m.npz."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterable

from data_builders import vipe_motion
from data_builders.human36m.human36m_dataset_builder import Builder
from sportjax.formats.motion_vipe import BodyMotion, read_human36m


def _originals(source: pathlib.Path) -> Iterable[BodyMotion]:
  return read_human36m(source / 'data_3d_h36m.npz' if source.is_dir() else source)


KIND = vipe_motion.VipeSet(
  body='human36m',
  validates=lambda motion: motion.person in ('S9', 'S11'),
  originals=_originals,
  original_help='data_3d_h36m.npz (its CDF files cannot be read)',
  original_unit_m=1.0,
)
add_arguments = functools.partial(vipe_motion.add_arguments, kind=KIND)
main = functools.partial(vipe_motion.main, kind=KIND, builder=Builder)
