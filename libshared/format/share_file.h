// SPDX-License-Identifier: LGPL-3.0-or-later
// A share for one recipient: its secret is sealed to that key, so the file may travel openly.  Format:
// inxt-share(5), "Share files".
//
//     {"type":"share","version":1,"bridge":hex,"addresses":[..],"id":hex,"expires":n,"recipient":"inxtr1..",
//      "sealed":b64,"writer":hex,"sig":b64}
#pragma once

#include "format/share_keys.h"

namespace inxt::format {

inline constexpr std::size_t kShareFileBytesMax = 4096;
inline constexpr std::size_t kShareAddressesMax = 8;

struct ShareFile {
  crypto::PublicKey bridge{};
  std::vector<std::string> addresses;  // 1 to kShareAddressesMax
  ShareId share;
  std::int64_t expires_unix_s = 0;
  std::string recipient;  // inxtr1...
  Bytes sealed;           // the secret, sealed to the recipient
  WriterId writer;        // signs this line, and the bundle
};

/// One line, with newline.  `recipient_text`: the same key as `recipient`, as inxtr1...
/// Errors: integrity for a recipient of small order.
Result<std::string> write_share_file(const ShareAccess& access, std::int64_t expires_unix_s,
                                     const ByteArray<32>& recipient, const std::string& recipient_text,
                                     const crypto::SigningKey& writer);

/// The signature has been checked; whether the writer counts is the caller's question.
/// Errors: integrity, with the member.
Result<ShareFile> read_share_file(std::string_view text);

/// Errors: wrong_key when it is sealed to another; integrity when the secret is another share's.
Result<ShareAccess> open_share_file(const ShareFile& file, ByteView recipient_secret);

}  // namespace inxt::format
