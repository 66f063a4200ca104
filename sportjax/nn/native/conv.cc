// Two-dimensional convolution of images with channels last, and its gradients, as products of tiles that fit in
// registers (Goto & van de Geijn 2008) over windows found through pointers (Dukhan 2019, "The Indirect Convolution
// Algorithm"). The gradient by the input is, for each phase of the stride, a convolution of the outputs' gradient.
#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "parallel.h"
#include "weights.h"
#include "windows.h"
#include "xla/ffi/api/ffi.h"

namespace sportjax {
namespace {

namespace ffi = xla::ffi;

constexpr int64_t kWeightBytes = 1 << 18;      // of one panel, used on all pixels of a group before the next are loaded
constexpr int64_t kPartialBytes = 1 << 23;     // of all partial sums of a kernel's gradient
constexpr int64_t kMaxParts = 8;

// Outputs of a correlation within images of `of` size: every `step`th row and column from the first ones.
struct Outputs {
  float* to;
  Images of;
  int64_t row, column, step;

  float* At(int64_t image, int64_t p, int64_t q) const {
    return to + ((image * of.h + row + p * step) * of.w + column + q * step) * of.c;
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
  Buffer packed;  // weights, or gradients of outputs
  Buffer partial;
};
thread_local Scratch scratch;

// Parts into which to cut what `units` of work have in common, so that every thread finds some.
int64_t Cuts(const ffi::ThreadPool& pool, int64_t units, int64_t most) {
  return units >= 2 * pool.num_threads() ? 1 : std::min(most, (2 * pool.num_threads() + units - 1) / units);
}

class Correlator {
 public:
  Correlator(const Correlation& of, const float* weights, const Outputs& outputs)
      : of_(of), bands_(of), weights_(weights), outputs_(outputs) {}

  void Run(ffi::ThreadPool& pool) const {
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
    out.clear();
    for (int64_t band = begin; band < end; ++band)
      for (int64_t p = bands_.Begin(band); p < bands_.End(band); ++p)
        for (int64_t q = 0; q < of_.q; ++q) out.push_back(outputs_.At(bands_.Image(band), p, q));
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
    const int64_t count = scratch.out.size(), down = scratch.windows.Down();
    const float* windows[kPixels<vectors>];
    float* out[kPixels<vectors>];
    for (int64_t i = 0; i < count; i += kPixels<vectors>) {
      for (int r = 0; r < kPixels<vectors>; ++r) {
        const int64_t pixel = std::min(i + r, count - 1);
        windows[r] = scratch.windows.At()[pixel] + y * down;
        out[r] = scratch.out[pixel] + channel;
      }
      Correlate<vectors>(windows, down, rows, of_.Run(), weights, out, channels, y > 0);
    }
  }

  const Correlation of_;
  const Bands bands_;
  const float* weights_;
  const Outputs outputs_;
};

class KernelGradient {
 public:
  // `gradients`: by the outputs, of `channels`; `out`: by the weights.
  KernelGradient(const Correlation& of, const float* gradients, int64_t channels, float* out)
      : of_(of), bands_(of), gradients_(gradients), channels_(channels), out_(out) {}

  // The sum is cut into parts that depend on the shapes alone, so that its rounding does not depend on the threads.
  void Run(ffi::ThreadPool& pool) const {
    const int64_t size = of_.height * of_.Run() * channels_, panels = Panels(channels_, kGradientPanel);
    const int64_t most = std::min(kMaxParts, bands_.Groups());
    const int64_t parts = std::clamp<int64_t>(kPartialBytes / (size * sizeof(float)), 1, most);
    const int64_t cuts = Cuts(pool, parts, panels), groups = bands_.Groups();
    float* partial = parts == 1 ? out_ : scratch.partial.Grown(parts * size);
    ParallelFor(pool, parts * cuts, [&](int64_t unit) {
      const int64_t part = unit / cuts, cut = unit % cuts, first = part * groups / parts;
      for (int64_t group = first; group < (part + 1) * groups / parts; ++group)
        RunGroup(group, cut * panels / cuts, (cut + 1) * panels / cuts, partial + part * size, group > first);
    });
    if (parts > 1) Sum(partial, parts, size);
  }

