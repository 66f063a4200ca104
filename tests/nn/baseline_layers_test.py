"""The layers of VPD's baselines and of RAFT against hand-computed rows and plain statements."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from sportjax.nn import correlation, flow, gate_shift, graph, multi_scale, relations
from sportjax.nn.conv import max_pool
from sportjax.nn.general_conv import GeneralConv
from sportjax.nn.resnet import ResNet, ResNetConfig, load_torch_resnet, torch_names
from sportjax.pose.skeletons import get_skeleton

SMALL = ResNetConfig(stages=(1, 1), widths=(16, 32), stem='strided')
NAMES = get_skeleton('coco17').joints


def names(edges):
  return {tuple(sorted((NAMES[a], NAMES[b]))) for a, b in edges}


def test_coco_graph_is_a_tree_of_limbs_that_hang_on_the_nose():
  bones = {tuple(sorted(bone)) for bone in get_skeleton('coco17').bones}
  assert names(graph.COCO17.edges) - bones == {('left_shoulder', 'nose'), ('nose', 'right_shoulder')}
  parent = graph.COCO17.parent
  assert NAMES[parent[NAMES.index('left_wrist')]] == 'left_elbow'
  assert parent[0] == 0
  assert (graph.hops(graph.neighbours(graph.COCO17))[0] >= 0).all()


def test_partitions_of_the_left_elbow_and_of_the_nose_by_hand():
  elbow, shoulder, wrist = (NAMES.index(f'left_{part}') for part in ('elbow', 'shoulder', 'wrist'))
  same, nearer, farther = graph.spatial_partitions(graph.COCO17)
  for partition, joint in ((same, elbow), (nearer, shoulder), (farther, wrist)):
    row = np.zeros(17)
    row[joint] = 1 / 3
    np.testing.assert_allclose(partition[:, elbow], row)
  at_nose = np.zeros(17)
  at_nose[[1, 2, 5, 6]] = 1 / 5  # eyes and shoulders
  np.testing.assert_allclose(farther[:, 0], at_nose)
  assert not nearer[:, 0].any()
  np.testing.assert_allclose((same + nearer + farther).sum(0), 1)


def test_distances_between_ankles_go_over_the_nose():
  distance = graph.hops(graph.neighbours(graph.COCO17))
  ankles = NAMES.index('left_ankle'), NAMES.index('right_ankle')
  assert distance[ankles] == 8  # knee, hip, shoulder, nose, and down again
  apart = np.zeros((3, 3))
  apart[0, 1] = apart[1, 0] = 1
  np.testing.assert_array_equal(graph.hops(apart)[2], [-1, -1, 0])


def test_disentangled_row_of_the_nose_at_two_hops_by_hand():
  scale = graph.disentangled(graph.neighbours(graph.COCO17), 3)
  np.testing.assert_allclose(scale[0], np.eye(17))
  # Two hops from the nose: ears, elbows, hips. Degrees with the joint itself: nose 7; an ear has its nose only and
  # itself; an elbow nose and hip; a hip nose, elbow and ankle.
  degree = {0: 7}
  for side in ('left', 'right'):
    degree |= {NAMES.index(f'{side}_ear'): 2, NAMES.index(f'{side}_elbow'): 3, NAMES.index(f'{side}_hip'): 4}
  row = np.zeros(17)
  for joint, count in degree.items():
    row[joint] = (7 * count) ** -0.5
  np.testing.assert_allclose(scale[2, 0], row, rtol=1e-6)


def test_window_puts_a_joint_beside_itself_in_other_frames():
  whole = graph.over_window(graph.COCO17, 3)
  distance = graph.hops(whole)
  assert distance[9, 9 + 17] == 1  # the wrist a frame later
  assert distance[9, 7 + 34] == 1  # the elbow two frames later
  assert distance[9, 5 + 34] == 2


def test_windows_lie_about_every_other_frame_with_zeros_beyond_the_ends():
  x = jnp.arange(1.0, 6.0).reshape(1, 5, 1, 1)
  found = multi_scale.windows(x, 3, 2)[0, :, :, 0]
  np.testing.assert_array_equal(found, [[0, 1, 2], [2, 3, 4], [4, 5, 0]])


@pytest.mark.parametrize('stride', [1, 2])
def test_temporal_convolution_keeps_or_halves_time(stride):
  found = jax.eval_shape(
    lambda x: multi_scale.TemporalConv(6, 12, stride, rngs=nnx.Rngs(0))(x, train=False), jnp.ones((2, 7, 3, 6))
  )
  assert found.shape == (2, -(-7 // stride), 3, 12)


def test_closed_gate_only_reorders_channels_and_an_open_one_moves_halves_apart():
  shift = nnx.jit(lambda: gate_shift.GateShift(8, rngs=nnx.Rngs(0)))()
  run = nnx.jit(lambda shift, x: shift(x, train=False))
  x = jnp.asarray(np.random.default_rng(0).normal(size=(1, 4, 3, 3, 8)), jnp.float32)
  order = [0, 2, 1, 3, 4, 6, 5, 7]
  np.testing.assert_allclose(run(shift, x), x[..., jnp.array(order)], rtol=1e-6)
  shift.gate.bias[...] = jnp.full(2, 50.0)  # tanh is 1
  found = np.asarray(run(shift, x))
  np.testing.assert_allclose(found[:, :-1, ..., :4], x[:, 1:][..., jnp.array(order[:4])], rtol=1e-6)
  np.testing.assert_allclose(found[:, 1:, ..., 4:], x[:, :-1][..., jnp.array(order[4:])], rtol=1e-6)
  assert not found[:, -1, ..., :4].any()
  assert not found[:, 0, ..., 4:].any()


def test_gated_network_takes_torchs_weights_and_sees_the_order_of_frames():
  plain = nnx.jit(lambda: ResNet(SMALL, rngs=nnx.Rngs(1)))()
  gated = nnx.jit(lambda: gate_shift.GatedResNet(SMALL, 4, rngs=nnx.Rngs(2)))()
  run = nnx.jit(lambda network, x: network(x, train=False))
  state = {name: _as_torch(np.asarray(variable[...])) for name, variable in torch_names(plain).items()}
  load_torch_resnet(gated, state)
  frames = jax.random.normal(jax.random.key(0), (4, 16, 16, 3))
  backwards = jnp.flip(frames, 0)
  np.testing.assert_allclose(run(plain, frames), jnp.flip(run(plain, backwards), 0), atol=1e-5)
  for stage in gated.stages:
    for block in stage:
      block.shift.gate.bias[...] = jnp.ones(2)
  found = run(gated, frames), jnp.flip(run(gated, backwards), 0)
  assert np.abs(np.asarray(found[0] - found[1])).max() > 1e-3


def _as_torch(x):
  return x.transpose(3, 2, 0, 1) if x.ndim == 4 else x


@pytest.mark.parametrize('channels', [3, 16, 64, 256])
def test_gate_takes_a_quarter_of_the_channels_in_fours(channels):
  found = gate_shift.gated_channels(channels)
  assert found % 4 == 0
  assert found <= max(channels // 4 + 3, 4)
  assert found == {16: 4, 64: 16, 256: 64}.get(channels, found)


def test_relations_are_those_of_itertools_in_its_order():
  for scale in (2, 3, 5):
    every = list(itertools.combinations(range(6), scale))
    found = [tuple(relations.relation(6, scale, n).tolist()) for n in range(len(every))]
    assert found == every


def by_scale(rows, frames):
  sizes = relations.scales(frames)
  return dict(zip(sizes, np.split(np.asarray(rows), np.cumsum(sizes)[:-1], axis=1), strict=True))


def test_relations_are_drawn_in_ascending_frames_by_the_key():
  drawn = [by_scale(relations.drawn(jax.random.key(k), 8), 8) for k in (0, 0, 1)]
  for scale, rows in drawn[0].items():
    assert rows.shape == (3, scale)
    assert (np.diff(rows, axis=1) > 0).all()
    np.testing.assert_array_equal(rows, drawn[1][scale])
  assert (drawn[0][4] != drawn[2][4]).any()
  np.testing.assert_array_equal(drawn[0][8], [range(8)] * 3)
  np.testing.assert_array_equal(by_scale(relations.drawn(jax.random.key(2), 3), 3)[2], [[0, 1], [0, 2], [1, 2]])


def test_every_relation_is_drawn_as_often_as_the_others():
  drawn = np.asarray(jax.vmap(lambda key: relations.drawn(key, 5))(jax.random.split(jax.random.key(0), 1000)))
  pairs = drawn.reshape(-1, drawn.shape[-1])[:, -2:]
  _, counts = np.unique(pairs, axis=0, return_counts=True)
  assert len(counts) == 10
  assert np.abs(counts / len(pairs) - 0.1).max() < 0.02  # 3.6 standard errors


def test_correlation_is_looked_up_where_the_flow_points_level_by_level():
  rng = np.random.default_rng(0)
  first, second = rng.normal(size=(2, 1, 8, 6, 3)).astype(np.float32)
  levels = correlation.pyramid(jnp.asarray(first), jnp.asarray(second), 2)
  full = np.einsum('bhwc,bpqc->bhwpq', first, second)[0] / 3**0.5
  halved = full.reshape(8, 6, 4, 2, 3, 2).mean((3, 5))
  y, x = np.mgrid[:8, :6].astype(np.float32)
  places = np.stack([x + 1.5, y - 0.25], -1)[None]
  found = np.asarray(correlation.look_up(levels, jnp.asarray(places), 1)).reshape(8, 6, 2, 3, 3)
  for level, (maps, scale) in enumerate(((full, 1), (halved, 2))):
    for (i, dx), (j, dy) in itertools.product(enumerate((-1, 0, 1)), repeat=2):
      expected = bilinear(maps[3, 2], (2 + 1.5) / scale + dx, (3 - 0.25) / scale + dy)
      np.testing.assert_allclose(found[3, 2, level, i, j], expected, atol=1e-5)


def bilinear(image, x, y):
  total = 0.0
  for row, column in itertools.product(range(image.shape[0]), range(image.shape[1])):
    total += image[row, column] * max(0, 1 - abs(x - column)) * max(0, 1 - abs(y - row))
  return total


def test_upsampling_a_constant_flow_keeps_it_times_eight():
  coarse = jnp.broadcast_to(jnp.array([1.0, -2.0]).reshape(1, 1, 1, 2), (1, 4, 3, 2))
  np.testing.assert_allclose(flow.upsample_bilinear(coarse), np.broadcast_to([8, -16], (1, 32, 24, 2)), rtol=1e-6)
  scores = jax.random.normal(jax.random.key(0), (1, 4, 3, 9 * 64))
  inner = flow.upsample_convex(coarse, scores)[:, 8:-8, 8:-8]
  np.testing.assert_allclose(inner, np.broadcast_to([8, -16], inner.shape), rtol=1e-5)


def test_convolution_of_one_weight_shifts_with_dilation():
  layer = GeneralConv(1, 1, (3, 1), dilation=(2, 1), rngs=nnx.Rngs(0))
  layer.kernel[...] = jnp.array([1.0, 0, 0]).reshape(3, 1, 1, 1)
  layer.bias[...] = jnp.array([10.0])
  x = jnp.arange(1.0, 6.0).reshape(1, 5, 1, 1)
  np.testing.assert_array_equal(layer(x)[0, :, 0, 0], [10, 10, 11, 12, 13])


def test_maximum_over_three_frames_is_the_pooling_of_images():
  x = jnp.asarray(np.random.default_rng(1).normal(size=(1, 9, 1, 4)))
  np.testing.assert_array_equal(multi_scale.maximum(x, 2)[:, :, 0], max_pool(x.repeat(3, 2))[:, :, 0])


@pytest.mark.parametrize(('frames', 'stride'), [(1, 1), (5, 1), (6, 2), (9, 2)])
def test_shifted_frames_are_those_that_a_dilated_convolution_reads(frames, stride):
  x = np.random.default_rng(2).normal(size=frames).astype(np.float32)
  for read, dilation in zip(multi_scale.shifts(frames, stride) @ x, (1, 2, 3, 4), strict=True):
    padded = np.pad(x, dilation)
    taps = [padded[tap * dilation :][:frames:stride] for tap in range(3)]
    np.testing.assert_array_equal(read, taps)
