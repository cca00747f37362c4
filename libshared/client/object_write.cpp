// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/object_write.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/byte_pipe.h"
#include "client/content_stream.h"
#include "client/object_extents.h"
#include "format/json.h"
#include "keys/bech32.h"
#include "net/event.h"

namespace inxt::client {

using format::ObjectRecord;
using net::Awaitable;

namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::uint32_t kModeOfObjects = 0644;

/// So many zeros.
class ZeroSource final : public ByteSource {
 public:
  explicit ZeroSource(std::uint64_t bytes) : left_(bytes) {}
  Result<std::size_t> read(ByteSpan out) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
    std::fill_n(out.begin(), count, std::byte{0});
    left_ -= count;
    return count;
  }

 private:
  std::uint64_t left_;
};

std::size_t text_bytes(const ObjectRecord& record) {
  std::size_t bytes = 0;
  for (const auto& manifest : record.manifests) {
    const auto* whole = std::get_if<format::InlineManifest>(&manifest);
    bytes +=
        whole != nullptr ? whole->lines.size() : std::get<format::StoredManifest>(manifest).manifest.size();
  }
  return bytes;
}

class Write {
 public:
  Write(const ObjectStore& store, const ObjectRecord& base, ObjectWrite& what, ObjectReadOptions reading)
      : store_(store),
        base_(base),
        what_(what),
        stopped_(what.wanted.stopped),
        pool_({.threads = 2, .queued_max = 1024}),
        reader_(on_pool(store.network), store.key, base, with_pool(std::move(reading))),
        fed_(store.network.executor) {}

  Awaitable<Result<WrittenObject>> run() {
    WrittenObject out{.record = base_};
    CO_CHECK(co_await read_ahead());
    if (is_empty_) {
      out.is_unchanged = true;
      co_return out;
    }
    if (what_.offset > format::kJsonIntegerMax ||
        what_.data_bytes.value_or(0) > format::kJsonIntegerMax - what_.offset)
      co_return fail(Code::usage, "an object has at most 2^53 - 1 bytes");
    CO_CHECK(co_await look_at_edges());
    out.is_rewritten = rewrites_;
    net::spawn(store_.network.executor, feed());
    auto stored =
        co_await put_generation(store_, std::make_unique<BytePipeSource>(pipe_), std::move(what_.wanted));
    pipe_.break_off({Code::failure, "nothing more is wanted"});
    while (!is_fed_) co_await fed_.wait();
    if (!stored) co_return std::unexpected(std::move(stored).error());
    const auto bytes = stored->plain_bytes;
    if (begin_ + bytes > format::kJsonIntegerMax) {
      const Result<RemoveReport> ignored =
          co_await remove_generation(store_.network, store_.key, stored->manifest, store_.addresses);
      co_return fail(Code::usage, "an object has at most 2^53 - 1 bytes");
    }
    if (rewrites_) {
      const auto whole = format::whole_object(bytes, stored->manifest);
      out.record.bytes = bytes;
      out.record.extents = whole.extents;
      out.record.manifests = whole.manifests;
    } else {
      cover(out.record, begin_, bytes, stored->manifest);
    }
    out.record.mtime_unix_s = std::max<std::int64_t>(0, store_.network.clock.unix_s());
    out.stored = *std::move(stored);
    co_return out;
  }

 private:
  /// A get waits on its worker until the put has taken what it gave, so it has workers of its own.
  Network on_pool(Network network) {
    return {network.service, network.executor, pool_, network.clock, network.random};
  }
  ObjectReadOptions with_pool(ObjectReadOptions options) {
    if (options.as)
      options.as = [this, as = std::move(options.as)](std::uint32_t uploader) {
        const auto who = as(uploader);
        return GetAs{.network = on_pool(who.network), .receipts = nullptr};
      };
    return options;
  }

