"""What an athlete looks like: build, skin, hair, clothing; and the colours these give the body's faces."""

from __future__ import annotations

import colorsys
import dataclasses
import functools
from typing import Literal

import numpy as np

from sportjax.synth.filming.body_shape import PARTS, Girth, Mesh, body_lofts, build_mesh
from sportjax.typing import Float

Domain = Literal['teacher', 'target']
Colour = tuple[int, int, int]

# The weak teacher never sees the target's cloth: hues and patterns are disjoint between the domains.
_PATTERNS: dict[Domain, tuple[str, ...]] = {
  'teacher': ('plain', 'sides'),
  'target': ('hoops', 'stripes', 'checks', 'halves', 'number', 'sash'),
}
_HUES: dict[Domain, tuple[float, ...]] = {
  'teacher': (0.08, 0.25, 0.42, 0.58, 0.75, 0.92),
  'target': (0.0, 0.167, 0.333, 0.5, 0.667, 0.833),
}
_SKINS = ((240, 205, 180), (225, 180, 150), (200, 150, 115), (160, 110, 80), (115, 75, 55), (80, 52, 40))
_HAIRS = ((35, 28, 25), (70, 45, 30), (120, 80, 45), (190, 155, 95), (150, 65, 35), (130, 130, 130))


@dataclasses.dataclass(frozen=True)
class Outfit:
  """How far cloth reaches: `sleeve` and `trouser` as shares of the limb, `waist` as the torso's place of the seam."""

  sleeve: float
  trouser: float
  socks: float  # share of the leg from the ankle up
  shoes: bool
  waist: float
  top: bool
  skirt: float
  loose: float


_OUTFITS: dict[str, Outfit] = {
  'shirt_shorts': Outfit(0.24, 0.40, 0.0, True, 0.34, True, 0.0, 1.1),
  'shirt_socks': Outfit(0.26, 0.42, 0.36, True, 0.34, True, 0.0, 1.12),
  'vest_shorts': Outfit(0.0, 0.36, 0.08, True, 0.34, True, 0.0, 1.08),
  'tracksuit': Outfit(1.0, 1.0, 0.0, True, 0.34, True, 0.0, 1.16),
  'polo_trousers': Outfit(0.26, 1.0, 0.0, True, 0.34, True, 0.0, 1.1),
  'leotard': Outfit(0.9, 0.0, 0.0, False, 0.0, True, 0.0, 1.0),
  'leotard_short': Outfit(0.0, 0.0, 0.0, False, 0.0, True, 0.0, 1.0),
  'singlet_tights': Outfit(0.0, 1.0, 0.0, False, 0.34, True, 0.0, 1.0),
  'swim_briefs': Outfit(0.0, 0.04, 0.0, False, 0.2, False, 0.0, 1.0),
  'swim_jammers': Outfit(0.0, 0.3, 0.0, False, 0.26, False, 0.0, 1.0),
  'skating_suit': Outfit(1.0, 1.0, 0.0, True, 0.34, True, 0.0, 1.0),
  'skating_dress': Outfit(1.0, 1.0, 0.0, True, 0.3, True, 0.45, 1.0),
  'tennis_dress': Outfit(0.12, 0.14, 0.1, True, 0.3, True, 0.62, 1.02),
}
_BALL = ('shirt_shorts', 'shirt_socks', 'vest_shorts', 'polo_trousers', 'tennis_dress', 'tracksuit')
WARDROBE: dict[str, tuple[str, ...]] = {  # what is worn where
  'hall': ('leotard', 'leotard_short', 'singlet_tights', 'vest_shorts'),
  'pool': ('swim_briefs', 'swim_jammers', 'leotard_short'),
  'court': _BALL,
  'pitch': _BALL,
  'rink': ('skating_dress', 'skating_suit', 'tracksuit'),
  'gym': ('shirt_shorts', 'vest_shorts', 'singlet_tights', 'tracksuit'),
  'around': ('shirt_shorts', 'tracksuit', 'tracksuit', 'polo_trousers', 'singlet_tights'),
  'any': tuple(_OUTFITS),
}


