"""Keypoints from a user's own ONNX files: a top-down pose model and, where given, a person detector."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterator
from typing import Any, Literal

import cv2
import numpy as np

from sportjax.errors import InputError
from sportjax.formats.people import Person, collect
from sportjax.pose.track import Detections
from sportjax.typing import Float, Image
from sportjax.video import yolox_onnx
from sportjax.video.decode import probe, read_frames

_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
_STD = np.array([58.395, 57.12, 57.375], np.float32)
_PERSON = 0  # of COCO's classes
_LETTERBOX_GRAY = 114
Detector = Literal['yolox', 'rtmdet']  # takes raw BGR pixels, or normalised ones
_PROVIDERS = ('CUDAExecutionProvider', 'CPUExecutionProvider')


@dataclasses.dataclass(frozen=True)
class OnnxPoseParams:
  """How boxes are cut for the pose model, and what the detector expects."""

  padding: float = 1.25  # of the box, as mmpose's models are trained
  rotations_deg: tuple[float, ...] = (0.0,)  # tried for each person; (0, 90, 180, 270) helps with inverted athletes
  skeleton: str | None = None  # where the number of joints does not tell
  detector: Detector = 'yolox'
  min_box_score: float = 0.3


def detect_and_pose(
  video: os.PathLike | str,
  pose_model: os.PathLike | str,
  detector: os.PathLike | str | None = None,
  boxes: Detections | None = None,
  params: OnnxPoseParams = OnnxPoseParams(),  # noqa: B008
  lost: list[int] | None = None,
) -> Detections:
  """People with keypoints in every frame: in the given boxes, else the detector's, else one in the whole image.

  The pose model takes (n, 3, h, w) and returns simcc_x (n, j, w * split) and simcc_y, or heatmaps (n, j, h', w'); the
  detector takes (1, 3, h, w) and returns boxes with scores (1, n, 5) after suppression, and labels (1, n), or YOLOX's
  cells (1, n, 5 + classes). Frames that do not decode are appended to `lost`, or raise where it is None.

  Source: Jiang et al. 2023 (RTMPose), mmpose's and mmdeploy's conventions of files and of the affine map.

  Raises: InputError when onnxruntime is missing or a model is of another kind.
  """
  info = probe(video)
  pose, detect = _Session(pose_model), _Session(detector) if detector else None

  def people() -> Iterator[Person]:
    for frame, _, image in read_frames(info, lost=lost):
      found, scores = _boxes(frame, image, boxes, detect, params)
      for box, score, joints in zip(found, scores, estimate(image, found, pose, params), strict=True):
        yield Person(frame, joints, f'frame {frame}', box=box, score=float(score))

  return collect(people(), source=pathlib.Path(pose_model), n_frames=info.n_frames, skeleton=params.skeleton)


def estimate(
  image: Image, boxes: Float[np.ndarray, 'p 4'], pose: _Session, params: OnnxPoseParams
) -> Float[np.ndarray, 'p j 3']:
  """Joints of the person in each box, from the rotation of the crop that scores best."""
  tried = []
  for angle in params.rotations_deg:
    to_crop = [affine(box, pose.size, params.padding, angle) for box in boxes]
    crops = [cv2.warpAffine(image, matrix, pose.size, flags=cv2.INTER_LINEAR) for matrix in to_crop]
    inputs = [((crop - _MEAN) / _STD).transpose(2, 0, 1) for crop in crops]
    joints = [_decode_joints(outputs, pose) for outputs in pose.run_each(inputs)]
    tried.append([_transform(j, cv2.invertAffineTransform(m)) for j, m in zip(joints, to_crop, strict=True)])
  return np.array([max(of_person, key=lambda joints: joints[:, 2].mean()) for of_person in zip(*tried, strict=True)])


def affine(
  box: Float[np.ndarray, '4'], size: tuple[int, int], padding: float, rotation_deg: float = 0.0
) -> Float[np.ndarray, '2 3']:
  """Map from image to crop pixels: the padded box, widened to the crop's shape and turned clockwise by the angle."""
  width, height = size
  x0, y0, x1, y1 = (float(edge) for edge in box)
  scale = min(width / max(x1 - x0, 1), height / max(y1 - y0, 1)) / padding
  cos, sin = scale * np.cos(np.deg2rad(rotation_deg)), scale * np.sin(np.deg2rad(rotation_deg))
  turn = np.array([[cos, -sin], [sin, cos]])
  shift = np.array([width / 2, height / 2]) - turn @ [(x0 + x1) / 2, (y0 + y1) / 2]
  return np.column_stack([turn, shift])


class _Session:
  """An ONNX model with one image input."""

  def __init__(self, path: os.PathLike | str):
    try:
      import onnxruntime
    except ImportError as error:
      raise InputError(f'{path}: ONNX models need onnxruntime; pip install sportjax[pose]') from error
    if not pathlib.Path(path).is_file():
      raise InputError(f'{path}: no such file; give the path of an ONNX model')
    providers = [name for name in _PROVIDERS if name in onnxruntime.get_available_providers()]
    try:
      self._session = onnxruntime.InferenceSession(os.fspath(path), providers=providers)
    except Exception as error:  # noqa: BLE001 (onnxruntime raises its own undocumented classes)
      raise InputError(f'{path}: not an ONNX model that runs here ({_first_line(error)}); export it again') from error
    self.path = path
    self._input = self._session.get_inputs()[0]
    shape = self._input.shape
    if len(shape) != 4 or shape[1] != 3 or not all(isinstance(side, int) for side in shape[2:]):
      raise InputError(f'{path}: its input is {shape}; export it with images (n, 3, height, width) of a fixed size')
    self.size = (shape[3], shape[2])  # width, height
    self._one_by_one = shape[0] == 1

  def run_each(self, images: list[np.ndarray]) -> list[list[np.ndarray]]:
    """The model's outputs for each image, in one batch where the model allows it."""
    if self._one_by_one or not images:
      return [[out[0] for out in self._run(image[None])] for image in images]
    outputs = self._run(np.stack(images))
    return [[out[i] for out in outputs] for i in range(len(images))]

  def _run(self, batch: np.ndarray) -> list[np.ndarray]:
    outputs = self._session.run(None, {self._input.name: np.ascontiguousarray(batch, np.float32)})
    return [np.asarray(out) for out in outputs]


