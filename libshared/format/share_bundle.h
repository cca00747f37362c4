// SPDX-License-Identifier: LGPL-3.0-or-later
// What a share shows: names, manifests and the secrets that open them, sealed for whoever has the share's
// secret and signed by its owner.  Format: inxt-share(5), "Bundles".
//
//     bundle = AEAD(share key, nonce, share id, signature || count u32 || count secrets of 32 || zstd(JSON))
#pragma once

#include "format/share_keys.h"
#include "format/share_requests.h"

namespace inxt::format {

inline constexpr std::size_t kShareJsonBytesMax = std::size_t{64} << 20;  // a bundle's JSON
inline constexpr std::size_t kShareFilesMax = 65'536;                     // and as many folders
inline constexpr std::size_t kShareSecretsMax = 4 * kShareFilesMax;
inline constexpr std::size_t kShareManifestBytesMax = std::size_t{16} << 20;

/// A manifest, and what opens it.
struct SharedManifest {
  /// The object's manifest; or, with n + 1 secrets, that of a file whose plaintext is such a manifest, n
  /// deep.
  std::string lines;
  std::vector<crypto::Key> secrets;  // of `lines` first; 1 to kManifestLevelsMax + 1
};

struct SharedFile {
  std::string path;                    // "a/b.tar" within a folder; the name of a share of one file
  std::optional<std::uint64_t> bytes;  // of plaintext, where known
  std::int64_t mtime_unix_s = 0;
  std::uint32_t mode = 0;
  std::vector<Extent> extents;  // as in a record; none: the whole of the first manifest
  std::vector<SharedManifest> manifests;
};

/// Whose contracts pieces stand in: of uploader n's files at a Host.
struct SharedAccount {
  HostId host;
  std::uint32_t uploader = 0;
  AccountId account;
};

struct ShareBundle {
  bool is_folder = false;
  std::string name;  // of the file or folder; may be empty
  std::int64_t made_unix_s = 0;
  std::uint64_t seq = 0;  // the last entry of the owner's log then: it does not go back; 0 without a log
  std::int64_t expires_unix_s = 0;
  std::vector<SharedAccount> accounts;
  std::vector<std::string> folders;  // all in it, those without files of their own too
  std::vector<SharedFile> files;     // each path once; one where it is no folder
};

/// Errors: usage past a limit, named.
Result<Bytes> seal_bundle(const ShareBundle& bundle, const ShareKeys& keys, const crypto::SigningKey& writer,
                          crypto::Random& random);
/// Errors: integrity when it is not this share's, not signed by `writer`, or not in the form.
Result<ShareBundle> open_bundle(ByteView sealed, const ShareKeys& keys, const WriterId& writer);

}  // namespace inxt::format
