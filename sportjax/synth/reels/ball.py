"""Where the ball flies: free fall, off the rim, through the net, on the floor. The rim is over the origin."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth.kinematics import GRAVITY_M_S2
from sportjax.typing import Float

BALL_RADIUS_M, RIM_RADIUS_M = 0.12, 0.2286
RIM_M = np.array([0.0, 0.0, 3.05])
BOARD_M = np.array([0.38, 0.0, 3.4])  # the middle of the board's face; players are on the side of -x
_GRAVITY = np.array([0.0, 0.0, -GRAVITY_M_S2])
_RIM_BOUNCE, _FLOOR_BOUNCE, _FLOOR_GRIP = 0.55, 0.75, 0.85
_THROUGH_NET = np.array([0.2, 0.2, 0.5])  # what is left of the speed
_AWAY_M_S = -1.0  # a ball off the rim comes back from the board so fast that nobody takes it for one that went in


@dataclasses.dataclass(frozen=True)
class Flight:
  """Free fall from a place and a time on."""

  start_s: float
  from_m: Float[np.ndarray, '3']
  velocity: Float[np.ndarray, '3']

  def at(self, t_s: Float[np.ndarray, 't']) -> Float[np.ndarray, 't 3']:
    """Where the ball is."""
    s = (np.asarray(t_s) - self.start_s)[..., None]
    return self.from_m + self.velocity * s + 0.5 * _GRAVITY * s**2

  def speed_at(self, t_s: float) -> Float[np.ndarray, '3']:
    """How fast it flies, and where to."""
    return self.velocity + _GRAVITY * (t_s - self.start_s)


def aimed(start_s: float, from_m: np.ndarray, to_m: np.ndarray, lasts_s: float) -> Flight:
  """The flight that is at a place after a time."""
  return Flight(start_s, from_m, (to_m - from_m) / lasts_s - 0.5 * _GRAVITY * lasts_s)


def flight_s(from_m: np.ndarray, to_m: np.ndarray, entry_deg: float) -> float:
  """How long a flight lasts that comes down at an angle to the floor."""
  far = float(np.hypot(*(to_m - from_m)[:2]))
  return float(np.sqrt(2 * (to_m[2] - from_m[2] + far * np.tan(np.radians(entry_deg))) / GRAVITY_M_S2))


def made(start_s: float, from_m: np.ndarray, rng: np.random.Generator) -> list[Flight]:
  """Through the hoop, slowed by its net."""
  angle, off = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.07)
  goal = RIM_M + off * np.array([np.cos(angle), np.sin(angle), 0.0])
  shot = aimed(start_s, from_m, goal, flight_s(from_m, goal, _entry_deg(from_m, rng)))
  through_s = start_s + flight_s_of(shot, goal)
  return [shot, Flight(through_s, goal, shot.speed_at(through_s) * _THROUGH_NET)]


def missed(start_s: float, from_m: np.ndarray, rng: np.random.Generator, towards_m=None) -> list[Flight]:
  """Onto the rim's outer edge and off, up and away from the board; `towards_m` says which part of the rim."""
  entry = _entry_deg(from_m, rng)
  side = from_m if towards_m is None else towards_m
  facing = np.arctan2(side[1], side[0])
  best = None
  for spread in np.linspace(0.9, 0.0, 8):  # the middle of the near edge always sends it back
    turn, steep = facing + spread * rng.uniform(-1, 1), np.radians(rng.uniform(20, 50))
    normal = np.array([np.cos(turn) * np.cos(steep), np.sin(turn) * np.cos(steep), np.sin(steep)])
    touch = RIM_M + RIM_RADIUS_M * np.array([np.cos(turn), np.sin(turn), 0.0]) + BALL_RADIUS_M * normal
    shot = aimed(start_s, from_m, touch, flight_s(from_m, touch, entry))
    hit_s = start_s + flight_s_of(shot, touch)
    speed = shot.speed_at(hit_s)
    best = [shot, Flight(hit_s, touch, speed - (1 + _RIM_BOUNCE) * min(speed @ normal, 0.0) * normal)]
    if best[1].velocity[0] < _AWAY_M_S:
      break
  assert best is not None
  return best


def flight_s_of(flight: Flight, to_m: np.ndarray) -> float:
  """When, after its start, a falling flight is as low as a place that it goes through."""
  up = flight.velocity[2]
  drop = flight.from_m[2] - to_m[2]
  return float((up + np.sqrt(up**2 + 2 * GRAVITY_M_S2 * drop)) / GRAVITY_M_S2)


def _entry_deg(from_m: np.ndarray, rng: np.random.Generator) -> float:
  """Shots from near by come down more steeply."""
  far = float(np.hypot(*from_m[:2]))
  return rng.uniform(40, 48) + 18 * np.exp(-far / 1.5)


def on_floor(flight: Flight, until_s: float) -> list[Flight]:
  """The flight and its bounces on the floor."""
  flights = [flight]
  while True:
    last = flights[-1]
    down = np.array([0.0, 0.0, BALL_RADIUS_M])
    hit_s = last.start_s + flight_s_of(last, down)
    if hit_s >= until_s or len(flights) > 12:
      return flights
    place = last.at(np.array(hit_s))
    speed = last.speed_at(hit_s) * (_FLOOR_GRIP, _FLOOR_GRIP, -_FLOOR_BOUNCE)
    if speed[2] < 0.4:
      return flights
    flights.append(Flight(hit_s, place * (1, 1, 0) + down, speed))


def along(flights: list[Flight], t_s: Float[np.ndarray, 't']) -> Float[np.ndarray, 't 3']:
  """The ball over flights that follow one another; at rest it stays on the floor."""
  which = np.searchsorted([flight.start_s for flight in flights], t_s, side='right') - 1
  out = np.stack([flights[max(k, 0)].at(np.array(time)) for k, time in zip(which, t_s, strict=True)])
  out[:, 2] = np.maximum(out[:, 2], BALL_RADIUS_M)
  return out
