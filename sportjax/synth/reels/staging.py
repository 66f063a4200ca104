"""One possession as a motion: the player, the others, the ball and the hoop, with its outcome plain to see."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from sportjax.synth import skills
from sportjax.synth.athletes import Athlete
from sportjax.synth.blending import heading_deg
from sportjax.synth.body import ATHLETE
from sportjax.synth.choreography import FPS
from sportjax.synth.motion import Motion, Other, later
from sportjax.synth.placing import headed
from sportjax.synth.reels import ball as flying
from sportjax.synth.reels.ball import BALL_RADIUS_M, BOARD_M, RIM_M, Flight
from sportjax.synth.reels.company import Part, between_hands, played
from sportjax.synth.reels.off_ball import perform_off_ball
from sportjax.synth.reels.possessions import Possession

_IDLE = 35  # samples at either end of a performance in which nothing happens
_RIGHT_HAND = ATHLETE.index('right_hand')
_DISTANCES_M: Mapping[str, tuple[float, float]] = {
  'free_throw': (4.2, 4.25), 'jump_shot': (2.8, 5.0), 'fadeaway': (2.6, 4.2), 'hook_shot': (1.7, 2.6),
  'layup': (0.95, 1.25), 'three': (6.8, 7.2),
}  # fmt: skip
_DRIBBLE_S, _CATCH_S, _PASS_M_S = 0.56, 0.5, 8.5


@dataclasses.dataclass(frozen=True)
class Cast:
  """The others of a reel: a marker and a helper of the other side, and a team mate."""

  statures_m: tuple[float, ...]
  phases: tuple[float, ...]  # radians


def sample_cast(rng: np.random.Generator) -> Cast:
  """Three people."""
  return Cast(tuple(rng.normal(1.88, 0.09, 3).tolist()), tuple(rng.uniform(0, 2 * np.pi, 3).tolist()))


@dataclasses.dataclass(frozen=True)
class _Scene:
  """The parts of a possession in a half court whose hoop is over the origin, players on the side of -x."""

  hero: Motion
  ball: np.ndarray  # t 3
  others: tuple[np.ndarray, ...]  # joints of marker, helper and mate


@dataclasses.dataclass(frozen=True)
class _Call:
  """What a scene is made of."""

  what: Possession
  athlete: Athlete
  cast: Cast
  count: int  # samples
  rng: np.random.Generator

  @property
  def t_s(self) -> np.ndarray:
    return np.arange(self.count) / FPS

  @property
  def end_s(self) -> float:
    return self.count / FPS

  def play(self, *parts: Part) -> tuple[np.ndarray, ...]:
    """Joints of marker, helper and mate."""
    return tuple(self.play_one(i, part) for i, part in enumerate(parts))

  def play_one(self, i: int, part: Part) -> np.ndarray:
    """Joints of one of them."""
    return played(part, self.cast.statures_m[i], self.cast.phases[i], self.count)


def stage_possession(what: Possession, athlete: Athlete, cast: Cast, rng: np.random.Generator) -> Motion:
  """The possession's motion, at either end of the court."""
  call = _Call(what, athlete, cast, round((what.end_ms - what.start_ms) * FPS / 1000), rng)
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


def _acted(call: _Call, towards: np.ndarray, place: np.ndarray) -> tuple[Motion, int, np.ndarray]:
  """The player's action with the ball, at `place` and facing `towards` when it happens: motion, sample, ball."""
  take = skills.perform('basketball', call.athlete, call.what.label, call.rng, call.what.execution)
  wait = int(call.rng.integers(10, _IDLE))
  rows = _stretched(len(take.joints_m), wait, call.count)
  actions = tuple(later(action, 1000 * wait / FPS) for action in take.actions)
  act = min(round(actions[0].events_ms['act'] * FPS / 1000), call.count - 1)
  held = {name: points[rows] for name, points in take.equipment.items()}
  motion = dataclasses.replace(take, joints_m=take.joints_m[rows], equipment=held, actions=actions)
  motion = _facing(motion, towards, place, act)
  return motion, act, motion.equipment['basketball'][:, 0]