  /// Whether there is anything to write, before anything is done for it.
  Awaitable<Result<void>> read_ahead() {
    ahead_.resize(kBlockBytes);
    Result<std::size_t> got = co_await pool_.run([&] { return what_.data->read(ahead_); });
    if (!got) co_return std::unexpected(std::move(got).error());
    if (*got < ahead_.size()) what_.data_bytes = *got;
    ahead_.resize(*got);
    is_empty_ = *got == 0;
    co_return Result<void>{};
  }

  /// The segments that the write begins and ends in.
  Awaitable<Result<void>> look_at_edges() {
    auto& wanted = what_.wanted;
    rewrites_ = what_.rewrite || base_.extents.size() + 2 > kWrittenExtentsMax ||
                base_.manifests.size() + 1 > kWrittenManifestsMax ||
                text_bytes(base_) > kWrittenManifestBytesMax;
    begin_ = std::min(what_.offset, base_.bytes);
    std::optional<format::Layout> layout;
    bool has_several_segments = false;
    if (base_.bytes > 0) {
      // Behind the end, the last segment.
      const auto* first = extent_at(base_, std::min(begin_, base_.bytes - 1));
      CO_TRY(const auto at, co_await reader_.manifest(first->manifest));
      if (!what_.rewrite && (base_.zstd || at->part.zstd || at->part.padded))
        co_return fail(Code::usage,
                       fmt::format("the object is {}, and cannot be changed in the middle",
                                   at->part.padded ? "padded" : "compressed"),
                       "say --rewrite to store all of it anew");
      layout = at->manifest.layout();
      has_several_segments = at->manifest.segments() > 1;
      if (begin_ < base_.bytes || (first->from + first->bytes) % layout->segment_bytes() != 0)
        begin_ = segment_begin(*first, layout->segment_bytes(), begin_);
      for (const auto& stanza : at->manifest.chain().stanzas) {
        CO_TRY(const auto recipient, keys::recipient_from_text(stanza.recipient));
        if (recipient != store_.key.recipient()) wanted.recipients.push_back(recipient);
      }
      wanted.content.pad = at->part.padded;
      if (base_.zstd || at->part.zstd) wanted.content.zstd_level = kZstdLevelDefault;
    }
    if (rewrites_) {
      begin_ = 0;
      tail_end_ = base_.bytes;
    } else if (what_.data_bytes) {
      CO_CHECK(co_await look_at_end(what_.offset + *what_.data_bytes));
    }
    wanted.facts = SourceFacts{.name = {}, .mtime_unix_s = {}, .mode = {}, .plain_bytes = {}};
    if (what_.data_bytes)
      wanted.facts.plain_bytes = std::max(tail_end_, what_.offset + *what_.data_bytes) - begin_;
    if (layout && !wanted.layout) {
      // The shards of a file of one segment may be as small as that file was.
      const auto bytes = wanted.facts.plain_bytes.value_or(UINT64_MAX);
      if (!has_several_segments && bytes > layout->segment_bytes())
        layout->shard_bytes = format::default_shard_bytes(layout->k, layout->m);
      wanted.layout = layout;
    }
    if (!rewrites_) wanted.inline_bytes_max = kWrittenInlineBytesMax;
    co_return Result<void>{};
  }

  /// The end of the segment that what comes behind the data lies in.
  Awaitable<Result<void>> look_at_end(std::uint64_t end) {
    tail_end_ = end;
    if (end >= base_.bytes) co_return Result<void>{};
    const auto* last = extent_at(base_, end);
    if (last->first == end) co_return Result<void>{};
    CO_TRY(const auto at, co_await reader_.manifest(last->manifest));
    const auto segment_bytes = at->manifest.layout().segment_bytes();
    if ((last->from + (end - last->first)) % segment_bytes != 0)
      tail_end_ = segment_end(*last, segment_bytes, end);
    co_return Result<void>{};
  }

  Awaitable<void> feed() {
    auto done = co_await give();
    if (done)
      pipe_.end();
    else
      pipe_.break_off(std::move(done).error());
    is_fed_ = true;
    fed_.notify();
  }

