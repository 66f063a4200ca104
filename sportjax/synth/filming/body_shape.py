"""The body as lofts: rings of elliptical cross-section strung along the athlete's joints.

A ring's centre, axis and sideways direction are linear in the joints, so that posing a body is three matrix products
for any number of instants.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.solids import band_faces
from sportjax.typing import Float, Int

Weights = dict[str, float]  # joint name -> weight; a point's weights sum to 1, a direction's to 0

PARTS = (
  'torso', 'neck', 'head', 'hair',
  'left_arm', 'right_arm', 'left_hand', 'right_hand',
  'left_leg', 'right_leg', 'left_foot', 'right_foot', 'skirt',
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Ring:
  """One cross-section: half axes sideways and forwards in metres, `along` its place on the part for clothing."""

  centre: Weights
  axis: Weights  # towards the head, or towards the heel in a foot
  side: Weights  # towards the person's right
  half_m: tuple[float, float]
  along: float


@dataclasses.dataclass(frozen=True)
class Loft:
  """A tube of rings with the same number of sides, listed in the direction of their axes."""

  part: str
  rings: tuple[Ring, ...]
  sides: int


@dataclasses.dataclass(frozen=True)
class Girth:
  """Multipliers of the radii, per group of parts, and how loose the cloth hangs."""

  torso: float = 1.0
  arms: float = 1.0
  legs: float = 1.0
  loose_top: float = 1.0  # of the covered rings
  loose_bottom: float = 1.0
  hair: str = 'short'  # short, long, bun, bald


def mix(a: str, b: str, share: float) -> Weights:
  """The point `share` of the way from joint a to joint b."""
  weights = {a: 1.0 - share}
  weights[b] = weights.get(b, 0.0) + share
  return weights


def total(*terms: tuple[float, Weights]) -> Weights:
  """A weighted sum of points or directions."""
  weights: Weights = {}
  for scale, term in terms:
    for joint, weight in term.items():
      weights[joint] = weights.get(joint, 0.0) + scale * weight
  return weights


def toward(a: str, b: str) -> Weights:
  """The direction from joint a to joint b."""
  return {b: 1.0, a: -1.0}


_HIPS_RIGHT = toward('left_hip', 'right_hip')
_SHOULDERS_RIGHT = toward('left_shoulder', 'right_shoulder')
_SHOULDERS = mix('left_shoulder', 'right_shoulder', 0.5)
_EARS = mix('left_ear', 'right_ear', 0.5)
_LOW_AXIS, _HIGH_AXIS = toward('pelvis', 'spine'), toward('chest', 'neck')


def _torso(girth: Girth) -> Loft:
  # (place, centre, sideways turn from hips to shoulders, half width, half depth) from the crotch to the neck
  down = total((1.35, {'pelvis': 1.0}), (-0.35, {'spine': 1.0}))
  table = (
    (0.00, total((1.7, {'pelvis': 1.0}), (-0.7, {'spine': 1.0})), 0.0, 0.055, 0.06),
    (0.06, down, 0.0, 0.15, 0.10),
    (0.15, {'pelvis': 1.0}, 0.0, 0.165, 0.115),
    (0.32, mix('pelvis', 'spine', 0.6), 0.2, 0.140, 0.100),
    (0.45, mix('spine', 'chest', 0.2), 0.5, 0.130, 0.095),
    (0.60, mix('spine', 'chest', 0.65), 0.8, 0.145, 0.108),
    (0.75, mix('spine', 'chest', 1.0), 1.0, 0.165, 0.118),
    (0.88, total((0.35, {'chest': 1.0}), (0.65, _SHOULDERS)), 1.0, 0.172, 0.105),
    (0.95, total((0.8, _SHOULDERS), (0.2, {'neck': 1.0})), 1.0, 0.150, 0.078),
    (1.00, total((0.1, _SHOULDERS), (0.9, {'neck': 1.0})), 1.0, 0.065, 0.055),
  )
  rings = tuple(
    Ring(
      centre,
      total((1 - turn, _LOW_AXIS), (turn, _HIGH_AXIS)),
      total((1 - turn, _HIPS_RIGHT), (turn, _SHOULDERS_RIGHT)),
      (width * girth.torso * girth.loose_top, depth * girth.torso * girth.loose_top),
      along,
    )
    for along, centre, turn, width, depth in table
  )
  return Loft('torso', rings, 10)


def _neck() -> Loft:
  axis = toward('neck', 'head')
  rings = tuple(
    Ring(total((1 - share, {'neck': 1.0}), (share, _EARS)), axis, _SHOULDERS_RIGHT, (0.056, 0.058), share)
    for share in (-0.15, 0.75)
  )
  return Loft('neck', rings, 6)


def _ball(part: str, middle: Weights, up: Weights, side: Weights, half_m: tuple[float, float], places, sides) -> Loft:
  """An ellipsoid whose half height is the length of `up`."""
  rings = tuple(
    Ring(
      total((1.0, middle), (place, up)), up, side, tuple(np.sqrt(max(0.0, 1 - place**2) + 0.004) * np.array(half_m)),
      (place + 1) / 2,
    )
    for place in places
  )  # fmt: skip
  return Loft(part, rings, sides)


def _head(girth: Girth) -> list[Loft]:
  crown = total((1.0, {'head': 1.0}), (-1.0, _EARS))
  side = toward('left_ear', 'right_ear')
  forward = total((1.0, {'nose': 1.0}), (-1.0, _EARS))
  middle = total((0.86, _EARS), (0.14, {'nose': 1.0}))
  lofts = [_ball('head', middle, crown, side, (0.078, 0.098), (-0.97, -0.75, -0.4, -0.05, 0.3, 0.62, 0.88, 1.0), 10)]
  back = total((1.0, middle), (-0.85, forward), (0.1, crown))
  if girth.hair == 'bun':
    knot = total((1.0, back), (0.45, crown))
    lofts.append(_ball('hair', knot, total((0.35, crown)), side, (0.045, 0.045), (-1, -0.4, 0.4, 1), 6))
  if girth.hair == 'long':
    tail = total((1.0, back), (-0.75, crown))
    lofts.append(_ball('hair', tail, crown, side, (0.07, 0.035), (-1, -0.5, 0.3, 1), 6))
  return lofts


def _limb(part: str, joints: tuple[str, str, str], side: Weights, table, sides: int) -> Loft:
  """A bent tube over three joints; the table's places run 0..1 to the middle joint and 1..2 to the end."""
  a, b, c = joints
  upper, lower = toward(b, a), toward(c, b)
  rings = []
  for place, *half in table:
    centre = mix(a, b, place) if place <= 1 else mix(b, c, place - 1)
    turn = np.clip((place - 0.85) / 0.3, 0, 1)  # the axis bends around the middle joint
    rings.append(Ring(centre, total((1 - turn, upper), (turn, lower)), side, tuple(half), place / 2))
  return Loft(part, tuple(reversed(rings)), sides)


