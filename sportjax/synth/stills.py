"""Clean, slow, mostly upright pictures of people the target corpora never show: what the weak teacher learns from."""

from __future__ import annotations

import dataclasses
import pathlib

import cv2
import numpy as np

from sportjax.pose.skeletons import convert, get_skeleton
from sportjax.synth import skills
from sportjax.synth.athletes import sample_athlete
from sportjax.synth.body import ATHLETE
from sportjax.synth.corpus import PLACES
from sportjax.synth.filming.appearance import sample_appearance
from sportjax.synth.filming.shoot import film
from sportjax.synth.filming.shots import sample_shot
from sportjax.synth.filming.truth import Frame
from sportjax.typing import Float, Keypoints, UInt8
from sportjax.video.crop import square_boxes

_RATE_HZ = 5.0  # pictures a second of a motion: neighbours differ
_MIN_PX = 8  # width of a person worth a picture


@dataclasses.dataclass(frozen=True)
class StillSpec:
  """How many pictures of whom."""

  takes: int = 2400
  size: int = 80  # crop side; the network sees a part of it
  margin: float = 0.3  # of the box, on each side
  upright_deg: float = 30.0  # frames whose trunk is within this of vertical are kept
  keep_others: float = 0.15  # share kept of all other frames
  roll_deg: float = 30.0  # standard deviation of the picture's rotation
  any_roll: float = 0.3  # share of pictures turned by any angle instead
  seed: int = 0


def film_stills(spec: StillSpec, take: int, folder: pathlib.Path) -> dict[str, int]:
  """Writes `stills.npz` of one take: crops and their COCO-17 keypoints in crop pixels."""
  streams = [np.random.default_rng([0x57111, spec.seed, take, i]) for i in range(5)]
  sport = skills.SPORTS[take % len(skills.SPORTS)]
  label = skills.classes(sport)[streams[1].integers(len(skills.classes(sport)))]
  motion = skills.perform(sport, sample_athlete(streams[0]), label, streams[1])
  shot = dataclasses.replace(sample_shot(streams[2], PLACES[sport], 'clean'), fps=_RATE_HZ)
  appearance = sample_appearance(streams[3], 'teacher', PLACES[sport])
  images, keypoints = [], []
  for frame in film(motion, appearance, shot, streams[2]):
    chosen = _tilt(frame) <= spec.upright_deg or streams[4].random() < spec.keep_others
    if chosen and frame.box[2] - frame.box[0] >= _MIN_PX:
      image, joints = _crop(frame, _roll_deg(spec, streams[4]), spec)
      images.append(image)
      keypoints.append(joints)
  images = np.array(images, np.uint8).reshape(-1, spec.size, spec.size, 3)
  keypoints = np.array(keypoints, np.float32).reshape(-1, 17, 3)
  with (folder / 'stills.npz').open('wb') as file:
    np.savez(file, allow_pickle=False, images=images, keypoints=keypoints)
  return {'stills': len(images)}


def _tilt(frame: Frame) -> float:
  """Angle of the trunk to the picture's vertical, degrees; 180 is head down."""
  up = frame.joints_px[ATHLETE.index('pelvis')] - frame.joints_px[ATHLETE.index('neck')]
  return float(np.degrees(np.abs(np.arctan2(up[0], up[1]))))


def _roll_deg(spec: StillSpec, rng: np.random.Generator) -> float:
  return rng.uniform(-180, 180) if rng.random() < spec.any_roll else rng.normal(0, spec.roll_deg)


def _crop(frame: Frame, roll_deg: float, spec: StillSpec) -> tuple[UInt8[np.ndarray, 'h w 3'], Keypoints]:
  """The square about the person, turned about its middle, and the joints in it."""
  box = square_boxes(frame.box[None], pad_fraction=spec.margin, pad_px=0.0)[0]
  middle, side = (box[:2] + box[2:]) / 2, float(box[2] - box[0])
  turn: Float[np.ndarray, '2 3'] = cv2.getRotationMatrix2D(middle.tolist(), roll_deg, spec.size / side)
  turn[:, 2] += spec.size / 2 - middle
  # Pixel edges to pixel centres: OpenCV's coordinates are those of centres.
  turn[:, 2] += turn[:, :2] @ (0.5, 0.5) - 0.5
  image = cv2.warpAffine(frame.rgb, turn, (spec.size, spec.size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
  # Hidden joints are labelled too, as people label them: the network has to guess, and is less sure.
  joints = np.concatenate([frame.joints_px, np.ones((len(frame.joints_px), 1))], axis=1)[None].astype(np.float32)
  coco = convert(joints, ATHLETE, get_skeleton('coco17'))[0]
  coco[:, :2] = coco[:, :2] @ turn[:, :2].T + turn[:, 2]
  return image, coco
