"""A motion to film: an adult who turns over in the air between two moments on the ground."""

import numpy as np
import pytest

from sportjax.synth.filming.bystanders import Bystander
from sportjax.synth.motion import Motion

FPS = 120


def make_motion(turns=1.0, seconds=1.2, habit='stand', heading=0.0, equipment=None) -> Motion:
  t = np.arange(round(seconds * FPS) + 1) / FPS
  joints = Bystander(habit, (0.0, 0.0), heading, 1.75, 0.3).joints_m(t)
  middle = joints.mean(1, keepdims=True)
  angle = 2 * np.pi * turns * np.clip((t - 0.3) / 0.6, 0, 1)
  turn = np.zeros((len(t), 3, 3))
  turn[:, 0, 0] = turn[:, 2, 2] = np.cos(angle)
  turn[:, 0, 2], turn[:, 2, 0], turn[:, 1, 1] = np.sin(angle), -np.sin(angle), 1
  rise = np.maximum(0, 4.9 * (0.3**2 - (t - 0.6) ** 2)) * (turns != 0)
  joints = (joints - middle) @ turn + middle + rise[:, None, None] * (0, 0, 1)
  return Motion(joints, FPS, (), equipment or {})


@pytest.fixture(name='motion')
def _motion() -> Motion:
  return make_motion()


@pytest.fixture(name='new_motion')
def _new_motion():
  return make_motion
