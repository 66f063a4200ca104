"""Batches of pairs: positives are whole, negatives differ, and everything follows from the seed."""

import numpy as np
import pytest

from sportjax.data.poses3d import PairBatches, PoseSequences
from sportjax.errors import InputError
from sportjax.pose import canonical
from sportjax.pose.bodies import BODIES

BODY = BODIES['athlete']


def sequences(lengths, seed=0, spread=0.4):
  """People whose limbs wander; the torso is upright."""
  rng = np.random.default_rng(seed)
  base = rng.normal(0, 0.5, (len(BODY.joints), 3))
  for height, name in enumerate(('pelvis', 'spine', 'chest', 'neck')):
    base[BODY.index(name)] = [0, 0, 0.2 * height]
  base[BODY.index('left_shoulder')], base[BODY.index('right_shoulder')] = [-0.2, 0, 0.6], [0.2, 0, 0.6]
  fixed = [BODY.index(name) for name in BODY.torso]
  out = []
  for length in lengths:
    xyz = base + spread * rng.normal(size=(length, *base.shape))
    xyz[:, fixed] = base[fixed]
    out.append(xyz)
  return PoseSequences.join(BODY, out)


SOURCES = {'a': sequences([30, 5]), 'b': sequences([8], seed=1)}
SHARES = {'b': 1.0, 'a': 3.0}  # the order of the heads


def batches(seed=0, size=40, shard=(0, 1), sources=SOURCES):
  return PairBatches(sources, SHARES, BODY.features, size, seed, shard)


def test_negatives_are_of_the_same_sequence_and_differ_and_the_rest_is_one_pose():
  batch = batches()[3]
  assert {len(values) for values in batch.values()} == {40}
  assert np.bincount(batch['source']).tolist() == [10, 30]
  assert 0 < batch['mirrored'].mean() < 1
  for row in range(40):
    name = ('b', 'a')[batch['source'][row]]
    source = SOURCES[name]
    joints = canonical.coco13(source.xyz, BODY)
    frame, other = (
      int(np.abs(joints - batch[key][row]).sum((1, 2)).argmin()) for key in ('xyz', 'negative')
    )  # fmt: skip
    np.testing.assert_allclose(joints[frame], batch['xyz'][row], atol=1e-6)
    poses = [source.xyz[frame], source.xyz[other]]
    for i, key in enumerate(('mirrored', 'negative_mirrored')):
      poses[i] = canonical.mirror(poses[i], BODY) if batch[key][row] else poses[i]
    np.testing.assert_allclose(canonical.describe(poses[0], BODY), batch['features'][row], atol=1e-5)
    assert canonical.different(poses[1], poses[0], BODY) == batch['negative_valid'][row]
    starts = source.starts
    assert np.searchsorted(starts, frame, 'right') == np.searchsorted(starts, other, 'right')


def test_the_papers_cosine_is_told_of_the_same_poses():
  given = (SOURCES, SHARES, BODY.features, 40, 0)
  turns, cosine = (PairBatches(*given, angle=angle)[3]['features'].reshape(40, -1, 7) for angle in ('turns', 'cosine'))
  np.testing.assert_allclose(cosine[..., 3], np.cos((turns[..., 3] + 0.5) * np.pi), atol=1e-5)
  np.testing.assert_array_equal(np.delete(cosine, 3, -1), np.delete(turns, 3, -1))


def test_short_sequences_are_drawn_as_often_as_long_ones():
  frames = canonical.coco13(SOURCES['a'].xyz, BODY).reshape(35, -1)
  several = [batches()[i] for i in range(20)]
  drawn = np.concatenate([each['xyz'][each['source'] == 1] for each in several]).reshape(600, -1)
  which = np.abs(drawn[:, None] - frames[None]).sum(-1).argmin(1)
  assert abs((which >= 30).mean() - 0.5) < 0.1


def test_batches_follow_from_seed_and_number_and_are_shared_by_processes():
  whole = batches()[7]
  for key, values in batches()[7].items():
    np.testing.assert_array_equal(values, whole[key])
  halves = [batches(shard=(i, 2))[7] for i in (0, 1)]
  for key, values in whole.items():
    np.testing.assert_array_equal(np.concatenate([half[key] for half in halves]), values)
  assert not np.array_equal(batches()[8]['xyz'], whole['xyz'])
  assert not np.array_equal(batches(seed=1)[7]['xyz'], whole['xyz'])


def test_who_never_moves_has_only_the_mirrored_pose_to_differ_from():
  still = {'a': sequences([6], spread=0.0)}
  batch = PairBatches(still, {'a': 1.0}, BODY.features, 200, 0)[0]
  np.testing.assert_array_equal(batch['negative_mirrored'] == batch['mirrored'], ~batch['negative_valid'])
  one = PairBatches({'a': PoseSequences(BODY, still['a'].xyz[:1], np.array([0]))}, {'a': 1.0}, BODY.features, 4, 0)[0]
  assert np.isfinite(one['features']).all()


def test_sequences_come_back_from_their_file(tmp_path):
  SOURCES['a'].save(tmp_path / 'a.npz')
  again = PoseSequences.load(tmp_path / 'a.npz')
  assert again.body is BODY
  np.testing.assert_array_equal(again.xyz, SOURCES['a'].xyz)
  assert again.starts.tolist() == [0, 30]


def test_data_that_cannot_be_drawn_from_is_refused():
  with pytest.raises(InputError, match="'c' has no share"):
    batches(sources={'c': SOURCES['a']})
  with pytest.raises(InputError, match='no sequences of 3D poses'):
    PoseSequences.join(BODY, [])
