// The innermost loops: a tile of sums held in registers while products stream past. Each sum is taken in one order,
// whatever the tile, so that results depend on neither the threads nor how the work was cut up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "vectors.h"

namespace sportjax {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kSums = 24;  // of 32 registers; the rest are operands
#else
constexpr int kSums = 12;  // of 16
#endif
constexpr int kLanes = kWidth<float>;
constexpr int kVectors = kSums / 6;            // in the tile of a correlation: 6 pixels share each loaded vector
constexpr int kPanel = kVectors * kLanes;      // output channels of a full tile
constexpr int kGradientVectors = 2;            // in the tile of a kernel's gradient
constexpr int kGradientPanel = kGradientVectors * kLanes;
constexpr int kMostPixels = 12;  // more pointers do not fit in registers
template <int vectors>
constexpr int kPixels = std::min(kMostPixels, kSums / vectors);

// Memory that a thread keeps from call to call, aligned so that no vector straddles two cache lines.
class Buffer {
 public:
  // At least `size` numbers; what was in them is lost.
  float* Grown(int64_t size) {
    if (size > size_) {
      constexpr int64_t unit = 64 / sizeof(float);
      size_ = (size + unit - 1) / unit * unit;
      at_.reset();
      at_.reset(static_cast<float*>(std::aligned_alloc(64, size_ * sizeof(float))));
    }
    return at_.get();
  }

 private:
  struct Free {
    void operator()(float* at) const { std::free(at); }
  };
  std::unique_ptr<float, Free> at_;
  int64_t size_ = 0;
};

template <int vectors>
constexpr int kGradientRows = kSums / vectors;

inline Floats LoadSome(const float* from, int64_t lanes) {
  if (lanes >= kLanes) return Load(from);
  Floats v = {};
  std::memcpy(&v, from, lanes * sizeof(float));
  return v;
}

inline void StoreSome(float* to, Floats v, int64_t lanes) {
  if (lanes >= kLanes) return Store(to, v);
  std::memcpy(to, &v, lanes * sizeof(float));
}

// Calls with every number below `count` as a constant. Unrolled by the language, so that arrays of sums are registers
// whatever the compiler thinks of loops.
template <class Call, int... i>
inline __attribute__((always_inline)) void Each(const Call& call, std::integer_sequence<int, i...>) {
  (call(std::integral_constant<int, i>()), ...);
}
template <int count, class Call>
inline __attribute__((always_inline)) void Each(const Call& call) {
  Each(call, std::make_integer_sequence<int, count>());
}
#define SPORTJAX_INLINE __attribute__((always_inline))

// Sums of one tile, to be put into rows of `lanes` numbers (at most vectors * kLanes) or added to what is there.
template <int rows, int vectors>
struct Sums {
  Floats sum[rows][vectors];

  template <class Row>
  inline SPORTJAX_INLINE void Begin(bool more, int64_t lanes, int64_t valid, const Row& row) {
    Each<rows>([&](auto r) SPORTJAX_INLINE {
      Each<vectors>([&](auto v) SPORTJAX_INLINE {
        sum[r][v] = more && r < valid ? LoadSome(row(r) + v * kLanes, lanes - v * kLanes) : Floats{};
      });
    });
  }

  template <class Row>
  inline SPORTJAX_INLINE void End(int64_t lanes, int64_t valid, const Row& row) const {
    Each<rows>([&](auto r) SPORTJAX_INLINE {
      Each<vectors>([&](auto v) SPORTJAX_INLINE {
        if (r < valid) StoreSome(row(r) + v * kLanes, sum[r][v], lanes - v * kLanes);
      });
    });
  }

  // Adds the products of `one(r)`, a number for each row, with the vectors at `others`.
  template <class One>
  inline SPORTJAX_INLINE void Add(const float* others, const One& one) {
    Floats other[vectors];
    Each<vectors>([&](auto v) SPORTJAX_INLINE { other[v] = Load(others + v * kLanes); });
    Each<rows>([&](auto r) SPORTJAX_INLINE {
      const Floats x = Splat<float>(one(r));
      Each<vectors>([&](auto v) SPORTJAX_INLINE { sum[r][v] += x * other[v]; });
    });
  }
};

// `lanes` output channels from `channel` on of as many pixels as a tile has: over `height` rows of a window that lie
// `down` apart, each of `run` numbers that lie side by side from `offset` on, with the packed weights. Pixels may
// repeat.
template <int vectors>
void Correlate(const float* const* windows, int64_t offset, int64_t down, int64_t height, int64_t run,
               const float* weights, float* const* out, int64_t channel, int64_t lanes, bool more) {
  constexpr int pixels = kPixels<vectors>;
  const auto row = [=](int r) { return out[r] + channel; };
  Sums<pixels, vectors> sums;
  sums.Begin(more, lanes, pixels, row);
  for (int64_t y = 0; y < height; ++y, offset += down) {
    const float* window[pixels];
    Each<pixels>([&](auto r) SPORTJAX_INLINE { window[r] = windows[r] + offset; });
    for (int64_t i = 0; i < run; ++i, weights += vectors * kLanes)
      sums.Add(weights, [&](int r) SPORTJAX_INLINE { return window[r][i]; });
  }
  sums.End(lanes, pixels, row);
}

// A gradient of `valid` (at most `rows`) neighbouring weights by `lanes` output channels: over `count` pixels, the
// numbers at `offset` in each window with the packed gradients of the outputs.
template <int rows, int vectors>
void Accumulate(const float* const* windows, int64_t count, int64_t offset, const float* gradients, float* out,
                int64_t apart, int64_t valid, int64_t lanes, bool more) {
  const auto row = [=](int r) { return out + r * apart; };
  Sums<rows, vectors> sums;
  sums.Begin(more, lanes, valid, row);
  for (int64_t i = 0; i < count; ++i, gradients += vectors * kLanes) {
    const float* window = windows[i] + offset;
    sums.Add(gradients, [&](int r) SPORTJAX_INLINE { return window[r]; });
  }
  sums.End(lanes, valid, row);
}

}  // namespace sportjax
