"""Possessions in which the player is after the ball: rebounds, steals, and guarding a shooter."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth.body import ATHLETE
from sportjax.synth.choreography import FPS
from sportjax.synth.motion import Motion
from sportjax.synth.reels import ball as flying
from sportjax.synth.reels.ball import BALL_RADIUS_M, Flight
from sportjax.synth.reels.company import Part, between_hands
from sportjax.synth.reels.off_ball import perform_off_ball
from sportjax.synth.reels.scenes import Call, Scene, aside, caught, facing, pair, polar, still

_RIGHT_HAND = ATHLETE.index('right_hand')
_DRIBBLE_S, _CATCH_S = 0.56, 0.5


def rebound(call: Call) -> Scene:
  """Somebody's shot comes off the rim; the player and a rival leap for it."""
  what, rng = call.what, call.rng
  secured = what.outcome == 'secured'
  # A defensive rebound follows the other side's shot: the marker shoots and the helper is the rival.
  shooting, rivalling, idle = (0, 1, 2) if what.kind == 'defensive_rebound' else (2, 0, 1)
  side = rng.choice((-1, 1))
  place = polar(rng.uniform(1.3, 1.7), side * rng.uniform(15, 45))
  rival_at = polar(rng.uniform(1.3, 1.6), -side * rng.uniform(10, 30))
  out_s = rng.uniform(0.9, 1.2)
  shooter = call.play_one(shooting, _shooter(polar(rng.uniform(4.0, 5.2), -side * rng.uniform(25, 50)), out_s))
  theirs = between_hands(shooter)
  shot, off = flying.missed(out_s, theirs[round(out_s * FPS)], rng, place if secured else rival_at)
  act_s = round((off.start_s + _CATCH_S) * FPS) / FPS
  arms = [(0.0, 'ready'), (act_s - 0.3, 'ready'), (act_s - 0.05, 'high'), (act_s + 0.05, 'high'),
          (act_s + 0.5, 'ready' if secured else 'hold')]  # fmt: skip
  spots = [(0.0, pair(1.15 * rival_at)), (act_s - 0.5, pair(rival_at))]
  rival = call.play_one(rivalling, Part(spots, arms, (0.0, 0.0), 0.4, jump_s=act_s))
  third = call.play_one(idle, still(polar(3.2, 70 * side), np.zeros(2), 'hang', 0.1))
  hero = perform_off_ball(what.kind, call.athlete, call.end_s, act_s, what.execution, secured, rng)
  hero = facing(_cropped(hero, call.count), np.zeros(2), place, round((act_s - 0.5) * FPS))
  hands = between_hands(hero.joints_m if secured else rival)
  catch = flying.aimed(off.start_s, off.from_m, hands[round(act_s * FPS)], act_s - off.start_s)
  t = call.t_s[:, None]
  air = flying.along([shot, catch], call.t_s)
  path = np.where(t <= out_s, theirs, np.where(t < act_s, air, hands))
  people = {shooting: shooter, rivalling: rival, idle: third}
  return Scene(hero, path, tuple(people[i] for i in range(3)))


def _shooter(place: np.ndarray, out_s: float) -> Part:
  arms = [(0.0, 'hold'), (out_s - 0.4, 'hold'), (out_s - 0.15, 'cock'), (out_s, 'high'), (out_s + 0.35, 'high'),
          (out_s + 0.8, 'hang')]  # fmt: skip
  return Part([(0.0, pair(place)), (out_s, pair(place))], arms, (0.0, 0.0), 0.3, jump_s=out_s)


def _cropped(motion: Motion, count: int) -> Motion:
  return dataclasses.replace(motion, joints_m=motion.joints_m[:count])


def steal(call: Call) -> Scene:
  """The player reaches for the ball that a marker dribbles."""
  what, rng = call.what, call.rng
  place = polar(rng.uniform(4.0, 5.6), rng.uniform(-45, 45))
  ahead, across = aside(place)
  side, act_s = rng.choice((-1, 1)), rng.uniform(1.7, 2.4)
  won = what.outcome == 'won'
  spots = [(0.0, pair(place)), (act_s - 0.1, pair(place + 0.1 * across))]
  spots += [(act_s + 0.4, pair(place + (0.1 if won else 1.1) * side * across))]
  spots += [(act_s + 1.6, pair(place + (0.1 * side * across if won else 2.4 * side * across + 0.8 * ahead)))]
  marker = Part(spots, [(0.0, 'dribble'), (act_s, 'dribble'), (act_s + 0.4, 'ready' if won else 'dribble')],
                (0.0, 0.0), 0.45)  # fmt: skip
  joints = call.play(marker, still(polar(2.5, 55 * side), place), still(polar(3.0, -50 * side), place))
  hero = perform_off_ball('steal', call.athlete, call.end_s, act_s, what.execution, won, rng)
  hero = facing(_cropped(hero, call.count), place, place + 1.45 * ahead, 0)
  theirs = _bounced(call, joints[0])
  if not won:
    return Scene(hero, theirs, joints)
  return Scene(hero, caught(call, theirs, act_s, between_hands(hero.joints_m), act_s + 0.3, False), joints)


def _bounced(call: Call, joints: np.ndarray) -> np.ndarray:
  """A ball dribbled with the right hand."""
  ball = joints[:, _RIGHT_HAND].astype(float) - (0, 0, BALL_RADIUS_M)
  down = 1 - np.abs(2 * np.mod(call.t_s / _DRIBBLE_S, 1.0) - 1) ** 1.6
  ball[:, 2] += down * (BALL_RADIUS_M - ball[:, 2])
  return ball


def guard(call: Call) -> Scene:
  """A marker shoots over the player: in, out, or brought down."""
  what, rng = call.what, call.rng
  place = polar(rng.uniform(2.6, 5.2), rng.uniform(-50, 50))
  ahead, _ = aside(place)
  side, out_s = rng.choice((-1, 1)), rng.uniform(1.8, 2.4)
  foul = what.outcome == 'foul'
  shooter = _shooter(place, out_s)
  if foul:
    back = [(0.0, pair(place)), (out_s - 0.1, pair(place)), (out_s + 0.4, pair(place - 0.5 * ahead))]
    shooter = dataclasses.replace(shooter, places=back, falls_s=out_s, jump_s=None,
                                  arms=[*shooter.arms[:3], (out_s + 0.3, 'ready')])  # fmt: skip
  help_at, mate_at = polar(3.0, 75 * side), polar(2.2, -65 * side)
  joints = call.play(shooter, still(help_at, place, 'hang', 0.1), still(mate_at, place))
  hero = perform_off_ball('guard', call.athlete, call.end_s, out_s + 0.03, what.execution, False, rng)
  hero = facing(_cropped(hero, call.count), place, place + (0.5 if foul else 0.95) * ahead, 0)
  hands = between_hands(joints[0])
  start = hands[round(out_s * FPS)]
  flights = _their_shot(what.outcome, out_s, start, ahead, rng)
  flights = [*flights[:-1], *flying.on_floor(flights[-1], call.end_s)]
  path = np.where((call.t_s <= out_s)[:, None], hands, flying.along(flights, call.t_s))
  return Scene(hero, path, joints)


def _their_shot(outcome: str, out_s: float, start: np.ndarray, ahead: np.ndarray, rng) -> list[Flight]:
  if outcome == 'foul':
    return [Flight(out_s, start, np.array([*(1.2 * ahead), 1.0]))]
  return flying.made(out_s, start, rng) if outcome == 'scored' else flying.missed(out_s, start, rng)