def _dressed(table, girth: float, loose: float, covered: float):
  """Radii under cloth, which hangs on the part of the limb before `covered` (0..1)."""
  return tuple(
    (place, *(half * girth * (loose if 0 <= place / 2 < covered else 1.0) for half in halves))
    for place, *halves in table
  )


_ARM = (
  (-0.16, 0.018, 0.018), (-0.08, 0.05, 0.05), (0.06, 0.06, 0.062), (0.3, 0.051, 0.056), (0.7, 0.045, 0.047),
  (1.0, 0.040, 0.041), (1.25, 0.043, 0.041), (1.6, 0.035, 0.033), (2.0, 0.025, 0.029),
)  # fmt: skip
_LEG = (
  (-0.08, 0.07, 0.08), (0.08, 0.092, 0.1), (0.35, 0.082, 0.09), (0.7, 0.066, 0.072), (0.93, 0.055, 0.06),
  (1.05, 0.054, 0.056), (1.3, 0.053, 0.06), (1.6, 0.043, 0.046), (1.9, 0.033, 0.037), (2.03, 0.034, 0.038),
)  # fmt: skip


def _hand(side_name: str, right: Weights) -> Loft:
  wrist, hand = f'{side_name}_wrist', f'{side_name}_hand'
  table = ((-0.1, 0.024, 0.028), (0.3, 0.022, 0.040), (0.75, 0.021, 0.042), (1.15, 0.012, 0.026))
  rings = tuple(
    Ring(mix(wrist, hand, place), toward(hand, wrist), right, (width, depth), max(place, 0.0))
    for place, width, depth in table
  )
  return Loft(f'{side_name}_hand', rings[::-1], 6)


def _foot(side_name: str) -> Loft:
  heel, toe, ankle = (f'{side_name}_{joint}' for joint in ('heel', 'toe', 'ankle'))
  # (place from heel to toe, lift towards the ankle, half width, half height)
  table = (
    (-0.12, 0.25, 0.018, 0.02), (0.0, 0.35, 0.034, 0.042), (0.3, 0.4, 0.038, 0.046), (0.6, 0.2, 0.043, 0.034),
    (0.85, 0.1, 0.044, 0.024), (1.08, 0.05, 0.026, 0.014),
  )  # fmt: skip
  rings = tuple(
    Ring(
      total((1.0, mix(heel, toe, place)), (lift, toward(heel, ankle))),
      toward(toe, heel),
      _HIPS_RIGHT,
      (width, height),
      place,
    )
    for place, lift, width, height in table
  )
  return Loft(f'{side_name}_foot', rings[::-1], 6)


def _skirt(length: float) -> Loft:
  knees = mix('left_knee', 'right_knee', 0.5)
  rings = []
  for share in (0.0, 0.5, 1.0):
    low = total((1 - 0.75 * length * share, {'pelvis': 1.0}), (0.75 * length * share, knees))
    low = total((1.0, low), (0.25 * (1 - share), toward('pelvis', 'spine')))
    rings.append(Ring(low, toward('pelvis', 'spine'), _HIPS_RIGHT, (0.16 + 0.07 * share, 0.13 + 0.08 * share), share))
  return Loft('skirt', tuple(reversed(rings)), 10)


