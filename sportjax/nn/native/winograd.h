// A correlation with kernels of 3 x 3 at stride 1 in Winograd's form, as 16 products of matrices over channels.
#pragma once

#include <algorithm>
#include <cstdint>

#include "correlate.h"
#include "winograd_tiles.h"

namespace sportjax {

constexpr int64_t kSpreadBytes = 1 << 19;

class Winograd {
 public:
  // `kernel`: 3 x 3 x inputs x outputs. Both are images of one size.
  Winograd(const float* source, const Images& from, const float* kernel, float* to, const Images& of)
      : source_(source), from_(from), kernel_(kernel), to_(to), of_(of) {
    constexpr int64_t pixels = kPixels<kVectors>;
    const int64_t fit = kSpreadBytes / static_cast<int64_t>(kSpread * from.c * sizeof(float));
    group_ = std::clamp<int64_t>(fit / pixels, 4, 10) * pixels;
  }

  void Run(xla::ffi::ThreadPool& pool) {
    float* weights = scratch.packed.Grown(kSpread * from_.c * of_.c);
    ParallelFor(pool, Panels(of_.c, kPanel), [&](int64_t panel) { Spread(panel, weights); });
    const int64_t tiles = WinogradTiles{of_}.Count();
    ParallelFor(pool, (tiles + group_ - 1) / group_, [&](int64_t group) {
      const int64_t begin = group * group_, count = std::min(group_, tiles - begin);
      float* spread = scratch.spread.Grown(kSpread * group_ * from_.c);
      for (int64_t i = 0; i < count; ++i) SpreadTile(begin + i, spread + i * from_.c, count * from_.c);
      for (int64_t panel = 0; panel < Panels(of_.c, kPanel); ++panel) RunPanel(begin, count, panel, weights, spread);
    });
  }

 private:
  int64_t Channels(int64_t panel) const { return std::min<int64_t>(kPanel, of_.c - panel * kPanel); }

  void Spread(int64_t panel, float* weights) const {
    const int64_t channels = Channels(panel), matrix = from_.c * of_.c, first = panel * kPanel;
    for (int64_t c = 0; c < from_.c; ++c)
      for (int64_t k = 0; k < channels; k += kLanes) {
        const float* in = kernel_ + c * of_.c + first + k;
        float* out = weights + first * from_.c + c * channels + k;
        TransformSquare<SpreadKernel>(
            [&](int i, int j) SPORTJAX_INLINE { return Load(in + (i * 3 + j) * matrix); },
            [&](int i, int j, Floats v) SPORTJAX_INLINE { Store(out + (i * 4 + j) * matrix, v); });
      }
  }

  void SpreadTile(int64_t index, float* to, int64_t apart) const {
    const auto tile = WinogradTiles{of_}.At(index);
    SpreadPixels<SpreadInput>(
        source_, from_, tile.image, tile.row - 1, tile.column - 1, 0, from_.c,
        [&](int64_t c, int i, int j, Floats v) SPORTJAX_INLINE { Store(to + (i * 4 + j) * apart + c, v); });
  }

  void RunPanel(int64_t begin, int64_t count, int64_t panel, const float* weights, const float* spread) const {
    const int64_t channels = Channels(panel), apart = count * channels;
    float* product = scratch.product.Grown(kSpread * group_ * kPanel);
    WithVectors<kVectors>(Vectors(channels), [&](auto vectors) {
      for (int i = 0; i < kSpread; ++i)
        Multiply<vectors()>(spread + i * count * from_.c, count,
                            weights + i * from_.c * of_.c + panel * kPanel * from_.c, product + i * apart);
    });
    for (int64_t i = 0; i < count; ++i)
      for (int64_t k = 0; k < channels; k += kLanes)
        Gather(WinogradTiles{of_}.At(begin + i), product + i * channels + k, apart, panel * kPanel + k);
  }

  template <int vectors>
  void Multiply(const float* spread, int64_t count, const float* weights, float* product) const {
    constexpr int pixels = kPixels<vectors>;
    const float* rows[pixels];
    float* out[pixels];
    for (int64_t i = 0; i < count; i += pixels) {
      for (int r = 0; r < pixels; ++r) {
        const int64_t tile = std::min(i + r, count - 1);
        rows[r] = spread + tile * from_.c;
        out[r] = product + tile * vectors * kLanes;
      }
      Correlate<vectors>(rows, 0, 0, 1, from_.c, weights, out, 0, vectors * kLanes, false);
    }
  }

  void Gather(const WinogradTiles::Tile& tile, const float* product, int64_t apart, int64_t channel) const {
    float* start = to_ + ((tile.image * of_.h + tile.row) * of_.w + tile.column) * of_.c + channel;
    TransformSquare<GatherOutput>(
        [&](int i, int j) SPORTJAX_INLINE { return Load(product + (i * 4 + j) * apart); },
        [&](int i, int j, Floats v) SPORTJAX_INLINE {
          if (tile.row + i < of_.h && tile.column + j < of_.w) Store(start + (i * of_.w + j) * of_.c, v);
        });
  }

  const float* source_;
  const Images from_;
  const float* kernel_;
  float* to_;
  const Images of_;
  int64_t group_;
};

}  // namespace sportjax
