"""Penn Action's annotations: one .mat a sequence, with 13 joints by hand, boxes, the action and the split."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np
import scipy.io

from sportjax.errors import InputError
from sportjax.formats.actions import Action, Counts
from sportjax.pose.skeletons import SKELETONS
from sportjax.typing import Boxes, Float32

COUNTS = Counts(splits={'train': 1258, 'test': 1068}, n_classes=15)
JOINTS = (
  'head', 'left_shoulder', 'right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist', 'left_hip',
  'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle',
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Sequence:
  """One sequence of images; frame 0 is the image 000001.jpg."""

  action: Action
  joints: Float32[np.ndarray, 't 13 3']  # x, y in pixels, 1 where visible
  boxes: Boxes  # x0, y0, x1, y1; a sequence may have a few boxes less than frames
  image_size: tuple[int, int]  # width, height


def coco17(joints: Float32[np.ndarray, 't 13 3']) -> Float32[np.ndarray, 't 17 3']:
  """The joints in COCO's order, the head as the nose; eyes and ears have score 0.

  Joints that are not visible lie where the annotator thought them, but have score 0 too.
  """
  skeleton = SKELETONS['coco17']
  out = np.zeros((len(joints), len(skeleton.joints), 3), np.float32)
  out[:, [skeleton.index('nose' if name == 'head' else name) for name in JOINTS]] = joints
  return out


def read_penn_action(folder: pathlib.Path) -> list[Sequence]:
  """All sequences of the dataset's `labels` folder. Raises InputError where it is empty or a file is damaged."""
  paths = sorted(folder.glob('*.mat'))
  if not paths:
    raise InputError(f'{folder}: no .mat in it; give the folder Penn_Action/labels')
  return [_read(path) for path in paths]


def _read(path: pathlib.Path) -> Sequence:
  try:
    content = scipy.io.loadmat(path)
    return _sequence(path.stem, content)
  except (OSError, KeyError, TypeError, ValueError, IndexError, NotImplementedError) as error:
    raise InputError(f'{path}: not annotations of Penn Action ({error}); copy it again') from error


def _sequence(name: str, content: dict[str, Any]) -> Sequence:
  joints = np.stack([content['x'], content['y'], content['visibility']], axis=-1).astype(np.float32)
  n_frames, split = int(content['nframes'].item()), int(content['train'].item())
  if joints.shape != (n_frames, len(JOINTS), 3) or split not in (1, -1):
    raise ValueError(f'joints of shape {joints.shape} for {n_frames} frames, train={split}')
  action = Action(name, name, 0, n_frames, str(content['action'].item()), 'train' if split == 1 else 'test', name)
  height, width = (int(value) for value in content['dimensions'].ravel()[:2])
  return Sequence(action, joints, content['bbox'].astype(np.float32).reshape(-1, 4), (width, height))
