// SPDX-License-Identifier: LGPL-3.0-or-later
// What owners and readers of shares say to a Bridge, and what it answers.  Wire: inxt-bridge(7), "Shares".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "crypto/sign.h"
#include "format/tree_ops.h"

namespace inxt::format {

inline constexpr std::size_t kShareBodyBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kShareBundleBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kSharePiecesMax = 131'072;  // 256 GiB of shards
inline constexpr std::size_t kShareLinesMax = 2048;      // about pieces
inline constexpr std::size_t kShareLinePiecesMax = 1024;
inline constexpr std::size_t kShareLineBytesMax = std::size_t{64} << 10;
inline constexpr std::size_t kShareInfoBytesMax = 1024;  // a line of a list of shares

/// Pieces that one account has at one Host.
struct SharedPieces {
  HostId host;
  AccountId account;
  std::string capability;       // by the account, to this Bridge: it may give leases (format/lease.h)
  std::vector<PieceId> pieces;  // ascending
  bool operator==(const SharedPieces&) const = default;
};

/// A share as its owner gives it to a Bridge, which sees everything here but what is in the bundle.
struct ShareRequest {
  ShareId share;
  crypto::PublicKey client{};  // the reader's TLS key
  std::int64_t expires_unix_s = 0;
  std::optional<ObjectId> object = {};  // what is shared, where a permit for one object makes the share
  std::vector<SharedPieces> places;     // no (host, account) twice
  std::string_view bundle;              // not owned
};
std::size_t pieces_of(const ShareRequest& request);

/// Lines, and the bundle behind them.
/// Errors: usage past a limit, named; or where pieces are not ascending, or none.
Result<std::string> write_share_request(const ShareRequest& request);
/// `bundle` stands within `body`.  Errors: integrity, with the line and the member, or the name of the limit.
Result<ShareRequest> read_share_request(std::string_view body);

/// A reader asks to be let in to pieces.
struct LeaseRequest {
  HostId host;
  AccountId account;
  std::vector<PieceId> pieces;  // 1 to kLeasePiecesMax
  bool operator==(const LeaseRequest&) const = default;
};
std::string write_lease_request(const LeaseRequest& request);
/// Errors: integrity, with the member.
Result<LeaseRequest> read_lease_request(std::string_view body);

/// What it shows to the Host: "capability~lease".
struct LeaseAnswer {
  std::string capability;
  std::string lease;
  std::int64_t expires_unix_s = 0;
};
std::string write_lease_answer(const LeaseAnswer& answer);
/// The tokens are not opened.  Errors: integrity, with the member.
Result<LeaseAnswer> read_lease_answer(std::string_view body);

/// What a Bridge lists of a share.
struct ShareInfo {
  ShareId share;
  crypto::PublicKey client{};
  std::optional<ObjectId> object = {};
  std::int64_t created_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  std::uint64_t bundle_bytes = 0;
  std::uint64_t pieces = 0;
  bool operator==(const ShareInfo&) const = default;
};
std::string write_share_info(const ShareInfo& info);  // with newline
/// Errors: integrity, with `where` and the member.
Result<ShareInfo> read_share_info(std::string_view line, const std::string& where);

}  // namespace inxt::format
