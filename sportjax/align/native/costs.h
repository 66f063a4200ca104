// Costs of a few rows against two vectors of lanes: a register block of a GEMM with the cost taken before it is stored.
#pragma once

#include <array>
#include <utility>

#include "vectors.h"

namespace sportjax {

enum class Cost { kL2, kSquaredL2, kCosine };

template <class T>
struct Pair {  // one cell in two vectors of lanes
  Vector<T> a, b;
};

template <class T, Cost cost>
inline Vector<T> CostOf(Vector<T> dot, T xx, Vector<T> yy) {
  if constexpr (cost == Cost::kCosine) {
    const Vector<T> product = xx * yy;
    const auto empty = product <= Splat<T>(1e-24);  // not so for NaN, which stays NaN
    return empty ? Splat<T>(1) : T(1) - dot / Sqrt(empty ? Splat<T>(1) : product);
  } else {
    const Vector<T> squared = Max(Splat<T>(0), xx + yy - T(2) * dot);  // in this order NaN stays NaN
    if constexpr (cost == Cost::kL2) return Sqrt(squared);
    return squared;
  }
}

// x: features of the rows, `step` from one feature to the next. y: the same features of the lanes.
template <class T, Cost cost, int rows>
void BlockCosts(const T* x, int64_t step, const T* xx, const Pair<T>* y, const Pair<T>& yy, int64_t width,
                Pair<T>* out) {
  Vector<T> a[rows] = {}, b[rows] = {};
  for (int64_t k = 0; k < width; ++k, x += step) {
    const Vector<T> ya = y[k].a, yb = y[k].b;
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      const Vector<T> broadcast = Splat(x[r]);
      a[r] += broadcast * ya;
      b[r] += broadcast * yb;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
    out[r].a = CostOf<T, cost>(a[r], xx[r], yy.a);
    out[r].b = CostOf<T, cost>(b[r], xx[r], yy.b);
  }
}

template <class T>
using BlockFunction = void (*)(const T*, int64_t, const T*, const Pair<T>*, const Pair<T>&, int64_t, Pair<T>*);

// BlockCosts for 1 to kRows rows, in this order.
template <class T, Cost cost, int... i>
std::array<BlockFunction<T>, kRows> BlocksOf(std::integer_sequence<int, i...>) {
  return {BlockCosts<T, cost, i + 1>...};
}

template <class T>
std::array<BlockFunction<T>, kRows> Blocks(Cost cost) {
  using Sizes = std::make_integer_sequence<int, kRows>;
  if (cost == Cost::kL2) return BlocksOf<T, Cost::kL2>(Sizes());
  if (cost == Cost::kSquaredL2) return BlocksOf<T, Cost::kSquaredL2>(Sizes());
  return BlocksOf<T, Cost::kCosine>(Sizes());
}

}  // namespace sportjax
