// Vectors of the machine's own width, by the compilers' vector extension: AVX-512, AVX, NEON or SSE from one source.
// Only what the extension cannot say (minimum, square root) names an instruction.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace sportjax {

#if defined(__AVX512F__)
constexpr int kBytes = 64;
constexpr int kRows = 12;  // rows of a register block: kRows * 2 sums, 2 operands and a broadcast fill 32 registers
#elif defined(__AVX__)
constexpr int kBytes = 32;
constexpr int kRows = 5;
#elif defined(__aarch64__)
constexpr int kBytes = 16;
constexpr int kRows = 12;
#else
constexpr int kBytes = 16;
constexpr int kRows = 5;
#endif

typedef float Floats __attribute__((vector_size(kBytes)));
typedef double Doubles __attribute__((vector_size(kBytes)));
typedef int32_t Ints __attribute__((vector_size(kBytes)));
typedef int64_t Longs __attribute__((vector_size(kBytes)));

template <class T>
struct Traits;
template <>
struct Traits<float> {
  typedef Floats Vector;
  typedef Ints Whole;
};
template <>
struct Traits<double> {
  typedef Doubles Vector;
  typedef Longs Whole;
};
template <class T>
using Vector = typename Traits<T>::Vector;
template <class T>
constexpr int kWidth = kBytes / static_cast<int>(sizeof(T));

template <class T>
inline Vector<T> Splat(T value) {
  return value - Vector<T>{};  // of a number less 0 compilers know that it is the number
}

template <class T>
inline Vector<T> Load(const T* from) {
  Vector<T> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class V, class T>
inline void Store(T* to, V v) {
  std::memcpy(to, &v, sizeof v);
}

template <class V>
inline V Min(V a, V b) {
  return a < b ? a : b;
}
template <class V>
inline V Max(V a, V b) {
  return a > b ? a : b;
}

// Square root of numbers that are not negative.
template <class V>
inline V Sqrt(V v) {
  for (unsigned l = 0; l < sizeof(V) / sizeof(v[0]); ++l) v[l] = std::sqrt(v[l]);
  return v;
}

#if defined(__AVX512F__)
template <>
inline Floats Min(Floats a, Floats b) {
  return (Floats)_mm512_min_ps((__m512)a, (__m512)b);
}
template <>
inline Doubles Min(Doubles a, Doubles b) {
  return (Doubles)_mm512_min_pd((__m512d)a, (__m512d)b);
}
template <>
inline Floats Max(Floats a, Floats b) {
  return (Floats)_mm512_max_ps((__m512)a, (__m512)b);
}
template <>
inline Floats Sqrt(Floats v) {
  // The divider is not pipelined; a reciprocal root of 14 bits and one step of Newton's method are, to the last bit but
  // one. The smallest normal number stands in for 0, whose reciprocal is infinite.
  const Floats guess = (Floats)_mm512_rsqrt14_ps((__m512)Max(v, Splat<float>(1.17549435e-38f)));
  const Floats root = v * guess, half = 0.5f * guess;
  return root + half * (v - root * root);
}
template <>
inline Doubles Sqrt(Doubles v) {
  return (Doubles)_mm512_sqrt_pd((__m512d)v);
}
#elif defined(__AVX__)
template <>
inline Floats Min(Floats a, Floats b) {
  return (Floats)_mm256_min_ps((__m256)a, (__m256)b);
}
template <>
inline Doubles Min(Doubles a, Doubles b) {
  return (Doubles)_mm256_min_pd((__m256d)a, (__m256d)b);
}
template <>
inline Floats Sqrt(Floats v) {
  return (Floats)_mm256_sqrt_ps((__m256)v);
}
template <>
inline Doubles Sqrt(Doubles v) {
  return (Doubles)_mm256_sqrt_pd((__m256d)v);
}
#elif defined(__aarch64__)
template <>
inline Floats Min(Floats a, Floats b) {
  return (Floats)vminq_f32((float32x4_t)a, (float32x4_t)b);
}
template <>
inline Floats Sqrt(Floats v) {
  return (Floats)vsqrtq_f32((float32x4_t)v);
}
template <>
inline Doubles Sqrt(Doubles v) {
  return (Doubles)vsqrtq_f64((float64x2_t)v);
}
#endif

// Where element i of one result of a transposing round comes from, in the two vectors one behind the other. Within the
// 16 bytes that one instruction can permute elements are interleaved; whole chunks of 16 bytes are then sorted apart.
template <class T, bool second>
constexpr int Interleaved(int i) {
  constexpr int chunk = 16 / sizeof(T);
  return i - i % chunk + i % chunk / 2 + (second ? chunk / 2 : 0) + (i % 2) * kWidth<T>;
}
template <class T, bool second>
constexpr int Apart(int i) {
  constexpr int chunk = 16 / sizeof(T);
  return i / chunk * 2 * chunk + i % chunk + (second ? chunk : 0);
}

template <class T, bool second, int... i>
inline Vector<T> Interleave(Vector<T> a, Vector<T> b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, Interleaved<T, second>(i)...);
}
template <class T, bool second, int... i>
inline Vector<T> TakeApart(Vector<T> a, Vector<T> b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, Apart<T, second>(i)...);
}

// Transposes a square of vectors in place.
template <class T>
inline void Transpose(Vector<T>* rows) {
  using Order = std::make_integer_sequence<int, kWidth<T>>;
  constexpr int chunk = 16 / sizeof(T), chunks = kWidth<T> / chunk;
  Vector<T> other[kWidth<T>];
#pragma GCC unroll 2
  for (int round = 1; round < chunk; round *= 2) {
#pragma GCC unroll 16
    for (int i = 0; i < kWidth<T> / 2; ++i) {
      const int from = i / (chunk / 2) * chunk + i % (chunk / 2), to = i / (chunk / 2) * chunk + i % (chunk / 2) * 2;
      other[to] = Interleave<T, false>(rows[from], rows[from + chunk / 2], Order());
      other[to + 1] = Interleave<T, true>(rows[from], rows[from + chunk / 2], Order());
    }
#pragma GCC unroll 16
    for (int i = 0; i < kWidth<T>; ++i) rows[i] = other[i];
  }
  // Row e of group g now has, in its chunk q, column q * chunk + e of the group's rows.
#pragma GCC unroll 2
  for (int round = 1; round < chunks; round *= 2) {
#pragma GCC unroll 16
    for (int i = 0; i < kWidth<T> / 2; ++i) {
      const int group = i / chunk, e = i % chunk;
      other[group * chunk + e] = TakeApart<T, false>(rows[2 * group * chunk + e], rows[(2 * group + 1) * chunk + e], Order());
      other[(group + chunks / 2) * chunk + e] =
          TakeApart<T, true>(rows[2 * group * chunk + e], rows[(2 * group + 1) * chunk + e], Order());
    }
#pragma GCC unroll 16
    for (int i = 0; i < kWidth<T>; ++i) rows[i] = other[i];
  }
}

}  // namespace sportjax
