// Two-dimensional convolution of images with channels last, and its gradients, as products of tiles that fit in
// registers (Goto & van de Geijn 2008) over windows found through pointers (Dukhan 2019, "The Indirect Convolution
// Algorithm"). The gradient by the input is, for each phase of the stride, a convolution of the outputs' gradient.
#include <algorithm>
#include <cstdint>

#include "correlate.h"
#include "kernel_gradient.h"
#include "winograd.h"
#include "winograd_gradient.h"
#include "xla/ffi/api/ffi.h"

namespace sportjax {
namespace {

namespace ffi = xla::ffi;

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
  const int64_t size = kernel.dimensions()[0];
  if (WinogradSuits(ImagesOf(x), out, size, stride)) {
    Winograd(x.typed_data(), ImagesOf(x), kernel.typed_data(), y->typed_data(), out).Run(pool);
    return ffi::Error::Success();
  }
  const Correlation of = Forward(x, size, stride, out);
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

// Weights of one phase, input channels for output channels and the other way round, in panels of `width` inputs.
void PackPhase(ffi::ThreadPool& pool, const ffi::Buffer<ffi::F32>& kernel, const Phase& down, const Phase& across,
               int64_t stride, int64_t width, float* packed) {
  const auto d = kernel.dimensions();
  const int64_t size = d[0], c = d[2], k = d[3], numbers = down.taps * across.taps * k;
  ParallelFor(pool, Panels(c, width), [&](int64_t panel) {
    const int64_t channel = panel * width, channels = std::min(width, c - channel);
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
  if (WinogradSuits(in, out, size, stride)) {
    float* turned = scratch.turned.Grown(size * size * in.c * out.c);
    PackPhase(pool, kernel, {0, size, 1, out.h}, {0, size, 1, out.w}, 1, out.c, turned);
    Winograd(dy.typed_data(), in, turned, dx->typed_data(), out).Run(pool);
    return ffi::Error::Success();
  }
  for (int64_t row = 0; row < stride; ++row)
    for (int64_t column = 0; column < stride; ++column) {
      const Phase down(row, size, stride, out.h), across(column, size, stride, out.w);
      const Correlation of = {dy.typed_data(), in,         down.taps,   across.taps,   1, down.before,
                              across.before,   down.outputs, across.outputs};
      if (!of.p || !of.q || !of.height || !of.width || !in.Size()) continue;
      float* packed = scratch.packed.Grown(PackedSize(of.height * of.Run(), out.c));
      PackPhase(pool, kernel, down, across, stride, kPanel, packed);
      Correlator(of, packed, {dx->typed_data(), out, row, column, stride}).Run(pool);
    }
  return ffi::Error::Success();
}

ffi::Error ConvKernelGradient(ffi::ThreadPool pool, ffi::Buffer<ffi::F32> x, ffi::Buffer<ffi::F32> dy,
                              ffi::Result<ffi::Buffer<ffi::F32>> out, int64_t stride) {
  const Images y = ImagesOf(dy);
  if (!y.Size()) std::fill_n(out->typed_data(), out->element_count(), 0.f);
  if (!y.Size() || !out->element_count()) return ffi::Error::Success();
  const int64_t size = out->dimensions()[0];
  if (WinogradSuits(ImagesOf(x), y, size, stride)) {
    WinogradGradient(x.typed_data(), ImagesOf(x), dy.typed_data(), y, out->typed_data()).Run(pool);
    return ffi::Error::Success();
  }
  const Correlation of = Forward(x, size, stride, y);
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
