"""Builds `people3d` from the reference's preprocessed poses, or from its skeletons."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterable

from data_builders import vipe_motion
from data_builders.people3d.people3d_dataset_builder import Builder
from sportjax.formats.motion_vipe import BodyMotion, read_people3d

_VALIDATE = frozenset(f'{sex}{number:02d}' for sex in ('man', 'woman') for number in range(1, 5))


def _originals(source: pathlib.Path) -> Iterable[BodyMotion]:
  return (read_people3d(path.parent) for path in sorted(source.glob('*/*/camera01')))


KIND = vipe_motion.VipeSet(
  body='3dpeople',
  validates=lambda motion: motion.person in _VALIDATE,
  originals=_originals,
  original_help='a folder of <person>/<action>/camera01/<frame>.txt',
)
add_arguments = functools.partial(vipe_motion.add_arguments, kind=KIND)
main = functools.partial(vipe_motion.main, kind=KIND, builder=Builder)
