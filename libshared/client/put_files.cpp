// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "client/content_stream.h"
#include "client/counting_source.h"
#include "client/data_batches.h"
#include "client/file_stream.h"
#include "client/manifest_text.h"
#include "client/padding.h"
#include "client/put_naming.h"
#include "client/put_resume.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using net::Awaitable;

/// Of zstd's frames and table, and of padding.
std::uint64_t most_ciphertext(std::uint64_t bytes, const Content& content) {
  if (content.zstd_level) bytes += bytes / 64 + 1024;
  return content.pad ? padme(bytes + 1) : bytes;
}

class PutFiles {
 public:
  PutFiles(TreeSession& tree, std::vector<format::Op> before, const std::vector<FileToPut>& files,
           PutFilesOptions options, PutFilesCallbacks callbacks)
      : tree_(tree),
        net_(tree.session().network()),
        before_(std::move(before)),
        files_(files),
        options_(std::move(options)),
        callbacks_(std::move(callbacks)),
        changed_(net_.executor),
        batch_(tree.accounts(), net_.executor, tree.key().uploader(), net_.clock, net_.random,
               batch_wanted()) {}

  Awaitable<Result<PutFilesReport>> run() {
    Result<void> begun = begin();
    if (!begun) co_return std::unexpected(std::move(begun).error());
    std::stable_sort(small_.begin(), small_.end(),
                     [](const auto* a, const auto* b) { return *a->bytes < *b->bytes; });
    const auto workers = std::min<std::size_t>(small_.size(), kSmallFilesAtOnce);
    running_ = workers;
    for (std::size_t i = 0; i < workers; ++i) net::spawn(net_.executor, put_small());
    while (running_ > 0) {
      if (is_flush_due()) {
        co_await flush();
      } else {
        co_await changed_.wait_for(std::chrono::milliseconds(kRecordsWaitMs));
      }
    }
    for (const auto* file : large_) {
      if (fatal_) break;
      co_await put_one(*file, false);
      if (is_flush_due()) co_await flush();
    }
    if (!is_log_closed_) co_await flush();
    co_await batch_.end();
    report_.left = unfinished_.left();
    if (fatal_) co_return std::unexpected(*fatal_);
    co_return std::move(report_);
  }

 private:
  /// A file whose pieces are stored, and whose name is not in the log yet.
  struct Pending {
    PutFile file;
    PutJournal journal;
    std::vector<format::Op> ops;
    std::vector<format::SignedRecord> records;
  };

  BatchWanted batch_wanted() {
    return {.layout = options_.layout,
            .is_shard_size_fixed = options_.is_shard_size_fixed,
            .price_max = options_.put.price_max,
            .allow = options_.allow,
            .vouchers = &tree_.vouchers()};
  }

  Result<void> begin() {
    folder_ = TRY(PutJournal::folder());
    unfinished_ = TRY(UnfinishedPuts::read(folder_, tree_.key()));
    for (const auto& file : files_) {
      const auto item = tree_.tree().find(file.path);
      if (item && item->version != nullptr) seen_[file.path] = {item->version->object, item->version->record};
      const bool is_small = !file.local.empty() && file.bytes &&
                            most_ciphertext(*file.bytes, options_.content) <= kBatchedFileBytesMax;
      (is_small ? small_ : large_).push_back(&file);
      if (is_small && options_.hosts.empty()) batch_.expect(most_ciphertext(*file.bytes, options_.content));
    }
    return {};
  }

  Awaitable<void> put_small() {
    while (!fatal_ && next_small_ < small_.size()) {
      co_await put_one(*small_[next_small_++], true);
      changed_.notify();
      while (!fatal_ && pending_.size() > 4 * kRecordsTogether) co_await changed_.wait();
    }
    --running_;
    changed_.notify();
  }

