// SPDX-License-Identifier: LGPL-3.0-or-later
// Source: FIPS 180-4, section 6.2.2; Intel, "Intel SHA Extensions" (2013), for the order of the state words.
#include "crypto/sha256_pair.h"

#include "base/check.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#include <algorithm>

#define INXT_SHA_TARGET [[gnu::target("sha,sse4.1")]]
#define INXT_SHA_INLINE [[gnu::target("sha,sse4.1"), gnu::always_inline]] inline

namespace inxt::crypto {
namespace {

constexpr std::size_t kChunkBytes = 64;  // what SHA-256 takes in at a time

alignas(16) constexpr std::uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// One stream: the state as the instructions want it, and the sixteen message words that the next rounds need.
struct Stream {
  __m128i abef;
  __m128i cdgh;
  __m128i words[4];
};

INXT_SHA_INLINE __m128i swap_words(__m128i words) {
  return _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

INXT_SHA_INLINE void load(Stream& s, const unsigned char* chunk) {
  for (int i = 0; i < 4; ++i)
    s.words[i] = swap_words(_mm_loadu_si128(reinterpret_cast<const __m128i*>(chunk + 16 * i)));
}

// The message words of four groups later, in the place of this group's.
template <int Group>
INXT_SHA_INLINE void schedule(Stream& s) {
  __m128i& now = s.words[Group % 4];
  const __m128i next = s.words[(Group + 1) % 4];
  const __m128i after = s.words[(Group + 2) % 4];
  const __m128i last = s.words[(Group + 3) % 4];
  now = _mm_add_epi32(_mm_sha256msg1_epu32(now, next), _mm_alignr_epi8(last, after, 4));
  now = _mm_sha256msg2_epu32(now, last);
}

// Rounds 4 * Group to 4 * Group + 3 of both streams, step by step, so that one's steps fill the other's
// waits.
template <int Group>
INXT_SHA_INLINE void four_rounds_of_both(Stream& a, Stream& b) {
  const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(kRound + 4 * Group));
  const __m128i sum_a = _mm_add_epi32(a.words[Group % 4], constants);
  const __m128i sum_b = _mm_add_epi32(b.words[Group % 4], constants);
  a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, sum_a);
  b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, sum_b);
  if constexpr (Group < 12) schedule<Group>(a);
  a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, _mm_shuffle_epi32(sum_a, 0x0e));
  if constexpr (Group < 12) schedule<Group>(b);
  b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, _mm_shuffle_epi32(sum_b, 0x0e));
}

INXT_SHA_INLINE void compress(Stream& a, Stream& b, const unsigned char* chunk_a,
                              const unsigned char* chunk_b) {
  const __m128i abef_a = a.abef, cdgh_a = a.cdgh, abef_b = b.abef, cdgh_b = b.cdgh;
  load(a, chunk_a);
  load(b, chunk_b);
  four_rounds_of_both<0>(a, b);
  four_rounds_of_both<1>(a, b);
  four_rounds_of_both<2>(a, b);
  four_rounds_of_both<3>(a, b);
  four_rounds_of_both<4>(a, b);
  four_rounds_of_both<5>(a, b);
  four_rounds_of_both<6>(a, b);
  four_rounds_of_both<7>(a, b);
  four_rounds_of_both<8>(a, b);
  four_rounds_of_both<9>(a, b);
  four_rounds_of_both<10>(a, b);
  four_rounds_of_both<11>(a, b);
  four_rounds_of_both<12>(a, b);
  four_rounds_of_both<13>(a, b);
  four_rounds_of_both<14>(a, b);
  four_rounds_of_both<15>(a, b);
  a.abef = _mm_add_epi32(a.abef, abef_a);
  a.cdgh = _mm_add_epi32(a.cdgh, cdgh_a);
  b.abef = _mm_add_epi32(b.abef, abef_b);
  b.cdgh = _mm_add_epi32(b.cdgh, cdgh_b);
}

INXT_SHA_INLINE void begin(Stream& s) {
  s.abef = _mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f, static_cast<int>(0x9b05688c));
  s.cdgh = _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19);
}

INXT_SHA_INLINE void store(const Stream& s, Hash& out) {
  const __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
  const __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0);
  const __m128i hgfe = _mm_alignr_epi8(dchg, feba, 8);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data()), swap_words(dcba));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + 16), swap_words(hgfe));
}

// The chunks that are not plain runs of the data: the first, which has the prefix, and the last one or two,
// which have the padding.  The message is prefix || data, so every chunk between them is read one byte early,
// where it lies.
struct Ends {
  unsigned char first[kChunkBytes];
  unsigned char last[2 * kChunkBytes];
};

void make_ends(Ends& ends, const std::byte* data, std::size_t bytes, std::byte prefix) {
  const std::size_t message = bytes + 1;
  const std::size_t whole = message / kChunkBytes * kChunkBytes;  // bytes of the message in whole chunks
  const std::size_t rest = message - whole;
  const std::size_t last = rest + 9 <= kChunkBytes ? kChunkBytes : 2 * kChunkBytes;
  std::memset(ends.last, 0, last);
  if (whole > 0) {
    ends.first[0] = std::to_integer<unsigned char>(prefix);
    std::memcpy(ends.first + 1, data, kChunkBytes - 1);
    if (rest > 0) std::memcpy(ends.last, data + whole - 1, rest);
  } else {
    ends.last[0] = std::to_integer<unsigned char>(prefix);
    if (bytes > 0) std::memcpy(ends.last + 1, data, bytes);
  }
  ends.last[rest] = 0x80;
  const auto bits = big_endian(static_cast<std::uint64_t>(message) * 8);
  std::memcpy(ends.last + last - 8, bits.data(), 8);
}

}  // namespace

bool pair_supported() {
  static const bool supported = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
  }();
  return supported;
}

INXT_SHA_TARGET void hash_pair(const std::byte* a, const std::byte* b, std::size_t bytes, std::byte prefix,
                               Hash& hash_a, Hash& hash_b) {
  Ends ends_a, ends_b;
  make_ends(ends_a, a, bytes, prefix);
  make_ends(ends_b, b, bytes, prefix);
  const std::size_t whole = (bytes + 1) / kChunkBytes;
  const std::size_t rest = (bytes + 1) % kChunkBytes;

  Stream stream_a, stream_b;
  begin(stream_a);
  begin(stream_b);
  if (whole > 0) compress(stream_a, stream_b, ends_a.first, ends_b.first);
  const auto* from_a = reinterpret_cast<const unsigned char*>(a);
  const auto* from_b = reinterpret_cast<const unsigned char*>(b);
  for (std::size_t i = 1; i < whole; ++i)
    compress(stream_a, stream_b, from_a + i * kChunkBytes - 1, from_b + i * kChunkBytes - 1);
  compress(stream_a, stream_b, ends_a.last, ends_b.last);
  if (rest + 9 > kChunkBytes)
    compress(stream_a, stream_b, ends_a.last + kChunkBytes, ends_b.last + kChunkBytes);
  store(stream_a, hash_a);
  store(stream_b, hash_b);
}

}  // namespace inxt::crypto

#else

namespace inxt::crypto {

bool pair_supported() {
  return false;
}

void hash_pair(const std::byte*, const std::byte*, std::size_t, std::byte, Hash&, Hash&) {
  CHECK_BUG(pair_supported());
}

}  // namespace inxt::crypto

#endif