 private:
  void RunGroup(int64_t group, int64_t begin_panel, int64_t end_panel, float* out, bool more) const {
    const int64_t begin = group * bands_.Group(), end = std::min(begin + bands_.Group(), bands_.Count());
    scratch.windows.Fill(of_, bands_, begin, end, false);
    const int64_t count = scratch.windows.Count();
    const float* gradients =
        gradients_ + (bands_.Image(begin) * of_.p + bands_.Begin(begin)) * of_.q * channels_;
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
    constexpr int rows = kSums / vectors;
    const int64_t run = of_.Run(), count = scratch.windows.Count();
    for (int64_t i = 0; i < run; i += rows) {
      const int64_t valid = std::min<int64_t>(rows, run - i), offset = y * scratch.windows.Down() + i;
      float* to = out + (y * run + i) * channels_;
      const auto accumulate = [&](auto fit) {
        Accumulate<fit(), vectors>(scratch.windows.At(), count, offset, packed, to, channels_, valid, lanes, more);
      };
      if (valid <= 4) accumulate(std::integral_constant<int, 4>());
      else if (valid <= 8) accumulate(std::integral_constant<int, std::min(8, rows)>());
      else if (valid <= 16) accumulate(std::integral_constant<int, std::min(16, rows)>());
      else accumulate(std::integral_constant<int, rows>());
    }
  }

  void Sum(const float* partial, int64_t parts, int64_t size) const {
    for (int64_t i = 0; i < size; ++i) {
      float sum = partial[i];
      for (int64_t part = 1; part < parts; ++part) sum += partial[part * size + i];
      out_[i] = sum;
    }
  }

  const Correlation of_;
  const Bands bands_;
  const float* gradients_;
  const int64_t channels_;
  float* out_;
};

Images ImagesOf(const ffi::Buffer<ffi::F32>& x) {
  const auto d = x.dimensions();
  return {d[0], d[1], d[2], d[3]};
}

// Odd square kernels, padded by half their size on every side.
Correlation Forward(const ffi::Buffer<ffi::F32>& x, int64_t size, int64_t stride, const Images& y) {
  return {x.typed_data(), ImagesOf(x), size, size, stride, size / 2, size / 2, y.h, y.w};
}

ffi::Error Conv(ffi::ThreadPool pool, ffi::Buffer<ffi::F32> x, ffi::Buffer<ffi::F32> kernel,
                ffi::Result<ffi::Buffer<ffi::F32>> y, int64_t stride) {
  const Images out = ImagesOf(*y);
  if (!out.Size()) return ffi::Error::Success();
  const Correlation of = Forward(x, kernel.dimensions()[0], stride, out);
  const int64_t numbers = of.height * of.Run();
  float* packed = scratch.packed.Grown(PackedSize(numbers, out.c));
  ParallelFor(pool, Panels(out.c, kPanel), [&](int64_t panel) {
    const int64_t channel = panel * kPanel;
    PackPanel(kernel.typed_data() + channel, numbers, out.c, std::min<int64_t>(kPanel, out.c - channel),
              packed + channel * numbers);
  });
  Correlator(of, packed, {y->typed_data(), out, 0, 0, 1}).Run(pool);
  return ffi::Error::Success();
}

// In one direction, the inputs `phase`, `phase` + stride... and the taps that see them, last tap first.
struct Phase {
  int64_t first, taps, before, outputs;

