// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reader of a share shows: "capability~lease".  First byte: 80 and the rest is the header; else the rest is
// two payloads with a newline between them, which are signed here.
#include "format/lease.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

constexpr std::int64_t kNow = 1'800'000'000;

std::string signed_token(std::string_view type, std::string_view payload) {
  std::string token = to_base64url(view_of(R"({"alg":"Ed25519","typ":")" + std::string(type) + "\"}")) + "." +
                      to_base64url(view_of(with_hex_member(std::string(payload), "iss", signer_hex())));
  return token + "." + to_base64url(signing_key().sign_raw(view_of(token)));
}

/// Whatever is let through is what both say.
void check_header(std::string_view header) {
  const auto between = header.find('~');
  if (between == std::string_view::npos) return CHECK_BUG(!is_leased(header));
  CHECK_BUG(is_leased(header));
  const auto capability = open_leasing_capability(header.substr(0, between), kNow);
  const auto lease = open_lease(header.substr(between + 1), kNow);
  const PieceId piece = lease ? lease->pieces.back() : PieceId{};
  const crypto::PublicKey client = lease ? lease->client : crypto::PublicKey{};
  const std::array hosts{lease ? lease->host : HostId{}};
  const auto leased = open_leased(header, client, hosts, piece, kNow);
  const bool is_good = capability && lease && lease->bridge == capability->bridge &&
                       lease->account == capability->account && lease->host == capability->host;
  CHECK_BUG(leased.has_value() == is_good);
  if (!is_good) return;
  CHECK_BUG(leased->account == lease->account && leased->bridge == lease->bridge);
  CHECK_BUG(leased->expires_unix_s <= lease->issued_unix_s + kLeaseSecondsMax);
  PieceId other = piece;
  other.bytes[0] ^= std::byte{1};
  const bool has_other = std::ranges::find(lease->pieces, other) != lease->pieces.end();
  CHECK_BUG(open_leased(header, client, hosts, other, kNow).has_value() == has_other);
}

/// What opens can be signed and opened again, and comes out the same.
template <class Open, class Sign>
void check_again(std::string_view token, Open open, Sign sign) {
  const auto value = open(token, std::nullopt);
  if (!value) return;
  const auto again = sign(*value, signing_key());
  if (!again) return;  // longer than what is made here
  const auto back = open(*again, std::nullopt);
  CHECK_BUG(back.has_value());
  const auto last = sign(*back, signing_key());
  CHECK_BUG(last && *last == *again);
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input);
  const std::string_view text = text_of(input);
  if ((selector & 0x80U) != 0) return check_header(text);
  const auto between = text.find('\n');
  std::string of_capability(text.substr(0, between));
  std::string of_lease(between == text.npos ? std::string_view() : text.substr(between + 1));
  if ((selector & 1U) == 0) {  // one key is account and Bridge, so that the two fit
    of_capability = with_hex_member(std::move(of_capability), "cnf", signer_hex());
    of_lease = with_hex_member(std::move(of_lease), "account", signer_hex());
  }
  const std::string capability = signed_token("inxt-capability", of_capability);
  const std::string lease = signed_token("inxt-lease", of_lease);
  check_again(capability, open_leasing_capability, sign_leasing_capability);
  check_again(lease, open_lease, sign_lease);
  check_header(capability + "~" + lease);
}

}  // namespace inxt::fuzz