@dataclasses.dataclass(frozen=True)
class Appearance:
  """One person's look; hashable, so a body is built once."""

  domain: Domain
  girth: Girth
  skin: Colour
  hair: Colour
  outfit: str
  top: Colour
  accent: Colour
  bottom: Colour
  shoe: Colour
  pattern: str
  pattern_scale: int


def sample_appearance(rng: np.random.Generator, domain: Domain, place: str = 'any') -> Appearance:
  """A person dressed for a place of `WARDROBE`; the domains' cloth is disjoint."""
  outfit = str(rng.choice(WARDROBE[place]))
  loose = _OUTFITS[outfit].loose
  build = rng.normal(1.0, 0.07)
  girth = Girth(
    torso=float(np.clip(build * rng.normal(1, 0.03), 0.84, 1.2)),
    arms=float(np.clip(build * rng.normal(1, 0.05), 0.8, 1.25)),
    legs=float(np.clip(build * rng.normal(1, 0.05), 0.82, 1.22)),
    loose_top=1 + (loose - 1) * rng.uniform(0.6, 1.4) * _OUTFITS[outfit].top,
    loose_bottom=1 + 1.6 * (loose - 1) * rng.uniform(0.6, 1.4),
    hair=str(rng.choice(('short', 'short', 'long', 'bun', 'bald'), p=(0.3, 0.2, 0.2, 0.22, 0.08))),
  )
  jitter = rng.normal(0, 6, 3)
  hair = _HAIRS[rng.integers(len(_HAIRS))]
  top, accent, bottom = _palette(rng, domain)
  return Appearance(
    domain=domain,
    girth=girth,
    skin=_clip(np.array(_SKINS[rng.integers(len(_SKINS))]) + jitter),
    hair=_clip(np.array(hair) + rng.normal(0, 6, 3)),
    outfit=outfit,
    top=top,
    accent=accent,
    bottom=bottom,
    shoe=_clip(np.array((225, 225, 225) if rng.random() < 0.5 else (40, 40, 48)) + jitter),
    pattern=str(rng.choice(_PATTERNS[domain])),
    pattern_scale=int(rng.integers(1, 3)),
  )


def in_kit_of(person: Appearance, kit: Appearance) -> Appearance:
  """A person who wears what another one wears."""
  girth = dataclasses.replace(
    person.girth, loose_top=kit.girth.loose_top, loose_bottom=kit.girth.loose_bottom
  )  # fmt: skip
  worn = ('outfit', 'top', 'accent', 'bottom', 'shoe', 'pattern', 'pattern_scale')
  return dataclasses.replace(person, girth=girth, **{name: getattr(kit, name) for name in worn})


def _palette(rng: np.random.Generator, domain: Domain) -> list[Colour]:
  """Top, accent and bottom: hues of the domain's own, within a sixteenth of the wheel's sector."""
  hues = (rng.choice(_HUES[domain], 3) + rng.uniform(-0.03, 0.03, 3)) % 1.0
  value = rng.uniform((0.35, 0.75, 0.2), (0.95, 1.0, 0.8))
  saturation = rng.uniform((0.5, 0.1, 0.25), (0.95, 0.9, 0.9))
  return [_clip(255 * np.array(colorsys.hsv_to_rgb(*hsv))) for hsv in zip(hues, saturation, value, strict=True)]


def _clip(colour) -> Colour:
  red, green, blue = np.clip(colour, 8, 247)
  return int(red), int(green), int(blue)


