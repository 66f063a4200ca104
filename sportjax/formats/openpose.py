"""OpenPose JSON folders, one file a frame: also what Pose2Sim, Sports2D and RTMLib write."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

from sportjax.errors import InputError
from sportjax.formats import files, people
from sportjax.pose.track import Detections

_SUFFIX = '_keypoints'
_VERSION = 1.3


def read_openpose(
  folder: pathlib.Path, *, n_frames: int, skeleton: str | None = None, first_frame: int = 0
) -> Detections:
  """People of a folder of JSON files; a file's name ends in its frame number, `clip_000000000012_keypoints.json`.

  COCO-18, BODY_25, HALPE_26 and the like are told apart by their number of joints; BODY_25 and BODY_25B both have 25
  and must be named.

  Raises:
    InputError: a file that cannot be read, two files of one frame, or people that cannot be.
  """
  return people.collect(_people(folder), source=folder, n_frames=n_frames, skeleton=skeleton, first_frame=first_frame)


def write_openpose(folder: pathlib.Path, detections: Detections, *, name: str, n_frames: int) -> None:
  """Writes a file for each of the video's frames, `name_000000000012_keypoints.json`, without boxes and scores."""
  for frame in range(n_frames):
    rows = (detections.frame == frame).nonzero()[0]
    told = [
      {'person_id': [int(detections.ids[row])], 'pose_keypoints_2d': people.flatten(detections.keypoints[row])}
      for row in rows
    ]
    files.write_json(folder / f'{name}_{frame:012d}{_SUFFIX}.json', {'version': _VERSION, 'people': told})


def _people(folder: pathlib.Path) -> Iterator[people.Person]:
  paths: dict[int, pathlib.Path] = {}
  for path in sorted(folder.glob('*.json')):
    frame = people.frame_number(path.stem.removesuffix(_SUFFIX), 'file name', path)
    if frame in paths:
      raise InputError(f'{path}: a second file of frame {frame} beside {paths[frame].name}; keep one video a folder')
    paths[frame] = path
  if not paths:
    raise InputError(f'{folder}: no JSON file in the folder; give the folder that holds one JSON file a frame')
  for frame, path in sorted(paths.items()):
    yield from _people_of_file(path, frame)


def _people_of_file(path: pathlib.Path, frame: int) -> Iterator[people.Person]:
  content = files.read_json(path)
  if not isinstance(content, dict) or not isinstance(content.get('people'), list):
    raise InputError(f'{path}: no list of people; OpenPose writes {{"people": [...]}} for each frame')
  for at, person in enumerate(content['people']):
    where = f'people[{at}]'
    if not isinstance(person, dict) or not isinstance(person.get('pose_keypoints_2d'), list):
      raise InputError(f'{path}: {where} has no pose_keypoints_2d; run OpenPose with its body model')
    keypoints = people.flat_keypoints(person['pose_keypoints_2d'], where, path)
    if len(keypoints):  # OpenPose lists a person of whom it saw only hands or face
      yield people.Person(frame=frame, keypoints=keypoints, where=f'{path.name} {where}', id=_id(person, where, path))


def _id(person: dict, where: str, path: pathlib.Path) -> int:
  told = person.get('person_id', -1)
  first = (told or [-1])[0] if isinstance(told, list) else told
  return int(people.number(first, 'person_id', where, path))
