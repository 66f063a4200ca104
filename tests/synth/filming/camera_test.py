import cv2
import numpy as np

from sportjax.synth.filming.camera import Cameras, Handling, aim, follow, look_angles, sample_operator


def _camera(rng, size=(256, 256)):
  eye = rng.uniform(-1, 1, 3) + (0, -9, 2)
  yaw, pitch = look_angles(eye, np.array([[0.3, 0.5, 1.1]]))
  return Cameras(eye[None], aim(yaw, pitch, rng.normal(0, 0.1, 1)), np.array([410.0]), np.array([size]) / 2)


def test_project_equals_opencv():
  rng = np.random.default_rng(0)
  for _ in range(5):
    camera = _camera(rng)
    points = rng.uniform(-1.5, 1.5, (40, 3))
    px, depth = camera.project(points[None])
    vector, _ = cv2.Rodrigues(camera.rotation[0])
    want, _ = cv2.projectPoints(
      points, vector, -camera.rotation[0] @ camera.eye_m[0], camera.intrinsics()[0], np.zeros(5)
    )
    np.testing.assert_allclose(px[0], want[:, 0], atol=1e-6)
    np.testing.assert_allclose(depth[0], (points - camera.eye_m[0]) @ camera.rotation[0, 2])


def test_aim_is_a_rotation_with_the_target_in_the_middle_and_the_sky_above():
  rng = np.random.default_rng(1)
  eye, targets = np.array([1.0, -8.0, 1.5]), rng.uniform(-3, 3, (20, 3))
  rotation = aim(*look_angles(eye, targets), np.zeros(20))
  np.testing.assert_allclose(rotation @ rotation.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (20, 3, 3)), atol=1e-12)
  np.testing.assert_allclose(np.linalg.det(rotation), 1)
  cameras = Cameras(np.tile(eye, (20, 1)), rotation, np.full(20, 300.0), np.full((20, 2), 128.0))
  np.testing.assert_allclose(cameras.project(targets[:, None])[0][:, 0], 128, atol=1e-9)
  above, _ = cameras.project(targets[:, None] + (0, 0, 0.1))
  assert (above[..., 1] < 128).all()


def test_homography_maps_every_depth_alike():
  rng = np.random.default_rng(2)
  first = _camera(rng)
  second = Cameras(first.eye_m, aim(np.array([0.2]), np.array([0.05]), np.zeros(1)), np.array([300.0]), first.centre_px)
  points = rng.uniform(-1, 1, (30, 3)) + (0, 3, 1)
  a, b = first.project(points[None])[0][0], second.project(points[None])[0][0]
  mapped = cv2.perspectiveTransform(a[:, None], first.homography_to(second)[0])[:, 0]
  np.testing.assert_allclose(mapped, b, atol=1e-6)


def test_follow_keeps_a_running_athlete_in_the_picture_but_not_at_its_middle(new_motion):
  motion = new_motion(turns=0, seconds=6, habit='jog', heading=np.pi / 2)
  assert np.ptp(motion.joints_m[..., 0]) > 4  # far further than the picture is wide
  t = np.arange(0, 6, 0.04)
  joints = motion.joints_m[np.round(t * motion.fps).astype(int)]
  for seed in range(10):
    rng = np.random.default_rng(seed)
    cameras = follow(sample_operator(rng, (-40, 40), Handling()), motion.joints_m, motion.fps, t, (256, 256), 1.75)
    px, _ = cameras.project(joints)
    assert ((px > -30) & (px < 286)).all()
    assert 2 < px.mean(1).std(0).max() < 40
    assert 90 < np.ptp(px[..., 1], 1).mean() < 200


def test_follow_passes_through_no_jump_between_frames(new_motion):
  motion = new_motion(turns=0, seconds=4, habit='jog', heading=np.pi / 2)
  rng = np.random.default_rng(0)
  t = np.arange(0, 4, 0.04)
  cameras = follow(sample_operator(rng, (-40, 40), Handling()), motion.joints_m, motion.fps, t, (256, 256), 1.75)
  angles = np.arccos(np.clip(np.sum(cameras.rotation[1:, 2] * cameras.rotation[:-1, 2], -1), -1, 1))
  assert np.rad2deg(angles).max() < 3
