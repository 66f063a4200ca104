import numpy as np
import pytest

from sportjax.synth.filming import raster
from sportjax.synth.filming.appearance import body_of, sample_appearance
from sportjax.synth.filming.bystanders import Bystander
from sportjax.synth.filming.camera import Cameras
from sportjax.synth.filming.solids import Solid, ball, merge

LIGHT = raster.Light((0.0, 0.0, 1.0), 0.5, 0.5)


@pytest.fixture(name='camera')
def _camera() -> Cameras:
  looking_along_y = np.array([[[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]])
  return Cameras(np.zeros((1, 3)), looking_along_y, np.array([200.0]), np.full((1, 2), 64.0))


def _expose(solid: Solid, camera: Cameras, water_m=-np.inf) -> raster.Layer | None:
  colours = raster.shade(solid, LIGHT, np.array([0]))
  return raster.expose(raster.project(solid, camera, water_m), range(1), colours[0], np.zeros((128, 128, 4), np.uint8))


def _part_map(layer: raster.Layer) -> np.ndarray:
  parts = np.zeros((128, 128), np.uint8)
  x0, y0, x1, y1 = layer.box
  parts[y0:y1, x0:x1] = layer.parts
  return parts


def test_expose_ball_covers_the_disc_of_perspective(camera):
  distance, radius = 4.0, 0.6
  layer = _expose(ball(np.array([[0.0, distance, 0.0]]), radius, (200, 100, 50), 1), camera)
  disc = np.pi * (200 * radius / np.sqrt(distance**2 - radius**2)) ** 2
  assert layer.parts.astype(bool).sum() == pytest.approx(disc, rel=0.1)  # a ball of ten sides, edges drawn in full


@pytest.mark.parametrize('order', [(0, 1), (1, 0)])
def test_expose_near_hides_far_in_either_order_of_merging(camera, order):
  far = ball(np.array([[0.0, 6.0, 0.0]]), 0.6, (255, 0, 0), 1)
  near = ball(np.array([[0.1, 3.0, 0.0]]), 0.2, (0, 255, 0), 2)
  parts = _part_map(_expose(merge([(far, near)[i] for i in order]), camera))
  assert parts[64, 64 + 6] == 2
  assert (parts == 1).sum() > 400


def test_expose_is_lighter_on_the_side_of_the_light(camera):
  layer = _expose(ball(np.array([[0.0, 4.0, 0.0]]), 0.6, (200, 200, 200), 1), camera)
  height = layer.colour.shape[0]
  rows = layer.colour[..., 0].sum(1) / np.maximum(layer.coverage[..., 0].sum(1), 1)
  assert rows[height // 4] > 1.3 * rows[3 * height // 4]


def test_expose_outside_the_picture_is_nothing(camera):
  assert _expose(ball(np.array([[30.0, 4.0, 0.0]]), 0.6, (1, 1, 1), 1), camera) is None


def test_expose_behind_the_camera_is_empty(camera):
  layer = _expose(ball(np.array([[0.0, -4.0, 0.0]]), 0.6, (1, 1, 1), 1), camera)
  assert layer is None or not layer.parts.any()


def test_project_leaves_out_what_is_under_water(camera):
  solid = ball(np.array([[0.0, 4.0, 0.0]]), 0.6, (200, 200, 200), 1)
  parts = _part_map(_expose(solid, camera, water_m=0.0))
  assert parts[:60].any()
  assert not parts[70:].any()


def test_body_faces_point_outwards():
  mesh, colours = body_of(sample_appearance(np.random.default_rng(0), 'target'))
  vertices = mesh.pose(Bystander('stand', (0, 0), 0.0, 1.75, 0.0).joints_m(np.zeros(1)).astype(np.float32))[0]
  corners = vertices[mesh.faces].astype(float)
  for part in np.unique(mesh.part):
    a, b, c, d = corners[mesh.part == part].transpose(1, 0, 2) - vertices[mesh.faces[mesh.part == part]].mean((0, 1))
    volume = np.sum(a * np.cross(b, c)) + np.sum(a * np.cross(c, d))
    assert volume > 0, part
  assert np.isfinite(vertices).all()
  assert colours.shape == (len(mesh.faces), 3)
