"""Three short videos of a waving figure with keypoints and labels, and a finished run on them."""

import dataclasses
import json
import pathlib

import cv2
import numpy as np
import pytest

from sportjax.formats.coco import write_coco_results
from sportjax.pose.skeletons import get_skeleton
from sportjax.pose.track import Detections
from sportjax.testing import commands
from sportjax.video.encode import write_video

FRAMES, FPS = 48, 25
LABELS = 'video,start_ms,end_ms,label,athlete,split\n' + ''.join(
  f'{video},{960 * half},{960 * half + 960},{label},{video},{"train" if video == "a" else "test"}\n'
  for video in 'abc'
  for half, label in enumerate(('slow', 'fast'))
)
HEIGHTS = {'nose': 15, 'shoulder': 30, 'elbow': 45, 'wrist': 60, 'hip': 60, 'knee': 80, 'ankle': 100}


def pose(frame, phase):
  """Joints of a standing figure whose arms wave, in the second half faster."""
  angle = phase + frame * (0.15 if frame < FRAMES // 2 else 0.5)
  joints = np.zeros((17, 3), np.float32)
  for row, name in enumerate(get_skeleton('coco17').joints):
    part = next((part for part in HEIGHTS if part in name), 'nose')
    wave = {'wrist': 22.0, 'elbow': 11.0}.get(part, 0.0)
    side = 1 if 'right' in name else -1
    joints[row] = 64 + side * (10 + wave * abs(np.sin(angle))), HEIGHTS[part] + wave * np.cos(angle), 0.9
  return joints


def film(path, phase):
  texture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 160, (120, 128, 3), dtype=np.uint8), (0, 0), 3)
  frames, people = [], []
  for frame in range(FRAMES):
    people.append(pose(frame, phase))
    image = texture.copy()
    for x, y, _ in people[-1]:
      cv2.circle(image, (round(float(x)), round(float(y))), 5, (230, 200, 180), -1)
    frames.append(image)
  write_video(path, frames, np.arange(FRAMES) * 1000 / FPS)
  return np.stack(people)


def detections(joints, frame, source):
  low, high = joints[..., :2].min(1) - 6, joints[..., :2].max(1) + 6
  boxes, n = np.concatenate([low, high], axis=1), len(joints)
  return Detections(frame, boxes, np.ones(n, np.float32), joints, np.full(n, -1), 'coco17', source)


@pytest.fixture(scope='session')
def clips(tmp_path_factory) -> pathlib.Path:
  """A folder with clips/, kp/ and labels.csv; copy it to change it."""
  folder = tmp_path_factory.mktemp('given')
  (folder / 'kp').mkdir()
  for n, name in enumerate('abc'):
    joints = film(folder / 'clips' / f'{name}.mp4', 0.7 * n)
    write_coco_results(folder / 'kp' / f'{name}.json', detections(joints, np.arange(FRAMES), name))
  (folder / 'labels.csv').write_text(LABELS)
  return folder


def own_videos(folder, workdir):
  """The command line of the main job in debug form; learning rate and batch are the quickstart's, as is its program."""
  return (
    '--config=configs/own_videos.py:preset=small,debug', f'--config.videos={folder}/clips',
    f'--config.keypoints={folder}/kp', f'--config.labels={folder}/labels.csv', '--config.chain.processes=0',
    '--config.chain.student.learning_rate=1e-3', '--config.chain.student.loop.save_every_steps=1',
    '--config.evaluate.shots=1', '--config.evaluate.subsets=2', f'--workdir={workdir}',
  )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Run:
  """A finished command and its workdir."""

  workdir: pathlib.Path
  arguments: tuple[str, ...]
  done: commands.Finished

  def stage(self, name: str) -> pathlib.Path:
    """The folder of the one finished stage of that name."""
    (folder,) = (path for path in (self.workdir / 'stages').glob(f'{name}-*') if path.suffix != '.partial')
    return folder

  def record(self, name: str) -> dict:
    """A stage's record."""
    return json.loads((self.stage(name) / 'stage.json').read_text())

  @property
  def results(self) -> dict:
    """results.json."""
    return json.loads((self.workdir / 'results.json').read_text())


def run(arguments, workdir) -> Run:
  done = commands.launch(*arguments)
  assert done.status == 0, done.err[-4000:]
  return Run(workdir, arguments, done)


@pytest.fixture(scope='session')
def mine(clips, tmp_path_factory) -> Run:
  """The main job on the three videos and one that is cut off."""
  folder = tmp_path_factory.mktemp('mine')
  return run(own_videos(with_cut_video(clips, folder / 'given'), folder / 'work'), folder / 'work')


def with_cut_video(clips, folder):
  """The given folder again, with a video beside the others of which the second half is missing."""
  for path in sorted(clips.rglob('*.*')):
    (folder / path.relative_to(clips)).parent.mkdir(parents=True, exist_ok=True)
    (folder / path.relative_to(clips)).write_bytes(path.read_bytes())
  whole = (clips / 'clips' / 'c.mp4').read_bytes()
  (folder / 'clips' / 'cut.mp4').write_bytes(whole[: len(whole) // 2])
  (folder / 'kp' / 'cut.json').write_bytes((clips / 'kp' / 'c.json').read_bytes())
  return folder
