"""What every source of motion hands to filming: joints in metres over time, and what was done when."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

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
class Other:
  """Someone else who takes part: filmed, but not whom the motion is of."""

  joints_m: Float[np.ndarray, 't j 3']  # on the motion's clock
  team_mate: bool  # wears what the athlete wears


@dataclasses.dataclass(frozen=True)
class Motion:
  """One performance of one athlete: joints of `body.ATHLETE`, evenly sampled."""

  joints_m: Float[np.ndarray, 't j 3']
  fps: float
  actions: tuple[Action, ...]
  equipment: dict[str, Float[np.ndarray, 't p 3']]  # e.g. 'ball': centre; 'racket': grip, head centre, face normal
  cuts_ms: tuple[float, ...] = ()  # when a new recording starts: nothing moves across it
  others: tuple[Other, ...] = ()
  # Equipment that the athlete does not hold all the time, each thing as far from the camera as it is by itself.
  apart: dict[str, Float[np.ndarray, 't p 3']] = dataclasses.field(default_factory=dict)
  focus_m: Float[np.ndarray, 't 3'] | None = None  # what cameras follow, where it is not the athlete alone

  @property
  def duration_ms(self) -> float:
    """How long it lasts: what follows starts then."""
    return 1000.0 * len(self.joints_m) / self.fps


def later(action: Action, offset_ms: float) -> Action:
  """The same action so much later."""
  events_ms = {name: time + offset_ms for name, time in action.events_ms.items()}
  return dataclasses.replace(
    action, start_ms=action.start_ms + offset_ms, end_ms=action.end_ms + offset_ms, events_ms=events_ms
  )


def cut_together(motions: Sequence[Motion]) -> Motion:
  """One recording after the other, with a cut between; all have the same equipment and as many others."""
  first = motions[0]
  starts_ms = np.cumsum([0.0, *(motion.duration_ms for motion in motions)]).tolist()
  focused = [motion.focus_m for motion in motions if motion.focus_m is not None]
  people = zip(*(motion.others for motion in motions), strict=True)
  return Motion(
    joints_m=np.concatenate([motion.joints_m for motion in motions]),
    fps=first.fps,
    actions=tuple(later(a, start) for m, start in zip(motions, starts_ms, strict=False) for a in m.actions),
    equipment={name: np.concatenate([motion.equipment[name] for motion in motions]) for name in first.equipment},
    cuts_ms=tuple(starts_ms[1:-1]),
    others=tuple(Other(np.concatenate([o.joints_m for o in one]), one[0].team_mate) for one in people),
    apart={name: np.concatenate([motion.apart[name] for motion in motions]) for name in first.apart},
    focus_m=np.concatenate(focused) if focused else None,
  )
