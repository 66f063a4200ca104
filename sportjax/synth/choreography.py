"""From key poses, contacts and flights to a motion: what every parametric skill is written in.

A `Script` says what the body does at a few times; `animate` fills in the rest so that planted feet stay where they
are, the centre of mass falls freely between take-off and landing, and turns in the air conserve momentum.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from sportjax.synth import kinematics as kin
from sportjax.synth.athletes import Athlete
from sportjax.synth.motion import Action, Motion

FPS = 100.0
Pose = Mapping[str, float]

_SMOOTH_S = 0.03  # muscles do not change their pull at once
_RELEASE_S = 0.12  # a foot takes this long to find, or leave, its place on the ground
_STEP_HEIGHT = 0.11  # of the leg
_HEEL_DEG = 30.0  # how far the heel leads in a step
_PLANT_REACH = 0.995  # of the leg: beyond it the heel leaves the ground
_ROUNDS = 4  # the pelvis depends on the pose through the centre of mass, the pose on the pelvis through the contacts


@dataclasses.dataclass(frozen=True)
class Body:
  """The body placed in the world: joints by name, frames of pelvis, chest, head and hands, the script's curves."""

  places: dict[str, np.ndarray]
  frames: dict[str, np.ndarray]
  curves: dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Plant:
  """One foot's toe stays at a point of the ground from `start_s` to `end_s`."""

  side: str
  start_s: float
  end_s: float
  x_m: float
  y_m: float
  yaw_deg: float = 0.0
  pivot_deg: float = 0.0  # how far the foot turns on its toe meanwhile
  glide_m: tuple[float, float] = (0.0, 0.0)  # how far a skate or a slipping foot travels meanwhile
  step: bool = True  # the foot then steps to its next plant; else the pose leads it there


@dataclasses.dataclass(frozen=True)
class Hold:
  """One wrist follows a point, which may be part of the body or of a thing, from `start_s` to `end_s`."""

  side: str
  start_s: float
  end_s: float
  goal: Callable[[Body], np.ndarray]
  ease_s: float = 0.12


@dataclasses.dataclass(frozen=True)
class Departure:
  """Degrees of freedom, or curves of the script, that depart from what its keys say between two times."""

  names: tuple[str, ...]
  start_s: float
  end_s: float
  ease_s: float = 0.15
  add: float = 0.0  # degrees
  toward: float = 0.0  # share of the way to the value at `about_s`, or to zero
  about_s: float | None = None
  late_s: float = 0.0  # lags behind


@dataclasses.dataclass(frozen=True)
class Hesitation:
  """Movement goes by fits and starts between two times."""

  start_s: float
  end_s: float
  depth: float  # 0: none, 1: comes to a stop


@dataclasses.dataclass
class Script:
  """What one performance does when. Times in seconds, lengths in metres, angles in degrees."""

  duration_s: float
  floor_m: float = 0.0
  floor_until_s: float = np.inf  # a diver leaves the board behind
  actions: list[Action] = dataclasses.field(default_factory=list)
  poses: list[tuple[float, Pose]] = dataclasses.field(default_factory=list)
  roots: dict[str, list[tuple[float, float]]] = dataclasses.field(default_factory=dict)
  pelvis: list[tuple[float, tuple[float, float, float]]] = dataclasses.field(default_factory=list)
  flights: list[tuple[float, float]] = dataclasses.field(default_factory=list)
  spins: list[tuple[str, float, float]] = dataclasses.field(default_factory=list)  # root angle, start, end
  plants: list[Plant] = dataclasses.field(default_factory=list)
  holds: list[Hold] = dataclasses.field(default_factory=list)
  gaze: list[tuple[float, tuple[float, float, float]]] = dataclasses.field(default_factory=list)
  curves: dict[str, list[tuple[float, float]]] = dataclasses.field(default_factory=dict)  # what else goes by keys
  events_s: dict[str, float] = dataclasses.field(default_factory=dict)
  departures: list[Departure] = dataclasses.field(default_factory=list)
  hesitation: Hesitation | None = None
  equipment: Callable[[Body, np.ndarray], dict[str, np.ndarray]] | None = None
  arms_tied: bool = False  # both hands hold one thing, so the arms' irregularities are the same

  def root(self, name: str, *keys: tuple[float, float]) -> None:
    """Adds keys (time, degrees) of a root angle."""
    self.roots.setdefault(name, []).extend(keys)


