// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/http_host_prober.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "format/contract.h"
#include "format/voucher.h"
#include "net/look_up.h"
#include "proof/tree.h"
#include "transfer/audit_answer.h"
#include "transfer/http_piece_service.h"

namespace inxt::bridge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kProbeVoucherS = 3600;

std::int64_t us_since(Clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun).count();
}

std::int64_t per_second(std::uint32_t bytes, std::int64_t us) {
  return static_cast<std::int64_t>(bytes) * 1'000'000 / std::max<std::int64_t>(1, us);
}

Error refusal_of(const net::Response& response, std::string_view what) {
  const Code code = response.status == 401 || response.status == 403   ? Code::denied
                    : response.status == 404                           ? Code::not_found
                    : response.status == 507                           ? Code::quota
                    : response.status == 409 || response.status == 422 ? Code::integrity
                                                                       : Code::try_again;
  return {code, fmt::format("{}: the Host answered {}", what, response.status)};
}

}  // namespace

net::Awaitable<Result<net::Response>> HttpHostProber::ask(const HostId& host, const std::string& address,
                                                          net::Request request) {
  request.headers.push_back({"Inxt-Protocol", "1"});
  net::Endpoint endpoint(address, host.bytes, &identity_);
  return http_.send(std::move(endpoint), std::move(request));
}

net::Awaitable<Result<std::vector<std::string>>> HttpHostProber::endpoints_of(
    const format::Descriptor& host) {
  std::vector<std::string> out;
  Error last{Code::usage, "none of its addresses can be reached from outside"};
  for (const std::string& address : host.addresses) {
    if (!is_reachable_address(address, private_addresses_)) continue;
    Result<net::HostPort> parts = net::parse_address(address);
    if (!parts) continue;
    Result<std::vector<std::string>> found =
        co_await net::look_up(*std::move(parts), std::chrono::milliseconds(kProbeLookUpMs));
    if (!found) {
      last = std::move(found).error().in(address);
      continue;
    }
    // A name may stand for an address inside the network that this Bridge is in: not our business.
    for (std::string& endpoint : *found)
      if (is_reachable_address(endpoint, private_addresses_) && out.size() < kProbeEndpointsMax)
        out.push_back(std::move(endpoint));
  }
  if (out.empty()) co_return std::unexpected(std::move(last));
  co_return out;
}

net::Awaitable<Result<std::int64_t>> HttpHostProber::round_trip_us(const HostId& host,
                                                                   const std::string& address) {
  std::int64_t least = INT64_MAX;
  for (int i = 0; i < kProbeRoundTrips; ++i) {  // the first opens the connection
    const auto begun = Clock::now();
    net::Request request(net::Method::get, "/v1/health");
    CO_TRY(const net::Response response, co_await ask(host, address, std::move(request)));
    if (!response.ok()) co_return std::unexpected(refusal_of(response, "health"));
    least = std::min(least, us_since(begun));
  }
  co_return least;
}

net::Awaitable<Result<Reached>> HttpHostProber::reach(const format::Descriptor& host) {
  CO_TRY(const std::vector<std::string> endpoints, co_await endpoints_of(host));
  std::optional<Reached> first;
  Error last{Code::try_again, "no address answers"};
  for (const std::string& endpoint : endpoints) {
    Result<std::int64_t> rtt_us = co_await round_trip_us(host.host, endpoint);
    if (rtt_us) {
      if (!first)
        first =
            Reached{.address = endpoint, .ip = net::parse_address(endpoint).value().host, .rtt_us = *rtt_us};
      continue;
    }
    last = std::move(rtt_us).error().in(endpoint);
    if (last.code == Code::denied) co_return std::unexpected(std::move(last));
  }
  if (!first) co_return std::unexpected(std::move(last));
  co_return *std::move(first);
}