  Awaitable<void> put_one(const FileToPut& file, bool is_small) {
    if (callbacks_.stopped && callbacks_.stopped()) {
      if (!fatal_) fatal_ = Error{.code = Code::failure, .what = "stopped"};
      co_return;
    }
    sys::Fd opened;
    Result<void> done;
    bool is_files_own = false, is_placing = false;
    if (!file.local.empty()) {
      auto got = sys::open_file(file.local);
      is_files_own = !got;
      if (got) opened = *std::move(got);
      if (!got) done = std::unexpected(std::move(got).error());
    }
    if (done)
      done = co_await put(file, file.local.empty() ? sys::kStandardInput : opened.number(), is_small,
                          is_placing);
    if (done) co_return;
    // Integrity: it changed while it was read; or the Bridge lies about where it could go, and will of
    // others.
    if (is_files_own || (!is_placing && done.error().code == Code::integrity)) {
      PutFile said;
      said.file = &file;
      said.error = std::move(done).error();
      ++report_.failed;
      if (callbacks_.on_file) callbacks_.on_file(said);
      co_return;
    }
    if (!fatal_) fatal_ = std::move(done).error().in(std::string(kTreePathBegins) + file.path);
  }

  Result<std::unique_ptr<ByteSource>> ciphertext_of(const FileToPut& file, int fd,
                                                    const format::Generation& generation,
                                                    const format::PrivatePart& part,
                                                    std::uint64_t& bytes) const {
    auto read = std::make_unique<FdSource>(fd, file.local.empty() ? "standard input" : file.local);
    read->stop_on(options_.stop_fd);
    read->begin_with(file.begin);
    auto plain = std::make_unique<CountingSource>(std::move(read), bytes);
    return encrypting_source(std::move(plain), generation, part,
                             options_.content.zstd_level.value_or(kZstdLevelDefault));
  }

  /// The journal of a put of this file that was cut off, if the file is still what it was.
  Result<std::optional<UnfinishedPut>> unfinished(const FileToPut& file, int fd,
                                                  const SourceFacts& facts) const {
    if (file.local.empty() || !facts.plain_bytes) return std::nullopt;
    const WantedPut wanted{.facts = facts,
                           .content = options_.content,
                           .recipients = options_.recipients,
                           .layout = options_.is_shard_size_fixed ? options_.layout : std::nullopt};
    auto found = TRY(unfinished_.find(tree_.key(), wanted));
    if (!found) return std::nullopt;
    if (options_.layout && (found->layout.k != options_.layout->k || found->layout.m != options_.layout->m ||
                            found->layout.mirrors != options_.layout->mirrors))
      return std::nullopt;
    std::uint64_t read_bytes = 0;
    auto ciphertext = TRY(ciphertext_of(file, fd, found->generation, found->part, read_bytes));
    const bool same = TRY(same_as_journaled(*found, std::move(ciphertext)));
    if (::lseek(fd, 0, SEEK_SET) != 0) return fail_errno(errno, file.local);
    if (!same) return std::nullopt;
    return found;
  }

  Awaitable<Result<void>> put(const FileToPut& file, int fd, bool is_small, bool& is_placing) {
    const auto facts = facts_of(fd, file.local.empty() ? "-" : file.local);
    Result<std::optional<UnfinishedPut>> found =
        co_await net_.workers.run([&] { return unfinished(file, fd, facts); });
    if (!found) co_return std::unexpected(std::move(found).error());

    // Where the pieces go.
    std::unique_ptr<PlacedHosts> own;
    std::unique_ptr<SegmentHostSource> shared;
    SegmentHostSource* hosts = nullptr;
    format::Layout layout;
    std::unique_ptr<DataBatches> source;
    PutJournal journal(folder_, PutJournal::Of::data);
    std::optional<ManifestHead> head;
    std::uint64_t plain_bytes = 0;
    if (!*found) {
      CO_TRY(auto made,
             begin_manifest(tree_.key(), facts, options_.content, options_.recipients, net_.random));
      if (made.name_left_out) note(file.local + ": the name is too long for a manifest and is left out");
      head.emplace(std::move(made));
    }
    const auto id = *found ? (*found)->writer.chain().header->file : head->writer.chain().header->file;
    is_placing = true;
    if (!options_.hosts.empty()) {
      layout = *found ? (*found)->layout : *options_.layout;
    } else if (is_small && !*found) {
      CO_TRY(auto place, co_await batch_.begin(most_ciphertext(*file.bytes, options_.content)));
      shared = std::move(place.hosts);
      hosts = shared.get();
      layout = place.layout;
    } else {
      own = std::make_unique<PlacedHosts>(tree_.accounts(), net_.executor, tree_.key().uploader(), net_.clock,
                                          wanted_for(facts));
      const auto wished = *found ? std::optional((*found)->layout) : options_.layout;
      CO_TRY(layout, co_await own->begin(id, wished));
      hosts = own.get();
    }
    is_placing = false;
    if (*found) {
      ++report_.resumed;
      CO_TRY(auto again, ciphertext_of(file, fd, (*found)->generation, (*found)->part, plain_bytes));
      journal = std::move((*found)->journal);
      CO_TRY(source, DataBatches::resume(**found, std::move(again)));
    } else {
      net_.random.fill(layout.seal_key);
      CO_TRY(auto ciphertext, ciphertext_of(file, fd, head->generation, head->part, plain_bytes));
      CO_TRY(source, DataBatches::make(*std::move(head), layout, std::move(ciphertext)));
    }
    Result<void> stored = co_await store(file, facts, plain_bytes, *source, hosts, std::move(journal));
    if (own) co_await own->end();
    co_return stored;
  }