def pose(base: Pose | None = None, /, **changes: float) -> dict[str, float]:
  """A full pose: `base` with changes; a name without a side sets both sides."""
  out = dict(base or kin.NEUTRAL)
  for name, value in changes.items():
    names = [name] if name in out else [f'{side}_{name}' for side, _ in kin.SIDES]
    out.update(dict.fromkeys(names, value))
  if out.keys() != kin.NEUTRAL.keys():
    raise KeyError(f'unknown degrees of freedom {sorted(out.keys() - kin.NEUTRAL.keys())}')
  return out


def animate(script: Script, athlete: Athlete, rng: np.random.Generator) -> Motion:
  """The script performed by an athlete, with the small irregularities of a living body drawn from `rng`."""
  t = np.arange(round(script.duration_s * FPS) + 1) / FPS
  tracks = _departed(script, _liven(_pose_tracks(script, t), athlete, rng, script.arms_tied), t)
  tracks = kin.soft_limits(tracks)
  tracks |= _departed(script, {name: _keyed(t, keys, []) for name, keys in script.curves.items()}, t)
  tracks |= _departed(script, _root_tracks(script, athlete, tracks, t), t)
  path, body = _lift(_keyed(t, script.pelvis, []), script, athlete), None
  for _ in range(_ROUNDS):
    if body is not None:
      path = _fall(script, athlete, body, path, t)
      tracks = _look(script, body, tracks, t)
    body = _embody(script, athlete, tracks, path, t)
  if script.hesitation:
    clock = _hesitant(t, script.hesitation)
    tracks = {name: np.interp(clock, t, values) for name, values in tracks.items()}
    path = np.stack([np.interp(clock, t, values) for values in path.T], axis=1)
    body = _embody(script, athlete, tracks, path, clock)
  joints = _exact_flight(script, kin.stack(body.places))
  equipment = script.equipment(body, t) if script.equipment else {}
  return Motion(joints_m=joints, fps=FPS, actions=_timed_actions(script, t), equipment=equipment)


def _timed_actions(script: Script, t: np.ndarray) -> tuple[Action, ...]:
  """The actions with the times of their events, which a hesitation moves."""
  when = t if script.hesitation is None else _hesitant(t, script.hesitation)
  events_ms = {name: float(1000 * np.interp(time, when, t)) for name, time in script.events_s.items()}
  return tuple(dataclasses.replace(action, events_ms=events_ms) for action in script.actions)


def _hesitant(t: np.ndarray, hesitation: Hesitation) -> np.ndarray:
  """The script's time over real time: its rate is 1 + depth sin^2(pi u) cos(6 pi u), u from 0 to 1, slowest halfway."""
  length = hesitation.end_s - hesitation.start_s
  angle = 2 * np.pi * np.clip((t - hesitation.start_s) / length, 0.0, 1.0)
  gained = np.sin(3 * angle) / 12 - np.sin(4 * angle) / 32 - np.sin(2 * angle) / 16
  return t + hesitation.depth * length * gained / np.pi


def _departed(script: Script, tracks: kin.Tracks, t: np.ndarray) -> kin.Tracks:
  """Tracks as the script's departures change them."""
  out = dict(tracks)
  for d in script.departures:
    weight = _window(t, d.start_s, d.end_s, d.ease_s)
    for name in (name for name in d.names if name in out):
      values = np.interp(t - d.late_s * weight, t, out[name]) if d.late_s else out[name]
      anchor = 0.0 if d.about_s is None else np.interp(d.about_s, t, values)
      out[name] = values + weight * (d.add + d.toward * (anchor - values))
  return out


