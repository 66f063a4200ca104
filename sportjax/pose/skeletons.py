"""Skeletons by name: joint names, left-right tables, bones, and the maps from one onto another."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from sportjax.errors import InputError
from sportjax.typing import Float


@dataclasses.dataclass(frozen=True)
class Skeleton:
  """Joint names in storage order, and the bones to draw between them, by name."""

  name: str
  joints: tuple[str, ...]
  bones: tuple[tuple[str, str], ...] = ()

  def index(self, joint: str) -> int:
    """Position of a joint. Raises ValueError where the skeleton lacks it."""
    return self.joints.index(joint)

  @functools.cached_property
  def mirror(self) -> np.ndarray:
    """Permutation that swaps left and right: `keypoints[:, mirror]` are the mirrored person's."""
    return np.array([self.joints.index(_other_side(name)) for name in self.joints])


def _other_side(joint: str) -> str:
  if joint.startswith('left_'):
    return 'right_' + joint.removeprefix('left_')
  if joint.startswith('right_'):
    return 'left_' + joint.removeprefix('right_')
  return joint
