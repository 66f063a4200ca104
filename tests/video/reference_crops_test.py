"""Crop folders in the VPD reference's layout, written here the way its scripts write them."""

import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats.vpd_features import FrameFeatures
from sportjax.pose.track import Detections
from sportjax.video import reference_crops
from sportjax.video.codec import decode_planes
from sportjax.video.flow import bytes_to_flow
from sportjax.video.reference_crops import CropFolder, reference_flow, tennis_crops, track_crops


def reference_bytes(flow):
  """Source: VPD reference, raft/flow.py, to_img."""
  return ((np.clip(flow, -20, 20) + 20) * (255 / 41)).astype(np.uint8)


def write(folder, frame, *, size=16, flow=(0.0, 0.0), mask=False, image=None):
  folder.mkdir(parents=True, exist_ok=True)
  image = np.full((size, size, 3), (10, 20, 30), np.uint8) if image is None else image
  cv2.imwrite(str(folder / f'{frame}.png'), image)
  if flow is not None:
    planes = np.concatenate([reference_bytes(np.tile(flow, (size, size, 1))), np.full((size, size, 1), 128)], axis=2)
    cv2.imwrite(str(folder / f'{frame}.flow.png'), planes.astype(np.uint8))
  if mask:
    seen = np.zeros((size, size), np.uint8)
    seen[: size // 2] = 255
    cv2.imwrite(str(folder / f'{frame}.mask.png'), seen)


def test_bytes_of_the_reference_are_read_to_half_a_step():
  flow = np.random.default_rng(0).uniform(-20, 20, (50, 50, 2)).astype(np.float32)
  assert np.abs(reference_flow(reference_bytes(flow)) - flow).max() <= 0.5 * 41 / 255 + 1e-5
  zero = reference_bytes(np.zeros((1, 1, 2)))
  assert zero.tolist() == [[[124, 124]]]  # -0.0137 of the student's range: not quite zero
  assert np.abs(reference_flow(zero)).max() < 0.02


def test_planes_are_those_of_the_files(tmp_path):
  write(tmp_path / 'a', 3, flow=(5.0, -2.5), mask=True)
  folder = CropFolder(tmp_path / 'a', size=16)
  assert folder.frames.tolist() == [3]
  planes, has_mask = folder.planes(3)
  np.testing.assert_array_equal(planes[..., :3], np.broadcast_to([30, 20, 10], (16, 16, 3)))
  np.testing.assert_allclose(bytes_to_flow(planes[..., 3:5]), np.broadcast_to([5, -2.5], (16, 16, 2)), atol=0.17)
  assert has_mask
  np.testing.assert_array_equal(planes[:8, :, 5], 255)
  np.testing.assert_array_equal(planes[8:, :, 5], 0)


def test_no_flow_is_exactly_no_flow(tmp_path):
  write(tmp_path / 'a', 3)
  planes, has_mask = CropFolder(tmp_path / 'a', size=16).planes(3)
  np.testing.assert_array_equal(planes[..., 3:5], 128)
  assert not has_mask
  assert not planes[..., 5].any()


def test_crops_of_another_size_are_resized_and_their_flow_scaled(tmp_path):
  write(tmp_path / 'a', 3, size=32, flow=(8.0, 4.0), mask=True)
  planes, _ = CropFolder(tmp_path / 'a', size=16).planes(3)
  assert planes.shape == (16, 16, 6)
  np.testing.assert_allclose(bytes_to_flow(planes[..., 3:5]), np.broadcast_to([4, 2], (16, 16, 2)), atol=0.17)
  assert set(np.unique(planes[..., 5])) == {0, 255}


def test_flow_is_computed_from_the_previous_crop_where_asked(tmp_path):
  rng = np.random.default_rng(0)
  wide = cv2.GaussianBlur(rng.integers(0, 255, (64, 96, 3), np.uint8), (0, 0), 3)
  write(tmp_path / 'a', 1, size=64, image=wide[:, 4:68], flow=None)
  cv2.imwrite(str(tmp_path / 'a' / '1.prev.png'), wide[:, 7:71])
  assert not len(CropFolder(tmp_path / 'a').frames)
  folder = CropFolder(tmp_path / 'a', flow=None, size=64)
  assert folder.frames.tolist() == [1]
  # The median is taken off: of a picture that moves as a whole nothing is left.
  assert np.median(np.abs(bytes_to_flow(folder.planes(1)[0][..., 3:5]))) < 0.2


def test_crops_without_flow_are_counted(tmp_path):
  write(tmp_path / 'a', 3)
  write(tmp_path / 'a', 12, flow=None)
  (tmp_path / 'a' / 'notes.txt').write_text('')
  folder = CropFolder(tmp_path / 'a')
  assert (folder.frames.tolist(), folder.n_without_flow) == ([3], 1)
  assert folder.exists()
  absent = CropFolder(tmp_path / 'b')
  assert (absent.exists(), len(absent.frames), absent.n_without_flow) == (False, 0, 0)


def test_tennis_has_the_points_of_a_match_in_one_folder(tmp_path):
  for frame in (100, 101, 199, 200, 250):
    write(tmp_path / 'm' / 'back', frame)
  folder = tennis_crops(tmp_path, 'back__m_100_200', size=16)
  assert folder.frames.tolist() == [0, 1, 99]
  assert folder.planes(99)[0].shape == (16, 16, 6)
  assert tennis_crops(tmp_path, 'back__m_200_260').frames.tolist() == [0, 50]
  assert not tennis_crops(tmp_path, 'front__m_100_200').exists()
  with pytest.raises(InputError, match='is not <front|back>__<match>'):
    tennis_crops(tmp_path, 'm_100_200')


def test_a_damaged_image_is_named(tmp_path):
  write(tmp_path / 'a', 3)
  (tmp_path / 'a' / '3.png').write_bytes(b'\x89PNG cut off')
  with pytest.raises(InputError, match=r'3\.png: absent, or not a whole image'):
    CropFolder(tmp_path / 'a').planes(3)


def detections(frames, joints=0):
  n = len(frames)
  boxes = np.tile(np.float32([10, 20, 50, 120]), (n, 1))  # 40 x 100
  keypoints = np.tile(np.float32([30, 70, 0.5]), (n, joints, 1))
  name = 'coco17' if joints else ''
  return Detections(np.array(frames), boxes, np.ones(n, np.float32), keypoints, np.zeros(n, np.int64), name, 'a')


def teacher(frames, views=2, score=0.9):
  pose = np.arange(len(frames) * views * 3, dtype=np.float32).reshape(-1, views, 3)
  return FrameFeatures(np.array(frames), pose, np.full(len(frames), score, np.float32))


def test_a_track_is_of_frames_that_have_crop_pose_and_box(tmp_path):
  for frame in (3, 4, 5, 7):
    write(tmp_path / 'a', frame, mask=frame != 4)
  crops = CropFolder(tmp_path / 'a', size=16)
  track = track_crops(
    'a', crops, teacher([2, 3, 4, 7]), fps=50.0, boxes=detections([3, 4, 5, 7]), people=detections([4, 7], 17)
  )
  assert track.frame.tolist() == [3, 4, 7]
  assert track.t_ms.tolist() == [60, 80, 140]
  # The frame before 3 has no crop, but a pose: the reference takes its change too.
  assert track.has_delta.tolist() == [True, True, False]
  np.testing.assert_array_equal(track.delta[:2], 6)
  np.testing.assert_array_equal(track.delta[2], 0)
  assert not track.has_mask  # frame 4 has none
  # 40 x 100 becomes 120 px wide: the padding of a tenth on each side, not the paper's 25 px.
  np.testing.assert_allclose(track.boxes[0], [-30, 10, 90, 130])
  np.testing.assert_allclose(track.keypoints[1, 0], [60.5 * 16 / 120 - 0.5, 60.5 * 16 / 120 - 0.5, 0.5], rtol=1e-5)
  assert not track.keypoints[0].any()
  np.testing.assert_allclose(decode_planes(track.rgb[0], track.motion[0])[0, 0, :3], [30, 20, 10], atol=3)


@pytest.mark.parametrize(
  ('poses', 'match'),
  [
    (teacher([3], views=1), 'as filmed and mirrored'),
    (teacher([3], score=np.nan), 'as filmed and mirrored, and their scores'),
    (teacher([4]), 'no frame has a crop with flow, a pose and a box'),
  ],
)
def test_tracks_that_cannot_be(tmp_path, poses, match):
  write(tmp_path / 'a', 3)
  with pytest.raises(InputError, match=f'a: .*{match}'):
    track_crops('a', CropFolder(tmp_path / 'a', size=16), poses, fps=25.0, boxes=detections([3]))


@pytest.fixture(autouse=True)
def forget_listings():
  """Folders are listed once; here they change from test to test."""
  reference_crops._listing.cache_clear()
