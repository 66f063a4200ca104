// The gradient by a kernel of 3 x 3 at stride 1 in Winograd's form: 16 products of matrices over tiles.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernel_gradient.h"
#include "winograd_tiles.h"

namespace sportjax {

constexpr int64_t kSpreadPairBytes = 1 << 19;  // of inputs and gradients

class WinogradGradient {
 public:
  // `gradients`: by the outputs; `out`: by the weights.
  WinogradGradient(const float* source, const Images& from, const float* gradients, const Images& of, float* out)
      : source_(source), from_(from), gradients_(gradients), of_(of), out_(out) {
    const int64_t tile_bytes = kSpread * (from.c + of.c) * sizeof(float);
    // Odd, so that the 16 matrices do not lie a power of two apart, where they would push each other out of the cache.
    group_ = std::clamp<int64_t>(kSpreadPairBytes / tile_bytes, 48, 256) | 1;
  }

  void Run(xla::ffi::ThreadPool& pool) const {
    const int64_t groups = (WinogradTiles{of_}.Count() + group_ - 1) / group_;
    SumGroups(pool, groups, Panels(of_.c, kGradientPanel), 9 * from_.c * of_.c, out_,
              [this](auto... arguments) { RunGroup(arguments...); });
  }

 private:
  void RunGroup(int64_t group, int64_t begin_panel, int64_t end_panel, float* out, bool more) const {
    const WinogradTiles tiles = {of_};
    const int64_t begin = group * group_, count = std::min(group_, tiles.Count() - begin);
    float* inputs = scratch.spread.Grown(kSpread * group_ * from_.c + kSums);  // a tile may read beyond its rows
    float* gradients = scratch.product.Grown(kSpread * group_ * of_.c);
    auto& rows = scratch.rows;
    rows.clear();
    for (int64_t i = 0; i < count; ++i) {
      const auto tile = tiles.At(begin + i);
      rows.push_back(inputs + i * from_.c);
      SpreadPixels<SpreadInput>(source_, from_, tile.image, tile.row - 1, tile.column - 1, 0, from_.c,
                                [&](int64_t c, int y, int x, Floats v) SPORTJAX_INLINE {
                                  Store(inputs + ((y * 4 + x) * count + i) * from_.c + c, v);
                                });
      SpreadPixels<SpreadGradient>(gradients_, of_, tile.image, tile.row, tile.column, begin_panel * kGradientPanel,
                                   std::min(end_panel * kGradientPanel, of_.c),
                                   [&](int64_t k, int y, int x, Floats v) SPORTJAX_INLINE {
                                     Store(gradients + Place(count, k, (y * 4 + x) * count + i), v);
                                   });
    }
    for (int64_t panel = begin_panel; panel < end_panel; ++panel)
      WithVectors<kGradientVectors>(Vectors(Channels(panel)), [&](auto vectors) {
        RunPanel<vectors()>(panel * kGradientPanel, count, gradients, out, more);
      });
  }

  int64_t Channels(int64_t panel) const { return std::min<int64_t>(kGradientPanel, of_.c - panel * kGradientPanel); }

  // Spread gradients lie panel by panel, row by row.
  int64_t Place(int64_t count, int64_t channel, int64_t row) const {
    const int64_t panel = channel / kGradientPanel, first = panel * kGradientPanel;
    return first * kSpread * count + row * Channels(panel) + channel - first;
  }

  template <int vectors>
  void RunPanel(int64_t channel, int64_t count, const float* gradients, float* out, bool more) const {
    constexpr int64_t rows = kGradientRows<vectors>, lanes = vectors * kLanes;
    alignas(64) float product[kSpread * rows * lanes];
    for (int64_t c = 0; c < from_.c; c += rows) {
      const int64_t valid = std::min(rows, from_.c - c);
      for (int i = 0; i < kSpread; ++i)
        AccumulateRows<vectors>(scratch.rows.data(), count, i * count * from_.c + c,
                                gradients + Place(count, channel, i * count), product + i * rows * lanes, lanes, valid,
                                lanes, false);
      for (int64_t r = 0; r < valid; ++r)
        for (int v = 0; v < vectors; ++v)
          Gather(product + (r * vectors + v) * kLanes, rows * lanes, out + (c + r) * of_.c + channel + v * kLanes,
                 more);
    }
  }

  void Gather(const float* product, int64_t apart, float* out, bool more) const {
    TransformSquare<GatherKernel>(
        [&](int i, int j) SPORTJAX_INLINE { return Load(product + (i * 4 + j) * apart); },
        [&](int i, int j, Floats v) SPORTJAX_INLINE {
          float* to = out + (i * 3 + j) * from_.c * of_.c;
          Store(to, more ? Load(to) + v : v);
        });
  }

  const float* source_;
  const Images from_;
  const float* gradients_;
  const Images of_;
  float* out_;
  int64_t group_;
};

}  // namespace sportjax
