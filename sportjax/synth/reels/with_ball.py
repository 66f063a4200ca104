"""Possessions in which the player has the ball: shots, passes, dribbles."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from sportjax.synth.choreography import FPS
from sportjax.synth.reels import ball as flying
from sportjax.synth.reels.company import Part, between_hands
from sportjax.synth.reels.possessions import Possession
from sportjax.synth.reels.scenes import Call, Scene, acted, aside, caught, pair, polar, still

_DISTANCES_M: Mapping[str, tuple[float, float]] = {
  'free_throw': (4.2, 4.25), 'jump_shot': (2.8, 5.0), 'fadeaway': (2.6, 4.2), 'hook_shot': (1.7, 2.6),
  'layup': (0.95, 1.25), 'three': (6.8, 7.2),
}  # fmt: skip
_PASS_M_S = 8.5


def shot(call: Call) -> Scene:
  """A shot, free or in play."""
  what, rng = call.what, call.rng
  free = what.kind == 'free_throw'
  far = rng.uniform(*_DISTANCES_M[what.kind if what.kind in _DISTANCES_M else what.label])
  # Threes come from the wings, where the same picture still holds player and hoop.
  least, most = (0, 2) if free else (15, 50) if what.kind == 'three' else (0, 50)
  place = polar(far, rng.choice((-1, 1)) * rng.uniform(least, most))
  hero, act, held = acted(call, np.zeros(2), place)
  shoot = flying.made if what.outcome == 'made' else flying.missed
  flights = shoot(act / FPS, held[act], rng)
  flights = [*flights[:-1], *flying.on_floor(flights[-1], call.end_s)]
  path = np.where((call.t_s <= act / FPS)[:, None], held, flying.along(flights, call.t_s))
  if free:
    lane = [still(np.array([x, y]), np.array([-2.0, 0.0]), 'hang', 0.15)
            for x, y in ((-0.9, 1.9), (-0.9, -1.9), (-1.9, 1.9))]  # fmt: skip
    return Scene(hero, path, call.play(*lane))
  side = rng.choice((-1, 1))
  ahead, across = aside(place)
  help_at = polar(rng.uniform(1.2, 1.8), rng.uniform(35, 65) * side)
  mate_at = polar(rng.uniform(4.2, 5.5), np.degrees(np.arctan2(place[1], -place[0])) - side * rng.uniform(45, 65))
  marker = _marks(what, place, ahead, across, act / FPS, side)
  return Scene(hero, path, call.play(marker, still(help_at, place), still(mate_at, np.zeros(2), 'hang', 0.1)))


def _marks(what: Possession, place, ahead, across, out_s: float, side: float) -> Part:
  """Up close with raised arms, or too far away to matter."""
  if not what.contested:
    start = place + 3.0 * ahead + 1.2 * side * across if what.label != 'layup' else place - 2.6 * ahead + side * across
    spots = [(0.0, pair(start)), (out_s, pair(start - 0.4 * (start - place) / np.linalg.norm(start - place)))]
    return Part(spots, [(0.0, 'ready'), (out_s, 'ready'), (out_s + 0.4, 'hang')], pair(place), 0.3)
  near = place + 0.85 * ahead if what.label != 'layup' else place + 0.25 * ahead + 0.7 * side * across
  arms = [(0.0, 'ready'), (out_s - 0.35, 'ready'), (out_s - 0.1, 'high'), (out_s + 0.3, 'high'), (out_s + 0.7, 'hang')]
  spots = [(0.0, pair(near + 0.7 * ahead)), (max(out_s - 0.3, 0.1), pair(near))]
  return Part(spots, arms, pair(place), 0.3, jump_s=out_s + 0.02)


@dataclasses.dataclass(frozen=True)
class _Lane:
  """Where and when a pass goes: from a place at `out_s` to a goal at `ends_s`, or into the helper's hands half way."""

  place: np.ndarray
  goal: np.ndarray
  out_s: float
  side: int

  @property
  def ends_s(self) -> float:
    return self.out_s + float(np.linalg.norm(self.goal - self.place)) / _PASS_M_S

  @property
  def cut_s(self) -> float:
    return self.out_s + 0.55 * (self.ends_s - self.out_s)

  @property
  def shot_s(self) -> float:
    """When the team mate shoots after an assist."""
    return self.ends_s + 0.75

  @property
  def cross(self) -> np.ndarray:
    """The unit vector across, to where the helper waits."""
    lane = self.goal - self.place
    return np.array([-lane[1], lane[0]]) / np.linalg.norm(lane) * self.side

  @property
  def between(self) -> np.ndarray:
    return self.place + 0.55 * (self.goal - self.place)


