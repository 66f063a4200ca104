"""From the records of any format to `Detections`: every check that all formats share."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from absl import logging

from sportjax.errors import InputError
from sportjax.pose.skeletons import SKELETONS, get_skeleton
from sportjax.pose.track import Detections
from sportjax.typing import Float

_WHOLE_NUMBER = re.compile(r'(-?[0-9]{1,18})')
_NUMBERED_NAME = re.compile(r'([0-9]{1,18})(?:\.[A-Za-z]\w*)?$')  # clip_0012, cam02.0012.jpg
_GREATEST = float(np.finfo(np.float32).max)
_BOX_MARGIN = 0.1  # of the extent of the joints on each side: joints lie inside the body


@dataclasses.dataclass(frozen=True)
class Person:
  """One person in one frame as a format told it; what the format leaves out is None."""

  frame: int
  keypoints: Float[np.ndarray, 'j 3'] | None  # x, y in pixels, score
  where: str  # the record, for messages: 'record 3', 'people[0]'
  box: Sequence[float] | np.ndarray | None = None  # x0, y0, x1, y1 in pixels
  score: float | None = None
  id: int = -1


def collect(
  people: Iterable[Person],
  *,
  source: pathlib.Path,
  n_frames: int,
  skeleton: str | None = None,
  first_frame: int = 0,
) -> Detections:
  """Checks the people of one video and stacks them, sorted by frame, in the given order within a frame.

  A missing box spans the joints with a score, padded; a missing score is the mean score of the joints; people with
  neither a box nor a joint found are dropped, as they are nowhere.

  Args:
    people: the records.
    source: file or folder they come from.
    n_frames: frames of the video.
    skeleton: name of the skeleton; told from the number of joints where None.
    first_frame: the number that the file gives to the video's first frame.

  Raises:
    InputError: a record that cannot be: it names the file, the record and the remedy.
  """
  told = [_checked(person, source, n_frames, first_frame) for person in people]
  rows = sorted((person for person in told if person is not None), key=lambda person: person.frame)
  if len(rows) < len(told):
    logging.info('%s: %d of %d people have neither a box nor a joint found', source, len(told) - len(rows), len(told))
  n_joints = _common_joint_count(rows, source)
  name = _skeleton_name(n_joints, skeleton, source)
  return Detections(
    frame=np.array([person.frame for person in rows], np.int64),
    boxes=np.array([person.box for person in rows], np.float32).reshape(-1, 4),
    scores=np.array([person.score for person in rows], np.float32),
    keypoints=np.array([_joints(person) for person in rows], np.float32).reshape(len(rows), n_joints, 3),
    ids=np.array([person.id for person in rows], np.int64),
    skeleton=name,
    source=str(source),
  )


def flat_keypoints(values: Any, where: str, source: pathlib.Path) -> Float[np.ndarray, 'j 3']:
  """[x0, y0, score0, x1, ...], or the same in triples, as an array. Raises InputError for anything else."""
  try:
    array = np.array(values, np.float64)
  except (TypeError, ValueError, OverflowError) as error:
    raise InputError(f'{source}: {where}: keypoints are not numbers; export the file again') from error
  if array.size % 3 or (array.ndim == 2 and array.shape[1] != 3) or array.ndim > 2:
    raise InputError(f'{source}: {where}: {array.size} keypoint values are not x, y, score triples; export it again')
  return array.reshape(-1, 3)


def box_from_xywh(values: Any, where: str, source: pathlib.Path) -> tuple[float, float, float, float]:
  """Corners of an [x, y, width, height] box. Raises InputError where it is not four numbers."""
  if not isinstance(values, (list, tuple)) or len(values) != 4 or not all(_is_number(value) for value in values):
    raise InputError(f'{source}: {where}: box {values!r} is not four numbers x, y, width, height; export it again')
  x, y, width, height = map(float, values)
  if width < 0 or height < 0:
    raise InputError(f'{source}: {where}: box {values!r} has a negative size; boxes are x, y, width, height')
  return x, y, x + width, y + height


def box_to_xywh(box: np.ndarray) -> list[float]:
  """[x, y, width, height] in double precision, so that the corners come back bit by bit."""
  x0, y0, x1, y1 = box.astype(np.float64).tolist()
  return [x0, y0, x1 - x0, y1 - y0]


def flatten(keypoints: np.ndarray) -> list[float]:
  """[x0, y0, score0, x1, ...] in double precision."""
  return keypoints.astype(np.float64).reshape(-1).tolist()


def number(value: Any, field: str, where: str, source: pathlib.Path) -> float:
  """A number of the record. Raises InputError for anything else."""
  if not _is_number(value):
    raise InputError(f'{source}: {where}: {field} {value!r} is not a number; export the file again')
  return float(value)


def frame_number(value: Any, where: str, source: pathlib.Path) -> int:
  """A whole number, or a name that ends in one, such as 'clip_000012.jpg'. Raises InputError for anything else."""
  if isinstance(value, str):
    match = _WHOLE_NUMBER.fullmatch(value) or _NUMBERED_NAME.search(value)
    if match is None:
      raise InputError(f'{source}: {where}: {value!r} ends in no frame number; name images by their frame')
    return int(match.group(1))
  if not _is_number(value) or value != int(value):
    raise InputError(f'{source}: {where}: frame {value!r} is not a whole number; export the file again')
  return int(value)


def _is_number(value: Any) -> bool:
  return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _GREATEST


def _fits_float32(values: Any) -> bool:
  """Whether all are finite, also when stored."""
  return bool((np.abs(values) <= _GREATEST).all())


def _checked(person: Person, source: pathlib.Path, n_frames: int, first_frame: int) -> Person | None:
  """The person with frame, box and score filled in, or None where there is neither box nor joint."""
  frame = person.frame - first_frame
  if not 0 <= frame < n_frames:
    raise InputError(
      f'{source}: {person.where}: frame {person.frame} lies outside the video, whose frames are '
      f'{first_frame} to {first_frame + n_frames - 1}; check that the file belongs to this video and its first frame'
    )
  if person.keypoints is not None and not _fits_float32(person.keypoints):
    raise InputError(
      f'{source}: {person.where} (frame {person.frame}): keypoints are not finite; export missing joints with score 0'
    )
  if person.box is not None and not _fits_float32(person.box):
    raise InputError(f'{source}: {person.where} (frame {person.frame}): box is not finite; drop it or export it again')
  box = person.box if person.box is not None else _box_of_joints(person.keypoints)
  if box is None:
    return None
  score = person.score if person.score is not None else _mean_score(person.keypoints)
  return dataclasses.replace(person, frame=frame, box=box, score=score)


def _box_of_joints(keypoints: Float[np.ndarray, 'j 3'] | None) -> np.ndarray | None:
  found = keypoints[keypoints[:, 2] > 0, :2] if keypoints is not None else np.zeros((0, 2))
  if not len(found):
    return None
  low, high = found.min(axis=0), found.max(axis=0)
  margin = _BOX_MARGIN * np.maximum(high - low, 1)
  return np.concatenate([low - margin, high + margin])


def _mean_score(keypoints: Float[np.ndarray, 'j 3'] | None) -> float:
  return 1.0 if keypoints is None or not len(keypoints) else float(keypoints[:, 2].mean())


def _joints(person: Person) -> np.ndarray:
  return np.zeros((0, 3)) if person.keypoints is None else person.keypoints


def _common_joint_count(people: list[Person], source: pathlib.Path) -> int:
  counts = {len(_joints(person)): person for person in reversed(people)}
  if len(counts) > 1:
    told = ', '.join(f'{count} in {person.where} of frame {person.frame}' for count, person in sorted(counts.items()))
    raise InputError(f'{source}: people have different numbers of joints ({told}); export with one model')
  return next(iter(counts), 0)


def _skeleton_name(n_joints: int, skeleton: str | None, source: pathlib.Path) -> str:
  if n_joints == 0:
    return skeleton or ''
  if skeleton is not None:
    if len(get_skeleton(skeleton).joints) != n_joints:
      raise InputError(
        f'{source}: {n_joints} keypoints a person, but {skeleton} has {len(get_skeleton(skeleton).joints)}; '
        'name the skeleton of the file'
      )
    return skeleton
  names = [name for name, known in SKELETONS.items() if len(known.joints) == n_joints]
  if len(names) != 1:
    counts = ', '.join(f'{len(known.joints)} ({name})' for name, known in SKELETONS.items())
    told = f'fit {" and ".join(names)}; say which with skeleton=' if names else f'fit no skeleton; known are {counts}'
    raise InputError(f'{source}: {n_joints} keypoints a person {told}')
  return names[0]
