// SPDX-License-Identifier: AGPL-3.0-or-later
// What a cheat works with: the honest Host that it stands in front of, that Host's key, and its files on the
// disk.
#pragma once

#include "cheat/memory_exchange.h"
#include "cheat/options.h"
#include "format/audit_lines.h"
#include "format/descriptor.h"
#include "host/host.h"
#include "net/http_client.h"
#include "store/names.h"

namespace inxt::cheat {

using net::Awaitable;

struct Scene {
  const Options& options;
  host::Host& engine;
  net::HttpClient& http;
  const crypto::SigningKey& key;
  const net::TlsIdentity& identity;
  std::string folder;                           // of the store
  std::optional<format::Descriptor> peer = {};  // whom --peer names

  HostId id() const { return engine.id(); }
  std::int64_t now_s() const { return engine.parts().clock.unix_s(); }
  /// The honest Host's answer, which nobody sees.
  Awaitable<Told> ask_engine(const Asked& asked);
  /// The text of options.manifest; empty as long as nobody has put it there.
  std::string manifest() const;
  /// The peer's answer to the same question; both ways take options.delay_ms.
  Awaitable<Told> ask_peer(const Asked& asked);
  /// Lines of an answer without its last, which is the signature; none when it is no answer.
  static std::vector<std::string> lines_of(const Told& told);
  /// The answer to `asked` that consists of these lines, signed by this Host, whatever they say.
  Told sign(const Asked& asked, const std::vector<std::string>& lines) const;
};

/// One stored piece's file, as a Host that saves room treats it.  All of it happens at once, on the loop's
/// thread.
class StoredFile {
 public:
  StoredFile(const Scene& scene, const store::Key& key);
  /// Of any account: the first.  Nothing where no file of the piece is there.
  static std::optional<StoredFile> find(const Scene& scene, const PieceId& piece);

  std::uint64_t size_bytes() const { return size_bytes_; }  // of the piece
  const store::Key& key() const { return key_; }
  const store::Trailer& trailer() const { return trailer_; }
  Bytes piece() const;
  Bytes page_of(std::uint64_t block) const;
  std::vector<crypto::Hash> leaves() const;
  /// The disk gets the block's room back: zeros are read there from now on.
  void drop_block(std::uint64_t block);
  void drop_data();
  void drop_pages();
  void unlink();

 private:
  void drop(std::uint64_t offset, std::uint64_t length);
  Bytes read(std::uint64_t offset, std::uint64_t length) const;

  store::Key key_;
  std::string path_;
  std::uint64_t size_bytes_ = 0;
  store::Trailer trailer_;
};

}  // namespace inxt::cheat