@functools.lru_cache(maxsize=64)
def body_of(appearance: Appearance, detail: float = 1.0) -> tuple[Mesh, Float[np.ndarray, 'f 3']]:
  """The appearance's mesh and the unlit colour of each face; `detail` scales the number of faces around a limb."""
  outfit = _OUTFITS[appearance.outfit]
  lofts = body_lofts(appearance.girth, outfit.sleeve, outfit.trouser, outfit.skirt)
  mesh = build_mesh([dataclasses.replace(loft, sides=max(4, round(loft.sides * detail))) for loft in lofts])
  colours = np.tile(np.array(appearance.skin, np.float32), (len(mesh.faces), 1))
  for name, paint in (('torso', _paint_torso), ('arm', _paint_arm), ('leg', _paint_leg), ('foot', _paint_foot),
                      ('head', _paint_head), ('hair', _paint_hair), ('skirt', _paint_skirt)):  # fmt: skip
    faces = np.isin(mesh.part, [i for i, part in enumerate(PARTS) if part.endswith(name)])
    colours[faces] = paint(appearance, outfit, mesh, faces)
  return mesh, colours


def _cloth(appearance: Appearance, mesh: Mesh, faces: np.ndarray) -> Float[np.ndarray, 'f 3']:
  """The top's colours over the given faces."""
  band, around, scale = mesh.band[faces], mesh.around[faces], appearance.pattern_scale
  column = np.floor(around / (np.pi / 6)).astype(int)
  front = np.abs(np.sin(around)) > 0.8
  accent = {
    'plain': np.zeros(len(band), bool),
    'sides': np.abs(np.cos(around)) > 0.85,
    'hoops': band // scale % 2 == 0,
    'stripes': column // scale % 2 == 0,
    'checks': (band + column // scale) % 2 == 0,
    'halves': np.cos(around) > 0,
    'number': front & np.isin(band, (5, 6)),
    'sash': (column + band) % 6 < scale + 1,
  }[appearance.pattern]
  return np.where(accent[:, None], np.array(appearance.accent, np.float32), np.array(appearance.top, np.float32))


def _paint_torso(appearance, outfit, mesh, faces):
  skin, bottom = np.array(appearance.skin, np.float32), np.array(appearance.bottom, np.float32)
  cloth = _cloth(appearance, mesh, faces) if outfit.top else np.tile(skin, (faces.sum(), 1))
  along = mesh.along[faces][:, None]
  neckline = (along > 0.96) & (not outfit.sleeve)
  return np.where(along < outfit.waist, bottom, np.where(neckline, skin, cloth))


def _paint_arm(appearance, outfit, mesh, faces):
  covered = (mesh.along[faces][:, None] < outfit.sleeve) & outfit.top
  return np.where(covered, _cloth(appearance, mesh, faces), np.array(appearance.skin, np.float32))


def _paint_leg(appearance, outfit, mesh, faces):
  along = mesh.along[faces][:, None]
  stripe = (np.cos(mesh.around[faces]) > 0.9)[:, None] & (outfit.trouser > 0.3)
  accent, bottom = np.array(appearance.accent, np.float32), np.array(appearance.bottom, np.float32)
  cloth = np.where(stripe & (appearance.pattern in ('sides', 'stripes')), accent, bottom)
  socks = along > 1 - outfit.socks
  return np.where(along < outfit.trouser, cloth, np.where(socks, accent, appearance.skin))


def _paint_foot(appearance, outfit, mesh, faces):
  return np.array(appearance.shoe if outfit.shoes else appearance.skin, np.float32)


def _paint_hair(appearance, outfit, mesh, faces):
  return np.array(appearance.hair, np.float32)


def _paint_skirt(appearance, outfit, mesh, faces):
  return np.array(appearance.accent, np.float32)


def _paint_head(appearance, outfit, mesh, faces):
  """Hair over the crown and the back of the skull, a darker band for eyes and mouth on the face."""
  up, forward = mesh.along[faces], np.sin(mesh.around[faces])
  hair = (up > 0.78) | ((forward < -0.2) & (up > 0.28)) | ((forward < 0.3) & (up > 0.55))
  hair &= appearance.girth.hair != 'bald'
  face = forward > 0.6
  shade = 1 - 0.35 * (face & (np.abs(up - 0.56) < 0.08)) - 0.22 * (face & (np.abs(up - 0.21) < 0.08))
  skin = np.array(appearance.skin, np.float32) * shade[:, None].astype(np.float32)
  return np.where(hair[:, None], np.array(appearance.hair, np.float32), skin)
