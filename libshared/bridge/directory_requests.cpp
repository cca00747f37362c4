// SPDX-License-Identifier: LGPL-3.0-or-later
// What Hosts and those who look for Hosts ask.  Wire: inxt-bridge(7), "POST /v1/hosts".
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "bridge/asking.h"
#include "bridge/directory.h"
#include "bridge/networks.h"
#include "bridge/report_rows.h"
#include "bridge/routes.h"
#include "format/inventory_lines.h"
#include "serve/query_value.h"

namespace inxt::bridge {
namespace {

using net::Awaitable;

constexpr std::int64_t kBeatGapShare = 4;  // a Host may beat so many times as often as it is told to

/// The peer's key as a Host.
std::expected<HostId, Refusal> host_of(Exchange& exchange) {
  const auto client = exchange.client();
  if (!client) return std::unexpected(client.error());
  return HostId{client->bytes};
}

Refusal bad_body(Error error) {
  const int status = error.code == Code::integrity ? 400 : serve::status_of(error.code);
  return Refusal(status, std::move(error));
}

std::string next_json(const Directory& directory) {
  const format::Json json{{"next_s", directory.options().beat_interval_s}};
  return format::write_compact(json);
}

/// With what this Bridge saw of the Host, so that its operator hears when nobody reaches it.
std::string beat_json(const Directory& directory, const BeatAnswer& answer, const KnownHost* host) {
  format::Json json{{"next_s", directory.options().beat_interval_s}};
  if (answer.paused_until_unix_s != 0) json["paused_until"] = answer.paused_until_unix_s;
  if (host != nullptr && host->measured.probed_unix_s != 0) {
    json["reachable"] = host->measured.is_reachable;
    json["checked"] = host->measured.probed_unix_s;
    if (!host->measured.reason.empty()) json["reason"] = host->measured.reason;
  }
  return format::write_compact(json);
}

/// The network that a request comes from; what is no address is one of its own.
std::string network_of_peer(Exchange& exchange) {
  const auto networks = networks_of(exchange.request().peer_address());
  return networks ? networks->name : std::string(exchange.request().peer_address());
}

Awaitable<Outcome> register_a_host(Exchange& exchange, PathValues) {
  CO_TRY(const HostId peer, host_of(exchange));
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kRegistrationBytesMax, "kRegistrationBytesMax"));
  Result<format::Registration> read = format::read_registration(body);
  if (!read) co_return std::unexpected(bad_body(std::move(read).error()));
  const format::Registration registration = *std::move(read);
  const DirectoryOptions options = exchange.parts().directory.options();
  const std::int64_t now = exchange.now_s();
  CO_CHECK(check_registration(registration.descriptor, peer.bytes, now, options.private_addresses));
  const std::string network = network_of_peer(exchange);
  const auto job = [&] {
    return exchange.parts().database.write(
        database::Repeat::idempotent, [&](database::Transaction& transaction) {
          return register_host(transaction, registration, network, now, options.registration);
        });
  };
  Result<Registered> registered = co_await exchange.parts().workers.run(job);
  if (!registered && registered.error().code == Code::integrity)
    co_return std::unexpected(Refusal(409, std::move(registered).error()));
  if (!registered) co_return std::unexpected(Refusal(std::move(registered).error()));
  if (*registered == Registered::now)
    exchange.log(serve::LogLevel::info, "host-registered", {{"host", peer.hex()}, {"network", network}});
  co_await exchange.reply_json(*registered == Registered::now ? 201 : 200,
                               next_json(exchange.parts().directory));
  co_return Outcome{};
}

Refusal of_old_beat(std::uint64_t last_counter) {
  Refusal refusal(409, Error{Code::integrity, "heartbeat: counter: not higher than the last one", {}});
  refusal.members = fmt::format(",\"counter\":{}", last_counter);
  return refusal;
}

/// The descriptor that came with a heartbeat, if it may take the place of the one that is known.
Result<format::Descriptor> open_new_descriptor(const std::string& token, const HostId& host, std::int64_t now,
                                               PrivateAddresses private_addresses) {
  auto descriptor = TRY(format::open_descriptor(token));
  TRY(check_registration(descriptor, host.bytes, now, private_addresses));
  return descriptor;
}