def _pose_tracks(script: Script, t: np.ndarray) -> kin.Tracks:
  times = np.array([time for time, _ in script.poses])
  names = [name for name in kin.DOFS if name not in kin.ROOT_DOFS]
  values = np.array([[p[name] for name in names] for _, p in script.poses])
  curves = gaussian_filter1d(_keyed(t, list(zip(times, values, strict=True)), []), _SMOOTH_S * FPS, 0, mode='nearest')
  return dict(zip(names, curves.T, strict=True))


_HABIT_DEG = (
  ('head_carriage', 'neck_flex', 5.0), ('back_arch', 'spine_flex', -4.0), ('arm_placement', 'arm_plane', 7.0),
  ('knee_angle', 'knee', 3.0), ('foot_turnout', 'hip_turn', 5.0), ('elbow_bend', 'arm_swivel', 10.0),
)  # fmt: skip
_TREMOR_DEG, _TREMOR_S = 1.6, 0.18
_AMPLITUDE = 0.04  # spread of how far a performance takes each joint from rest


def _liven(tracks: kin.Tracks, athlete: Athlete, rng: np.random.Generator, arms_tied: bool) -> kin.Tracks:
  """A person's own way of holding each joint, and slow irregularity; nobody repeats a movement exactly."""
  out, drawn = {}, {}
  for name, values in tracks.items():
    source = name.removeprefix('left_').removeprefix('right_') if arms_tied and '_arm_' in name else name
    if source not in drawn:
      drawn[source] = _tremor(len(values), rng), 1.0 + _AMPLITUDE * float(np.clip(rng.normal(), -2, 2))
    noise, scale = drawn[source]
    if name.endswith('arm_reach'):  # a straight arm stays straight
      out[name] = values - 0.008 * abs(athlete.habit('elbow_bend'))
      continue
    habit = sum(gain * athlete.habit(own) for own, dof, gain in _HABIT_DEG if name.endswith(dof))
    out[name] = values * scale + noise + habit
  return out


def _tremor(frames: int, rng: np.random.Generator) -> np.ndarray:
  noise = gaussian_filter1d(rng.normal(size=frames), _TREMOR_S * FPS, mode='wrap')
  return noise * _TREMOR_DEG * np.sqrt(2 * np.sqrt(np.pi) * _TREMOR_S * FPS)


def _root_tracks(script: Script, athlete: Athlete, tracks: kin.Tracks, t: np.ndarray) -> kin.Tracks:
  """Heading, somersault, tilt and twist; free turns by the moment of inertia of the pose."""
  still = dict.fromkeys(kin.ROOT_DOFS, np.zeros_like(t))
  own = kin.stack(
    _embody(dataclasses.replace(script, plants=[]), athlete, tracks | still, np.zeros((len(t), 3)), t).places
  )
  turns = {'pitch': ('y', kin.momentum_turn), 'yaw': ('z', kin.momentum_turn), 'twist': ('z', kin.eased_turn)}
  out = {}
  for name in kin.ROOT_DOFS:
    keys = sorted(script.roots.get(name, [(0.0, 0.0)]))
    inner = []
    for dof, start_s, end_s in script.spins:
      if dof == name:
        i, k = _sample(start_s), _sample(end_s)
        times_s, values = zip(*keys, strict=True)
        at = np.interp([start_s, end_s], times_s, values)
        axis, rule = turns[name]
        inner.append((i, at[0] + rule(own[i : k + 1], axis, at[1] - at[0], FPS)))
    out[name] = _keyed(t, keys, inner)
  return out


def _sample(time_s: float) -> int:
  return round(time_s * FPS)


def _keyed(t: np.ndarray, keys: list, inner: list[tuple[int, np.ndarray]]) -> np.ndarray:
  """Smooth curve through keys (time, value); between them, stretches that are already known, joined in slope."""
  keys = sorted(keys, key=lambda key: key[0])
  times = np.array([time for time, _ in keys], float)
  values = np.array([value for _, value in keys], float)
  out = np.empty((len(t), *values.shape[1:]))
  start, slope_in = 0, None
  for first, known in [*sorted(inner, key=lambda x: x[0]), (len(t) - 1, None)]:
    slope_out = None if known is None else (known[1] - known[0]) * FPS
    ends = (None if slope_in is None else out[start], None if known is None else known[0])
    out[start : first + 1] = _piece(t[start : first + 1], times, values, ends, (slope_in, slope_out))
    if known is not None:
      out[first : first + len(known)] = known
      start, slope_in = first + len(known) - 1, (known[-1] - known[-2]) * FPS
  return out


