"""Makes a take ready: instants, cameras, the room, and everyone and everything that is drawn anew in each frame."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.synth.filming.actors import Actor, Setting, cast_actors
from sportjax.synth.filming.appearance import Appearance
from sportjax.synth.filming.camera import Cameras
from sportjax.synth.filming.plate import Plate, plan_plates
from sportjax.synth.filming.recordings import Recordings, recordings_of
from sportjax.synth.filming.scenery import Room, build_room
from sportjax.synth.filming.set_ups import expose, set_up_cameras, watched_m
from sportjax.synth.filming.shots import Shot
from sportjax.synth.motion import Motion
from sportjax.typing import Float, Int


@dataclasses.dataclass(frozen=True)
class Stage:
  """A take made ready: everything that does not change from frame to frame."""

  motion: Motion
  shot: Shot
  recordings: Recordings
  t_s: Float[np.ndarray, 't s']  # instants of the sub-frames
  number: Int[np.ndarray, 't']  # of each frame's recording
  cameras: Cameras  # of every sub-frame, flat
  set_up: Int[np.ndarray, 't']
  room: Room  # of the first recording
  shift_m: Float[np.ndarray, 'r 3']  # how far the room of each recording is from it
  plates: list[Plate]
  actors: tuple[Actor, ...]
  water_m: float

  @property
  def middle(self) -> int:
    """The sub-frame at mid-exposure."""
    return self.t_s.shape[1] // 2

  def room_of(self, plate: Plate) -> Room:
    """The room that a plate shows."""
    shift = self.shift_m[self.number[plate.frames[0]]]
    return dataclasses.replace(self.room, low_m=self.room.low_m + shift, high_m=self.room.high_m + shift)


def set_stage(motion: Motion, appearance: Appearance, shot: Shot, rng: np.random.Generator) -> Stage:
  """Cameras, room and actors of a take."""
  recordings = recordings_of(motion)
  t_s, number = expose(motion, shot, recordings)
  cameras, set_up = set_up_cameras(motion, shot, recordings, t_s, number, rng)
  watched = watched_m(motion)
  middles = np.stack([np.median(watched[recordings.span(r)], axis=0) for r in range(len(recordings))])
  away = watched - middles[recordings.of(np.arange(len(watched)) / motion.fps)]
  back = cameras.eye_m - np.repeat(middles[number], t_s.shape[1], axis=0)
  reach = max(float(np.abs(one[:, :2]).max()) for one in (away, back))
  shift = (middles - middles[0]) * (1, 1, 0)
  room = build_room(shot.place, shot.scene_seed, middles[0, :2], shot.clutter, reach)
  frame_cameras = cameras.take(slice(t_s.shape[1] // 2, None, t_s.shape[1]))
  setting = Setting(recordings, room, cameras.eye_m[0], middles[0], shift, _water_m(motion))
  return Stage(
    motion, shot, recordings, t_s, number, cameras, set_up, room, shift,
    plates=plan_plates(frame_cameras, shot.size, set_up),
    actors=tuple(cast_actors(motion, appearance, shot, setting, rng)),
    water_m=setting.water_m,
  )  # fmt: skip


def _water_m(motion: Motion) -> float:
  """Height of the water's surface, -inf on dry land."""
  water = motion.equipment.get('water')
  return -np.inf if water is None else float(water[0, 0, 2])
