// SPDX-License-Identifier: LGPL-3.0-or-later
// Stores plaintext as a generation of its own, under a fresh secret, for an object's record; and takes it
// back.
#pragma once

#include "client/manifest_head.h"
#include "client/object_manifest.h"
#include "client/put_journal.h"
#include "client/segment_hosts.h"

namespace inxt::client {

/// Where pieces may go.
class GenerationHosts {
 public:
  virtual ~GenerationHosts() = default;
  /// Before the pieces of a generation are made: its layout, with any seal key.  `wished`: none lets it
  /// decide. `ciphertext_bytes`: where they are known.  Errors: those of placing; usage for too few Hosts.
  virtual net::Awaitable<Result<format::Layout>> begin(const FileId& file,
                                                       const std::optional<format::Layout>& wished,
                                                       std::optional<std::uint64_t> ciphertext_bytes) = 0;
  /// Which Hosts a segment goes to; nullptr: any of hosts().
  virtual SegmentHostSource* segment_hosts() = 0;
  virtual const std::vector<format::Descriptor>& hosts() const = 0;
  /// What was announced and not used is given back.
  virtual net::Awaitable<void> end() = 0;
  /// Hosts for a long manifest of so many bytes.
  virtual net::Awaitable<Result<std::vector<format::Descriptor>>> hosts_for_manifest(std::uint64_t bytes) = 0;
};

/// Any of these Hosts.
class GivenHosts final : public GenerationHosts {
 public:
  GivenHosts(std::vector<format::Descriptor> hosts, const format::Layout& layout)
      : hosts_(std::move(hosts)), layout_(layout) {}
  net::Awaitable<Result<format::Layout>> begin(const FileId& file,
                                               const std::optional<format::Layout>& wished,
                                               std::optional<std::uint64_t> ciphertext_bytes) override;
  SegmentHostSource* segment_hosts() override { return nullptr; }
  const std::vector<format::Descriptor>& hosts() const override { return hosts_; }
  net::Awaitable<void> end() override { co_return; }
  net::Awaitable<Result<std::vector<format::Descriptor>>> hosts_for_manifest(std::uint64_t) override {
    co_return hosts_;
  }

 private:
  std::vector<format::Descriptor> hosts_;
  format::Layout layout_;
};

/// All of it outlives what is stored with it.
struct ObjectStore {
  Network network;
  const keys::Key& key;
  GenerationHosts& hosts;
  /// Where journals of unfinished puts lie (PutJournal::folder()); none: what a crash leaves is not found
  /// again.
  std::optional<std::string> journals = {};
  std::vector<transfer::HostAddress> addresses = {};  // newer ones than manifests have
};

struct GenerationWanted {
  SourceFacts facts = {};  // plain_bytes: where they are known
  Content content = {};
  std::vector<keys::Recipient> recipients = {};
  std::optional<format::Layout> layout = {};
  PutOptions put = {};
  std::size_t inline_bytes_max = format::kInlineManifestBytesMax;
  std::function<void(std::uint64_t bytes, unsigned hosts)> on_progress = {};
  std::function<bool()> stopped = {};
};

struct StoredGeneration {
  FileId file;
  std::uint64_t plain_bytes = 0;
  format::ManifestRef manifest;
  PutReport report;
};

/// Stores what `plain` gives.  What was stored is taken back when it fails; where that fails too, a journal
/// is left, which inxt-rm takes. Errors: the source's; put()'s; those of GenerationHosts.
net::Awaitable<Result<StoredGeneration>> put_generation(const ObjectStore& store,
                                                        std::unique_ptr<ByteSource> plain,
                                                        GenerationWanted wanted);

/// Removes all pieces that a manifest in a record names, and those in which it is stored itself.
/// Errors: denied on a delegated machine; those of load_manifest().
net::Awaitable<Result<RemoveReport>> remove_generation(Network network, const keys::Key& key,
                                                       const format::ManifestRef& manifest,
                                                       std::vector<transfer::HostAddress> hosts);

}  // namespace inxt::client