def passed(call: Call) -> Scene:
  """A pass to a team mate near the hoop, who may score; or a helper steps in between."""
  what, rng = call.what, call.rng
  side, angle = int(rng.choice((-1, 1))), rng.uniform(-25, 25)
  place = polar(rng.uniform(4.6, 5.8), angle)
  goal = polar(rng.uniform(1.8, 2.6), angle + side * rng.uniform(35, 60))
  hero, act, held = acted(call, goal, place)
  lane = _Lane(place, goal, act / FPS, side)
  stolen, scores = what.outcome == 'intercepted', what.outcome == 'assist'
  beside = place + 1.25 * aside(place)[0] - 0.7 * lane.cross
  helper = _steps_in(lane) if stolen else still(lane.between + 1.3 * lane.cross, place)
  joints = call.play(still(beside, place), helper, _receives(lane, stolen, scores))
  hands = between_hands(joints[1 if stolen else 2])
  path = caught(call, held, lane.out_s, hands, lane.cut_s if stolen else lane.ends_s, what.label == 'bounce_pass')
  if scores:
    flights = flying.made(lane.shot_s, hands[round(lane.shot_s * FPS)], rng)
    flights = [flights[0], *flying.on_floor(flights[1], call.end_s)]
    path = np.where((call.t_s > lane.shot_s)[:, None], flying.along(flights, call.t_s), path)
  return Scene(hero, path, joints)


def _receives(lane: _Lane, stolen: bool, scores: bool) -> Part:
  """The team mate, who turns to the hoop and shoots if that is what comes of it."""
  ends_s, shot_s = lane.ends_s, lane.shot_s
  arms = [(0.0, 'ready'), (ends_s - 0.3, 'reach'), (ends_s + 0.15, 'ready' if stolen else 'hold')]
  if scores:
    arms += [(shot_s - 0.35, 'hold'), (shot_s - 0.12, 'cock'), (shot_s, 'high'), (shot_s + 0.3, 'high'),
             (shot_s + 0.6, 'hang')]  # fmt: skip
  places = [(0.0, pair(lane.goal + 0.2 * lane.cross)), (lane.out_s, pair(lane.goal))]
  looks = (0.0, 0.0) if scores else pair(lane.place)
  return Part(places, arms, looks, 0.25, jump_s=shot_s if scores else None)


def _steps_in(lane: _Lane) -> Part:
  """The helper who takes the pass out of its lane and goes on."""
  arms = [(0.0, 'ready'), (lane.cut_s - 0.3, 'ready'), (lane.cut_s - 0.05, 'reach'), (lane.cut_s + 0.2, 'hold')]
  waits = pair(lane.between + 1.3 * lane.cross)
  places = [(0.0, waits), (lane.out_s - 0.15, waits), (lane.cut_s, pair(lane.between)),
            (lane.cut_s + 1.2, pair(lane.between - lane.cross))]  # fmt: skip
  return Part(places, arms, pair(lane.place))


def dribbled(call: Call) -> Scene:
  """A dribble before a marker, who may knock the ball away and run off with it."""
  what, rng = call.what, call.rng
  place = polar(rng.uniform(4.5, 6.0), rng.uniform(-40, 40))
  hero, act, held = acted(call, np.zeros(2), place)
  ahead, across = aside(place)
  side = rng.choice((-1, 1))
  near = place + 1.3 * ahead
  lost_s = act / FPS + 0.45
  lost = what.outcome == 'lost'
  arms = [(0.0, 'ready'), (lost_s - 0.2, 'ready')]
  spots = [(0.0, pair(near)), (lost_s - 0.3, pair(near + 0.15 * side * across))]
  if lost:
    arms += [(lost_s, 'reach'), (lost_s + 0.3, 'hold')]
    spots += [(lost_s, pair(place + 0.85 * ahead)), (lost_s + 0.4, pair(near)),
              (lost_s + 2.0, pair(near + 3.5 * side * across))]  # fmt: skip
  marker = Part(spots, arms, pair(place), 0.4)
  help_at, mate_at = polar(1.8, 40 * side), polar(3.5, -60 * side)
  joints = call.play(marker, still(help_at, place), still(mate_at, place, 'hang', 0.1))
  path = caught(call, held, lost_s, between_hands(joints[0]), lost_s + 0.25, False) if lost else held
  return Scene(hero, path, joints)
