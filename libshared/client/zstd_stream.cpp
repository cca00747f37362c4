// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/zstd_stream.h"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/secret.h"

namespace inxt::client {
namespace {

constexpr std::uint32_t kSkippableMagic = 0x184D2A5E;
constexpr std::uint32_t kSeekableMagic = 0x8F92EAB1;
constexpr std::size_t kTableHeaderBytes = 8;
constexpr std::size_t kTableEntryBytes = 8;
constexpr std::size_t kTableFooterBytes = 9;
constexpr std::size_t kOutBytes = 128 * 1024;
constexpr int kWindowLogMax = 23;
static_assert(std::size_t{1} << kWindowLogMax == kZstdWindowBytesMax);

// zstd's own format is little-endian.
void append_u32(Bytes& to, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) to.push_back(static_cast<std::byte>(value >> shift));
}

struct FrameSizes {
  std::uint32_t compressed = 0;
  std::uint32_t plain = 0;
};

}  // namespace

struct ZstdSource::State {
  std::unique_ptr<ByteSource> plain_source;
  ZSTD_CCtx* context = ZSTD_createCCtx();
  int level = kZstdLevelDefault;
  Bytes plain;       // of one frame
  Bytes compressed;  // a frame; at the end a part of the table
  std::size_t compressed_end = 0, taken = 0;
  std::vector<FrameSizes> frames;
  std::size_t table_next = 0;  // the entry that goes out next
  enum class Stage { frames, table, footer, done } stage = Stage::frames;

  ~State() {
    ZSTD_freeCCtx(context);
    crypto::wipe(plain);
    crypto::wipe(compressed);
  }
  Result<void> fill();
};

ZstdSource::ZstdSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZstdSource::~ZstdSource() = default;

Result<std::unique_ptr<ZstdSource>> ZstdSource::make(std::unique_ptr<ByteSource> plain, int level) {
  if (level < kZstdLevelMin || level > kZstdLevelMax)
    return fail(Code::usage,
                fmt::format("a compression level is {} to {}, not {}", kZstdLevelMin, kZstdLevelMax, level));
  auto state = std::make_unique<State>();
  CHECK_BUG(state->context != nullptr);
  state->plain_source = std::move(plain);
  state->level = level;
  state->plain.resize(kZstdFrameBytes);
  state->compressed.resize(ZSTD_compressBound(kZstdFrameBytes));
  return std::unique_ptr<ZstdSource>(new ZstdSource(std::move(state)));
}

/// Puts the next run of output into `compressed`; none is left when stage is done.
Result<void> ZstdSource::State::fill() {
  taken = compressed_end = 0;
  if (stage == Stage::frames) {
    const std::size_t got = TRY(plain_source->read(plain));
    if (got > 0) {
      if (frames.size() == kZstdFramesMax)
        return fail(Code::failure,
                    fmt::format("compression: more than {} frames (kZstdFramesMax)", kZstdFramesMax),
                    "put it without -z");
      const std::size_t size =
          ZSTD_compressCCtx(context, compressed.data(), compressed.size(), plain.data(), got, level);
      if (ZSTD_isError(size))
        return fail(Code::failure, fmt::format("compression: {}", ZSTD_getErrorName(size)));
      frames.push_back({static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(got)});
      compressed_end = size;
      return {};
    }
    stage = Stage::table;
    Bytes header;
    append_u32(header, kSkippableMagic);
    append_u32(header, static_cast<std::uint32_t>(frames.size() * kTableEntryBytes + kTableFooterBytes));
    std::ranges::copy(header, compressed.begin());
    compressed_end = kTableHeaderBytes;
    return {};
  }
  if (stage == Stage::table) {
    Bytes entries;
    for (; table_next < frames.size() && entries.size() + kTableEntryBytes <= kOutBytes; ++table_next) {
      append_u32(entries, frames[table_next].compressed);
      append_u32(entries, frames[table_next].plain);
    }
    if (!entries.empty()) {
      std::ranges::copy(entries, compressed.begin());
      compressed_end = entries.size();
      return {};
    }
    stage = Stage::footer;
    append_u32(entries, static_cast<std::uint32_t>(frames.size()));
    entries.push_back(std::byte{0});  // descriptor: no checksums, the ciphertext is authentic
    append_u32(entries, kSeekableMagic);
    std::ranges::copy(entries, compressed.begin());
    compressed_end = entries.size();
    return {};
  }
  stage = Stage::done;
  return {};
}

Result<std::size_t> ZstdSource::read(ByteSpan out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (state_->taken == state_->compressed_end) {
      if (state_->stage == State::Stage::done) break;
      TRY(state_->fill());
      continue;
    }
    const std::size_t count = std::min(out.size() - done, state_->compressed_end - state_->taken);
    std::copy_n(state_->compressed.begin() + static_cast<std::ptrdiff_t>(state_->taken), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    state_->taken += count;
    done += count;
  }
  return done;
}

struct ZstdSink::State {
  std::unique_ptr<ByteSink> plain_sink;
  ZSTD_DCtx* context = ZSTD_createDCtx();
  Bytes plain;
  bool in_frame = false;

  ~State() {
    ZSTD_freeDCtx(context);
    crypto::wipe(plain);
  }
};

ZstdSink::ZstdSink(std::unique_ptr<ByteSink> plain) : state_(std::make_unique<State>()) {
  CHECK_BUG(state_->context != nullptr);
  state_->plain_sink = std::move(plain);
  state_->plain.resize(kOutBytes);
  CHECK_BUG(!ZSTD_isError(ZSTD_DCtx_setParameter(state_->context, ZSTD_d_windowLogMax, kWindowLogMax)));
}
ZstdSink::~ZstdSink() = default;

Result<void> ZstdSink::write(ByteView bytes) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  bool more_out = false;  // the last call filled its output: there may be more of it without more input
  while (in.pos < in.size || more_out) {
    ZSTD_outBuffer out{state_->plain.data(), state_->plain.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(state_->context, &out, &in);
    if (ZSTD_isError(hint)) {
      if (ZSTD_getErrorCode(hint) == ZSTD_error_frameParameter_windowTooLarge)
        return fail(Code::integrity, fmt::format("compressed stream: asks for a window of more than {} bytes "
                                                 "(kZstdWindowBytesMax)",
                                                 kZstdWindowBytesMax));
      return fail(Code::integrity, fmt::format("compressed stream: {}", ZSTD_getErrorName(hint)));
    }
    state_->in_frame = hint != 0;
    more_out = hint != 0 && out.pos == out.size;
    if (out.pos > 0) TRY(state_->plain_sink->write(ByteView(state_->plain).first(out.pos)));
  }
  return {};
}

Result<void> ZstdSink::finish() {
  if (state_->in_frame) return fail(Code::integrity, "compressed stream: cut short");
  return state_->plain_sink->finish();
}

}  // namespace inxt::client
