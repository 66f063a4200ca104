"""What every source of motion hands to filming: joints in metres over time, and what was done when."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.typing import Float


@dataclasses.dataclass(frozen=True)
class Action:
  """One labelled stretch of a motion."""

  label: str  # the fine class, e.g. 'forward_pike_half_twist'
  start_ms: float
  end_ms: float
  sport: str = ''
  # When the parts of it happen: 'prepare', 'act' and 'finish' for every action of the parametric skills; 'load',
  # 'take_off' and 'land' where there are such; 'mistake' if one was made on purpose.
  events_ms: dict[str, float] = dataclasses.field(default_factory=dict)
  mistake: str = ''


@dataclasses.dataclass(frozen=True)
class Motion:
  """One performance of one athlete: joints of `body.ATHLETE`, evenly sampled."""

  joints_m: Float[np.ndarray, 't j 3']
  fps: float
  actions: tuple[Action, ...]
  equipment: dict[str, Float[np.ndarray, 't p 3']]  # e.g. 'ball': centre; 'racket': grip, head centre, face normal
  cuts_ms: tuple[float, ...] = ()  # when a new recording starts: nothing moves across it