def _piece(t: np.ndarray, times: np.ndarray, values: np.ndarray, ends: tuple, slopes: tuple) -> np.ndarray:
  """Keys within one stretch; an end that joins a known curve takes its value and slope."""
  inside = (times > t[0] + 0.5 / FPS) & (times < t[-1] - 0.5 / FPS)
  near = [values[np.argmin(np.abs(times - edge))] for edge in (t[0], t[-1])]
  # An end without a key of its own continues the nearest one.
  first, last = (n if e is None else e for e, n in zip(ends, near, strict=True))
  knots = np.concatenate([[t[0]], times[inside], [max(t[-1], t[0] + 1 / FPS)]])
  points = np.concatenate([[first], values[inside], [last]])
  speed = PchipInterpolator(knots, points).derivative()(knots)
  for index, slope in zip((0, -1), slopes, strict=True):
    speed[index] = 0.0 if slope is None else slope
  return CubicHermiteSpline(knots, points, speed)(t)


def _lift(path: np.ndarray, script: Script, athlete: Athlete) -> np.ndarray:
  """Heights of the pelvis are written in leg lengths above the floor."""
  return np.concatenate([path[:, :2], script.floor_m + path[:, 2:] * athlete.leg_m], axis=1)


def _fall(script: Script, athlete: Athlete, body: Body, path: np.ndarray, t: np.ndarray) -> np.ndarray:
  """The pelvis' path with free fall of the centre of mass between take-offs and landings."""
  offset = kin.centre_of_mass(kin.stack(body.places)) - body.places['pelvis']
  keys = _lift(np.array([value for _, value in script.pelvis], float), script, athlete)
  ends = dict(zip((_sample(time) for time, _ in script.pelvis), keys, strict=True))
  inner = []
  for start_s, end_s in script.flights:
    i, k = _sample(start_s), _sample(end_s)
    first, last = (ends[n] + offset[n] for n in (i, k))
    inner.append((i, kin.parabola(first, last, k - i + 1, FPS) - offset[i : k + 1]))
  return _keyed(t, [(time, value) for (time, _), value in zip(script.pelvis, keys, strict=True)], inner)


def _look(script: Script, body: Body, tracks: kin.Tracks, t: np.ndarray) -> kin.Tracks:
  """Turns the head towards what the athlete watches, as far as the neck allows."""
  if not script.gaze:
    return tracks
  line = kin.unit(_keyed(t, script.gaze, []) - body.places['neck'])
  line = np.einsum('tij,ti->tj', body.frames['chest'], line)
  wanted = {
    'neck_turn': np.degrees(np.arctan2(line[:, 1], line[:, 0])),
    'neck_flex': -np.degrees(np.arcsin(np.clip(line[:, 2], -1, 1))),
  }
  wanted = {name: np.clip(angle, *(0.8 * np.array(kin.LIMITS[name]))) for name, angle in wanted.items()}
  wanted = {name: gaussian_filter1d(angle, 0.06 * FPS, mode='nearest') for name, angle in wanted.items()}
  return tracks | (kin.soft_limits(_departed(script, wanted, t)) if script.departures else wanted)


