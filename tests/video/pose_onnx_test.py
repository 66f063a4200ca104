import builtins

import cv2
import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose.track import Detections
from sportjax.video import yolox_onnx
from sportjax.video.encode import write_video
from sportjax.video.pose_onnx import OnnxPoseParams, affine, decode_heatmaps, detect_and_pose
from sportjax.video.tracking import iou

onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')
helper = onnx.helper
FLOAT, INT = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
CHANNEL_OF_JOINT = np.arange(17) % 3  # joints 0, 3, ... see red, 1, 4, ... green, 2, 5, ... blue


def save(path, nodes, inputs, outputs, constants=()):
  graph = helper.make_graph(
    nodes, 'made', [helper.make_tensor_value_info('image', FLOAT, inputs)],
    [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs],
    [onnx.numpy_helper.from_array(value, name) for name, value in constants],
  )  # fmt: skip
  onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8), path)
  return path


@pytest.fixture
def simcc_model(tmp_path):
  """Joint j is where its colour is brightest: maxima of that channel over rows and over columns, two bins a pixel."""
  constants = [
    ('joints', CHANNEL_OF_JOINT), ('x_bins', np.repeat(np.arange(192), 2)), ('y_bins', np.repeat(np.arange(256), 2)),
  ]  # fmt: skip
  nodes = [
    helper.make_node('Gather', ['image', 'joints'], ['maps'], axis=1),
    helper.make_node('ReduceMax', ['maps'], ['x'], axes=[2], keepdims=0),
    helper.make_node('ReduceMax', ['maps'], ['y'], axes=[3], keepdims=0),
    helper.make_node('Gather', ['x', 'x_bins'], ['simcc_x'], axis=2),
    helper.make_node('Gather', ['y', 'y_bins'], ['simcc_y'], axis=2),
  ]
  outputs = [('simcc_x', FLOAT), ('simcc_y', FLOAT)]

  def make(batch='n'):
    return save(tmp_path / 'simcc.onnx', nodes, [batch, 3, 256, 192], outputs, constants)

  return make


@pytest.fixture
def heatmap_model(tmp_path):
  nodes = [
    helper.make_node('Gather', ['image', 'joints'], ['maps'], axis=1),
    helper.make_node('AveragePool', ['maps'], ['heatmaps'], kernel_shape=[4, 4], strides=[4, 4]),
  ]
  path = tmp_path / 'heat.onnx'
  return save(path, nodes, ['n', 3, 256, 192], [('heatmaps', FLOAT)], [('joints', CHANNEL_OF_JOINT)])


@pytest.fixture
def detector_model(tmp_path):
  """Finds two people and a dog at fixed places of its 320x320 input, and one person it is not sure of."""
  dets = np.array(
    [[[40, 20, 120, 180, 0.9], [150, 30, 220, 170, 0.8], [0, 0, 50, 50, 0.95], [10, 10, 90, 90, 0.1]]], np.float32
  )
  nodes = [
    helper.make_node('ReduceMean', ['image'], ['mean'], keepdims=0),
    helper.make_node('Mul', ['mean', 'zero'], ['nothing']),
    helper.make_node('Add', ['fixed', 'nothing'], ['dets']),
    helper.make_node('Identity', ['classes'], ['labels']),
  ]
  constants = [('zero', np.float32(0)), ('fixed', dets), ('classes', np.array([[0, 0, 16, 0]]))]
  return save(tmp_path / 'det.onnx', nodes, [1, 3, 320, 320], [('dets', FLOAT), ('labels', INT)], constants)


def film(path, points, size=(240, 320), rotation=0, n=3):
  """A dark video with soft red, green and blue dots centred on the given pixels, moving 2 px right a frame."""
  frames = []
  for i in range(n):
    image = np.zeros((*size, 3), np.float32)
    y, x = np.mgrid[: size[0], : size[1]]
    for channel, (px, py) in enumerate(points):
      image[..., channel] = 255 * np.exp(-((x - px - 2 * i) ** 2 + (y - py) ** 2) / (2 * 4**2))
    frames.append(image.astype(np.uint8))
  write_video(path, frames, np.arange(n) * 40.0, crf=4)
  return path


POINTS = [(130, 60), (160, 110), (145, 170)]


def boxes_of(boxes):
  n = len(boxes)
  return Detections(
    frame=np.arange(n), boxes=np.array(boxes, np.float32), scores=np.ones(n, np.float32),
    keypoints=np.zeros((n, 0, 3), np.float32), ids=np.full(n, -1), skeleton='', source='',
  )  # fmt: skip