def body_lofts(girth: Girth, sleeve: float, trouser: float, skirt: float) -> list[Loft]:
  """The lofts of a body; sleeve and trouser say how much of the limb cloth covers, skirt its length or 0."""
  lofts = [_torso(girth), _neck(), *_head(girth)]
  for name in ('left', 'right'):
    arm = _dressed(_ARM, girth.arms, girth.loose_top, sleeve)
    leg = _dressed(_LEG, girth.legs, girth.loose_bottom, trouser)
    lofts.append(_limb(f'{name}_arm', (f'{name}_shoulder', f'{name}_elbow', f'{name}_wrist'), _SHOULDERS_RIGHT, arm, 6))
    lofts.append(_limb(f'{name}_leg', (f'{name}_hip', f'{name}_knee', f'{name}_ankle'), _HIPS_RIGHT, leg, 8))
    lofts += [_hand(name, _SHOULDERS_RIGHT), _foot(name)]
  return lofts + ([_skirt(skirt)] if skirt else [])


@dataclasses.dataclass(frozen=True)
class Mesh:
  """Lofts as arrays: ring weights over joints, vertices on rings, quads over vertices."""

  centre: Float[np.ndarray, 'r j']
  axis: Float[np.ndarray, 'r j']
  side: Float[np.ndarray, 'r j']
  vertex_ring: Int[np.ndarray, 'p']
  vertex_half_m: Float[np.ndarray, 'p 2']  # offset from the ring's centre sideways and forwards
  faces: Int[np.ndarray, 'f 4']
  part: Int[np.ndarray, 'f']
  along: Float[np.ndarray, 'f']  # place on the part, 0..1
  around: Float[np.ndarray, 'f']  # angle from the right side over the front, radians
  band: Int[np.ndarray, 'f']  # which band of its loft, from its first ring

  def pose(self, joints_m: Float[np.ndarray, 't j 3']) -> Float[np.ndarray, 't p 3']:
    """Vertices of the body in each pose."""
    centre, axis, side = (weights @ joints_m for weights in (self.centre, self.axis, self.side))
    axis /= np.linalg.norm(axis, axis=-1, keepdims=True) + 1e-9
    # A limb pointing sideways has no sideways cross-section; a little of the next axis keeps it defined.
    side += 0.05 * np.roll(axis, 1, -1)
    side -= np.sum(side * axis, -1, keepdims=True) * axis
    side /= np.linalg.norm(side, axis=-1, keepdims=True) + 1e-9
    forward = np.cross(axis, side)
    ring, half = self.vertex_ring, self.vertex_half_m
    return centre[:, ring] + half[:, :1] * side[:, ring] + half[:, 1:] * forward[:, ring]


def build_mesh(lofts: list[Loft]) -> Mesh:
  """Arrays of the lofts."""
  rings = [ring for loft in lofts for ring in loft.rings]
  tables = [_loft_table(loft) for loft in lofts]
  first_vertex = np.cumsum([0, *(len(table['half']) for table in tables)])
  first_ring = np.cumsum([0, *(len(loft.rings) for loft in lofts)])

  def joined(name: str, offset: np.ndarray | None = None) -> np.ndarray:
    return np.concatenate([table[name] + (0 if offset is None else offset[i]) for i, table in enumerate(tables)])

  return Mesh(
    centre=_matrix(ring.centre for ring in rings),
    axis=_matrix(ring.axis for ring in rings),
    side=_matrix(ring.side for ring in rings),
    vertex_ring=joined('ring', first_ring),
    vertex_half_m=joined('half').astype(np.float32),
    faces=joined('faces', first_vertex),
    part=joined('part'),
    along=joined('along'),
    around=joined('around'),
    band=joined('band'),
  )


def _matrix(rows) -> Float[np.ndarray, 'r j']:
  rows = list(rows)
  matrix = np.zeros((len(rows), len(ATHLETE.joints)), np.float32)
  for row, weights in zip(matrix, rows, strict=True):
    for joint, weight in weights.items():
      row[ATHLETE.index(joint)] += weight
  return matrix


def _loft_table(loft: Loft) -> dict[str, np.ndarray]:
  count, sides = len(loft.rings), loft.sides
  angle = 2 * np.pi * np.arange(sides) / sides
  band, face = (grid.ravel() for grid in np.mgrid[: count - 1, :sides])
  along = np.array([ring.along for ring in loft.rings])
  return {
    'ring': np.repeat(np.arange(count), sides),
    'half': np.concatenate([np.stack([np.cos(angle), np.sin(angle)], -1) * ring.half_m for ring in loft.rings]),
    'faces': band_faces(count, sides),
    'part': np.full(len(face), PARTS.index(loft.part)),
    'along': ((along[:-1] + along[1:]) / 2)[band],
    'around': (face + 0.5) * 2 * np.pi / sides,
    'band': band,
  }
