"""Average precision in time: by hand, by the definition, by scikit-learn, and the reference's rule by its own steps."""

import pathlib

import numpy as np
import pytest
import sklearn.metrics

from sportjax.errors import InputError
from sportjax.metrics import detection
from sportjax.metrics.detection import Scored


def scored(*rows):
  values = np.array(rows, float).reshape(-1, 3)
  return Scored(values[:, :2], values[:, 2])


def intervals(*rows):
  return np.array(rows, float).reshape(-1, 2)


def random_case(seed, videos=12, proposals=60):
  rng = np.random.default_rng(seed)
  truths, found = [], []
  for _ in range(videos):
    start = np.cumsum(rng.uniform(20, 60, rng.integers(1, 6)))
    truths.append(np.stack([start, start + 10], 1))
    near = rng.choice(start, proposals) + rng.normal(0, 6, proposals)
    found.append(Scored(np.stack([near, near + rng.uniform(5, 15, proposals)], 1), rng.uniform(size=proposals)))
  return found, truths


def test_overlap_by_hand():
  a, b = intervals((0, 10), (10, 20)), intervals((5, 15), (20, 30), (0, 10))
  np.testing.assert_allclose(detection.temporal_iou(a, b), [[1 / 3, 0, 1], [1 / 3, 0, 0]])
  assert detection.temporal_iou(intervals(), b).shape == (0, 3)


def test_overlapping_and_touching_intervals_are_one():
  assert detection.merge_overlapping(intervals((5, 9), (0, 2), (2, 4), (6, 7))).tolist() == [[0, 4], [5, 9]]
  assert detection.merge_overlapping(intervals()).shape == (0, 2)


def test_ap_by_hand():
  truths = [intervals((0, 10), (20, 30)), intervals((0, 10))]
  found = [scored((0, 10, 0.9), (1, 10, 0.8), (20, 29, 0.5)), scored((40, 50, 0.7))]
  # hit, repeated, elsewhere, hit; the third true interval is never found
  assert detection.average_precision(found, truths, 0.5) == pytest.approx((1 + 2 / 4) / 3)
  assert detection.average_precision(found, truths, 0.95) == pytest.approx(1 / 3)
  assert detection.average_precision([scored(), scored()], truths, 0.5) == 0
  assert np.isnan(detection.average_precision(found, [intervals(), intervals()], 0.5))


def test_detection_takes_the_interval_it_fits_best_and_only_one():
  truths = [intervals((0, 10), (10, 20))]
  found = [scored((2, 20, 0.9), (0, 11, 0.8))]
  assert detection.average_precision(found, truths, 0.4) == 1  # the first takes the second interval
  greedy = detection.average_precision(found, truths, 0.4, rule='vpd_reference')
  assert np.isnan(greedy) or greedy < 1  # it takes both, and nothing is left for the second


def test_ap_of_the_ranking_is_scikit_learns_where_precision_only_falls():
  truths = [intervals(*((20 * k, 20 * k + 10) for k in range(6)))]
  rows = [(20 * k, 20 * k + 10, 1 - 0.01 * k) for k in range(6)] + [(500 + k, 510 + k, 0.5) for k in range(3)]
  expected = sklearn.metrics.average_precision_score([1] * 6 + [0] * 3, [row[2] for row in rows])
  assert detection.average_precision([scored(*rows)], truths, 0.5) == pytest.approx(expected)


@pytest.mark.parametrize('seed', range(3))
def test_all_points_is_the_area_under_the_best_precision_at_or_beyond_a_recall(seed):
  found, truths = random_case(seed)
  ap = detection.average_precision(found, truths, 0.5)
  everything = sorted(
    (-s, v, i) for v, each in enumerate(found) for i, s in enumerate(each.scores)
  )  # the definition, one detection after the other
  free = [list(range(len(t))) for t in truths]
  hits = []
  for _, v, i in everything:
    overlap = {g: detection.temporal_iou(found[v].intervals[i : i + 1], truths[v])[0, g] for g in free[v]}
    best = max(overlap, key=overlap.get, default=None)
    hits.append(best is not None and overlap[best] >= 0.5)
    if hits[-1]:
      free[v].remove(best)
  positives = sum(map(len, truths))
  points = [(sum(hits[: n + 1]) / positives, sum(hits[: n + 1]) / (n + 1)) for n in range(len(hits))]
  grid = np.arange(1, positives + 1) / positives
  area = np.mean([max((p for r, p in points if r >= x - 1e-9), default=0) for x in grid])
  assert ap == pytest.approx(area)


def test_the_references_rule_is_close_to_voc_for_many_proposals():
  rng = np.random.default_rng(0)
  start = 20.0 * np.arange(400)
  right = rng.uniform(size=400) < np.linspace(0.9, 0.1, 400)
  found = np.stack([start + 5000 * ~right, start + 5000 * ~right + 10], 1) + 0.25 * (~right)[:, None]
  rows = [Scored(found[k : k + 1], 1 - np.array([k / 400])) for k in range(400)]
  truths = [intervals((x, x + 10)) for x in start]
  ours, theirs = (detection.average_precision(rows, truths, 0.5, rule=rule) for rule in ('voc', 'vpd_reference'))
  assert ours - 0.005 < theirs <= ours + 1e-9  # 3e-4 was measured on the reference's own proposals


def test_the_references_rule_by_hand_and_where_it_stops():
  truths = [intervals((0, 10), (20, 30), (40, 50))]
  found = [scored((0, 10, 0.9), (60, 70, 0.8), (20, 30, 0.7))]
  # From the right: recall 2/3 closes [2/3, 1] at precision 0; the miss, of precision 1/2, closes [1/3, 2/3] at 2/3 ...
  # and the first detection, of precision 1, is at the same recall as the miss: [0, 1/3] is never at 1 but by the end.
  voc = 1 / 3 * (1 + 2 / 3)
  assert detection.average_precision(found, truths, 0.5) == pytest.approx(voc)
  assert detection.average_precision(found, truths, 0.5, rule='vpd_reference') == pytest.approx(2 / 3 * 2 / 3)
  one = detection.average_precision([scored((0, 10, 1))], [intervals((0, 10))], 0.5, rule='vpd_reference')
  assert np.isnan(one)


def test_skating_jumps_merge_to_the_references_number(shared_data):
  rows = (shared_data / 'vpd_labels' / 'action_dataset' / 'fs' / 'all.txt').read_text().split('\n')
  by_video = {}
  for row in filter(None, rows):
    video, start, end = row.split(' ')[0].split(':')
    by_video.setdefault(video, []).append((int(start), int(end)))
  spot = shared_data / 'spot_labels'
  tests = _test_videos(spot)
  kept = {video: found for video, found in by_video.items() if video in tests}
  assert (len(kept), sum(map(len, kept.values()))) == (134, 520)
  assert sum(len(detection.merge_overlapping(np.array(found))) for found in kept.values()) == 456


def _test_videos(folder: pathlib.Path):
  import json

  paths = [path for path in folder.rglob('test.json') if 'fs_comp' in str(path)]
  return {entry['video'] for path in paths for entry in json.loads(path.read_text())}


@pytest.mark.parametrize(
  ('found', 'truths', 'message'),
  [([scored()], [], 'in 1 videos against the truth of 0'), ([scored((0, 1, np.nan))], [intervals((0, 1))], 'NaN')],
)
def test_bad_input_is_refused(found, truths, message):
  with pytest.raises(InputError, match=message):
    detection.average_precision(found, truths, 0.5)