@pytest.mark.parametrize('batch', ['n', 1])
def test_simcc_finds_the_planted_points_through_the_affine_of_the_box(tmp_path, simcc_model, batch):
  video = film(tmp_path / 'v.mp4', POINTS)
  boxes = boxes_of([(90, 30, 210, 200), (100, 20, 200, 220), (110.5, 40.25, 200.5, 190.75)])
  found = detect_and_pose(video, simcc_model(batch), boxes=boxes)
  assert found.frame.tolist() == [0, 1, 2]
  assert found.skeleton == 'coco17'
  np.testing.assert_allclose(found.boxes, boxes.boxes)
  for row in range(3):
    want = np.array(POINTS)[CHANNEL_OF_JOINT] + [2 * row, 0]
    np.testing.assert_allclose(found.keypoints[row, :, :2], want, atol=1.6)
  assert (found.keypoints[..., 2] > 0.5).all()


@pytest.mark.parametrize('angle', [30.0, 90.0, 180.0, 270.0])
def test_turned_crops_lead_back_to_the_same_points(tmp_path, simcc_model, angle):
  video = film(tmp_path / 'v.mp4', POINTS, n=1)
  params = OnnxPoseParams(rotations_deg=(angle,))
  found = detect_and_pose(video, simcc_model(), boxes=boxes_of([(100, 20, 200, 220)]), params=params)
  np.testing.assert_allclose(found.keypoints[0, :, :2], np.array(POINTS)[CHANNEL_OF_JOINT], atol=1.8)


def test_best_scoring_rotation_wins(tmp_path, simcc_model):
  video = film(tmp_path / 'v.mp4', [(100, 120), (160, 120), (220, 120)], n=1)
  tall = boxes_of([(150, 10, 170, 230)])  # upright, the red and blue dots lie outside the crop
  params = OnnxPoseParams(rotations_deg=(0.0, 90.0), padding=1.0)
  found = detect_and_pose(video, simcc_model(), boxes=tall, params=params)
  want = np.array([(100, 120), (160, 120), (220, 120)])[CHANNEL_OF_JOINT]
  np.testing.assert_allclose(found.keypoints[0, :, :2], want, atol=2)


def test_heatmaps_find_the_planted_points(tmp_path, heatmap_model):
  video = film(tmp_path / 'v.mp4', POINTS, n=1)
  found = detect_and_pose(video, heatmap_model, boxes=boxes_of([(90, 30, 210, 200)]))
  want = np.array(POINTS)[CHANNEL_OF_JOINT]
  np.testing.assert_allclose(found.keypoints[0, :, :2], want, atol=4)  # a cell is 4 px of the crop


def test_heatmap_peak_moves_a_quarter_towards_the_higher_neighbour():
  maps = np.zeros((2, 5, 6), np.float32)
  maps[0, 2, 3], maps[0, 2, 4], maps[0, 1, 3] = 1, 0.5, 0.4
  maps[1, 0, 5] = 0.7
  np.testing.assert_allclose(decode_heatmaps(maps, (60, 50)), [[32.5, 17.5, 1], [50, 0, 0.7]])


def test_detector_boxes_are_scaled_back_and_only_sure_people_kept(tmp_path, simcc_model, detector_model):
  video = film(tmp_path / 'v.mp4', POINTS, size=(480, 640), n=2)  # fits the 320x320 input at half size
  for kind in ('yolox', 'rtmdet'):
    found = detect_and_pose(video, simcc_model(), detector_model, params=OnnxPoseParams(detector=kind))
    assert found.frame.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.boxes[:2], [[80, 40, 240, 360], [300, 60, 440, 340]], atol=0.01)
    np.testing.assert_allclose(found.scores[:2], [0.9, 0.8], atol=1e-5)


