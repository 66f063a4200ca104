// One column of a tile for one group of lanes, side by side and widened to the type costs are computed in.
#pragma once

#include <algorithm>
#include <type_traits>

#include "costs.h"

namespace sportjax {

struct BFloat16 {
  uint16_t bits;
};
struct Float16 {
  uint16_t bits;
};

inline float Widen(float x) { return x; }
inline double Widen(double x) { return x; }
inline float FromBits(uint32_t bits) {
  float y;
  std::memcpy(&y, &bits, sizeof y);
  return y;
}
inline float Widen(BFloat16 x) { return FromBits(static_cast<uint32_t>(x.bits) << 16); }
inline float Widen(Float16 x) {
  // The exponent is moved by a product, so that numbers too small to be normal come out right, as do infinity and NaN.
  const uint32_t sign = static_cast<uint32_t>(x.bits & 0x8000) << 16, rest = x.bits & 0x7fff;
  const float size = FromBits(rest << 13) * 5.192296858534828e33f;  // 2^112
  return FromBits((rest >= 0x7c00 ? 0x7f800000u | rest << 13 : 0u) | sign) + (rest >= 0x7c00 ? 0 : (sign ? -size : size));
}

template <class T, class Stored>
inline Vector<T> LoadWide(const Stored* from) {
  if constexpr (std::is_same_v<Stored, T>) {
    return Load<T>(from);
  } else {
    T wide[kWidth<T>];
    for (int i = 0; i < kWidth<T>; ++i) wide[i] = Widen(from[i]);
    return Load<T>(wide);
  }
}

// `from` has `width` features, `step` apart, of so many lanes; lanes that are missing are filled with 0. Returns the
// squared norms.
template <class T, class Stored>
Pair<T> PackColumn(const Stored* from, int64_t step, int64_t lanes, int64_t width, Pair<T>* panel) {
  constexpr int half = kWidth<T>;
  Pair<T> sum{};
  for (int64_t k = 0; k < width; ++k, from += step) {
    Pair<T> feature;
    if (lanes == 2 * half) {
      feature = {LoadWide<T>(from), LoadWide<T>(from + half)};
    } else {
      T wide[2 * half] = {};
      for (int64_t lane = 0; lane < lanes; ++lane) wide[lane] = Widen(from[lane]);
      feature = {Load<T>(wide), Load<T>(wide + half)};
    }
    panel[k] = feature;
    sum.a += feature.a * feature.a;
    sum.b += feature.b * feature.b;
  }
  return sum;
}

}  // namespace sportjax