  PlacementWanted wanted_for(const SourceFacts& facts) {
    PlacementWanted out;
    if (facts.plain_bytes && !options_.content.zstd_level)
      out.ciphertext_bytes = most_ciphertext(*facts.plain_bytes, options_.content);
    out.price_max = options_.put.price_max;
    out.allow = options_.allow;
    out.on_voucher = [this](const HostId& host, const std::string& token) {
      tree_.vouchers().take(host, token);
    };
    return out;
  }

  Awaitable<Result<format::ManifestRef>> ref_of(const ManifestText& manifest, HiddenPutOptions options) {
    if (const auto lines = manifest.in_memory()) {
      format::InlineManifest whole{.lines = std::string(*lines)};
      co_return whole;
    }
    co_return co_await tree_.store_manifest_ref(manifest.file(), manifest.bytes(), std::move(options));
  }

  Awaitable<Result<void>> store(const FileToPut& file, const SourceFacts& facts,
                                const std::uint64_t& plain_bytes, DataBatches& source,
                                SegmentHostSource* hosts, PutJournal journal) {
    ManifestText manifest;
    PutCallbacks callbacks;
    callbacks.journal = &journal;
    callbacks.write = [&manifest](std::string_view lines) { return manifest.write(lines); };
    callbacks.on_progress = callbacks_.on_progress;
    callbacks.on_receipt = callbacks_.on_receipt;
    callbacks.stopped = [this] { return fatal_.has_value() || (callbacks_.stopped && callbacks_.stopped()); };
    callbacks.segment_hosts = hosts;
    auto report =
        co_await client::put(net_, tree_.key(), options_.hosts, source, options_.put, std::move(callbacks));
    if (!report) {
      auto error = std::move(report).error();
      if (journal.names_no_place()) {
        journal.remove();
      } else {
        error.hint +=
            (error.hint.empty() ? "" : "; ") + std::string("the same command goes on where this one stopped");
      }
      co_return std::unexpected(std::move(error));
    }
    HiddenPutOptions hidden{.put = options_.put, .stopped = callbacks_.stopped};
    CO_TRY(auto ref, co_await ref_of(manifest, hidden));
    auto record = format::whole_object(plain_bytes, std::move(ref));
    record.mtime_unix_s = facts.mtime_unix_s.value_or(net_.clock.unix_s());
    record.mode = facts.mode.value_or(0644);
    record.zstd = options_.content.zstd_level.has_value();
    record.metadata = options_.metadata;
    CO_CHECK(add(file, std::move(record), *std::move(report), std::move(journal)));
    co_return Result<void>{};
  }

  Result<void> add(const FileToPut& file, format::ObjectRecord record, PutReport report, PutJournal journal) {
    const auto seen = seen_.find(file.path);
    format::PutOp put;
    put.path = file.path;
    put.base.saw = format::Base::Saw::nothing;
    if (seen != seen_.end()) {
      record.object = seen->second.object;
      record.previous = seen->second.record;
      put.base = {.saw = format::Base::Saw::record, .record = seen->second.record};
    }
    auto made = TRY(tree_.view().sign_record(record));
    put.record = made.id;
    put.object = record.object.value_or(format::ObjectId{made.id.bytes});
    put.bytes = record.bytes;
    put.mtime_unix_s = record.mtime_unix_s;
    put.mode = record.mode;
    put.metadata = record.metadata;
    if (pending_.empty()) pending_since_ms_ = net_.clock.steady_ms();
    pending_bytes_ += made.line.size();
    Pending pending{.file = {}, .journal = std::move(journal), .ops = {}, .records = {}};
    pending.file.file = &file;
    pending.file.object = put.object;
    pending.file.record = put.record;
    pending.file.bytes = record.bytes;
    pending.file.report = std::move(report);
    pending.ops.emplace_back(std::move(put));
    pending.records.push_back(std::move(made));
    pending_.push_back(std::move(pending));
    return {};
  }

