"""Builds `nba2k` from the reference's preprocessed poses, or from its releases."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterable

from data_builders import vipe_motion
from data_builders.nba2k.nba2k_dataset_builder import Builder
from sportjax.formats.motion_vipe import BodyMotion, read_nba2k


def _originals(source: pathlib.Path) -> Iterable[BodyMotion]:
  return (read_nba2k(path) for path in sorted(source.glob('*/release_*_2ku.pkl')))


KIND = vipe_motion.VipeSet(
  body='nba2k',
  validates=lambda motion: motion.person in ('alfred', 'allen', 'barney', 'bradley'),
  originals=_originals,
  original_help='a folder of <person>/release_<person>_2ku.pkl',
)
add_arguments = functools.partial(vipe_motion.add_arguments, kind=KIND)
main = functools.partial(vipe_motion.main, kind=KIND, builder=Builder)