def _first_line(error: Exception) -> str:
  return (str(error).splitlines() or [type(error).__name__])[0]


def _decode_joints(outputs: list[np.ndarray], pose: _Session) -> Float[np.ndarray, 'j 3']:
  if len(outputs) >= 2 and outputs[0].ndim == outputs[1].ndim == 2:
    return decode_simcc(outputs[0], outputs[1], pose.size)
  if outputs[0].ndim == 3:
    return decode_heatmaps(outputs[0], pose.size)
  shapes = ', '.join(str(out.shape) for out in outputs)
  raise InputError(f'{pose.path}: outputs {shapes} are neither simcc_x and simcc_y nor heatmaps; use a top-down model')


def decode_simcc(
  x: Float[np.ndarray, 'j wx'], y: Float[np.ndarray, 'j hy'], size: tuple[int, int]
) -> Float[np.ndarray, 'j 3']:
  """Pixels of the crop where both distributions peak; the score is the lesser peak, within 0 and 1."""
  split = np.array([x.shape[1] / size[0], y.shape[1] / size[1]])
  at = np.stack([x.argmax(axis=1), y.argmax(axis=1)], axis=1) / split
  score = np.minimum(x.max(axis=1), y.max(axis=1)).clip(0, 1)
  return np.column_stack([at, score])


def decode_heatmaps(maps: Float[np.ndarray, 'j h w'], size: tuple[int, int]) -> Float[np.ndarray, 'j 3']:
  """Pixels of the crop at each map's peak, moved a quarter of a cell towards the higher neighbour."""
  joints, height, width = maps.shape
  peak = maps.reshape(joints, -1).argmax(axis=1)
  y, x = np.divmod(peak, width)
  padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)), mode='edge')
  each = np.arange(joints)
  x_shift = np.sign(padded[each, y + 1, x + 2] - padded[each, y + 1, x]) * ((x > 0) & (x < width - 1)) / 4
  y_shift = np.sign(padded[each, y + 2, x + 1] - padded[each, y, x + 1]) * ((y > 0) & (y < height - 1)) / 4
  score = maps.reshape(joints, -1).max(axis=1).clip(0, 1)
  return np.column_stack([(x + x_shift) * size[0] / width, (y + y_shift) * size[1] / height, score])


def _transform(joints: Float[np.ndarray, 'j 3'], to_image: Float[np.ndarray, '2 3']) -> Float[np.ndarray, 'j 3']:
  xy = joints[:, :2] @ to_image[:, :2].T + to_image[:, 2]
  return np.column_stack([xy, joints[:, 2]])


def _boxes(
  frame: int, image: Image, given: Detections | None, detect: _Session | None, params: OnnxPoseParams
) -> tuple[Float[np.ndarray, 'p 4'], Float[np.ndarray, 'p']]:
  if given is not None:
    rows = given.frame == frame
    return given.boxes[rows], given.scores[rows]
  if detect is not None:
    return find_people(image, detect, params)
  height, width, _ = image.shape
  return np.array([[0, 0, width, height]], np.float32), np.ones(1, np.float32)


def find_people(
  image: Image, detect: _Session, params: OnnxPoseParams
) -> tuple[Float[np.ndarray, 'p 4'], Float[np.ndarray, 'p']]:
  """Boxes and scores of the people that the detector finds, in pixels of the image."""
  (width, height), (rows, columns, _) = detect.size, image.shape
  scale = min(width / columns, height / rows)
  small = cv2.resize(image, (round(columns * scale), round(rows * scale)), interpolation=cv2.INTER_LINEAR)
  padded = np.full((height, width, 3), _LETTERBOX_GRAY, np.float32)
  padded[: small.shape[0], : small.shape[1]] = small
  if params.detector == 'rtmdet':
    padded = (padded - _MEAN) / _STD
  outputs: list[Any] = detect.run_each([padded[..., ::-1].transpose(2, 0, 1)])[0]
  found, scores = _detected(outputs, detect, params)
  return found / scale, scores


def _detected(
  outputs: list[Any], detect: _Session, params: OnnxPoseParams
) -> tuple[Float[np.ndarray, 'p 4'], Float[np.ndarray, 'p']]:
  """Boxes and scores of people in pixels of the detector's image, from what it gives before or after suppression."""
  first = outputs[0]
  if first.ndim == 2 and yolox_onnx.is_raw(*first.shape, detect.size):
    boxes, scores = yolox_onnx.decode(first, detect.size, _PERSON)
    sure = np.flatnonzero(scores >= params.min_box_score)
    kept = sure[yolox_onnx.suppress(boxes[sure], scores[sure])]
    return boxes[kept], scores[kept]
  if first.ndim != 2 or first.shape[1] != 5:
    raise InputError(
      f'{detect.path}: its first output is {first.shape}, neither boxes (n, 5) after suppression nor cells of YOLOX'
    )
  people = first[:, 4] >= params.min_box_score
  if len(outputs) > 1:
    people &= outputs[1] == _PERSON
  return first[people, :4], first[people, 4]