  Awaitable<Result<void>> give() {
    BytePipeSink sink(pipe_);
    const GetCallbacks callbacks{.on_progress = {}, .stopped = stopped_};
    CO_CHECK(co_await reader_.read(begin_, std::min(what_.offset, base_.bytes), sink, callbacks));
    std::uint64_t end = what_.offset;
    Result<void> data = co_await pool_.run([&] { return give_data(end); });
    CO_CHECK(data);
    if (!rewrites_ && !what_.data_bytes) CO_CHECK(co_await look_at_end(end));
    if (end < tail_end_) CO_CHECK(co_await reader_.read(end, tail_end_, sink, callbacks));
    co_return Result<void>{};
  }

  /// Zeros up to the offset, and the data; `end` is where they end.
  Result<void> give_data(std::uint64_t& end) {
    Bytes block(kBlockBytes);
    if (what_.offset > base_.bytes)
      TRY(pour(std::make_unique<ZeroSource>(what_.offset - base_.bytes), block));
    TRY(pipe_.write(ahead_));
    end += ahead_.size();
    end += TRY(pour(std::move(what_.data), block));
    return {};
  }
  Result<std::uint64_t> pour(std::unique_ptr<ByteSource> from, Bytes& block) {
    std::uint64_t bytes = 0;
    for (;;) {
      const auto got = TRY(from->read(block));
      if (got == 0) return bytes;
      TRY(pipe_.write(ByteView(block).first(got)));
      bytes += got;
    }
  }

  const ObjectStore& store_;
  const ObjectRecord& base_;
  ObjectWrite& what_;
  std::function<bool()> stopped_;
  BytePipe pipe_;
  net::WorkerPool pool_;
  ObjectReader reader_;
  net::Event fed_;
  Bytes ahead_;
  bool is_empty_ = false;
  bool rewrites_ = false;
  bool is_fed_ = false;
  std::uint64_t begin_ = 0;     // where the new generation begins
  std::uint64_t tail_end_ = 0;  // and ends, where the data ends before
};

}  // namespace

Awaitable<Result<WrittenObject>> write_object(const ObjectStore& store, const ObjectRecord& base,
                                              ObjectWrite what, ObjectReadOptions reading) {
  Write engine(store, base, what, std::move(reading));
  co_return co_await engine.run();
}

Awaitable<Result<WrittenObject>> truncate_object(const ObjectStore& store, const ObjectRecord& base,
                                                 std::uint64_t bytes, GenerationWanted wanted, bool rewrite,
                                                 ObjectReadOptions reading) {
  if (bytes > base.bytes) {
    ObjectWrite what;
    what.offset = base.bytes;
    what.data = std::make_unique<ZeroSource>(bytes - base.bytes);
    what.data_bytes = bytes - base.bytes;
    what.rewrite = rewrite;
    what.wanted = std::move(wanted);
    co_return co_await write_object(store, base, std::move(what), std::move(reading));
  }
  WrittenObject out{.record = base};
  out.is_unchanged = bytes == base.bytes;
  if (out.is_unchanged) co_return out;
  cut(out.record, bytes);
  out.record.mtime_unix_s = std::max<std::int64_t>(0, store.network.clock.unix_s());
  co_return out;
}

Awaitable<Result<WrittenObject>> create_object(const ObjectStore& store, std::unique_ptr<ByteSource> data,
                                               GenerationWanted wanted, format::Metadata metadata) {
  CO_CHECK(format::check_metadata(metadata));
  const auto facts = wanted.facts;
  const bool is_compressed = wanted.content.zstd_level.has_value();
  CO_TRY(auto stored, co_await put_generation(store, std::move(data), std::move(wanted)));
  WrittenObject out{.record = format::whole_object(stored.plain_bytes, stored.manifest)};
  out.record.mtime_unix_s =
      facts.mtime_unix_s.value_or(std::max<std::int64_t>(0, store.network.clock.unix_s()));
  out.record.mode = facts.mode.value_or(kModeOfObjects);
  out.record.zstd = is_compressed;
  out.record.metadata = std::move(metadata);
  out.stored = std::move(stored);
  co_return out;
}

}  // namespace inxt::client