  Phase(int64_t phase, int64_t size, int64_t stride, int64_t length) {
    const int64_t pad = size / 2;
    first = (phase + pad) % stride;
    taps = first < size ? (size - first + stride - 1) / stride : 0;
    before = taps - 1 - (phase + pad - first) / stride;
    outputs = phase < length ? (length - phase + stride - 1) / stride : 0;
  }
  int64_t Tap(int64_t reversed, int64_t stride) const { return first + (taps - 1 - reversed) * stride; }
};

// Weights of one phase, input channels for output channels and the other way round.
void PackPhase(ffi::ThreadPool& pool, const ffi::Buffer<ffi::F32>& kernel, const Phase& down, const Phase& across,
               int64_t stride, float* packed) {
  const auto d = kernel.dimensions();
  const int64_t size = d[0], c = d[2], k = d[3], numbers = down.taps * across.taps * k;
  ParallelFor(pool, Panels(c, kPanel), [&](int64_t panel) {
    const int64_t channel = panel * kPanel, channels = std::min<int64_t>(kPanel, c - channel);
    float* to = packed + channel * numbers;
    for (int64_t y = 0; y < down.taps; ++y)
      for (int64_t x = 0; x < across.taps; ++x, to += PackedSize(k, channels)) {
        const int64_t tap = down.Tap(y, stride) * size + across.Tap(x, stride);
        PackTransposed(kernel.typed_data() + (tap * c + channel) * k, k, k, channels, to);
      }
  });
}

ffi::Error ConvInputGradient(ffi::ThreadPool pool, ffi::Buffer<ffi::F32> dy, ffi::Buffer<ffi::F32> kernel,
                             ffi::Result<ffi::Buffer<ffi::F32>> dx, int64_t stride) {
  const Images in = ImagesOf(dy), out = ImagesOf(*dx);
  const int64_t size = kernel.dimensions()[0];
  if (!out.Size()) return ffi::Error::Success();
  if (size < stride || !in.Size()) std::fill_n(dx->typed_data(), out.Size(), 0.f);  // some inputs are seen by no tap
  for (int64_t row = 0; row < stride; ++row)
    for (int64_t column = 0; column < stride; ++column) {
      const Phase down(row, size, stride, out.h), across(column, size, stride, out.w);
      const Correlation of = {dy.typed_data(), in,         down.taps,   across.taps,   1, down.before,
                              across.before,   down.outputs, across.outputs};
      if (!of.p || !of.q || !of.height || !of.width || !in.Size()) continue;
      float* packed = scratch.packed.Grown(PackedSize(of.height * of.Run(), out.c));
      PackPhase(pool, kernel, down, across, stride, packed);
      Correlator(of, packed, {dx->typed_data(), out, row, column, stride}).Run(pool);
    }
  return ffi::Error::Success();
}

ffi::Error ConvKernelGradient(ffi::ThreadPool pool, ffi::Buffer<ffi::F32> x, ffi::Buffer<ffi::F32> dy,
                              ffi::Result<ffi::Buffer<ffi::F32>> out, int64_t stride) {
  const Images y = ImagesOf(dy);
  if (!y.Size()) std::fill_n(out->typed_data(), out->element_count(), 0.f);
  if (!y.Size() || !out->element_count()) return ffi::Error::Success();
  const Correlation of = Forward(x, out->dimensions()[0], stride, y);
  KernelGradient(of, dy.typed_data(), y.c, out->typed_data()).Run(pool);
  return ffi::Error::Success();
}

}  // namespace
}  // namespace sportjax

#define SPORTJAX_CONV                         \
  xla::ffi::Ffi::Bind()                       \
      .Ctx<xla::ffi::ThreadPool>()            \
      .Arg<xla::ffi::Buffer<xla::ffi::F32>>() \
      .Arg<xla::ffi::Buffer<xla::ffi::F32>>() \
      .Ret<xla::ffi::Buffer<xla::ffi::F32>>() \
      .Attr<int64_t>("stride")

XLA_FFI_DEFINE_HANDLER_SYMBOL(SportjaxConv, sportjax::Conv, SPORTJAX_CONV);
XLA_FFI_DEFINE_HANDLER_SYMBOL(SportjaxConvInputGradient, sportjax::ConvInputGradient, SPORTJAX_CONV);
XLA_FFI_DEFINE_HANDLER_SYMBOL(SportjaxConvKernelGradient, sportjax::ConvKernelGradient, SPORTJAX_CONV);
