// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {

namespace {

constexpr std::string_view kCapabilityType = "inxt-capability";
constexpr std::string_view kLeaseType = "inxt-lease";

Result<Token> open(std::string_view type, std::string_view token, std::size_t bytes_max,
                   std::string_view limit, std::optional<std::int64_t> now_unix_s) {
  if (token.size() > bytes_max)
    return fail(Code::integrity, fmt::format("{} token: longer than {} bytes ({})", type, bytes_max, limit));
  Token opened = TRY(open_token(type, token));
  if (now_unix_s) TRY_IN(type, check_times(opened.payload, *now_unix_s));
  return opened;
}

Result<std::vector<PieceId>> read_pieces(const Fields& fields) {
  std::vector<PieceId> pieces;
  for (const std::string& text : TRY(fields.texts("pieces", kLeasePiecesMax, 2 * PieceId().bytes.size()))) {
    const Result<PieceId> piece = PieceId::parse(text);
    if (!piece) return fields.bad("pieces", "one is not 64 lower-case hex digits");
    pieces.push_back(*piece);
  }
  if (pieces.empty()) return fields.bad("pieces", "there is none");
  return pieces;
}

bool is_term(const Lease& lease) {
  return lease.expires_unix_s >= lease.issued_unix_s &&
         lease.expires_unix_s - lease.issued_unix_s <= kLeaseSecondsMax;
}

std::unexpected<Error> denied(std::string_view what) {
  return fail(Code::denied, fmt::format("lease: {}", what));
}

}  // namespace

Result<std::string> sign_leasing_capability(const LeasingCapability& capability,
                                            const crypto::SigningKey& account) {
  return sign_token(kCapabilityType,
                    {{"iss", capability.account.hex()},
                     {"aud", capability.host.hex()},
                     {"cnf", to_hex(capability.bridge)},
                     {"can", "lease"},
                     {"jti", to_base64url(capability.jti)},
                     {"iat", capability.issued_unix_s},
                     {"exp", capability.expires_unix_s}},
                    account);
}

Result<std::string> sign_lease(const Lease& lease, const crypto::SigningKey& bridge) {
  if (lease.pieces.empty() || lease.pieces.size() > kLeasePiecesMax)
    return fail(Code::failure, fmt::format("a lease of {} pieces: it must be 1 to {} (kLeasePiecesMax)",
                                           lease.pieces.size(), kLeasePiecesMax));
  if (!is_term(lease))
    return fail(Code::failure,
                fmt::format("a lease runs for {} s at most (kLeaseSecondsMax)", kLeaseSecondsMax));
  Json pieces = Json::array();
  for (const PieceId& piece : lease.pieces) pieces.push_back(piece.hex());
  return sign_token(kLeaseType,
                    {{"iss", to_hex(lease.bridge)},
                     {"aud", lease.host.hex()},
                     {"cnf", to_hex(lease.client)},
                     {"account", lease.account.hex()},
                     {"pieces", std::move(pieces)},
                     {"jti", to_base64url(lease.jti)},
                     {"iat", lease.issued_unix_s},
                     {"exp", lease.expires_unix_s}},
                    bridge);
}

Result<LeasingCapability> open_leasing_capability(std::string_view token,
                                                  std::optional<std::int64_t> now_unix_s) {
  const auto opened =
      TRY(open(kCapabilityType, token, kLeasingTokenBytesMax, "kLeasingTokenBytesMax", now_unix_s));
  const Fields fields(opened.payload, "capability");
  LeasingCapability out;
  out.account.bytes = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  TRY(fields.hex("cnf", out.bridge));
  TRY(fields.expect("can", "lease"));
  TRY(fields.base64("jti", out.jti));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

Result<Lease> open_lease(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const auto opened = TRY(open(kLeaseType, token, kLeaseTokenBytesMax, "kLeaseTokenBytesMax", now_unix_s));
  const Fields fields(opened.payload, "lease");
  Lease out;
  out.bridge = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  TRY(fields.hex("cnf", out.client));
  out.account = TRY(fields.id<AccountId>("account"));
  out.pieces = TRY(read_pieces(fields));
  TRY(fields.base64("jti", out.jti));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  if (!is_term(out))
    return fields.bad("exp", fmt::format("not within {} s of \"iat\" (kLeaseSecondsMax)", kLeaseSecondsMax));
  return out;
}

bool is_leased(std::string_view header) {
  return header.contains('~');
}

Result<Leased> open_leased(std::string_view header, const crypto::PublicKey& client,
                           std::span<const HostId> hosts, const PieceId& piece, std::int64_t now_unix_s) {
  const std::size_t between = header.find('~');
  if (between == std::string_view::npos || header.find('~', between + 1) != std::string_view::npos)
    return fail(Code::integrity, "lease: not a capability and a lease with one '~' between them");
  const auto capability = TRY(open_leasing_capability(header.substr(0, between), now_unix_s));
  const auto lease = TRY(open_lease(header.substr(between + 1), now_unix_s));
  const auto is_here = [&](const HostId& host) { return std::ranges::find(hosts, host) != hosts.end(); };
  if (lease.bridge != capability.bridge) return denied("it is by another Bridge than may lease");
  if (lease.account != capability.account) return denied("it is for another account's pieces");
  if (!is_here(capability.host)) return denied("its capability is for another Host");
  if (!is_here(lease.host)) return denied("it is for another Host");
  if (lease.client != client) return denied("it is for another client key");
  if (std::ranges::find(lease.pieces, piece) == lease.pieces.end()) return denied("it is for other pieces");
  return Leased{.account = lease.account,
                .bridge = lease.bridge,
                .expires_unix_s = std::min(lease.expires_unix_s, capability.expires_unix_s)};
}

}  // namespace inxt::format