  bool is_flush_due() const {
    if (pending_.empty() || fatal_) return false;
    return pending_.size() >= kRecordsTogether || pending_bytes_ >= kRecordBytesTogether ||
           net_.clock.steady_ms() - pending_since_ms_ >= kRecordsWaitMs;
  }

  /// One request: what was begun under a name that another machine changed meanwhile stays a change of what
  /// was seen.
  Awaitable<void> flush() {
    std::vector<Pending> now = std::exchange(pending_, {});
    pending_bytes_ = 0;
    Changes changes;
    changes.ops = std::exchange(before_, {});
    for (auto& pending : now) {
      std::ranges::move(pending.ops, std::back_inserter(changes.ops));
      std::ranges::move(pending.records, std::back_inserter(changes.records));
    }
    if (changes.ops.empty()) co_return;
    Result<void> noted = note_records(now);
    if (!noted) {
      fatal_ = std::move(noted).error();
      is_log_closed_ = true;
      co_return;
    }
    MakeChanges make = [&changes](const tree::Tree&) -> Result<Changes> { return changes; };
    Result<AppendReport> appended = co_await tree_.view().append(std::move(make));
    changed_.notify();
    if (!appended) {
      // The journals stay: the same command goes on with what they have.
      fatal_ = std::move(appended).error();
      is_log_closed_ = true;
      co_return;
    }
    std::ranges::move(appended->notes, std::back_inserter(report_.notes));
    for (auto& pending : now) {
      pending.journal.remove();
      ++report_.files;
      report_.bytes += pending.file.bytes;
      if (pending.file.report.segments_below > 0) ++report_.below;
      if (const auto spare = pending.file.report.least_to_spare)
        report_.least_to_spare = std::min(*spare, report_.least_to_spare.value_or(*spare));
      if (callbacks_.on_file) callbacks_.on_file(pending.file);
    }
  }

  /// From here on their pieces may belong to names: a journal that a crash leaves has to say so.
  Result<void> note_records(std::vector<Pending>& pending) const {
    for (auto& one : pending)
      TRY(one.journal.set_record(naming_of(tree_.client().peer().id, one.file.record)));
    if (!pending.empty()) TRY(PutJournal::sync(folder_));
    return {};
  }

  void note(const std::string& text) {
    if (callbacks_.on_note) callbacks_.on_note(text);
  }

  struct Seen {
    format::ObjectId object;
    format::RecordId record;
  };

  TreeSession& tree_;
  Network net_;
  std::vector<format::Op> before_;
  const std::vector<FileToPut>& files_;
  PutFilesOptions options_;
  PutFilesCallbacks callbacks_;
  net::Event changed_;
  PlacedBatch batch_;
  std::string folder_;
  UnfinishedPuts unfinished_;                   // when this began
  std::unordered_map<std::string, Seen> seen_;  // what the names showed at the beginning
  std::vector<const FileToPut*> small_, large_;
  std::size_t next_small_ = 0;
  std::size_t running_ = 0;
  std::vector<Pending> pending_;
  std::size_t pending_bytes_ = 0;
  std::int64_t pending_since_ms_ = 0;
  std::optional<Error> fatal_;
  bool is_log_closed_ = false;  // an append failed
  PutFilesReport report_;
};

}  // namespace

Awaitable<Result<PutFilesReport>> put_files(TreeSession& tree, std::vector<format::Op> before,
                                            const std::vector<FileToPut>& files, PutFilesOptions options,
                                            PutFilesCallbacks callbacks) {
  PutFiles put(tree, std::move(before), files, std::move(options), std::move(callbacks));
  co_return co_await put.run();
}

}  // namespace inxt::client