def _embody(script: Script, athlete: Athlete, tracks: kin.Tracks, path: np.ndarray, t: np.ndarray) -> Body:
  """Joints in the world for a pelvis that follows `path`."""
  places, frames = kin.trunk(athlete, tracks, kin.root_frames(tracks))
  places = {name: points + path for name, points in places.items()}
  for side, _ in kin.SIDES:
    places |= _leg(script, athlete, tracks, frames['pelvis'], places[f'{side}_hip'], side, t)
  curves = {name: tracks[name] for name in script.curves}
  body = Body(places, frames, curves)
  for side in ('right', 'left'):  # the left hand may follow what the right one holds
    shoulder = places[f'{side}_shoulder']
    reach, pole = kin.arm_goal(athlete, tracks, frames['chest'], side)
    goal = shoulder + reach
    for hold in (h for h in script.holds if h.side == side):
      weight = _window(t, hold.start_s, hold.end_s, hold.ease_s)[:, None]
      if np.any(weight):
        goal = goal + weight * (hold.goal(body) - goal)
    pole = kin.carry(pole, reach, goal - shoulder)
    arm, frames[f'{side}_hand'] = kin.place_arm(athlete, tracks, side, places, goal, pole)
    places |= arm
    body = Body(places, frames, curves)
  return body


def _leg(script, athlete, tracks, pelvis, hip, side, t) -> kin.Places:
  offset, pole = kin.leg_goal(athlete, tracks, pelvis, side)
  goal = hip + offset
  weight, toe, yaw, heel = _contacts(script, athlete, side, t)
  sole = None
  if np.any(weight):
    flat = kin.rotation('z', yaw)
    heel = np.maximum(heel, tracks[f'{side}_tiptoe'])
    sole = flat @ kin.rotation('y', _heel_rise(athlete, hip, toe, flat, heel))
    planted = toe - kin.turn(sole, kin.toe_offset(athlete))
    # A standing knee points between where the foot and where the pelvis point.
    ahead = kin.carry(kin.unit(flat[..., 0] + pelvis[..., 0]), -pelvis[..., 2], planted - hip)
    w = weight[:, None]
    pole = kin.unit(pole + w * (ahead - pole))
    goal = goal + w * (planted - goal)
  foot = kin.free_foot(athlete, tracks, side, hip, goal, pole)
  if sole is not None:
    foot = _blend(foot, sole, weight)
  goal = _above_floor(script, athlete, goal, foot, t)
  return kin.place_leg(athlete, side, hip, goal, pole, foot)


_FLOOR_SOFT_M = 0.004


def _above_floor(script: Script, athlete: Athlete, ankle: np.ndarray, foot: np.ndarray, t: np.ndarray) -> np.ndarray:
  """Lifts an ankle whose heel or toe would pass through the floor."""
  length = athlete.segments_m
  ends = np.array([[length['foot'], 0.0, -length['ankle_height']], [-length['heel'], 0.0, -length['ankle_height']]])
  lowest = ankle[:, 2] + np.einsum('ti,pi->tp', foot[:, 2], ends).min(1)
  sunk = np.logaddexp(0.0, (script.floor_m - lowest) / _FLOOR_SOFT_M - 2.0) * _FLOOR_SOFT_M
  return ankle + np.stack([0 * sunk, 0 * sunk, np.where(t <= script.floor_until_s, sunk, 0.0)], axis=1)


