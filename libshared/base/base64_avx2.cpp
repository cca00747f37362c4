// SPDX-License-Identifier: LGPL-3.0-or-later
// Source: Wojciech Mula and Daniel Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions"
// (2018), with the alphabet of RFC 4648, section 5.
#include "base/base64_avx2.h"

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define INXT_AVX2 [[gnu::target("avx2")]]
#define INXT_AVX2_INLINE [[gnu::target("avx2"), gnu::always_inline]] inline

namespace inxt::base64_avx2 {
namespace {

constexpr std::size_t kLetters = 32;  // of one step
constexpr std::size_t kBytes = 24;

/// The same 16 entries for both halves of a register.
INXT_AVX2_INLINE __m256i table(char e0, char e1, char e2, char e3, char e4, char e5, char e6, char e7,
                               char e8, char e9, char e10, char e11, char e12, char e13, char e14, char e15) {
  return _mm256_setr_epi8(e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13, e14, e15, e0, e1, e2,
                          e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13, e14, e15);
}

/// Four values of 6 bits in each 32 bits, from three bytes in each.
INXT_AVX2_INLINE __m256i split(__m256i bytes) {
  const __m256i spread = _mm256_shuffle_epi8(bytes, table(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  const __m256i first_and_third = _mm256_mulhi_epu16(_mm256_and_si256(spread, _mm256_set1_epi32(0x0fc0fc00)),
                                                     _mm256_set1_epi32(0x04000040));
  const __m256i second_and_fourth = _mm256_mullo_epi16(
      _mm256_and_si256(spread, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
  return _mm256_or_si256(first_and_third, second_and_fourth);
}

/// Letters of values: each range of the alphabet lies at a distance of its own from its values.
INXT_AVX2_INLINE __m256i letters_of(__m256i values) {
  // 0 for 26 to 51, 1 to 10 for the digits, 11 and 12 for the last two, 13 for 0 to 25.
  __m256i range = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
  const __m256i capital = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
  range = _mm256_or_si256(range, _mm256_and_si256(capital, _mm256_set1_epi8(13)));
  constexpr char kSmall = 'a' - 26, kDigit = '0' - 52, kMinus = '-' - 62, kLine = '_' - 63, kCapital = 'A';
  return _mm256_add_epi8(
      values, _mm256_shuffle_epi8(table(kSmall, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit,
                                        kDigit, kDigit, kDigit, kMinus, kLine, kCapital, 0, 0),
                                  range));
}

/// Values of letters; false if one of them is none.
INXT_AVX2_INLINE bool values_of(__m256i letters, __m256i& values) {
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(letters, 4), nibble);
  const __m256i low = _mm256_and_si256(letters, nibble);
  // A bit for each kind of column of the ASCII table (2: only '-'; 3: digits; 4 and 6: letters but their
  // first; 5: letters to 'Z', and '_'; 7: letters to 'z'; all others), and in which kinds of column a row is
  // none of the alphabet.
  const __m256i column = _mm256_shuffle_epi8(
      table(0x20, 0x20, 0x01, 0x02, 0x04, 0x08, 0x04, 0x10, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20),
      high);
  const __m256i refused = _mm256_shuffle_epi8(
      table(0x25, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x23, 0x3b, 0x3b, 0x3a, 0x3b, 0x33),
      low);
  if (_mm256_testz_si256(column, refused) == 0) return false;
  const __m256i distance = _mm256_shuffle_epi8(
      table(0, 0, 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0), high);
  const __m256i line = _mm256_cmpeq_epi8(letters, _mm256_set1_epi8('_'));
  const __m256i more = _mm256_and_si256(line, _mm256_set1_epi8(63 - '_' + 'A'));
  values = _mm256_add_epi8(letters, _mm256_add_epi8(distance, more));
  return true;
}

/// 24 bytes, in front, from 32 values.
INXT_AVX2_INLINE __m256i join(__m256i values) {
  const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
  const __m256i threes = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
  const __m256i in_order =
      _mm256_shuffle_epi8(threes, table(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
  return _mm256_permutevar8x32_epi32(in_order, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

}  // namespace

bool supported() {
  static const bool supported = __builtin_cpu_supports("avx2") != 0;
  return supported;
}

INXT_AVX2 std::size_t encode(ByteView bytes, char* out) {
  std::size_t at = 0;
  // The second half of a step is loaded from 12 bytes on, 16 bytes of it.
  for (; bytes.size() - at >= 28; at += kBytes, out += kLetters) {
    const auto* from = reinterpret_cast<const __m128i*>(bytes.data() + at);
    const auto* from_half = reinterpret_cast<const __m128i*>(bytes.data() + at + kBytes / 2);
    const __m256i both = _mm256_set_m128i(_mm_loadu_si128(from_half), _mm_loadu_si128(from));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), letters_of(split(both)));
  }
  return at;
}

INXT_AVX2 std::size_t decode(std::string_view text, ByteSpan out) {
  std::size_t letters = 0;
  // A step stores 32 bytes, of which the last 8 are overwritten by the next: there must be room for them.
  for (; text.size() - letters >= kLetters && out.size() >= 32;
       letters += kLetters, out = out.subspan(kBytes)) {
    __m256i values;
    if (!values_of(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + letters)), values))
      break;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.data()), join(values));
  }
  return letters;
}

}  // namespace inxt::base64_avx2

#else

namespace inxt::base64_avx2 {

bool supported() {
  return false;
}

std::size_t encode(ByteView, char*) {
  check_failed("base64_avx2::supported()", __FILE__, __LINE__);
}

std::size_t decode(std::string_view, ByteSpan) {
  check_failed("base64_avx2::supported()", __FILE__, __LINE__);
}

}  // namespace inxt::base64_avx2

#endif
