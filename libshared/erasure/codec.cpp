// SPDX-License-Identifier: LGPL-3.0-or-later
#include "erasure/codec.h"

#include <fmt/format.h>
#include <isa-l/erasure_code.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace inxt::erasure {
namespace {

constexpr std::size_t kStripBytes = std::size_t{32} * 1024;  // of each shard at a time
constexpr std::uint32_t kWideShards = 16;  // from here on, K+M whole shards at a time fall out of the cache
constexpr std::size_t kTableBytes = 32;    // ISA-L's, for one coefficient
constexpr std::size_t kRunBytesMax = std::size_t{1} << 30;  // ISA-L counts in int

// ISA-L takes pointers that are not const, but only reads data and tables.
unsigned char* unconst(const unsigned char* p) {
  return const_cast<unsigned char*>(p);
}

using Inputs = std::array<const unsigned char*, kDataShardsMax>;
using Outputs = std::array<unsigned char*, kDataShardsMax + kParityShardsMax>;

// out[r] = sum over j of coefficient (r, j) * in[j], over `bytes` bytes.
void multiply(const std::vector<unsigned char>& tables, const Inputs& in, std::uint32_t inputs,
              const Outputs& out, std::uint32_t outputs, std::size_t bytes) {
  if (outputs == 0 || bytes == 0) return;
  const std::size_t strip = inputs + outputs >= kWideShards ? kStripBytes : kRunBytesMax;
  std::array<unsigned char*, kDataShardsMax> from;
  Outputs to;
  for (std::size_t done = 0; done < bytes;) {
    const std::size_t run = std::min(strip, bytes - done);
    for (std::uint32_t j = 0; j < inputs; ++j) from[j] = unconst(in[j]) + done;
    for (std::uint32_t r = 0; r < outputs; ++r) to[r] = out[r] + done;
    ec_encode_data(static_cast<int>(run), static_cast<int>(inputs), static_cast<int>(outputs),
                   unconst(tables.data()), from.data(), to.data());
    done += run;
  }
}

std::vector<unsigned char> make_tables(const unsigned char* rows, std::uint32_t inputs,
                                       std::uint32_t outputs) {
  std::vector<unsigned char> tables(kTableBytes * inputs * outputs);
  if (outputs > 0)
    ec_init_tables(static_cast<int>(inputs), static_cast<int>(outputs), unconst(rows), tables.data());
  return tables;
}

}  // namespace

Result<Codec> Codec::make(std::uint32_t data_shards, std::uint32_t parity_shards) {
  if (data_shards < 1 || data_shards > kDataShardsMax)
    return fail(Code::usage, fmt::format("{} data shards are not between 1 and {} (kDataShardsMax)",
                                         data_shards, kDataShardsMax));
  if (parity_shards > kParityShardsMax)
    return fail(Code::usage, fmt::format("{} parity shards are more than {} (kParityShardsMax)",
                                         parity_shards, kParityShardsMax));
  return Codec(data_shards, parity_shards);
}

Codec::Codec(std::uint32_t data_shards, std::uint32_t parity_shards)
    : data_(data_shards),
      parity_(parity_shards),
      matrix_(std::size_t{data_shards} * (data_shards + parity_shards)) {
  gf_gen_cauchy1_matrix(matrix_.data(), static_cast<int>(shards()), static_cast<int>(data_));
  tables_ = make_tables(matrix_.data() + std::size_t{data_} * data_, data_, parity_);
}

void Codec::encode(std::span<const ByteView> data, std::span<const ByteSpan> parity) const {
  CHECK_BUG(data.size() == data_ && parity.size() == parity_);
  const std::size_t bytes = data[0].size();
  CHECK_BUG(bytes % kShardAlignBytes == 0);
  Inputs in;
  Outputs out;
  for (std::uint32_t j = 0; j < data_; ++j) {
    CHECK_BUG(data[j].size() == bytes);
    in[j] = raw(data[j]);
  }
  for (std::uint32_t r = 0; r < parity_; ++r) {
    CHECK_BUG(parity[r].size() == bytes);
    out[r] = raw(parity[r]);
  }
  multiply(tables_, in, data_, out, parity_, bytes);
}

Result<void> Codec::rebuild(std::span<const ByteView> shards, std::span<const Wanted> wanted) const {
  CHECK_BUG(shards.size() == this->shards() && wanted.size() <= this->shards());
  // Any K shards do; data shards come first, so most rows of the system are those of the identity.
  std::array<std::uint32_t, kDataShardsMax> used;
  std::uint32_t there = 0;
  Inputs in;
  for (std::uint32_t i = 0; i < this->shards(); ++i) {
    if (shards[i].empty()) continue;
    if (there < data_) {
      used[there] = i;
      in[there] = raw(shards[i]);
    }
    ++there;
  }
  if (there < data_)
    return fail(Code::too_few_pieces,
                fmt::format("{} of {} shards are there, and {} are needed", there, this->shards(), data_));
  const std::size_t bytes = shards[used[0]].size();
  CHECK_BUG(bytes % kShardAlignBytes == 0);
  for (ByteView shard : shards) CHECK_BUG(shard.empty() || shard.size() == bytes);

  // used = rows * data, so data = inverse * used, and any shard = its row * inverse * used.
  const std::size_t k = data_;
  std::vector<unsigned char> rows(k * k), inverse(k * k), coefficients(k * wanted.size());
  for (std::size_t r = 0; r < k; ++r)
    std::copy_n(matrix_.begin() + static_cast<std::ptrdiff_t>(used[r] * k), k,
                rows.begin() + static_cast<std::ptrdiff_t>(r * k));
  // Every square part of a Cauchy matrix has an inverse.
  CHECK_BUG(gf_invert_matrix(rows.data(), inverse.data(), static_cast<int>(k)) == 0);
  Outputs out;
  for (std::size_t w = 0; w < wanted.size(); ++w) {
    const std::uint32_t shard = wanted[w].shard;
    CHECK_BUG(shard < this->shards() && shards[shard].empty() && wanted[w].out.size() == bytes);
    out[w] = raw(wanted[w].out);
    unsigned char* row = coefficients.data() + w * k;
    if (shard < data_) {
      std::copy_n(inverse.data() + shard * k, k, row);
      continue;
    }
    for (std::size_t i = 0; i < k; ++i) {
      const unsigned char factor = matrix_[shard * k + i];
      for (std::size_t j = 0; j < k; ++j) row[j] ^= gf_mul(factor, inverse[i * k + j]);
    }
  }
  const auto outputs = static_cast<std::uint32_t>(wanted.size());
  multiply(make_tables(coefficients.data(), data_, outputs), in, data_, out, outputs, bytes);
  return {};
}

}  // namespace inxt::erasure