Result<std::string> HttpHostProber::make_offer(const format::Descriptor& host, const PieceId& piece,
                                               std::int64_t until_unix_s) {
  const auto now = clock_.unix_s();
  format::Offer offer;
  offer.account.bytes = bridge_.public_key();
  offer.host = host.host;
  offer.piece = piece;
  offer.size = kProbePieceBytes;
  offer.until_unix_s = until_unix_s;
  offer.price = host.price;
  // Nobody is to delete or to find it again: its term ends soon.
  offer.control = crypto::SigningKey::from_seed(random_.bytes<32>()).public_key();
  offer.tag.resize(format::kTagBytes);
  random_.fill(offer.tag);
  offer.jti = random_.bytes<16>();
  offer.issued_unix_s = now;
  offer.expires_unix_s = now + 3600;
  return format::sign_offer(offer, bridge_);
}

net::Awaitable<Result<ProbedSpeed>> HttpHostProber::measure_speed(const format::Descriptor& host,
                                                                  const std::string& address) {
  Bytes bytes(kProbePieceBytes);
  random_.fill(bytes);
  const auto now = clock_.unix_s();
  ProbedSpeed out;
  out.piece = proof::piece_id_of(bytes);
  out.bytes = kProbePieceBytes;
  out.until_unix_s = now + std::min(kProbeTermS, static_cast<std::int64_t>(host.term_seconds_max));
  CO_TRY(const std::string offer, make_offer(host, out.piece, out.until_unix_s));
  format::Voucher voucher;
  voucher.bridge = bridge_.public_key();
  voucher.account.bytes = bridge_.public_key();
  voucher.host = host.host;
  voucher.issued_unix_s = now;
  voucher.expires_unix_s = now + kProbeVoucherS;
  CO_TRY(const std::string voucher_token, format::sign_voucher(voucher, bridge_));

  net::Request put(net::Method::put, "/v1/pieces/" + out.piece.hex());
  put.headers.push_back({"Inxt-Offer", offer});
  put.headers.push_back({"Inxt-Voucher", voucher_token});
  put.body = bytes;
  const auto put_begun = Clock::now();
  CO_TRY(const net::Response stored, co_await ask(host.host, address, std::move(put)));
  out.down_bytes_per_s = per_second(kProbePieceBytes, us_since(put_begun));
  if (!stored.ok()) co_return std::unexpected(refusal_of(stored, "a probe piece"));

  Bytes back(kProbePieceBytes);
  net::Request get(net::Method::get, "/v1/pieces/" + out.piece.hex());
  get.into = back;
  const auto get_begun = Clock::now();
  CO_TRY(const net::Response got, co_await ask(host.host, address, std::move(get)));
  out.up_bytes_per_s = per_second(kProbePieceBytes, us_since(get_begun));
  if (!got.ok()) co_return std::unexpected(refusal_of(got, "the probe piece"));
  if (got.body_bytes != bytes.size() || back != bytes)
    co_return fail(Code::integrity, "the probe piece came back as other bytes");
  co_return out;
}

net::Awaitable<Result<bool>> HttpHostProber::audit(const format::Descriptor& host, const std::string& address,
                                                   const PieceId& piece, std::uint32_t bytes) {
  std::vector<proof::SetPiece> pieces{{.id = piece, .size_bytes = bytes}};
  CO_TRY(const proof::AuditSet set, proof::AuditSet::make(std::move(pieces)));
  CO_TRY(const proof::Challenge challenge,
         proof::derive_challenge(random_.bytes<32>(), host.host, set, std::min(kProbeSamples, set.blocks())));
  const transfer::AuditPart part = transfer::audit_part(challenge, set, 0);
  net::Request request(net::Method::post, "/v1/audit");
  request.body = view_of(part.body);
  request.response_bytes_max = transfer::kAuditBodyBytesMax;
  CO_TRY(const net::Response response, co_await ask(host.host, address, std::move(request)));
  if (!response.ok()) co_return std::unexpected(refusal_of(response, "an audit"));
  CO_TRY(const transfer::AuditAnswer answer,
         transfer::check_answer(host.host, challenge, set, part, text_of(response.body)));
  co_return std::ranges::all_of(answer.outcomes,
                                [](proof::Outcome outcome) { return outcome == proof::Outcome::held; });
}

}  // namespace inxt::bridge
