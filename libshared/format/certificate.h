// SPDX-License-Identifier: LGPL-3.0-or-later
// The owner's word for a delegated uploader: its writer key W_n signs for this owner until a time.
// Format: inxt-token(5), "inxt-certificate".
#pragma once

#include <set>

#include "crypto/sign.h"
#include "format/json.h"
#include "format/manifest_reader.h"

namespace inxt::format {

struct Certificate {
  OwnerId owner;
  WriterId writer;
  std::uint32_t uploader = 0;
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

Result<std::string> sign_certificate(const Certificate& certificate, const crypto::SigningKey& identity);
/// Errors: integrity, also for a caretaker's number.  Times are not judged here.
Result<Certificate> open_certificate(std::string_view token);

/// Whom a reader trusts to write.
struct KnownWriters {
  std::set<WriterId> writers;                  // own uploaders and --signer
  std::set<OwnerId> owners;                    // whose certificates count
  /// The reader's own uploader n, where its key gives it.
  std::function<std::optional<WriterId>(std::uint32_t)> own;
  std::int64_t now_unix_s = 0;
};

/// Accepts a header by a known writer, or with a certificate by a known owner that has not expired.
/// Errors: denied, with what to do.
WriterCheck accept_only(KnownWriters known);

}  // namespace inxt::format