def _facing(motion: Motion, towards: np.ndarray, place: np.ndarray, at: int) -> Motion:
  """Turned so that it starts towards a place, moved so that the pelvis is at another one at a sample."""
  away = towards - place
  turn = np.degrees(np.arctan2(away[1], away[0])) - heading_deg(motion.joints_m[:1])[0]
  motion = headed(motion, float(turn))
  shift = place - motion.joints_m[at, ATHLETE.index('pelvis'), :2]
  return headed(motion, 0.0, (float(shift[0]), float(shift[1])))


def _stretched(length: int, wait: int, count: int) -> np.ndarray:
  """Rows of a performance that fill `count` samples: the idle time at its ends is gone through to and fro."""
  swing = np.abs((np.arange(count) + _IDLE) % (2 * _IDLE) - _IDLE)
  before = swing[1 : wait + 1][::-1]
  after = length - 1 - swing[1 : max(count - wait - length, 0) + 1]
  return np.concatenate([before, np.arange(length), after])[:count]


def _polar(far_m: float, degrees: float) -> np.ndarray:
  """A place so far from the hoop; 0 degrees is straight before it."""
  return far_m * np.array([-np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def _aside(place: np.ndarray) -> np.ndarray:
  """Unit vectors from a place to the hoop, and across."""
  ahead = -place / np.linalg.norm(place)
  return np.stack([ahead, [-ahead[1], ahead[0]]])


def _pair(place: np.ndarray) -> tuple[float, float]:
  return float(place[0]), float(place[1])


def _still(place: np.ndarray, looks: np.ndarray, arms: str = 'ready', crouch: float = 0.3) -> Part:
  return Part([(0.0, _pair(place)), (1.0, _pair(place))], [(0.0, arms)], _pair(looks), crouch)


def _shot(call: _Call) -> _Scene:
  """A shot, free or in play."""
  what, rng = call.what, call.rng
  free = what.kind == 'free_throw'
  far = rng.uniform(*_DISTANCES_M[what.kind if what.kind in _DISTANCES_M else what.label])
  # Threes come from the wings, where the same picture still holds player and hoop.
  least, most = (0, 2) if free else (15, 50) if what.kind == 'three' else (0, 50)
  place = _polar(far, rng.choice((-1, 1)) * rng.uniform(least, most))
  hero, act, held = _acted(call, np.zeros(2), place)
  shoot = flying.made if what.outcome == 'made' else flying.missed
  flights = shoot(act / FPS, held[act], rng)
  flights = [*flights[:-1], *flying.on_floor(flights[-1], call.end_s)]
  path = np.where((call.t_s <= act / FPS)[:, None], held, flying.along(flights, call.t_s))
  if free:
    lane = [_still(np.array([x, y]), np.array([-2.0, 0.0]), 'hang', 0.15)
            for x, y in ((-0.9, 1.9), (-0.9, -1.9), (-1.9, 1.9))]  # fmt: skip
    return _Scene(hero, path, call.play(*lane))
  side = rng.choice((-1, 1))
  ahead, across = _aside(place)
  help_at = _polar(rng.uniform(1.2, 1.8), rng.uniform(35, 65) * side)
  mate_at = _polar(rng.uniform(4.2, 5.5), np.degrees(np.arctan2(place[1], -place[0])) - side * rng.uniform(45, 65))
  marker = _marks(what, place, ahead, across, act / FPS, side)
  return _Scene(hero, path, call.play(marker, _still(help_at, place), _still(mate_at, np.zeros(2), 'hang', 0.1)))


def _marks(what: Possession, place, ahead, across, out_s: float, side: float) -> Part:
  """Up close with raised arms, or too far away to matter."""
  if not what.contested:
    start = place + 3.0 * ahead + 1.2 * side * across if what.label != 'layup' else place - 2.6 * ahead + side * across
    spots = [(0.0, _pair(start)), (out_s, _pair(start - 0.4 * (start - place) / np.linalg.norm(start - place)))]
    return Part(spots, [(0.0, 'ready'), (out_s, 'ready'), (out_s + 0.4, 'hang')], _pair(place), 0.3)
  near = place + 0.85 * ahead if what.label != 'layup' else place + 0.25 * ahead + 0.7 * side * across
  arms = [(0.0, 'ready'), (out_s - 0.35, 'ready'), (out_s - 0.1, 'high'), (out_s + 0.3, 'high'), (out_s + 0.7, 'hang')]
  spots = [(0.0, _pair(near + 0.7 * ahead)), (max(out_s - 0.3, 0.1), _pair(near))]
  return Part(spots, arms, _pair(place), 0.3, jump_s=out_s + 0.02)


def _passed(call: _Call) -> _Scene:
  """A pass to a team mate near the hoop, who may score; or a helper steps in between."""
  what, rng = call.what, call.rng
  side, angle = rng.choice((-1, 1)), rng.uniform(-25, 25)
  place = _polar(rng.uniform(4.6, 5.8), angle)
  goal = _polar(rng.uniform(1.8, 2.6), angle + side * rng.uniform(35, 60))
  hero, act, held = _acted(call, goal, place)
  out_s, lane = act / FPS, goal - place
  cross = np.array([-lane[1], lane[0]]) / np.linalg.norm(lane) * side
  ends_s = out_s + np.linalg.norm(lane) / _PASS_M_S
  stolen, scores = what.outcome == 'intercepted', what.outcome == 'assist'
  cut_s = out_s + 0.55 * (ends_s - out_s)
  between = place + 0.55 * lane
  waits = between + 1.3 * cross
  mate_arms = [(0.0, 'ready'), (ends_s - 0.3, 'reach'), (ends_s + 0.15, 'hold' if not stolen else 'ready')]
  throw_s = ends_s + 0.75
  if scores:
    mate_arms += [(throw_s - 0.35, 'hold'), (throw_s - 0.12, 'cock'), (throw_s, 'high'), (throw_s + 0.3, 'high'),
                  (throw_s + 0.6, 'hang')]  # fmt: skip
  turns = np.zeros(2) if scores else place
  mate = Part([(0.0, _pair(goal + 0.2 * cross)), (out_s, _pair(goal))], mate_arms, _pair(turns), 0.25,
              jump_s=throw_s if scores else None)  # fmt: skip
  help_arms = [(0.0, 'ready'), (cut_s - 0.3, 'ready'), (cut_s - 0.05, 'reach'), (cut_s + 0.2, 'hold')]
  steps = [
    (0.0, _pair(waits)),
    (out_s - 0.15, _pair(waits)),
    (cut_s, _pair(between)),
    (cut_s + 1.2, _pair(between - cross)),
  ]
  helper = Part(steps, help_arms, _pair(place)) if stolen else _still(waits, place)
  beside = place + 1.25 * _aside(place)[0] - 0.7 * cross
  joints = call.play(_still(beside, place), helper, mate)
  taker, at_s = (joints[1], cut_s) if stolen else (joints[2], ends_s)
  hands = between_hands(taker)
  path = _caught(call, held, out_s, hands, at_s, what.label == 'bounce_pass')
  if scores:
    shot = flying.made(throw_s, hands[round(throw_s * FPS)], rng)
    shot = [shot[0], *flying.on_floor(shot[1], call.end_s)]
    path = np.where((call.t_s > throw_s)[:, None], flying.along(shot, call.t_s), path)
  return _Scene(hero, path, joints)


def _caught(call: _Call, held: np.ndarray, out_s: float, hands: np.ndarray, at_s: float, bounce: bool) -> np.ndarray:
  """The ball out of the player's hands, through the air or off the floor, into other hands."""
  start, end = held[round(out_s * FPS)], hands[min(round(at_s * FPS), call.count - 1)]
  flights = [flying.aimed(out_s, start, end, at_s - out_s)]
  if bounce:
    half_s = out_s + 0.6 * (at_s - out_s)
    spot = (start + 0.6 * (end - start)) * (1, 1, 0) + (0, 0, BALL_RADIUS_M)
    flights = [flying.aimed(out_s, start, spot, half_s - out_s), flying.aimed(half_s, spot, end, at_s - half_s)]
  t = call.t_s[:, None]
  return np.where(t <= out_s, held, np.where(t < at_s, flying.along(flights, call.t_s), hands))


def _dribbled(call: _Call) -> _Scene:
  """A dribble before a marker, who may knock the ball away and run off with it."""
  what, rng = call.what, call.rng
  place = _polar(rng.uniform(4.5, 6.0), rng.uniform(-40, 40))
  hero, act, held = _acted(call, np.zeros(2), place)
  ahead, across = _aside(place)
  side = rng.choice((-1, 1))
  near = place + 1.3 * ahead
  lost_s = act / FPS + 0.45
  lost = what.outcome == 'lost'
  arms = [(0.0, 'ready'), (lost_s - 0.2, 'ready')]
  spots = [(0.0, _pair(near)), (lost_s - 0.3, _pair(near + 0.15 * side * across))]
  if lost:
    arms += [(lost_s, 'reach'), (lost_s + 0.3, 'hold')]
    spots += [(lost_s, _pair(place + 0.85 * ahead)), (lost_s + 0.4, _pair(near)),
              (lost_s + 2.0, _pair(near + 3.5 * side * across))]  # fmt: skip
  marker = Part(spots, arms, _pair(place), 0.4)
  help_at, mate_at = _polar(1.8, 40 * side), _polar(3.5, -60 * side)
  joints = call.play(marker, _still(help_at, place), _still(mate_at, place, 'hang', 0.1))
  path = _caught(call, held, lost_s, between_hands(joints[0]), lost_s + 0.25, False) if lost else held
  return _Scene(hero, path, joints)


def _rebound(call: _Call) -> _Scene:
  """Somebody's shot comes off the rim; the player and a rival leap for it."""
  what, rng = call.what, call.rng
  secured = what.outcome == 'secured'
  # A defensive rebound follows the other side's shot: the marker shoots and the helper is the rival.
  shooting, rivalling, idle = (0, 1, 2) if what.kind == 'defensive_rebound' else (2, 0, 1)
  side = rng.choice((-1, 1))
  place = _polar(rng.uniform(1.3, 1.7), side * rng.uniform(15, 45))
  rival_at = _polar(rng.uniform(1.3, 1.6), -side * rng.uniform(10, 30))
  out_s = rng.uniform(0.9, 1.2)
  shooter = call.play_one(shooting, _shooter(_polar(rng.uniform(4.0, 5.2), -side * rng.uniform(25, 50)), out_s))
  theirs = between_hands(shooter)
  shot, off = flying.missed(out_s, theirs[round(out_s * FPS)], rng, place if secured else rival_at)
  act_s = round((off.start_s + _CATCH_S) * FPS) / FPS
  arms = [(0.0, 'ready'), (act_s - 0.3, 'ready'), (act_s - 0.05, 'high'), (act_s + 0.05, 'high'),
          (act_s + 0.5, 'ready' if secured else 'hold')]  # fmt: skip
  spots = [(0.0, _pair(1.15 * rival_at)), (act_s - 0.5, _pair(rival_at))]
  rival = call.play_one(rivalling, Part(spots, arms, (0.0, 0.0), 0.4, jump_s=act_s))
  third = call.play_one(idle, _still(_polar(3.2, 70 * side), np.zeros(2), 'hang', 0.1))
  hero = perform_off_ball(what.kind, call.athlete, call.end_s, act_s, what.execution, secured, rng)
  hero = _facing(_cropped(hero, call.count), np.zeros(2), place, round((act_s - 0.5) * FPS))
  hands = between_hands(hero.joints_m if secured else rival)
  catch = flying.aimed(off.start_s, off.from_m, hands[round(act_s * FPS)], act_s - off.start_s)
  t = call.t_s[:, None]
  air = flying.along([shot, catch], call.t_s)
  path = np.where(t <= out_s, theirs, np.where(t < act_s, air, hands))
  people = {shooting: shooter, rivalling: rival, idle: third}
  return _Scene(hero, path, tuple(people[i] for i in range(3)))


def _shooter(place: np.ndarray, out_s: float) -> Part:
  arms = [(0.0, 'hold'), (out_s - 0.4, 'hold'), (out_s - 0.15, 'cock'), (out_s, 'high'), (out_s + 0.35, 'high'),
          (out_s + 0.8, 'hang')]  # fmt: skip
  return Part([(0.0, _pair(place)), (out_s, _pair(place))], arms, (0.0, 0.0), 0.3, jump_s=out_s)


def _cropped(motion: Motion, count: int) -> Motion:
  return dataclasses.replace(motion, joints_m=motion.joints_m[:count])


def _steal(call: _Call) -> _Scene:
  """The player reaches for the ball that a marker dribbles."""
  what, rng = call.what, call.rng
  place = _polar(rng.uniform(4.0, 5.6), rng.uniform(-45, 45))
  ahead, across = _aside(place)
  side, act_s = rng.choice((-1, 1)), rng.uniform(1.7, 2.4)
  won = what.outcome == 'won'
  spots = [(0.0, _pair(place)), (act_s - 0.1, _pair(place + 0.1 * across))]
  spots += [(act_s + 0.4, _pair(place + (0.1 if won else 1.1) * side * across))]
  spots += [(act_s + 1.6, _pair(place + (0.1 * side * across if won else 2.4 * side * across + 0.8 * ahead)))]
  marker = Part(spots, [(0.0, 'dribble'), (act_s, 'dribble'), (act_s + 0.4, 'ready' if won else 'dribble')],
                (0.0, 0.0), 0.45)  # fmt: skip
  joints = call.play(marker, _still(_polar(2.5, 55 * side), place), _still(_polar(3.0, -50 * side), place))
  hero = perform_off_ball('steal', call.athlete, call.end_s, act_s, what.execution, won, rng)
  hero = _facing(_cropped(hero, call.count), place, place + 1.45 * ahead, 0)
  theirs = _bounced(call, joints[0])
  if not won:
    return _Scene(hero, theirs, joints)
  return _Scene(hero, _caught(call, theirs, act_s, between_hands(hero.joints_m), act_s + 0.3, False), joints)


def _bounced(call: _Call, joints: np.ndarray) -> np.ndarray:
  """A ball dribbled with the right hand."""
  ball = joints[:, _RIGHT_HAND].astype(float) - (0, 0, BALL_RADIUS_M)
  down = 1 - np.abs(2 * np.mod(call.t_s / _DRIBBLE_S, 1.0) - 1) ** 1.6
  ball[:, 2] += down * (BALL_RADIUS_M - ball[:, 2])
  return ball


def _guard(call: _Call) -> _Scene:
  """A marker shoots over the player: in, out, or brought down."""
  what, rng = call.what, call.rng
  place = _polar(rng.uniform(2.6, 5.2), rng.uniform(-50, 50))
  ahead, _ = _aside(place)
  side, out_s = rng.choice((-1, 1)), rng.uniform(1.8, 2.4)
  foul = what.outcome == 'foul'
  shooter = _shooter(place, out_s)
  if foul:
    back = [(0.0, _pair(place)), (out_s - 0.1, _pair(place)), (out_s + 0.4, _pair(place - 0.5 * ahead))]
    shooter = dataclasses.replace(shooter, places=back, falls_s=out_s, jump_s=None,
                                  arms=[*shooter.arms[:3], (out_s + 0.3, 'ready')])  # fmt: skip
  help_at, mate_at = _polar(3.0, 75 * side), _polar(2.2, -65 * side)
  joints = call.play(shooter, _still(help_at, place, 'hang', 0.1), _still(mate_at, place))
  hero = perform_off_ball('guard', call.athlete, call.end_s, out_s + 0.03, what.execution, False, rng)
  hero = _facing(_cropped(hero, call.count), place, place + (0.5 if foul else 0.95) * ahead, 0)
  hands = between_hands(joints[0])
  start = hands[round(out_s * FPS)]
  flights = _their_shot(what.outcome, out_s, start, ahead, rng)
  flights = [*flights[:-1], *flying.on_floor(flights[-1], call.end_s)]
  path = np.where((call.t_s <= out_s)[:, None], hands, flying.along(flights, call.t_s))
  return _Scene(hero, path, joints)


def _their_shot(outcome: str, out_s: float, start: np.ndarray, ahead: np.ndarray, rng) -> list[Flight]:
  if outcome == 'foul':
    return [Flight(out_s, start, np.array([*(1.2 * ahead), 1.0]))]
  return flying.made(out_s, start, rng) if outcome == 'scored' else flying.missed(out_s, start, rng)


_SCENES: Mapping[str, Callable[[_Call], _Scene]] = {
  'free_throw': _shot, 'two': _shot, 'three': _shot, 'pass': _passed, 'dribble': _dribbled,
  'defensive_rebound': _rebound, 'offensive_rebound': _rebound, 'steal': _steal, 'guard': _guard,
}  # fmt: skip


def stage_reel(
  possessions: Sequence[Possession], athlete: Athlete, cast: Cast, rng: np.random.Generator
) -> list[Motion]:
  """The motions of a reel's possessions, in order, each with draws of its own."""
  own = rng.spawn(len(possessions))
  return [stage_possession(what, athlete, cast, each) for what, each in zip(possessions, own, strict=True)]
