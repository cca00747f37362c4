// SPDX-License-Identifier: LGPL-3.0-or-later
// Files that inxt itself stores for an owner: segments of the log, manifests that are too long for a record.
// They are files like any other, encrypted, compressed, mirrored, with a name that says what they are;
// recovery finds them by it.
#pragma once

#include "client/get_file.h"
#include "client/put.h"
#include "client/remove.h"

namespace inxt::client {

inline constexpr std::string_view kLogSegmentName = ".inxt-log";
inline constexpr std::string_view kLongManifestName = ".inxt-manifest";
inline constexpr std::uint32_t kHiddenFileMirrors = 3;  // or as many as there are Hosts

struct HiddenPutOptions {
  PutOptions put = {};
  std::function<bool()> stopped = {};  // true ends it with `failure`
};

/// Stores what `plain` gives, and gives the manifest's lines.  What was placed is taken back when it fails.
/// Errors: usage without Hosts; put()'s.
net::Awaitable<Result<std::string>> put_hidden_file(Network network, const keys::Key& key,
                                                    std::vector<format::Descriptor> hosts,
                                                    std::string_view name, std::unique_ptr<ByteSource> plain,
                                                    HiddenPutOptions options);

/// The bytes behind a manifest that this key's owner, or `signers`, wrote; `plain` is finished.  `later`: as
/// in GetOptions.  Errors: those of manifests and keys; get_file()'s.
net::Awaitable<Result<void>> get_hidden_file(Network network, const keys::Key& key,
                                             const std::string& manifest,
                                             std::vector<transfer::HostAddress> hosts,
                                             std::unique_ptr<ByteSink> plain, LaterPlaces* later = nullptr);

/// Removes its pieces, as far as their Hosts answer.  Errors: those of manifests; denied on a delegated
/// machine.
net::Awaitable<Result<RemoveReport>> remove_hidden_file(Network network, const keys::Key& key,
                                                        const std::string& manifest,
                                                        std::vector<transfer::HostAddress> hosts,
                                                        RemoveOptions options = {});

/// The file that a manifest's first line names.  Errors: integrity.
Result<FileId> file_of_manifest(std::string_view manifest);

/// A manifest that is a text in memory.  Errors: as ManifestTable::read.
Result<ManifestTable> table_of(std::string_view manifest, format::WriterCheck check,
                               ManifestTable::Seal seal = ManifestTable::Seal::required);

/// Bytes in memory as a source, and a sink of at most bytes_max (integrity, naming it, past that).
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(ByteSpan out) override;

 private:
  std::string text_;
  std::size_t at_ = 0;
};
class TextSink final : public ByteSink {
 public:
  TextSink(std::string& to, std::size_t bytes_max) : to_(to), bytes_max_(bytes_max) {}
  Result<void> write(ByteView bytes) override;
  Result<void> finish() override { return {}; }

 private:
  std::string& to_;
  std::size_t bytes_max_;
};

}  // namespace inxt::client
