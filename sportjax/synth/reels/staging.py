"""One possession as a motion: the player, the others, the ball and the hoop, with its outcome plain to see."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from sportjax.synth.athletes import Athlete
from sportjax.synth.body import ATHLETE
from sportjax.synth.choreography import FPS
from sportjax.synth.motion import Motion, Other
from sportjax.synth.reels.after_ball import guard, rebound, steal
from sportjax.synth.reels.ball import BOARD_M, RIM_M
from sportjax.synth.reels.possessions import Possession
from sportjax.synth.reels.scenes import Call, Cast, Scene
from sportjax.synth.reels.with_ball import dribbled, passed, shot

_SCENES: Mapping[str, Callable[[Call], Scene]] = {
  'free_throw': shot, 'two': shot, 'three': shot, 'pass': passed, 'dribble': dribbled,
  'defensive_rebound': rebound, 'offensive_rebound': rebound, 'steal': steal, 'guard': guard,
}  # fmt: skip


def stage_possession(what: Possession, athlete: Athlete, cast: Cast, rng: np.random.Generator) -> Motion:
  """The possession's motion, at either end of the court."""
  call = Call(what, athlete, cast, round((what.end_ms - what.start_ms) * FPS / 1000), rng)
  scene = _SCENES[what.kind](call)
  pelvis = scene.hero.joints_m[:, ATHLETE.index('pelvis')]
  calm = gaussian_filter1d(pelvis, 0.5 * FPS, axis=0, mode='nearest')
  hoop = np.broadcast_to(np.stack([RIM_M, BOARD_M]), (call.count, 2, 3))
  whole = dataclasses.replace(
    scene.hero,
    equipment={},
    others=tuple(Other(joints, i == 2) for i, joints in enumerate(scene.others)),
    apart={'hoop': hoop.copy(), 'basketball': scene.ball[:, None]},
    focus_m=np.stack([0.5 * calm[:, 0], 0.5 * calm[:, 1], np.full(call.count, 1.75)], 1),
  )
  return _other_end(whole) if rng.random() < 0.5 else whole


def _other_end(motion: Motion) -> Motion:
  """Half a turn about the hoop."""
  half = np.array([-1.0, -1.0, 1.0])
  return dataclasses.replace(
    motion,
    joints_m=motion.joints_m * half,
    others=tuple(Other((other.joints_m * half).astype(np.float32), other.team_mate) for other in motion.others),
    apart={name: points * half for name, points in motion.apart.items()},
    focus_m=None if motion.focus_m is None else motion.focus_m * half,
  )


def stage_reel(
  possessions: Sequence[Possession], athlete: Athlete, cast: Cast, rng: np.random.Generator
) -> list[Motion]:
  """The motions of a reel's possessions, in order, each with draws of its own."""
  own = rng.spawn(len(possessions))
  return [stage_possession(what, athlete, cast, each) for what, each in zip(possessions, own, strict=True)]
