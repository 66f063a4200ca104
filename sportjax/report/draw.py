"""Pictures for people: skeletons over crops, and contact sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from sportjax.pose.skeletons import Skeleton
from sportjax.typing import Float, Image

Colour = tuple[int, int, int]

# Black, purple, magenta, orange, pale yellow: ordered in lightness, so the colour-blind read it too, and seldom met in
# a picture. At scores 0, 0.25, 0.5, 0.75, 1; style.css shows the same scale.
_SCORE_SCALE = np.array([(0, 0, 4), (81, 18, 124), (183, 55, 121), (252, 137, 97), (252, 253, 191)], float)


def score_colour(score: float) -> Colour:
  """Colour of an estimator's score in [0, 1] (clipped), as RGB."""
  at = np.clip(score, 0, 1) * (len(_SCORE_SCALE) - 1)
  r, g, b = (round(float(np.interp(at, np.arange(len(_SCORE_SCALE)), channel))) for channel in _SCORE_SCALE.T)
  return r, g, b


def found(keypoints: Float[np.ndarray, 'j 3']) -> np.ndarray:
  """Which joints there is anything to draw of: finite places, score not 0 (NaN is a source without scores)."""
  return np.isfinite(keypoints[:, :2]).all(axis=1) & (keypoints[:, 2] != 0)


def bones(skeleton: Skeleton, keypoints: Float[np.ndarray, 'j 3']) -> Iterator[tuple[int, int]]:
  """Pairs of joint indices of the skeleton's bones with both ends found."""
  drawable = found(keypoints)
  for start, end in skeleton.bones:
    i, j = skeleton.index(start), skeleton.index(end)
    if drawable[i] and drawable[j]:
      yield i, j


def draw_pose(
  image: Image, keypoints: Float[np.ndarray, 'j 3'], skeleton: Skeleton, colour: Colour = (230, 159, 0), scale: int = 1
) -> Image:
  """The image, `scale` times as large, with bones in one colour and joints coloured by their score."""
  canvas = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale != 1 else image.copy()
  thick = max(1, round(min(canvas.shape[:2]) / 128))
  # OpenCV's pixel centres are whole numbers, so a place moves by half a pixel when the picture grows.
  places = (keypoints[:, :2] + 0.5) * scale - 0.5
  for i, j in bones(skeleton, keypoints):
    cv2.line(canvas, _point(places[i]), _point(places[j]), colour, thick, cv2.LINE_AA)
  for i in np.flatnonzero(found(keypoints)):
    fill = colour if np.isnan(keypoints[i, 2]) else score_colour(keypoints[i, 2])
    cv2.circle(canvas, _point(places[i]), 2 * thick, fill, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(canvas, _point(places[i]), 2 * thick, colour, max(1, thick // 2), cv2.LINE_AA)
  return canvas


def contact_sheet(images: Sequence[Image], columns: int, captions: Sequence[str] = ()) -> Image:
  """Images in rows of `columns`, each centred in a cell as large as the largest, its caption (ASCII) below.

  Raises:
    ValueError: no images, or captions that are not one for each.
  """
  if not images or (captions and len(captions) != len(images)):
    raise ValueError(f'a sheet needs images and one caption for each: {len(images)} images, {len(captions)} captions')
  height, width = (max(image.shape[axis] for image in images) for axis in (0, 1))
  gap, text_px = 6, 18 if captions else 0
  rows = -(-len(images) // columns)
  pitch_y, pitch_x = height + text_px + gap, width + gap
  sheet = np.full((rows * pitch_y + gap, columns * pitch_x + gap, 3), 255, np.uint8)
  for n, image in enumerate(images):
    y, x = n // columns * pitch_y + gap, n % columns * pitch_x + gap
    top, left = y + (height - image.shape[0]) // 2, x + (width - image.shape[1]) // 2
    sheet[top : top + image.shape[0], left : left + image.shape[1]] = image
    if captions:
      _caption(sheet[y + height : y + height + text_px, x : x + width], captions[n])
  return sheet


def _caption(strip: Image, text: str) -> None:
  """Writes the text into the strip, smaller where it would not fit."""
  font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.4
  (width, _), _ = cv2.getTextSize(text, font, size, 1)
  size *= min(1, strip.shape[1] / max(width, 1))
  # A slice is not always contiguous, which OpenCV needs to draw into it.
  drawn = np.ascontiguousarray(strip)
  cv2.putText(drawn, text, (0, strip.shape[0] - 5), font, size, (30, 30, 30), 1, cv2.LINE_AA)
  strip[:] = drawn


def _point(place: np.ndarray) -> tuple[int, int]:
  return round(float(place[0])), round(float(place[1]))
