// SPDX-License-Identifier: AGPL-3.0-or-later
// Permits, and what accounts and a Bridge say to each other about placements.  First byte: which of them.
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "format/bridge_account.h"
#include "format/bridge_capability.h"
#include "format/placement.h"
#include "format/token.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

constexpr std::int64_t kNow = 1'800'000'000;

/// A chain: each line of the input is a payload, signed by the one key that everybody here has.
std::string signed_chain(std::string_view text) {
  std::string out, before;
  for (const auto line : lines_of(text)) {
    auto payload = std::string(line);
    for (const auto* key : {"iss", "aud", "cnf"}) payload = with_hex_member(std::move(payload), key, signer_hex());
    if (!before.empty()) payload = with_hex_member(std::move(payload), "parent", to_hex(permit_hash(before)));
    std::string token = to_base64url(view_of(R"({"alg":"Ed25519","typ":"inxt-permit"})")) + "." + to_base64url(view_of(payload));
    token += "." + to_base64url(signing_key().sign_raw(view_of(token)));
    out += (out.empty() ? "" : "~") + token;
    before = std::move(token);
  }
  return out;
}

/// Nothing in a chain that opens is more than what stands before it.
void check_chain(std::string_view text) {
  const auto chain = PermitChain::open(text);
  if (!chain) return;
  const auto& links = chain->links();
  CHECK_BUG(!links.empty() && links.size() <= kPermitChainMax && chain->text() == text);
  std::optional<std::uint64_t> quota;
  for (std::size_t i = 0; i < links.size(); ++i) {
    CHECK_BUG(links[i].bridge == chain->bridge() && !links[i].can.empty());
    CHECK_BUG(!quota || links[i].quota_bytes.value_or(0) <= *quota);
    if (links[i].quota_bytes) quota = links[i].quota_bytes;
    if (i == 0) continue;
    CHECK_BUG(links[i - 1].can.covers(links[i].can) && links[i].expires_unix_s <= links[i - 1].expires_unix_s);
    CHECK_BUG(!links[i - 1].object || links[i].object == links[i - 1].object);
    CHECK_BUG(links[i].issuer == links[i - 1].holder.bytes);
  }
  CHECK_BUG(chain->quota_bytes() == quota);
  (void)check_permit(*chain, signing_key().public_key(), AccountId{signing_key().public_key()}, kNow);
  (void)check_ability(*chain, Ability::create);
  if (chain->last().holder.bytes != signing_key().public_key()) return;
  Permit more;
  more.holder = chain->last().holder;
  more.can = chain->last().can;
  more.object = chain->last().object;
  more.issued_unix_s = chain->last().issued_unix_s;
  more.expires_unix_s = chain->last().expires_unix_s;
  if (const auto longer = chain->delegate(more, signing_key())) CHECK_BUG(PermitChain::open(*longer).has_value());
}

template <class Read, class Write>
void check_body(std::string_view text, Read read, Write write) {
  const auto value = read(text);
  if (!value) return;
  const std::string again = write(*value);
  const auto back = read(again);
  CHECK_BUG(back.has_value() && write(*back) == again);
}

}  // namespace

void fuzz(ByteView input) {
  const auto kind = take_byte(input);
  const auto text = text_of(input);
  switch (kind % 8) {
    case 0: return check_chain(text);
    case 1: return check_chain(signed_chain(text));
    case 2: return check_body(text, read_placement_wish, write_placement_wish);
    case 3: return check_body(text, read_placement_given, write_placement_given);
    case 4: return check_body(text, read_voucher_wishes, write_voucher_wishes);
    case 5:
      return check_body(text, read_vouchers_given, [](const VouchersGiven& given) {
        return write_vouchers_given(given.vouchers, given.expires_unix_s);
      });
    case 6: return check_body(text, read_bridge_account, write_bridge_account);
    default: return check_body(text, read_revocation, write_revocation);
  }
}

}  // namespace inxt::fuzz
