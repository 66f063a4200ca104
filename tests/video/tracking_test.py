import itertools

import numpy as np
import pytest

from sportjax.errors import InputError
from sportjax.pose.track import Detections
from sportjax.video import tracking
from sportjax.video.tracking import SortParams, iou, match, to_boxes, to_observation, track_people

SIZE = (2000, 1000)
DEFAULT = SortParams()


def detections_of(rows):
  """Rows of (frame, x0, y0, x1, y1[, score])."""
  table = np.array([(*row, 1.0)[:6] for row in rows], np.float64).reshape(-1, 6)
  n = len(table)
  return Detections(
    frame=table[:, 0].astype(int), boxes=table[:, 1:5].astype(np.float32), scores=table[:, 5].astype(np.float32),
    keypoints=np.zeros((n, 0, 3), np.float32), ids=np.full(n, -1), skeleton='', source='made.json',
  )  # fmt: skip


def walker(frame, x, y=100, width=60, height=160):
  return (frame, x, y, x + width, y + height)


def ids_by_person(people, t_ms, params=DEFAULT, seed=0):
  """Tracks people given as lists of rows, in shuffled order within a frame; ids each person was given."""
  rows = [(row, who) for who, rows in enumerate(people) for row in rows]
  order = np.random.default_rng(seed).permutation(len(rows))
  rows = sorted((rows[i] for i in order), key=lambda item: item[0][0])
  tracked = track_people(detections_of([row for row, _ in rows]), t_ms, SIZE, params)
  given = [[] for _ in people]
  for id, (_, who) in zip(tracked.ids, rows, strict=True):
    given[who].append(int(id))
  return given


def test_people_who_cross_keep_their_ids():
  frames = range(60)
  right = [walker(f, 100 + 10 * f) for f in frames]
  left = [walker(f, 700 - 10 * f, y=110) for f in frames]
  ids = ids_by_person([right, left], np.arange(60) * 40.0)
  assert [len(set(person)) for person in ids] == [1, 1]
  assert {ids[0][0], ids[1][0]} == {0, 1}


def test_gap_is_bridged_by_the_motion_before_it_and_a_long_one_is_not():
  walk = [walker(f, 100 + 12 * f) for f in range(60) if not 20 <= f < 28]
  t_ms = np.arange(60) * 40.0
  assert set(ids_by_person([walk], t_ms)[0]) == {0}
  assert set(ids_by_person([walk], t_ms, SortParams(max_gap_ms=200))[0]) == {0, 1}


def test_prediction_knows_how_much_time_has_passed():
  t_ms = np.cumsum([0, *[20] * 10, *[20, 130] * 10])
  run = [walker(f, 100 + t, width=60) for f, t in enumerate(t_ms)]  # one pixel a millisecond: 130 px is two widths
  assert set(ids_by_person([run], t_ms.astype(float))[0]) == {0}
  even = np.arange(len(t_ms)) * 40.0  # the same boxes, were time ignored
  assert len(set(ids_by_person([run], even)[0])) > 1


def test_stray_and_unsure_detections_get_no_id():
  walk = [walker(f, 100 + 5 * f) for f in range(20)]
  stray = [walker(7, 1500), walker(8, 1500)]
  unsure = [(*walker(f, 900), 0.2) for f in range(20)]
  ids = ids_by_person([walk, stray, unsure], np.arange(20) * 40.0, SortParams(min_score=0.5))
  assert [set(person) for person in ids] == [{0}, {-1}, {-1}]


def test_nothing_but_ids_changes():
  found = detections_of([walker(f, 100 + 5 * f) for f in range(5)])
  tracked = track_people(found, np.arange(5) * 40.0, SIZE)
  for name in ('frame', 'boxes', 'scores', 'keypoints'):
    np.testing.assert_array_equal(getattr(tracked, name), getattr(found, name))
  assert len(track_people(detections_of([]), np.arange(5) * 40.0, SIZE)) == 0


def test_vanishing_and_empty_boxes_do_not_break_the_filter():
  shrinking = [walker(f, 100, width=60 - 6 * f, height=160 - 16 * f) for f in range(11)]
  tracked = track_people(detections_of(shrinking), np.arange(11) * 40.0, SIZE)
  assert np.isfinite(tracked.boxes).all()
  assert set(tracked.ids[:7]) == {0}