def cell_of(x, y, stride):
  """The row of a YOLOX's cell, of a 320x320 image."""
  before = sum((320 // s) ** 2 for s in (8, 16, 32) if s < stride)
  return before + (y // stride) * (320 // stride) + x // stride


@pytest.fixture
def raw_yolox(tmp_path):
  """Cells of COCO's 80 classes: a person twice, another beside them, a dog, and one it is not sure of."""
  raw = np.zeros((1, 40**2 + 20**2 + 10**2, 85), np.float32)
  for (x, y, width, height), stride, there, kind, score in (
    ((100, 130, 80, 160), 32, 0.9, 0, 1.0), ((104, 134, 80, 160), 16, 0.8, 0, 0.9),
    ((220, 90, 40, 100), 8, 1.0, 0, 0.7), ((60, 60, 50, 50), 8, 1.0, 16, 0.95), ((280, 280, 30, 30), 8, 0.5, 0, 0.5),
  ):  # fmt: skip
    row = raw[0, cell_of(x, y, stride)]
    row[:4] = [x / stride % 1, y / stride % 1, np.log(width / stride), np.log(height / stride)]
    row[4], row[5 + kind] = there, score
  nodes = [
    helper.make_node('ReduceMean', ['image'], ['mean'], keepdims=0),
    helper.make_node('Mul', ['mean', 'zero'], ['nothing']),
    helper.make_node('Add', ['fixed', 'nothing'], ['output']),
  ]
  return save(
    tmp_path / 'yolox.onnx', nodes, [1, 3, 320, 320], [('output', FLOAT)], [('zero', np.float32(0)), ('fixed', raw)]
  )


def test_a_yolox_of_its_own_export_is_read(tmp_path, simcc_model, raw_yolox):
  video = film(tmp_path / 'v.mp4', POINTS, size=(480, 640), n=1)
  found = detect_and_pose(video, simcc_model(), raw_yolox)
  # At half size: the surer of the two that overlap, and the one beside.
  np.testing.assert_allclose(found.boxes, [[120, 100, 280, 420], [400, 80, 480, 280]], atol=0.01)
  np.testing.assert_allclose(found.scores, [0.9, 0.7], atol=1e-5)
  nobody = detect_and_pose(video, simcc_model(), raw_yolox, params=OnnxPoseParams(min_box_score=0.99))
  assert not len(nobody)


def test_overlapping_boxes_are_taken_out_as_opencv_does():
  rng = np.random.default_rng(0)
  low = rng.uniform(0, 60, (40, 2))
  boxes = np.concatenate([low, low + rng.uniform(10, 50, (40, 2))], axis=1)
  scores = rng.random(40)
  kept = yolox_onnx.suppress(boxes, scores)
  overlap = iou(boxes, boxes)
  assert (np.diff(scores[kept]) < 0).all()
  assert (overlap[np.ix_(kept, kept)][~np.eye(len(kept), dtype=bool)] <= 0.45).all()
  for lost in set(range(40)) - set(kept.tolist()):  # each is overlapped by one that is surer and kept
    assert any(overlap[lost, k] > 0.45 and scores[k] > scores[lost] for k in kept)
  np.testing.assert_array_equal(kept, cv2.dnn.NMSBoxes(xywh(boxes), scores.tolist(), 0.0, 0.45))


def xywh(boxes):
  return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist()


def test_without_boxes_or_detector_the_whole_image_is_one_person(tmp_path, simcc_model):
  found = detect_and_pose(film(tmp_path / 'v.mp4', POINTS, n=1), simcc_model())
  np.testing.assert_allclose(found.boxes, [[0, 0, 320, 240]])
  np.testing.assert_allclose(found.keypoints[0, :, :2], np.array(POINTS)[CHANNEL_OF_JOINT], atol=2.5)


def test_affine_maps_the_padded_box_onto_the_crop():
  matrix = affine(np.array([100, 50, 200, 250]), (192, 256), 1.25)
  corners = np.array([[150 - 93.75, 25, 1], [150 + 93.75, 275, 1], [150, 150, 1]])  # 250 high, 187.5 wide
  np.testing.assert_allclose(corners @ matrix.T, [[0, 0], [192, 256], [96, 128]], atol=1e-9)
  turned = affine(np.array([100, 50, 200, 250]), (192, 256), 1.25, 90)
  np.testing.assert_allclose([160, 150, 1] @ turned.T, [96, 128 + 10.24], atol=1e-9)  # right becomes down
  np.testing.assert_allclose([150, 160, 1] @ turned.T, [96 - 10.24, 128], atol=1e-9)  # and down left: no mirror
  assert cv2.invertAffineTransform(turned).shape == (2, 3)


def test_files_of_another_kind_are_refused(tmp_path, simcc_model, detector_model):
  video = film(tmp_path / 'v.mp4', POINTS, n=1)
  (tmp_path / 'words.onnx').write_text('no model')
  with pytest.raises(InputError, match=r'words\.onnx: not an ONNX model'):
    detect_and_pose(video, tmp_path / 'words.onnx')
  with pytest.raises(InputError, match=r'none\.onnx: no such file'):
    detect_and_pose(video, tmp_path / 'none.onnx')
  with pytest.raises(InputError, match=r'simcc\.onnx: its first output is .* neither boxes'):
    detect_and_pose(video, simcc_model(), simcc_model())
  with pytest.raises(InputError, match=r'det\.onnx: outputs .* are neither simcc'):
    detect_and_pose(video, detector_model)
  dynamic = save(
    tmp_path / 'dynamic.onnx', [helper.make_node('Identity', ['image'], ['out'])], ['n', 3, 'h', 'w'], [('out', FLOAT)]
  )
  with pytest.raises(InputError, match=r'dynamic\.onnx: its input is .* of a fixed size'):
    detect_and_pose(video, dynamic)


def test_missing_onnxruntime_names_the_extra(tmp_path, monkeypatch):
  real = builtins.__import__

  def refuse(name, *args, **kwargs):
    if name == 'onnxruntime':
      raise ImportError(name)
    return real(name, *args, **kwargs)

  monkeypatch.setattr(builtins, '__import__', refuse)
  with pytest.raises(InputError, match=r'pip install sportjax\[pose\]'):
    detect_and_pose(film(tmp_path / 'v.mp4', POINTS, n=1), tmp_path / 'pose.onnx')
