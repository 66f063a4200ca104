// The gradient by the kernel: for each tap and input channel, over all output pixels.
#pragma once

#include <algorithm>
#include <cstdint>

#include "correlate.h"

namespace sportjax {

constexpr int64_t kPartialBytes = 1 << 22;  // of all partial sums together
constexpr int64_t kMaxParts = 8;

// Sums a gradient of `size` over groups of pixels: `run(group, begin, end, sum, more)` does so for some panels of
// channels. The sum is cut into parts that depend on the shapes alone, so that its rounding does not depend on the
// threads.
template <class Run>
void SumGroups(xla::ffi::ThreadPool& pool, int64_t groups, int64_t panels, int64_t size, float* out, const Run& run) {
  const int64_t fit = kPartialBytes / (size * static_cast<int64_t>(sizeof(float)));
  const int64_t parts = std::clamp<int64_t>(fit, 1, std::min(kMaxParts, groups)), cuts = Cuts(pool, parts, panels);
  float* partial = parts == 1 ? out : scratch.partial.Grown(parts * size);
  ParallelFor(pool, parts * cuts, [&](int64_t unit) {
    const int64_t part = unit / cuts, cut = unit % cuts, first = part * groups / parts;
    for (int64_t group = first; group < (part + 1) * groups / parts; ++group)
      run(group, cut * panels / cuts, (cut + 1) * panels / cuts, partial + part * size, group > first);
  });
  for (int64_t i = 0; parts > 1 && i < size; ++i) {
    out[i] = partial[i];
    for (int64_t part = 1; part < parts; ++part) out[i] += partial[part * size + i];
  }
}

// Accumulate with the smallest tile that holds `valid` rows.
template <int vectors>
void AccumulateRows(const float* const* windows, int64_t count, int64_t offset, const float* gradients, float* out,
                    int64_t apart, int64_t valid, int64_t lanes, bool more) {
  const auto accumulate = [&](auto rows) {
    Accumulate<rows(), vectors>(windows, count, offset, gradients, out, apart, valid, lanes, more);
  };
  constexpr int most = kGradientRows<vectors>;
  if (valid <= 4) accumulate(std::integral_constant<int, 4>());
  else if (valid <= 8) accumulate(std::integral_constant<int, std::min(8, most)>());
  else if (valid <= 16) accumulate(std::integral_constant<int, std::min(16, most)>());
  else accumulate(std::integral_constant<int, most>());
}

class KernelGradient {
 public:
  // `gradients`: by the outputs, of `channels`; `out`: by the weights.
  KernelGradient(const Correlation& of, const float* gradients, int64_t channels, float* out)
      : of_(of), bands_(of_), gradients_(gradients), channels_(channels), out_(out) {}

  void Run(xla::ffi::ThreadPool& pool) const {
    SumGroups(pool, bands_.Groups(), Panels(channels_, kGradientPanel), of_.height * of_.Run() * channels_, out_,
              [this](auto... arguments) { RunGroup(arguments...); });
  }

 private:
  void RunGroup(int64_t group, int64_t begin_panel, int64_t end_panel, float* out, bool more) const {
    const int64_t begin = group * bands_.Group(), end = std::min(begin + bands_.Group(), bands_.Count());
    scratch.windows.Fill(of_, bands_, begin, end, false);
    const int64_t count = scratch.windows.Count();
    const float* gradients = gradients_ + (bands_.Image(begin) * of_.p + bands_.Begin(begin)) * of_.q * channels_;
    for (int64_t panel = begin_panel; panel < end_panel; ++panel) {
      const int64_t channel = panel * kGradientPanel, lanes = std::min<int64_t>(kGradientPanel, channels_ - channel);
      float* packed = scratch.packed.Grown(PackedSize(count, lanes));
      PackPanel(gradients + channel, count, channels_, lanes, packed);
      WithVectors<kGradientVectors>(Vectors(lanes), [&](auto vectors) {
        for (int64_t y = 0; y < of_.height; ++y) RunRow<vectors()>(packed, y, lanes, out + channel, more);
      });
    }
  }

  template <int vectors>
  void RunRow(const float* packed, int64_t y, int64_t lanes, float* out, bool more) const {
    constexpr int rows = kGradientRows<vectors>;
    const auto& windows = scratch.windows;
    const int64_t run = of_.Run();
    for (int64_t i = 0; i < run; i += rows)
      AccumulateRows<vectors>(windows.At(), windows.Count(), y * windows.Down() + i, packed,
                              out + (y * run + i) * channels_, channels_, std::min<int64_t>(rows, run - i), lanes,
                              more);
  }

  const Correlation of_;
  const Bands bands_;
  const float* gradients_;
  const int64_t channels_;
  float* out_;
};

}  // namespace sportjax