Awaitable<Outcome> take_a_heartbeat(Exchange& exchange, PathValues) {
  CO_TRY(const HostId peer, host_of(exchange));
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kRegistrationBytesMax, "kRegistrationBytesMax"));
  Result<format::HeartbeatRequest> read = format::read_heartbeat_request(body);
  if (!read) co_return std::unexpected(bad_body(std::move(read).error()));
  const format::HeartbeatRequest request = *std::move(read);
  const std::int64_t now = exchange.now_s();
  Directory& directory = exchange.parts().directory;
  Result<format::Heartbeat> opened = format::open_heartbeat(request.heartbeat, now);
  if (!opened) co_return std::unexpected(bad_body(std::move(opened).error()));
  if (opened->host != peer) co_return refuse(403, Code::denied, "heartbeat: iss: not this connection's key");
  if (opened->bridge != exchange.bridge().id())
    co_return refuse(403, Code::denied, "heartbeat: aud: not this Bridge");
  const std::int64_t interval_ms = directory.options().beat_interval_s * 1000;
  if (!directory.gaps().allow(peer, exchange.parts().clock.steady_ms(), interval_ms / kBeatGapShare)) {
    Refusal refusal(429, Error{Code::try_again, "heartbeats come faster than beat_gap_ms allows", {}});
    refusal.retry_after_ms = interval_ms / kBeatGapShare;
    co_return std::unexpected(std::move(refusal));
  }
  std::optional<format::Descriptor> descriptor;
  if (request.descriptor) {
    Result<format::Descriptor> fresh =
        open_new_descriptor(*request.descriptor, peer, now, directory.options().private_addresses);
    if (!fresh) co_return std::unexpected(bad_body(std::move(fresh).error().in("descriptor")));
    descriptor = *std::move(fresh);
  }
  format::Heartbeat heartbeat = *std::move(opened);
  CO_TRY(const BeatAnswer answer, co_await directory.beats().take(std::move(heartbeat)));
  if (answer.beaten == Beaten::unknown_host)
    co_return refuse(404, Code::not_found, "this Host has not registered", "POST /v1/hosts comes first");
  if (answer.beaten == Beaten::old) co_return std::unexpected(of_old_beat(answer.last_counter));
  if (descriptor) {
    const auto job = [&] {
      return exchange.parts().database.write(
          database::Repeat::idempotent, [&](database::Transaction& transaction) {
            return take_descriptor(transaction, *descriptor, *request.descriptor, now);
          });
    };
    CO_CHECK(co_await exchange.parts().workers.run(job));
  }
  Result<std::shared_ptr<const HostSnapshot>> snapshot = co_await directory.hosts().snapshot();
  const KnownHost* const known = snapshot ? (*snapshot)->find(peer) : nullptr;
  co_await exchange.reply_json(200, beat_json(directory, answer, known));
  co_return Outcome{};
}

std::expected<HostPageQuery, Refusal> page_query(std::string_view query) {
  HostPageQuery out;
  if (const auto after = serve::query_value(query, "after")) {
    const auto id = HostId::parse(*after);
    if (!id) return refuse(400, Code::usage, "after: not a Host id of 64 lower-case hex digits");
    out.after = *id;
  }
  if (const auto limit = serve::query_value(query, "limit")) {
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), out.limit);
    if (error != std::errc{} || end != limit->data() + limit->size() || out.limit == 0 ||
        out.limit > kHostsPerPageMax)
      return refuse(400, Code::usage, fmt::format("limit: not 1 to {} (kHostsPerPageMax)", kHostsPerPageMax));
  }
  if (const auto all = serve::query_value(query, "all")) {
    if (*all != "1" && *all != "0") return refuse(400, Code::usage, "all: not 0 or 1");
    out.all = *all == "1";
  }
  return out;
}

