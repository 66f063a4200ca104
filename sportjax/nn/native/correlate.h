// A correlation over all output pixels and channels, its groups of pixels divided over the threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "parallel.h"
#include "weights.h"
#include "windows.h"

namespace sportjax {

constexpr int64_t kWeightBytes = 1 << 18;  // of one panel, used on all pixels of a group before the next are loaded

// Outputs of a correlation within images of `of` size: every `step`th row and column from the first ones.
struct Outputs {
  float* to;
  Images of;
  int64_t row, column, step;

  float* At(int64_t image, int64_t p) const {
    return to + ((image * of.h + row + p * step) * of.w + column) * of.c;
  }
};

// Calls with the number as a constant, from 1 to `most`.
template <int most, class Call>
void WithVectors(int64_t vectors, const Call& call) {
  if (vectors == most) return call(std::integral_constant<int, most>());
  if constexpr (most > 1) WithVectors<most - 1>(vectors, call);
}

// What a thread keeps between calls.
struct Scratch {
  Windows windows;
  std::vector<float*> out;
  std::vector<const float*> rows;
  Buffer packed;             // weights, or gradients of outputs
  Buffer partial;            // sums
  Buffer turned;             // weights, outputs for inputs
  Buffer spread;             // tiles of inputs in Winograd's form
  Buffer product;            // of spread tiles, or tiles of gradients spread likewise
};
inline thread_local Scratch scratch;

// Parts into which to cut what `units` of work have in common, so that every thread finds some.
inline int64_t Cuts(const xla::ffi::ThreadPool& pool, int64_t units, int64_t most) {
  return units >= 2 * pool.num_threads() ? 1 : std::min(most, (2 * pool.num_threads() + units - 1) / units);
}

class Correlator {
 public:
  Correlator(const Correlation& of, const float* weights, const Outputs& outputs)
      : of_(of), bands_(of_), weights_(weights), outputs_(outputs) {}

  void Run(xla::ffi::ThreadPool& pool) const {
    const int64_t panels = Panels(outputs_.of.c, kPanel), groups = bands_.Groups();
    const int64_t cuts = Cuts(pool, groups, panels);
    ParallelFor(pool, groups * cuts, [&](int64_t unit) {
      const int64_t group = unit / cuts, cut = unit % cuts, begin = group * bands_.Group();
      Fill(begin, std::min(begin + bands_.Group(), bands_.Count()));
      for (int64_t panel = cut * panels / cuts; panel < (cut + 1) * panels / cuts; ++panel) RunPanel(panel);
    });
  }

 private:
  void Fill(int64_t begin, int64_t end) const {
    auto& out = scratch.out;
    scratch.windows.Fill(of_, bands_, begin, end, of_.Inside());
    out.resize(scratch.windows.Count() + kMostPixels);
    float** at = out.data();
    for (int64_t band = begin; band < end; ++band)
      for (int64_t p = bands_.Begin(band); p < bands_.End(band); ++p) {
        float* first = outputs_.At(bands_.Image(band), p);
        for (int64_t q = 0; q < of_.q; ++q) *at++ = first + q * outputs_.step * outputs_.of.c;
      }
    std::fill_n(at, kMostPixels, at[-1]);  // the last tile is filled with its last pixel
  }

  void RunPanel(int64_t panel) const {
    const int64_t channels = std::min<int64_t>(kPanel, outputs_.of.c - panel * kPanel);
    const float* weights = weights_ + panel * kPanel * of_.height * of_.Run();
    const int64_t row_size = PackedSize(of_.Run(), channels);
    const int64_t rows = std::max<int64_t>(1, kWeightBytes / (row_size * sizeof(float)));
    WithVectors<kVectors>(Vectors(channels), [&](auto vectors) {
      for (int64_t y = 0; y < of_.height; y += rows)
        RunBlock<vectors()>(weights + y * row_size, y, std::min(rows, of_.height - y), panel * kPanel, channels);
    });
  }

  template <int vectors>
  void RunBlock(const float* weights, int64_t y, int64_t rows, int64_t channel, int64_t channels) const {
    const auto& windows = scratch.windows;
    for (int64_t i = 0; i < windows.Count(); i += kPixels<vectors>)
      Correlate<vectors>(windows.At() + i, y * windows.Down(), windows.Down(), rows, of_.Run(), weights,
                         scratch.out.data() + i, channel, channels, y > 0);
  }

  const Correlation of_;
  const Bands bands_;
  const float* weights_;
  const Outputs outputs_;
};

}  // namespace sportjax
