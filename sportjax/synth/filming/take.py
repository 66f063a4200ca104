"""Takes as files: an H.264 video and, beside it, its truth as arrays."""

from __future__ import annotations

import itertools
import os
import pathlib
from collections.abc import Iterable, Iterator

import numpy as np

from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.synth.body import ATHLETE
from sportjax.synth.filming.truth import Frame
from sportjax.typing import Float32
from sportjax.video.encode import write_video

_PLAIN = ('t_ms', 'box', 'joints_px', 'visible', 'joints_camera_m', 'set_up')


def write_take(path: os.PathLike | str, frames: Iterable[Frame], *, crf: int = 26) -> int:
  """Writes `path` (mp4) and `truth.npz` in the same folder; returns how many frames.

  The truth has, per frame: t_ms, box (x0 y0 x1 y1), joints_px and visible of body.ATHLETE, coco_17 (x, y in pixels and
  1 where seen, else zeros), joints_camera_m, set_up, mask (bits packed along the width), flow where it was filmed
  (float16), and bystander_boxes with bystander_frame, one row a person and frame.

  Raises: InputError where there is no frame.
  """
  path = pathlib.Path(path)
  rows: list[dict[str, np.ndarray]] = []
  shown, timed = itertools.tee(_noting(frames, rows))
  count = write_video(path, (frame.rgb for frame in shown), (frame.t_ms for frame in timed), crf=crf)
  _write_truth(path.with_name('truth.npz'), rows)
  return count


def _noting(frames: Iterable[Frame], rows: list[dict[str, np.ndarray]]) -> Iterator[Frame]:
  """Passes the frames on and keeps their truth, not their pictures: takes last minutes."""
  for frame in frames:
    row = {name: np.asarray(getattr(frame, name)) for name in _PLAIN}
    row |= {'coco_17': coco_17(frame), 'mask': np.packbits(frame.mask, axis=-1), 'people': frame.bystander_boxes}
    if frame.flow is not None:
      row['flow'] = frame.flow.astype(np.float16)
    rows.append(row)
    yield frame


def coco_17(frame: Frame) -> Float32[np.ndarray, 'j 3']:
  """The joints of COCO's skeleton: x, y in pixels and 1 where the joint can be seen, zeros elsewhere."""
  joints = np.concatenate([frame.joints_px, frame.visible[:, None]], axis=-1)
  return convert(joints[None].astype(np.float32), ATHLETE, get_skeleton('coco17'))[0]


def _write_truth(path: pathlib.Path, rows: list[dict[str, np.ndarray]]) -> None:
  people = [row.pop('people') for row in rows]
  arrays = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
  arrays['bystander_boxes'] = np.concatenate(people)
  arrays['bystander_frame'] = np.repeat(np.arange(len(people)), [len(boxes) for boxes in people])
  part = path.with_name(f'.{path.name}.{os.getpid()}.part')
  with part.open('wb') as file:
    np.savez_compressed(file, allow_pickle=False, **arrays)
  os.replace(part, path)
