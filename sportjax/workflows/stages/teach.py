"""The world's weak teacher at work: poses of everyone in the simulated videos, written as keypoint files."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Callable, Mapping

import jax
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, UInt8

from sportjax.evals.batches import in_batches
from sportjax.formats.coco import write_coco_results
from sportjax.models import pose_net
from sportjax.pipeline import Work, map_items
from sportjax.pose.track import Detections
from sportjax.typing import Float32
from sportjax.video.crop import crop, out_of_crops, square_boxes
from sportjax.video.decode import read_frames

FILE = 'keypoints.json'
WEIGHTS = pathlib.Path(pose_net.__file__).parent / 'weights' / 'pose_teacher.safetensors'
_BATCH = 128
_PAD = 0.125  # of the box on each side: the middle of the zoom that the network was trained on

Predict = Callable[[UInt8[np.ndarray, 'p h w 3']], Float32[np.ndarray, 'p j 3']]


def estimate(work: Work, *, films: Mapping[str, pathlib.Path]) -> None:
  """One `keypoints.json` an item; boxes are given, as the paper assumes, joints and scores are the network's."""
  model = pose_net.load(WEIGHTS)
  map_items(work, films, functools.partial(_estimate_one, predict=predictor(model), size=model.config.size_px))


def predictor(model: pose_net.PoseNet) -> Predict:
  """Crops of any number of people to their joints in crop pixels; compiles once."""
  graphdef, state = nnx.split(model)

  @jax.jit
  def apply(state: nnx.State, images: UInt8[Array, 'b h w 3']) -> Float[Array, 'b j 3']:
    logits = nnx.merge(graphdef, state)(images, train=False)
    return pose_net.decode(logits, model.config.stride)

  return functools.partial(in_batches, functools.partial(apply, state), batch_size=_BATCH)


def _estimate_one(film: pathlib.Path, folder: pathlib.Path, *, predict: Predict, size: int) -> dict[str, int]:
  video = next(film.glob('*.mp4'))
  frame, boxes = people(dict(np.load(film / 'truth.npz', allow_pickle=False)))
  squares = square_boxes(boxes, pad_fraction=_PAD, pad_px=0.0, join_previous=False)
  crops = np.zeros((len(frame), size, size, 3), np.uint8)
  for number, _, image in read_frames(video):
    for row in np.flatnonzero(frame == number):
      crops[row] = crop(image, squares[row], size)
  joints = out_of_crops(predict(crops), squares, size)
  scores = joints[..., 2].mean(1)
  ids = np.full(len(frame), -1)
  found = Detections(frame, boxes, scores, joints, ids, 'coco17', f"the world's weak teacher on {video.name}")
  write_coco_results(folder / FILE, found)
  return {'frames': number + 1, 'people': len(frame)}


def people(truth: dict[str, np.ndarray]) -> tuple[np.ndarray, Float32[np.ndarray, 'p 4']]:
  """Frame and box of everyone in the picture, the athlete among them, by frame."""
  rows = np.flatnonzero(truth['box'][:, 2] > truth['box'][:, 0])
  frame = np.concatenate([rows, truth['bystander_frame']])
  boxes = np.concatenate([truth['box'][rows], truth['bystander_boxes'].reshape(-1, 4)]).astype(np.float32)
  order = np.argsort(frame, kind='stable')
  return frame[order], boxes[order]
