"""3D skeletons by name, as trees: which joint hangs on which, and which bones each joint's angle lies between."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np

from sportjax.typing import Float

_Row = tuple[str, str, str]  # joint, its parent, the joint at the end of the bone that its own bone is held against


@dataclasses.dataclass(frozen=True)
class Body:
  """A tree of joints. `rows` are all but the root, parents first, in the order of their features."""

  name: str
  root: str
  rows: tuple[_Row, ...]
  torso: tuple[str, ...]  # about flat, and longer than wide: its directions are the body's
  neck: tuple[str, ...]  # the middle of these is up from the root
  sides: tuple[str, str]  # left and right of the torso
  coco: Mapping[str, tuple[str, ...]] = dataclasses.field(hash=False)  # a COCO joint is the mean of these

  @property
  def joints(self) -> tuple[str, ...]:
    """The root, then the rows."""
    return (self.root, *(row[0] for row in self.rows))

  @property
  def features(self) -> int:
    """Numbers that describe a pose: an offset, an angle and a direction a joint."""
    return 7 * len(self.rows)

  def index(self, joint: str) -> int:
    """Position of a joint."""
    return self.joints.index(joint)

  def at(self, xyz: Float[np.ndarray, '*s j 3'], names: Sequence[str]) -> Float[np.ndarray, '*s k 3']:
    """The named joints of poses."""
    return xyz[..., [self.index(name) for name in names], :]

  @functools.cached_property
  def parents(self) -> np.ndarray:
    """Position of each row's parent among the joints."""
    return np.array([self.index(parent) for _, parent, _ in self.rows])

  @functools.cached_property
  def against(self) -> np.ndarray:
    """The row whose bone each row's angle is taken with; its own where it has none."""
    rows = [row[0] for row in self.rows]
    return np.array([rows.index(other) for _, _, other in self.rows])

  @functools.cached_property
  def mirror(self) -> np.ndarray:
    """Permutation of the joints that swaps left and right."""
    return np.array([self.index(_other_side(name, self.joints)) for name in self.joints])


def _other_side(name: str, joints: Sequence[str]) -> str:
  for a, b in (('left', 'right'), ('right', 'left')):
    if name.startswith(a) and b + name.removeprefix(a) in joints:
      return b + name.removeprefix(a)
  return name


def _chain(*rows: str) -> list[_Row]:
  """Rows of 'joint parent against'."""
  out = []
  for row in rows:
    joint, parent, against = row.split()
    out.append((joint, parent, against))
  return out


def _sided(*rows: str, sides: tuple[str, str] = ('left', 'right')) -> list[_Row]:
  """The same with either side for ~."""
  return [row for side in sides for row in _chain(*(text.replace('~', side) for text in rows))]


def _coco(*nose: str, **limbs: str) -> dict[str, tuple[str, ...]]:
  sided = {f'{side}_{joint}': (f'{side}_{name}',) for joint, name in limbs.items() for side in ('left', 'right')}
  return {'nose': nose} | sided


