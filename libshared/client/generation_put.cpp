// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/generation_put.h"

#include <fmt/format.h>

#include "client/content_stream.h"
#include "client/counting_source.h"
#include "client/data_batches.h"
#include "client/manifest_text.h"
#include "client/padding.h"
#include "client/reader_keys.h"

namespace inxt::client {

using net::Awaitable;

namespace {

/// Of the ciphertext, where it is known before it is made.
std::optional<std::uint64_t> ciphertext_bytes(const GenerationWanted& wanted) {
  const auto& bytes = wanted.facts.plain_bytes;
  if (!bytes || wanted.content.zstd_level) return std::nullopt;
  return wanted.content.pad ? padme(*bytes + 1) : *bytes;
}

Awaitable<Result<RemoveReport>> remove_lines(Network network, const keys::Key& key, const ManifestText& text,
                                             std::vector<transfer::HostAddress> hosts) {
  if (!key.is_owner()) co_return fail(Code::denied, "a delegated machine removes nothing");
  CO_TRY(auto check, writers_known_to(key, {}, network.clock.unix_s()));
  CO_TRY(const auto table, text.table("manifest", std::move(check), ManifestTable::Seal::optional));
  const auto uploader = key.uploader(table.header().uploader);
  co_return co_await remove_pieces(network, table, *key.recipient_secret(), *uploader, std::move(hosts), {},
                                   {});
}

/// What a put that failed has stored.
Awaitable<void> take_back(const ObjectStore& store, const ManifestText& text, PutJournal* journal,
                          Error& error) {
  if (journal != nullptr && journal->names_no_place()) {
    journal->remove();
    co_return;
  }
  if (text.bytes() > 0) {
    const auto removed = co_await remove_lines(store.network, store.key, text, store.addresses);
    if (removed && removed->failed == 0) {
      if (journal != nullptr) journal->remove();
      co_return;
    }
  }
  if (journal != nullptr && !journal->path().empty())
    error.hint += (error.hint.empty() ? "" : "; ") +
                  fmt::format("pieces that are left are taken back by inxt-rm {}", journal->path());
}

}  // namespace

Awaitable<Result<format::Layout>> GivenHosts::begin(const FileId&,
                                                    const std::optional<format::Layout>& wished,
                                                    std::optional<std::uint64_t>) {
  const auto layout = wished.value_or(layout_);
  if (hosts_.size() < layout.pieces_per_segment())
    co_return fail(Code::usage,
                   fmt::format("{} Hosts can be used, and a segment's {} pieces go to different ones",
                               hosts_.size(), layout.pieces_per_segment()));
  co_return layout;
}

Awaitable<Result<StoredGeneration>> put_generation(const ObjectStore& store,
                                                   std::unique_ptr<ByteSource> plain,
                                                   GenerationWanted wanted) {
  const auto network = store.network;
  StoredGeneration out;
  CO_TRY(auto head,
         begin_manifest(store.key, wanted.facts, wanted.content, wanted.recipients, network.random));
  out.file = head.generation.file();
  CO_TRY(auto layout, co_await store.hosts.begin(out.file, wanted.layout, ciphertext_bytes(wanted)));
  network.random.fill(layout.seal_key);
  auto counted = std::make_unique<CountingSource>(std::move(plain), out.plain_bytes);
  CO_TRY(auto ciphertext, encrypting_source(std::move(counted), head.generation, head.part,
                                            wanted.content.zstd_level.value_or(kZstdLevelDefault)));
  CO_TRY(const auto source, DataBatches::make(std::move(head), layout, std::move(ciphertext)));
  ManifestText text;
  std::optional<PutJournal> journal;
  // Nothing goes on with it, because its data is gone: it is for taking back.
  if (store.journals) journal.emplace(*store.journals, PutJournal::Of::manifest);
  PutCallbacks callbacks;
  callbacks.journal = journal ? &*journal : nullptr;
  callbacks.write = [&text](std::string_view lines) { return text.write(lines); };
  callbacks.on_progress = wanted.on_progress;
  callbacks.stopped = wanted.stopped;
  callbacks.segment_hosts = store.hosts.segment_hosts();
  auto report =
      co_await put(network, store.key, store.hosts.hosts(), *source, wanted.put, std::move(callbacks));
  co_await store.hosts.end();
  std::optional<Error> error;
  if (report) {
    out.report = *std::move(report);
    HiddenPutOptions hidden{.put = wanted.put, .stopped = wanted.stopped};
    Result<std::vector<format::Descriptor>> room = std::vector<format::Descriptor>();
    if (text.bytes() > std::min(wanted.inline_bytes_max, format::kInlineManifestBytesMax))
      room = co_await store.hosts.hosts_for_manifest(text.bytes());
    Result<std::unique_ptr<ByteSource>> lines = text.source();
    if (!room) {
      error = std::move(room).error();
    } else if (!lines) {
      error = std::move(lines).error();
    } else {
      auto stored = co_await store_manifest(network, store.key, *room, *std::move(lines), text.bytes(),
                                            hidden, wanted.inline_bytes_max);
      if (stored)
        out.manifest = *std::move(stored);
      else
        error = std::move(stored).error();
    }
    co_await store.hosts.end();
  } else {
    error = std::move(report).error();
  }
  if (error) {
    co_await take_back(store, text, journal ? &*journal : nullptr, *error);
    co_return std::unexpected(*std::move(error));
  }
  if (journal) journal->remove();
  co_return out;
}

Awaitable<Result<RemoveReport>> remove_generation(Network network, const keys::Key& key,
                                                  const format::ManifestRef& manifest,
                                                  std::vector<transfer::HostAddress> hosts) {
  ManifestText text;
  auto sink = std::make_unique<ManifestTextSink>(text);
  CO_CHECK(co_await load_manifest(network, key, manifest, hosts, std::move(sink)));
  CO_TRY(auto report, co_await remove_lines(network, key, text, hosts));
  if (report.failed > 0) co_return report;
  CO_TRY(auto above, co_await remove_stored_manifest(network, key, manifest, std::move(hosts)));
  report.add(std::move(above));
  co_return report;
}

}  // namespace inxt::client