/// Accounts that may list, and Hosts that have registered.
Awaitable<Outcome> check_reader(Exchange& exchange, const HostSnapshot& snapshot) {
  if (!exchange.request().header("Inxt-Permit")) {
    CO_TRY(const HostId peer, host_of(exchange));
    if (snapshot.find(peer) != nullptr) co_return Outcome{};
  }
  CO_TRY(const Authority authority, authority_of(exchange, exchange.bridge().id(), format::Ability::list));
  const auto job = [&] {
    return exchange.parts().database.read(
        [&](database::Transaction& transaction) { return check_not_revoked(transaction, authority); });
  };
  CO_CHECK(co_await exchange.parts().workers.run(job));
  co_return Outcome{};
}

Awaitable<Outcome> list_hosts(Exchange& exchange, PathValues) {
  CO_TRY(const HostPageQuery query, page_query(exchange.request().query()));
  Directory& directory = exchange.parts().directory;
  CO_TRY(const std::shared_ptr<const HostSnapshot> snapshot, co_await directory.hosts().snapshot());
  CO_CHECK(co_await check_reader(exchange, *snapshot));
  const std::string lines =
      directory.lines().page(*snapshot, query, exchange.now_s(), directory.options().beat_interval_s);
  // Counts while it is being sent: a thousand lines to each of many slow readers are much.
  CO_TRY(const auto room, exchange.bridge().memory().room(lines.size(), exchange.counted_as()));
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

Awaitable<Outcome> take_a_report(Exchange& exchange, PathValues) {
  CO_TRY(const HostId peer, host_of(exchange));
  CO_TRY(const std::string token,
         co_await body_of(exchange, format::kReportTokenBytesMax, "kReportTokenBytesMax"));
  const std::int64_t now = exchange.now_s();
  Result<format::HostReport> opened = format::open_report(token, now);
  if (!opened) co_return std::unexpected(bad_body(std::move(opened).error()));
  const format::HostReport report = *std::move(opened);
  if (report.host != peer) co_return refuse(403, Code::denied, "report: iss: not this connection's key");
  if (report.bridge != exchange.bridge().id())
    co_return refuse(403, Code::denied, "report: aud: not this Bridge");
  const auto job = [&] {
    return exchange.parts().database.write(
        database::Repeat::idempotent,
        [&](database::Transaction& transaction) { return keep_report(transaction, report, token, now); });
  };
  CO_CHECK(co_await exchange.parts().workers.run(job));
  exchange.log(serve::LogLevel::info, "report",
               {{"what", std::string(format::report_kind_name(report.kind))}, {"piece", report.piece.hex()}});
  co_await exchange.reply_json(200, R"({"taken":true})");
  co_return Outcome{};
}

Awaitable<Outcome> bear_witness(Exchange& exchange, PathValues) {
  CO_CHECK(exchange.client());
  CO_TRY(const std::string body,
         co_await body_of(exchange, format::kWitnessRequestBytesMax, "kWitnessRequestBytesMax"));
  const Result<crypto::Hash> hash = format::read_witness_request(body);
  if (!hash) co_return std::unexpected(Refusal(400, hash.error()));
  const format::WitnessLine witness{
      .hash = *hash, .witness = HostId{exchange.bridge().id()}, .time_unix_s = exchange.now_s()};
  const std::string line = format::sign_witness(witness, exchange.parts().key);
  co_await exchange.reply(200, "application/jsonl", view_of(line));
  co_return Outcome{};
}

}  // namespace

std::span<const RouteRule> hosts_routes() {
  using net::Method;
  static constexpr std::array kRules{
      RouteRule{
          .method = Method::post, .path = "/v1/hosts", .action = "register", .handler = register_a_host},
      RouteRule{.method = Method::get, .path = "/v1/hosts", .action = "list_hosts", .handler = list_hosts},
      RouteRule{.method = Method::post,
                .path = "/v1/hosts/heartbeat",
                .action = "heartbeat",
                .handler = take_a_heartbeat},
      RouteRule{.method = Method::post, .path = "/v1/reports", .action = "report", .handler = take_a_report},
      RouteRule{.method = Method::post, .path = "/v1/witness", .action = "witness", .handler = bear_witness},
  };
  return kRules;
}

}  // namespace inxt::bridge