# Each row's angle is with the bone that VPD's reference takes it with: of several joints on one parent, that of the
# first. Joints keep the reference's order, so that its checkpoints' heads fit.
_HUMAN36M = Body(
  'human36m', 'hips',
  (*_chain('spine hips spine', 'neck spine spine', 'nose neck neck', 'head_top neck nose'),
   *_sided('~_arm neck nose', '~_forearm ~_arm ~_arm', '~_hand ~_forearm ~_forearm', '~_wrist_end ~_hand ~_hand'),
   *_sided('~_up_leg hips spine', '~_leg ~_up_leg ~_up_leg', '~_foot ~_leg ~_leg', '~_toe_base ~_foot ~_foot')),
  ('hips', 'spine', 'neck', 'left_arm', 'right_arm'), ('neck',), ('left_arm', 'right_arm'),
  _coco('nose', shoulder='arm', elbow='forearm', wrist='hand', hip='up_leg', knee='leg', ankle='foot'),
)  # fmt: skip
_PEOPLE3D = Body(
  '3dpeople', 'hips',
  (*_chain('spine hips spine', 'spine1 spine spine', 'spine2 spine1 spine1', 'neck spine2 spine2', 'head neck neck',
     'head_top head head', 'right_eye head head', 'left_eye head head'),
   *_sided('~_shoulder neck neck', '~_arm ~_shoulder ~_shoulder', '~_forearm ~_arm ~_arm',
     '~_hand ~_forearm ~_forearm'),
   *_sided('~_up_leg hips spine', '~_leg ~_up_leg ~_up_leg', '~_foot ~_leg ~_leg', '~_toe_base ~_foot ~_foot')),
  ('hips', 'spine', 'spine1', 'spine2', 'left_shoulder', 'right_shoulder'), ('neck',),
  ('left_shoulder', 'right_shoulder'),
  _coco('head', 'left_eye', 'right_eye', shoulder='arm', elbow='forearm', wrist='hand', hip='up_leg', knee='leg',
    ankle='foot'),
)  # fmt: skip
_AMASS = Body(
  'amass', 'spine1',
  (*_chain('spine2 spine1 spine2', 'spine3 spine2 spine2', 'neck spine3 spine3', 'head neck neck',
     'head_top head head'),
   *_sided('~_hip spine1 spine2', '~_knee ~_hip ~_hip', '~_ankle ~_knee ~_knee', '~_foot ~_ankle ~_ankle'),
   *_sided('~_collar neck neck', '~_shoulder ~_collar ~_collar', '~_elbow ~_shoulder ~_shoulder',
     '~_wrist ~_elbow ~_elbow')),
  ('spine1', 'spine2', 'spine3', 'left_collar', 'right_collar', 'left_shoulder', 'right_shoulder'),
  ('left_collar', 'right_collar'), ('left_collar', 'right_collar'),
  _coco('head', 'head_top', shoulder='shoulder', elbow='elbow', wrist='wrist', hip='hip', knee='knee', ankle='ankle'),
)  # fmt: skip
_NBA2K = Body(
  'nba2k', 'hips',
  (*_sided('~_hip hips spine', '~_knee ~_hip ~_hip', '~_ankle ~_knee ~_knee', sides=('right', 'left')),
   *_chain('spine hips spine', 'neck spine spine', 'head neck neck'),
   *_sided('~_shoulder neck neck', '~_elbow ~_shoulder ~_shoulder', '~_wrist ~_elbow ~_elbow'),
   *_sided('~_toe ~_ankle ~_ankle', '~_heel ~_ankle ~_ankle', '~_eye head head', '~_ear ~_eye ~_eye',
     sides=('right', 'left')),
   *_chain('nose head head')),
  ('hips', 'left_hip', 'right_hip', 'spine', 'neck', 'left_shoulder', 'right_shoulder'), ('neck',),
  ('left_shoulder', 'right_shoulder'),
  _coco('nose', shoulder='shoulder', elbow='elbow', wrist='wrist', hip='hip', knee='knee', ankle='ankle'),
)  # fmt: skip
_ATHLETE = Body(
  'athlete', 'pelvis',
  (*_chain('spine pelvis spine', 'chest spine spine', 'neck chest chest', 'head neck neck', 'nose neck neck'),
   *_sided('~_shoulder neck neck', '~_elbow ~_shoulder ~_shoulder', '~_wrist ~_elbow ~_elbow',
     '~_hand ~_wrist ~_wrist'),
   *_sided('~_hip pelvis spine', '~_knee ~_hip ~_hip', '~_ankle ~_knee ~_knee', '~_toe ~_ankle ~_ankle')),
  ('pelvis', 'spine', 'chest', 'neck', 'left_shoulder', 'right_shoulder'), ('neck',),
  ('left_shoulder', 'right_shoulder'),
  _coco('nose', shoulder='shoulder', elbow='elbow', wrist='wrist', hip='hip', knee='knee', ankle='ankle'),
)  # fmt: skip
BODIES: dict[str, Body] = {body.name: body for body in (_HUMAN36M, _PEOPLE3D, _AMASS, _NBA2K, _ATHLETE)}
