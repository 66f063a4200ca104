import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.formats import ultralytics


def test_read_ultralytics_golden(golden):
  found = ultralytics.read_ultralytics(golden / 'ultralytics' / 'labels', image_size=(640, 480), n_frames=3)
  np.testing.assert_array_equal(found.frame, [0, 2])  # files count from 1; class 32 is no person
  np.testing.assert_array_equal(found.boxes, [[240, 120, 400, 360], [240, 0, 400, 240]])
  np.testing.assert_array_equal(found.keypoints[0], [[160 + 10 * i, 240, 0.75] for i in range(17)])
  np.testing.assert_array_equal(found.scores, np.float32([0.875, 0.75]))
  np.testing.assert_array_equal(found.ids, [4, 4])
  assert found.skeleton == 'coco17'


def test_read_ultralytics_boxes_golden(golden):
  found = ultralytics.read_ultralytics(golden / 'ultralytics' / 'boxes', image_size=(640, 480), n_frames=3)
  np.testing.assert_array_equal(found.boxes, [[240, 120, 400, 360]])
  assert (found.frame.tolist(), found.scores.tolist(), found.ids.tolist()) == ([1], [1.0], [-1])


@pytest.mark.parametrize(('last', 'score', 'id_'), [('0.5', 0.5, -1), ('7', 1.0, 7)])
def test_read_ultralytics_one_value_more_is_confidence_or_id(tmp_path, last, score, id_):
  (tmp_path / 'clip_1.txt').write_text(f'0 0.5 0.5 0.25 0.5 {last}\n')
  found = ultralytics.read_ultralytics(tmp_path, image_size=(640, 480), n_frames=3)
  assert (found.scores.tolist(), found.ids.tolist()) == ([score], [id_])


@pytest.mark.parametrize(('n_joints', 'skeleton'), [(17, 'coco17'), (0, '')])
def test_write_ultralytics_reads_back(tmp_path, some_people, assert_same, n_joints, skeleton):
  people = some_people(n_joints, skeleton)
  ultralytics.write_ultralytics(tmp_path, people, name='clip', image_size=(640, 480))
  found = ultralytics.read_ultralytics(tmp_path, image_size=(640, 480), n_frames=6)
  assert_same(found, people, fields=('frame', 'scores', 'ids'))
  np.testing.assert_allclose(found.boxes, people.boxes, rtol=1e-6)
  np.testing.assert_allclose(found.keypoints, people.keypoints, rtol=1e-6)


@pytest.mark.parametrize(
  ('name', 'text', 'message'),
  [
    ('clip_1.txt', '', 'the file is empty'),
    ('clip_0.txt', '0 0.5 0.5 0.25 0.5\n', 'clip_0.txt line 1: frame 0 lies outside the video'),
    ('clip_9.txt', '0 0.5 0.5 0.25 0.5\n', 'clip_9.txt line 1: frame 9 lies outside the video'),
    ('clip.txt', '0 0.5 0.5 0.25 0.5\n', "'clip' ends in no frame number"),
    ('clip_1.txt', '0 0.5 0.5 0.25\n', 'line 1 has 4 values'),
    ('clip_1.txt', '0 0.5 x 0.25 0.5\n', 'line 1 is not numbers'),
    ('clip_1.txt', '0 0.5 nan 0.25 0.5\n', 'line 1 is not numbers'),
    ('clip_1.txt', '0 0.5 0.5 0.25 0.5' + ' 0.5 0.5 0.5' * 5 + '\n', '5 keypoints a person fit no skeleton'),
  ],
)
def test_read_ultralytics_bad_file(tmp_path, name, text, message):
  (tmp_path / name).write_text(text)
  with pytest.raises(InputError, match=message):
    ultralytics.read_ultralytics(tmp_path, image_size=(640, 480), n_frames=5)