def test_filter_equals_the_batch_solution_of_the_same_linear_gaussian_model():
  rng = np.random.default_rng(0)
  t_ms = np.cumsum([0, 33, 47, 40, 120, 16, 40])
  observed = np.column_stack([100 + t_ms, 50 - t_ms / 2, 9000 + 20 * t_ms, np.full(7, 0.4)]) + rng.normal(0, 1, (7, 4))
  people, _ = tracking.People.none().predict(0.0).born(observed[:1], 0.0)
  for t, z in zip(t_ms[1:], observed[1:], strict=True):
    people = people.predict(float(t)).update(np.array([0]), z[None], float(t))

  # All states at once by weighted least squares, in whitened rows: start, motion and observation.
  def white(covariance):
    return np.linalg.inv(np.linalg.cholesky(covariance))

  noise, process = np.diag([1.0, 1, 10, 10]), np.diag([1.0, 1, 1, 1, 0.01, 0.01, 0.0001])
  rows, targets = [], []

  def add(weight, blocks, target):
    row = np.zeros((len(target), 49))
    for at, block in blocks:
      row[:, 7 * at : 7 * at + 7] = block
    rows.append(weight @ row)
    targets.append(weight @ target)

  add(white(np.diag([10.0] * 4 + [1e4] * 3)), [(0, np.eye(7))], np.concatenate([observed[0], np.zeros(3)]))
  for k in range(1, 7):
    step = (t_ms[k] - t_ms[k - 1]) / 40
    move = np.eye(7) + step * np.eye(7, k=4)
    add(white(step * process), [(k - 1, -move), (k, np.eye(7))], np.zeros(7))
    add(white(noise), [(k, np.eye(4, 7))], observed[k])
  states = np.linalg.lstsq(np.concatenate(rows), np.concatenate(targets), rcond=None)[0].reshape(7, 7)
  np.testing.assert_allclose(people.mean[0], states[-1], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('shape', [(1, 1), (3, 3), (2, 4), (4, 2), (0, 3), (3, 0)])
def test_match_has_the_greatest_sum_of_all_assignments(shape):
  for seed in range(20):
    overlap = np.random.default_rng(seed).uniform(size=shape)
    rows, columns = match(overlap, 0.0)
    wide = overlap if shape[0] <= shape[1] else overlap.T
    options = itertools.permutations(range(wide.shape[1]), wide.shape[0])
    best = max(sum(wide[i, j] for i, j in enumerate(option)) for option in options)
    assert overlap[rows, columns].sum() == pytest.approx(best)
    assert (overlap[match(overlap, 0.5)] >= 0.5).all()


def test_iou_equals_counting_pixels():
  boxes = np.array([[0, 0, 4, 6], [2, 3, 7, 8], [10, 10, 12, 12], [1, 1, 3, 2], [5, 5, 5, 5]])

  def pixels(box):
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}

  for i, a in enumerate(boxes):
    for j, b in enumerate(boxes):
      union = pixels(a) | pixels(b)
      want = len(pixels(a) & pixels(b)) / len(union) if union else 0
      assert iou(boxes, boxes)[i, j] == pytest.approx(want)


def test_boxes_survive_the_way_to_centre_area_aspect_and_back():
  corners = np.random.default_rng(0).uniform(0, 100, (9, 2))
  boxes = np.concatenate([corners, corners + np.random.default_rng(1).uniform(1, 50, (9, 2))], axis=1)
  np.testing.assert_allclose(to_boxes(to_observation(boxes)), boxes)


def test_people_of_another_video_are_refused():
  with pytest.raises(InputError, match=r'made\.json: people in frames 0 to 9, but the video has 5'):
    track_people(detections_of([walker(f, 100) for f in range(10)]), np.arange(5) * 40.0, SIZE)
  with pytest.raises(InputError, match='outside the 2000x1000 image'):
    track_people(detections_of([walker(f, 5000) for f in range(5)]), np.arange(5) * 40.0, SIZE)
  with pytest.raises(InputError, match='out of order'):
    track_people(detections_of([walker(3, 100), walker(1, 100)]), np.arange(5) * 40.0, SIZE)
