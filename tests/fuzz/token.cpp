// SPDX-License-Identifier: AGPL-3.0-or-later
// Tokens.  First byte: which type, and whether the rest is a token, or a payload that is signed here.
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "format/certificate.h"
#include "format/contract.h"
#include "format/descriptor.h"
#include "format/heartbeat.h"
#include "format/host_report.h"
#include "format/contract_release.h"
#include "format/renewal.h"
#include "format/token.h"
#include "format/transfer.h"
#include "format/voucher.h"
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

/// What opens can be signed and opened again, and comes out the same.
template <class Open, class Sign>
void check(std::string_view token, Open open, Sign sign) {
  const auto value = open(token);
  if (!value) return;
  CHECK_BUG(token.size() <= kTokenBytesMax);
  const auto again = sign(*value, signing_key());
  // A token of another signer, or as long as only a foreign writer's text can be, cannot be made here.
  if (!again) return;
  const auto back = open(*again);
  CHECK_BUG(back.has_value());
  const auto last = sign(*back, signing_key());
  CHECK_BUG(last && *last == *again);
}

}  // namespace

void fuzz(ByteView input) {
  static constexpr const char* kTypes[] = {"inxt-certificate", "inxt-descriptor", "inxt-offer",     "inxt-acceptance",
                                           "inxt-receipt",     "inxt-deletion",   "inxt-capability", "inxt-renewal",
                                           "inxt-renewal-acceptance", "inxt-voucher",    "inxt-succession",
                                           "inxt-transfer", "inxt-heartbeat", "inxt-report", "inxt-release"};
  const auto selector = take_byte(input);
  const auto type = (selector & 0x7fU) % std::size(kTypes);
  const bool is_payload = (selector & 0x80U) == 0;
  const std::string token = is_payload ? signed_token(kTypes[type], text_of(input)) : std::string(text_of(input));
  if (!is_payload) {  // of a foreign signer: signing again would be a bug of the caller
    (void)open_token(kTypes[type], token);
    (void)open_certificate(token);
    (void)open_descriptor(token);
    (void)open_offer(token, kNow);
    (void)open_acceptance(token);
    (void)open_receipt(token);
    (void)open_deletion(token, kNow);
    (void)open_capability(token, kNow);
    (void)open_release(token, kNow);
    (void)open_renewal(token, kNow);
    (void)open_renewal_acceptance(token);
    (void)open_voucher(token, kNow);
    (void)open_succession(token);
    (void)open_transfer(token, kNow);
    (void)open_heartbeat(token, kNow);
    (void)open_report(token, kNow);
    return;
  }
  switch (type) {
    case 0: return check(token, open_certificate, sign_certificate);
    case 1: return check(token, open_descriptor, sign_descriptor);
    case 2: return check(token, [](auto text) { return open_offer(text, std::nullopt); }, sign_offer);
    case 3: return check(token, open_acceptance, sign_acceptance);
    case 4: return check(token, open_receipt, sign_receipt);
    case 5: return check(token, [](auto text) { return open_deletion(text, std::nullopt); }, sign_deletion);
    case 6: return check(token, [](auto text) { return open_capability(text, std::nullopt); }, sign_capability);
    case 7: return check(token, [](auto text) { return open_renewal(text, std::nullopt); }, sign_renewal);
    case 8: return check(token, open_renewal_acceptance, sign_renewal_acceptance);
    case 10:
      return check(token, open_succession, [](const auto& value, const auto& key) {
        return sign_succession(value.to, value.issued_unix_s, key);
      });
    case 11: return check(token, [](auto text) { return open_transfer(text, std::nullopt); }, sign_transfer);
    case 12: return check(token, [](auto text) { return open_heartbeat(text, std::nullopt); }, sign_heartbeat);
    case 14: return check(token, [](auto text) { return open_release(text, std::nullopt); }, sign_release);
    case 13: return check(token, [](auto text) { return open_report(text, std::nullopt); }, sign_report);
    default: return check(token, [](auto text) { return open_voucher(text, std::nullopt); }, sign_voucher);
  }
}

}  // namespace inxt::fuzz
