"""How far two 3D poses are apart when place, size and turn do not count."""

from __future__ import annotations

import numpy as np

from sportjax.typing import Float


def np_mpjpe(a: Float[np.ndarray, 'b j 3'], b: Float[np.ndarray, 'b j 3']) -> Float[np.ndarray, 'b']:
  """Mean distance of joints after both poses are made of one size and the second is turned and scaled onto the first.

  A pose's size is the root mean square distance of its joints from their middle. Source: Sun et al. 2020 (Pr-VIPE,
  arXiv 1912.01001), NP-MPJPE, up to its unit of size; Umeyama 1991 for the alignment, without reflection.
  """
  a, b = (_sized(np.asarray(x, np.float64)) for x in (a, b))
  u, s, vt = np.linalg.svd(np.einsum('bji,bjk->bik', b, a))
  sign = np.sign(np.linalg.det(u) * np.linalg.det(vt))
  s, u = s.copy(), u.copy()
  s[:, 2] *= sign
  u[:, :, 2] *= sign[:, None]
  turned = np.einsum('bji,bik->bjk', b, u @ vt) * (s.sum(1) / np.square(b).sum((1, 2)))[:, None, None]
  return np.linalg.norm(a - turned, axis=-1).mean(1)


def _sized(x: Float[np.ndarray, 'b j 3']) -> Float[np.ndarray, 'b j 3']:
  centred = x - x.mean(1, keepdims=True)
  return centred / np.sqrt(np.square(centred).sum(-1).mean(-1))[:, None, None]
