// Exponential and logarithm of vectors, on the ranges the soft minimum needs, to the last bits of the type.
#pragma once

#include "vectors.h"

namespace sportjax {

// exp(x) for x <= 0; exactly 0 where the type has no normal number left, NaN for NaN.
template <class T>
inline Vector<T> Exp(Vector<T> x) {
  constexpr bool wide = sizeof(T) == 8;
  constexpr int terms = wide ? 13 : 7, bias = wide ? 1023 : 127, mantissa = wide ? 52 : 23;
  using Whole = typename Traits<T>::Whole;
  // In this order the maximum of NaN and a number is NaN.
  const Vector<T> power = Max(Splat<T>(-bias), x * T(1.4426950408889634074));
  const Whole whole = __builtin_convertvector(power - T(0.5), Whole);
  const Vector<T> rest = (power - __builtin_convertvector(whole, Vector<T>)) * T(0.69314718055994530942);
  Vector<T> sum = Splat<T>(1);
#pragma GCC unroll 16
  for (int k = terms; k > 0; --k) sum = T(1) + sum * (rest * T(1.0 / k));
  const Whole bits = (whole + bias) << mantissa;
  return sum * reinterpret_cast<const Vector<T>&>(bits);
}

// log(x) and 1 / x for x in [1, 3], by log(c) + 2 artanh((x - c) / (x + c)) about c = sqrt(3), with one division.
template <class T>
inline Vector<T> LogAndInverse(Vector<T> x, Vector<T>* inverse) {
  constexpr int terms = sizeof(T) == 8 ? 15 : 7;
  const Vector<T> shifted = x + T(1.73205080756887729353), both = T(1) / (x * shifted);
  *inverse = both * shifted;
  const Vector<T> z = (x - T(1.73205080756887729353)) * (both * x), square = z * z;
  Vector<T> sum = Splat<T>(T(2) / (2 * terms - 1));
#pragma GCC unroll 16
  for (int k = terms - 2; k >= 0; --k) sum = T(2.0 / (2 * k + 1)) + sum * square;
  return T(0.54930614433405484570) + z * sum;
}

}  // namespace sportjax
