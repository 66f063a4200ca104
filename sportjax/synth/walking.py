"""What an athlete does between two actions: stands, walks over, gets ready."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.blending import heading_deg
from sportjax.synth.body import ATHLETE
from sportjax.synth.choreography import Plant, Script, animate, pose

_STEP_S, _SWING_S = 0.56, 0.40
_TURN_DEG, _STRIDE = 48.0, 0.72  # most of a turn, and of the leg, in one step
_HIPS = pose(arm_plane=78, arm_lift=34, arm_reach=0.62, arm_swivel=-60)
_RESTS = (
  pose(arm_lift=6, arm_plane=40, spine_flex=4), _HIPS, pose(arm_plane=-20, arm_lift=40, arm_reach=0.55, arm_swivel=30),
  pose(arm_lift=8, arm_plane=30, neck_turn=35), pose(arm_lift=10, arm_plane=30, spine_flex=12, neck_flex=14),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Stance:
  """Where a person stands."""

  pelvis_m: np.ndarray
  heading: float  # degrees
  toes_m: dict[str, np.ndarray]
  yaws: dict[str, float]  # of the feet


def stance_of(joints: np.ndarray) -> Stance:
  """The stance of one frame of joints."""
  at = {name: joints[ATHLETE.index(name)] for name in ATHLETE.joints}
  along = {side: at[f'{side}_toe'] - at[f'{side}_heel'] for side, _ in kin.SIDES}
  return Stance(
    pelvis_m=at['pelvis'],
    heading=float(heading_deg(joints[None])[0]),
    toes_m={side: at[f'{side}_toe'] for side, _ in kin.SIDES},
    yaws={side: float(np.degrees(np.arctan2(v[1], v[0]))) for side, v in along.items()},
  )


def standing(athlete: Athlete, at_m: np.ndarray, heading: float, floor_m: float) -> Stance:
  """An easy stand at a place, facing `heading` degrees."""
  feet = kin.rotation('z', np.array(heading)) @ np.array([
    [0.6 * athlete.segments_m['foot'], 0.5 * sign * athlete.segments_m['hip_width'], 0.0] for _, sign in kin.SIDES
  ]).T  # fmt: skip
  pelvis = np.array([*at_m, floor_m + 0.97 * athlete.leg_m])
  toes = {side: np.array([*at_m, floor_m]) + feet[:, i] for i, (side, _) in enumerate(kin.SIDES)}
  return Stance(pelvis, heading, toes, dict.fromkeys(toes, heading))


def walk(
  athlete: Athlete, start: Stance, end: Stance, settle_s: float, floor_m: float, rng: np.random.Generator
) -> np.ndarray:
  """Joints of a walk from one stance to another; `settle_s` on the feet at both ends, a rest before walking."""
  rest_s = settle_s + rng.uniform(0.8, 3.0)
  places = _places(athlete, start, end)
  script = Script(rest_s + _STEP_S * len(places) + 0.3 + settle_s, floor_m=floor_m)
  times = rest_s + _STEP_S * np.arange(1, len(places) + 1)
  _feet(script, athlete, start, end, places, times)
  _body(script, athlete, start, end, places, times, rest_s, rng)
  return animate(script, athlete, rng).joints_m


def _places(athlete: Athlete, start: Stance, end: Stance) -> list[tuple[np.ndarray, float]]:
  """Where the pelvis is, and where it faces, at each step: turn, walk, turn; the last two bring the feet to the end."""
  away = end.pelvis_m[:2] - start.pelvis_m[:2]
  far, longest = float(np.hypot(*away)), _STRIDE * athlete.leg_m
  out, facing = [], start.heading
  if far > 0.6 * longest:
    out += _turning(start.pelvis_m[:2], facing, facing := facing + _wrapped(_yaw(away) - facing))
    count = int(np.ceil(far / longest))
    out += [(start.pelvis_m[:2] + away * k / count, facing) for k in range(1, count)]
  last = facing + _wrapped(end.heading - facing)
  out += _turning(end.pelvis_m[:2], facing, last)
  return [*out, (end.pelvis_m[:2], last), (end.pelvis_m[:2], last)]


def _turning(at: np.ndarray, start: float, end: float) -> list[tuple[np.ndarray, float]]:
  count = int(np.ceil(abs(end - start) / _TURN_DEG))
  return [(at, start + (end - start) * k / count) for k in range(1, count)]


def _yaw(vector: np.ndarray) -> float:
  return float(np.degrees(np.arctan2(vector[1], vector[0])))


def _wrapped(degrees: float) -> float:
  return (degrees + 180.0) % 360.0 - 180.0


def _feet(script: Script, athlete: Athlete, start: Stance, end: Stance, places: list, times: np.ndarray) -> None:
  """The feet in turn; each is last put where the end wants it."""
  sides = [side for side, _ in kin.SIDES]
  if len(places) % 2:
    sides = sides[::-1]
  put = {side: [(0.0, start.toes_m[side][:2], start.yaws[side])] for side in sides}
  for k, ((at, facing), time) in enumerate(zip(places, times, strict=True)):
    side = sides[k % 2]
    if k >= len(places) - 2:
      toe, yaw = end.toes_m[side][:2], end.yaws[side]
    else:
      toe, yaw = at + _toe_offset(athlete, side, facing), facing
    yaw = put[side][-1][2] + _wrapped(yaw - put[side][-1][2])
    put[side].append((time, toe, yaw))
  for side, steps in put.items():
    leaves = [time - _SWING_S for time, *_ in steps[1:]] + [script.duration_s + 1.0]
    for (time, toe, yaw), until in zip(steps, leaves, strict=True):
      script.plants.append(Plant(side, time, until, float(toe[0]), float(toe[1]), yaw))


def _toe_offset(athlete: Athlete, side: str, facing: float) -> np.ndarray:
  aside = 0.5 * dict(kin.SIDES)[side] * athlete.segments_m['hip_width']
  return kin.rotation('z', np.array(facing))[:2, :2] @ (0.6 * athlete.segments_m['foot'], aside)


def _body(script, athlete, start, end, places, times, rest_s, rng) -> None:
  """The pelvis follows the feet half a step behind; the arms swing against the legs."""
  calm = _RESTS[0]
  script.poses += [(0.0, calm), (0.5 * rest_s, _RESTS[rng.integers(len(_RESTS))]), (rest_s, calm)]
  heights = [(s.pelvis_m[2] - script.floor_m) / athlete.leg_m for s in (start, end)]
  upright = 0.968
  script.pelvis += [(0.0, (*start.pelvis_m[:2], heights[0])), (rest_s - 0.6, (*start.pelvis_m[:2], upright))]
  script.root('yaw', (0.0, start.heading), (rest_s - _SWING_S, start.heading))
  for k, ((at, facing), time) in enumerate(zip(places[:-1], times[:-1], strict=True)):
    script.pelvis.append((time - 0.1, (*(at if k == len(places) - 2 else _behind(places, k, start)), upright)))
    script.root('yaw', (time - 0.05, facing))
    forward, back = ('left', 'right') if (k + len(places)) % 2 else ('right', 'left')
    swing = 16.0 * np.hypot(*(at - (places[k - 1][0] if k else start.pelvis_m[:2]))) / athlete.leg_m
    script.poses.append((time, pose(calm, **{f'{forward}_arm_lift': 6 + swing, f'{back}_arm_lift': 6 - swing})))
  script.poses += [(times[-1] + 0.2, calm), (script.duration_s, calm)]
  script.pelvis += [(times[-1] + 0.25, (*end.pelvis_m[:2], heights[1]))]
  script.root('yaw', (times[-1], places[-1][1]))


def _behind(places: list, k: int, start: Stance) -> np.ndarray:
  return 0.5 * (places[k][0] + (places[k - 1][0] if k else start.pelvis_m[:2]))
