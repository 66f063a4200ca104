"""The simulated athlete's joints and bones: what motion produces and filming draws."""

from __future__ import annotations

from sportjax.pose.skeletons import Skeleton

_SIDES = ('left', 'right')
_LIMBS = (
  'shoulder', 'elbow', 'wrist', 'hand', 'hip', 'knee', 'ankle', 'heel', 'toe',
)  # fmt: skip
_CENTRE = ('pelvis', 'spine', 'chest', 'neck', 'head', 'nose')

# World axes: x along the field of play, y away from the reference camera, z up; metres. `hand` is the fist's end,
# `head` the crown.
ATHLETE = Skeleton(
  name='athlete',
  joints=_CENTRE
  + tuple(f'{side}_{part}' for side in _SIDES for part in ('eye', 'ear'))
  + tuple(f'{side}_{part}' for side in _SIDES for part in _LIMBS),
  bones=(('pelvis', 'spine'), ('spine', 'chest'), ('chest', 'neck'), ('neck', 'head'))
  + tuple(
    (f'{side}_{a}', f'{side}_{b}')
    for side in _SIDES
    for a, b in (
      ('shoulder', 'elbow'), ('elbow', 'wrist'), ('wrist', 'hand'),
      ('hip', 'knee'), ('knee', 'ankle'), ('ankle', 'heel'), ('ankle', 'toe'),
    )
  ),
)  # fmt: skip
