"""Skeletons as graphs: which joints are neighbours, and the normalised adjacencies of skeleton networks."""

from __future__ import annotations

import dataclasses

import numpy as np

from sportjax.typing import Float, Float32, Int


@dataclasses.dataclass(frozen=True)
class JointGraph:
  """Joints 0..n-1; every edge points from a joint to its parent, towards the centre."""

  joints: int
  edges: tuple[tuple[int, int], ...]
  centre: int

  @property
  def parent(self) -> tuple[int, ...]:
    """The parent of each joint, itself where it has none; of two, the first."""
    found = dict(reversed(self.edges))
    return tuple(found.get(joint, joint) for joint in range(self.joints))


# COCO has no neck: both shoulders hang on the nose. Source: pyskl (Duan et al. 2022, arXiv 2205.09443), layout coco.
COCO17 = JointGraph(
  17,
  (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 5), (12, 6), (9, 7), (7, 5), (10, 8), (8, 6), (5, 0), (6, 0), (1, 0),
    (3, 1), (2, 0), (4, 2),
  ),
  centre=0,
)  # fmt: skip


def neighbours(graph: JointGraph) -> Float[np.ndarray, 'v v']:
  """1 between joints that share an edge."""
  found = np.zeros((graph.joints, graph.joints))
  for a, b in graph.edges:
    found[a, b] = found[b, a] = 1
  return found


def hops(adjacency: Float[np.ndarray, 'v v']) -> Int[np.ndarray, 'v v']:
  """The number of edges on the shortest way between two nodes; -1 where there is none."""
  found = np.full(adjacency.shape, -1)
  reached, step = np.eye(len(adjacency), dtype=bool), 0
  while (new := reached & (found < 0)).any():
    found[new] = step
    reached, step = new @ (adjacency > 0), step + 1
  return found


def spatial_partitions(graph: JointGraph) -> Float32[np.ndarray, '3 v v']:
  """Neighbours up to one hop in three sets: the joint itself, those nearer to the centre, those farther.

  A[k, v, w] is the weight of joint v in what joint w gathers; each column sums to 1 over all sets.

  Source: Yan et al. 2018 (ST-GCN, arXiv 1801.07455), spatial configuration partitioning. Departure: distances to the
  centre are whole; the released code measures them up to one hop, so that farther joints are all alike.
  """
  near = neighbours(graph) + np.eye(graph.joints)
  weights = near / near.sum(0, keepdims=True)
  away = hops(neighbours(graph))[graph.centre]
  masks = (away[:, None] == away[None], away[:, None] < away[None], away[:, None] > away[None])
  return np.stack([weights * mask for mask in masks]).astype(np.float32)


def disentangled(adjacency: Float[np.ndarray, 'v v'], scales: int) -> Float32[np.ndarray, 'k v v']:
  """For each k below `scales` the nodes at exactly k hops and the node itself, symmetrically normalised.

  `adjacency` may hold loops; they are no hop. Source: Liu et al. 2020 (MS-G3D, arXiv 2003.14111), equation 4.
  """
  distance = hops(adjacency)
  found = np.stack([((distance == k) | (distance == 0)).astype(np.float64) for k in range(scales)])
  share = found.sum(-1) ** -0.5
  return (share[:, :, None] * found * share[:, None]).astype(np.float32)


def over_window(graph: JointGraph, frames: int) -> Float[np.ndarray, 'w w']:
  """Every joint beside its neighbours and itself in each of several frames, frame by frame.

  Source: Liu et al. 2020 (MS-G3D), equation 5.
  """
  return np.tile(neighbours(graph) + np.eye(graph.joints), (frames, frames))
