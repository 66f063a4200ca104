"""The stage that asks a user's models for poses: what it hands them, and the file it leaves."""

import pathlib

import numpy as np

from sportjax.formats.keypoints import read_keypoints
from sportjax.pipeline import Pipeline
from sportjax.pose.track import Detections
from sportjax.workflows import own_videos
from sportjax.workflows.stages import estimate


def test_the_models_and_their_kind_reach_the_estimator(tmp_path, monkeypatch):
  asked = []
  for name in ('pose.onnx', 'people.onnx', 'a.mp4'):
    (tmp_path / name).write_text('')

  def detect_and_pose(video, pose_model, *, detector, params, lost):
    asked.append((video.name, pose_model.name, detector.name, params.detector))
    lost.append(3)
    joints = np.full((2, 17, 3), 0.5, np.float32)
    boxes = np.tile(np.float32([0, 0, 4, 4]), (2, 1))
    return Detections(np.array([0, 1]), boxes, np.ones(2, np.float32), joints, np.full(2, -1), 'coco17', 'made')

  monkeypatch.setattr(estimate, 'detect_and_pose', detect_and_pose)
  source = own_videos.PoseSource(
    pose_model=tmp_path / 'pose.onnx', detector=tmp_path / 'people.onnx', detector_kind='rtmdet'
  )
  pipeline = Pipeline(tmp_path / 'work')
  pairs = own_videos.pairs_of(source, pipeline, {'a': tmp_path / 'a.mp4'}, 0)
  pipeline.close()
  assert asked == [('a.mp4', 'pose.onnx', 'people.onnx', 'rtmdet')]
  video, keypoints = pairs['a']
  assert video == pathlib.Path(tmp_path / 'a.mp4')
  people = read_keypoints(keypoints, image_size=(8, 8), n_frames=2)
  np.testing.assert_array_equal(people.frame, [0, 1])
