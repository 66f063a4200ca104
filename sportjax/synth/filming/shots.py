"""How something is filmed: every setting of a shot, drawn without looking at what is done in it."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from sportjax.synth.filming.camera import Handling, Operator, sample_operator
from sportjax.synth.filming.raster import Light
from sportjax.synth.filming.scenery import Place

Style = Literal['broadcast', 'clean']
# Where athletes fly, fall or glide away, the operator follows closely.
_HANDLING: dict[Place, Handling] = {'hall': Handling(smooth_s=(0.2, 0.5)), 'pool': Handling(), 'rink': Handling()}
_AT_EASE = Handling(smooth_s=(0.8, 1.5), shake=(0.05, 0.1), tilts=False)


@dataclasses.dataclass(frozen=True)
class Shot:
  """One take's camera work, place, people around, and the camera's own faults."""

  place: Place
  scene_seed: int
  operators: tuple[Operator, ...]  # one per set-up; the picture cuts from one to the next
  cuts_s: tuple[float, ...]  # when, ascending, one fewer than the operators
  light: Light
  clutter: float = 1.0  # 0: bare floor and walls, nothing moves
  behind: int = 1  # people behind the athlete
  in_front: int = 0  # people who cross in front
  posts: int = 0  # things that stand in the way
  movers: int = 2  # screens and flags
  size: tuple[int, int] = (256, 256)
  fps: float = 25.0
  phase: float = 0.0  # of the first frame, in frames
  shutter: float = 0.7  # share of the frame's time that the shutter is open
  sub_frames: int = 9  # at most; slow exposures are made of fewer
  gain: float = 1.0
  gamma: float = 1.0
  tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
  noise: float = 4.0  # standard deviation, grey levels
  softness_px: float = 0.6
  crf: int = 26


def sample_shot(
  rng: np.random.Generator, place: Place, style: Style = 'broadcast', cuts_s: tuple[float, ...] = ()
) -> Shot:
  """A shot of a place; `clean` ones are bright, sharp, steady and empty."""
  clean = style == 'clean'
  spread = 70.0 if clean else 40.0
  return Shot(
    place=place,
    scene_seed=int(rng.integers(2**31)),
    operators=tuple(
      sample_operator(rng, (-spread, spread), _HANDLING.get(place, _AT_EASE), steady=clean)
      for _ in range(len(cuts_s) + 1)
    ),
    cuts_s=cuts_s,
    light=_sample_light(rng),
    clutter=rng.uniform(0, 0.3) if clean else rng.uniform(0.7, 1.0),
    behind=0 if clean else int(rng.integers(0, 3)),
    in_front=0 if clean else int(rng.random() < 0.2 and place != 'pool'),
    posts=0 if clean else int(rng.random() < 0.2),
    movers=0 if clean else int(rng.integers(1, 4)),
    phase=rng.uniform(0, 1),
    shutter=0.1 if clean else rng.uniform(0.5, 0.9),
    sub_frames=3 if clean else 9,
    gain=rng.uniform(0.9, 1.1) if clean else rng.uniform(0.75, 1.25),
    gamma=1.0 if clean else rng.uniform(0.8, 1.25),
    tint=tuple(rng.normal(1, 0.02 if clean else 0.06, 3)),
    noise=rng.uniform(1, 2) if clean else rng.uniform(2, 8),
    softness_px=0.4 if clean else rng.uniform(0.4, 0.9),
    crf=20 if clean else int(rng.integers(23, 33)),
  )


def _sample_light(rng: np.random.Generator) -> Light:
  turn, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.3)
  direction = (float(np.cos(turn) * np.cos(height)), float(np.sin(turn) * np.cos(height)), float(np.sin(height)))
  return Light(direction, rng.uniform(0.55, 0.7), rng.uniform(0.35, 0.55))