def _contacts(script: Script, athlete: Athlete, side: str, t: np.ndarray) -> tuple[np.ndarray, ...]:
  """How firmly a foot is led by the ground, where its toe is, where it points and how far its heel is raised."""
  plants = sorted((p for p in script.plants if p.side == side), key=lambda p: p.start_s)
  weight, yaw, heel = np.zeros_like(t), np.zeros_like(t), np.zeros_like(t)
  toe = np.full((len(t), 3), script.floor_m)
  for i, plant in enumerate(plants):
    after = plants[i + 1] if i + 1 < len(plants) else None
    until = after.start_s if after else np.inf
    during = (t >= plant.start_s - (1e9 if i == 0 else 0.0)) & (t < until)
    share = (t[during] - plant.start_s) / (plant.end_s - plant.start_s)
    toe[during, :2] = np.array([plant.x_m, plant.y_m]) + np.clip(share, 0, 1)[:, None] * plant.glide_m
    yaw[during] = plant.yaw_deg + plant.pivot_deg * _smooth(share)
    if after and plant.step:
      gap = (t >= plant.end_s) & (t < until)
      u = (t[gap] - plant.end_s) / max(until - plant.end_s, 1 / FPS)
      toe[gap, :2] += _smooth(u)[:, None] * (np.array([after.x_m, after.y_m]) - toe[gap, :2])
      toe[gap, 2] += _STEP_HEIGHT * athlete.leg_m * np.sin(np.pi * u) ** 2
      yaw[gap] += _smooth(u) * (after.yaw_deg - yaw[gap])
      heel[gap] = _HEEL_DEG * np.sin(np.pi * np.sqrt(u)) ** 2
      weight[gap] = 1.0
    else:
      ease = min(_RELEASE_S, 0.5 * (until - plant.end_s))
      away = (t > plant.end_s) & (t < plant.end_s + ease)
      weight[away] = 1 - _smooth((t[away] - plant.end_s) / ease)
    weight[(t >= plant.start_s) & (t <= plant.end_s)] = 1.0
    if i == 0 or not plants[i - 1].step:
      ease = min(_RELEASE_S, 0.5 * (plant.start_s - plants[i - 1].end_s)) if i else _RELEASE_S
      before = (t > plant.start_s - ease) & (t < plant.start_s)
      weight[before] = _smooth(1 + (t[before] - plant.start_s) / ease)
      toe[before, :2], yaw[before] = (plant.x_m, plant.y_m), plant.yaw_deg
  return weight, toe, yaw, heel


def _heel_rise(athlete: Athlete, hip: np.ndarray, toe: np.ndarray, flat: np.ndarray, least: np.ndarray) -> np.ndarray:
  """Smallest pitch of the foot, at least `least`, at which the leg reaches from the hip to a toe on the ground."""
  length = athlete.segments_m
  reach = _PLANT_REACH * (length['thigh'] + length['shank'])
  pitches = np.linspace(0.0, 75.0, 31)
  back = kin.rotation('y', pitches) @ kin.toe_offset(athlete)  # (pitch, 3), in the flat foot's frame
  ankle = toe[:, None] - np.einsum('tij,pj->tpi', flat, back)
  excess = np.linalg.norm(ankle - hip[:, None], axis=-1) - reach  # falls as the heel rises, to a least value
  best = excess.argmin(1)
  excess = np.minimum.accumulate(excess, axis=1)
  above = (excess > 0).sum(1)
  last = np.clip(above - 1, 0, len(pitches) - 2)
  rows = np.arange(len(hip))
  high, low = excess[rows, last], excess[rows, last + 1]
  share = np.clip(high / np.where(high - low > 1e-6, high - low, 1.0), 0.0, 1.0)
  pitch = np.where(above > 0, pitches[last] + share * (pitches[1] - pitches[0]), 0.0)
  return np.maximum(np.where(above == len(pitches), pitches[best], pitch), least)


def _blend(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
  """Rotations between two: the nearest rotation to their weighted mean."""
  out = np.where(weight[:, None, None] < 0.5, a, b)
  mixed = (weight > 0) & (weight < 1)
  if mixed.any():
    w = weight[mixed, None, None]
    u, _, v = np.linalg.svd((1 - w) * a[mixed] + w * b[mixed])
    u[..., -1] *= np.linalg.det(u @ v)[:, None]
    out[mixed] = u @ v
  return out


def _exact_flight(script: Script, joints: np.ndarray) -> np.ndarray:
  """Removes what is left of the difference between the centre of mass and its parabola."""
  out = joints.copy()
  for start_s, end_s in script.flights:
    span = slice(_sample(start_s), _sample(end_s) + 1)
    centre = kin.centre_of_mass(joints[span])
    out[span] += (kin.parabola(centre[0], centre[-1], len(centre), FPS) - centre)[:, None]
  return out


def _window(t: np.ndarray, start_s: float, end_s: float, ease_s: float) -> np.ndarray:
  return _smooth((t - start_s) / ease_s + 1) * _smooth((end_s - t) / ease_s + 1)


def _smooth(u: np.ndarray) -> np.ndarray:
  u = np.clip(u, 0.0, 1.0)
  return u * u * (3 - 2 * u)
