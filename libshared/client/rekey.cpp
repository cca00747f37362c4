// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/rekey.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/content_stream.h"
#include "client/data_batches.h"
#include "client/hidden_file.h"
#include "client/later_places.h"
#include "client/read_back.h"
#include "client/reader_keys.h"

namespace inxt::client {
namespace {

/// The plaintext, on a thread and with connections of its own.
std::unique_ptr<ByteSource> plaintext(const keys::Key& key, const RekeySource& source,
                                      std::function<bool()> stopped, const sys::Clock& clock,
                                      crypto::Random& random) {
  return std::make_unique<ReadBack>(
      [&key, &source, stopped, &clock, &random](std::unique_ptr<ByteSink> sink) -> Result<void> {
        Session session(accounts_of(key, source.manifests.front()->manifest.header().uploader, random), clock,
                        random);
        CaredPlaces later(session, key, [&source] { return source.bridge; });
        GetOptions options;
        options.jobs = source.jobs;
        options.later = &later;
        GetCallbacks callbacks;
        callbacks.stopped = stopped;
        const auto open =
            [&source](std::uint32_t number) -> net::Awaitable<Result<std::shared_ptr<const OpenFile>>> {
          co_return source.manifests.at(number);
        };
        const auto as = [&](std::uint32_t uploader) {
          return GetAs{.network = session.network_as(key, uploader), .receipts = nullptr};
        };
        ExtentOptions reading{.hosts = source.hosts, .get = options, .callbacks = std::move(callbacks)};
        TRY(session.run(read_extents(as, source.extents, source.bytes, open, std::move(sink), std::nullopt,
                                     std::move(reading))));
        return {};
      });
}

}  // namespace

Result<std::shared_ptr<const OpenFile>> open_file_of(const keys::Key& key, std::string_view manifest,
                                                     std::int64_t now_unix_s) {
  auto check = TRY(writers_known_to(key, {}, now_unix_s));
  auto table = TRY(table_of(manifest, std::move(check)));
  auto generation = TRY(open_generation(key, table.chain()));
  auto part = TRY(generation.open_private(table.header()));
  return std::make_shared<const OpenFile>(std::move(table), std::move(generation), std::move(part));
}

Result<std::vector<keys::Recipient>> kept_recipients(const RekeySource& source, const keys::Key& key,
                                                     const std::vector<keys::Recipient>& dropped) {
  std::vector<keys::Recipient> out;
  for (const auto& stanza : source.manifests.front()->manifest.chain().stanzas) {
    const auto recipient = keys::recipient_from_text(stanza.recipient);
    if (!recipient) return fail(Code::integrity, "the manifest has a stanza for a recipient that is none");
    if (*recipient == key.recipient() || std::ranges::find(dropped, *recipient) != dropped.end()) continue;
    out.push_back(*recipient);
  }
  return out;
}

Result<PutReport> rekey(RekeyTarget target, const keys::Key& key, const RekeySource& source,
                        const std::vector<keys::Recipient>& recipients, PutOptions options,
                        PutCallbacks callbacks, const sys::Clock& clock, crypto::Random& random) {
  const OpenFile& first = *source.manifests.front();
  const SourceFacts facts{.name = first.part.name,
                          .mtime_unix_s = first.part.mtime_unix_s,
                          .mode = first.part.mode,
                          .plain_bytes = source.extents.empty() ? first.part.plain_bytes : source.bytes};
  const Content content{.zstd_level = first.part.zstd ? std::optional(kZstdLevelDefault) : std::nullopt,
                        .pad = first.part.padded};
  auto head = TRY(begin_manifest(key, facts, content, recipients, random));
  format::Layout layout = first.manifest.layout();
  if (target.begin) layout = TRY(target.begin(head.writer.chain().header->file, layout));
  random.fill(layout.seal_key);
  auto plain = plaintext(key, source, callbacks.stopped, clock, random);
  auto ciphertext = TRY(encrypting_source(std::move(plain), head.generation, head.part, kZstdLevelDefault));
  const auto batches = TRY(DataBatches::make(std::move(head), layout, std::move(ciphertext)));
  callbacks.segment_hosts = target.placed;
  auto report = TRY(target.session.run(
      put(target.session.network(), key, std::move(target.hosts), *batches, options, std::move(callbacks))));
  if (report.segments_below > 0)
    return fail(Code::below_redundancy,
                fmt::format("{} of {} segments would lack pieces: the file stays as it was",
                            report.segments_below, report.segments),
                "run it again when more Hosts can be reached");
  return report;
}

}  // namespace inxt::client
