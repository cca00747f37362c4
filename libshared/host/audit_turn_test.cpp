// SPDX-License-Identifier: AGPL-3.0-or-later
// What audits may cost a Host, and what it keeps of them.
#include "host/audit_turn.h"

#include "format/audit_lines.h"
#include "host/metrics.h"
#include "host/record_keeper.h"
#include "host/status_source.h"
#include "support/host_world.h"

using namespace inxt;           // NOLINT
using namespace inxt::testing;  // NOLINT

namespace {

struct AuditWorld : HostWorld {
  using HostWorld::HostWorld;

  void set(plan::AuditRateLimits rates) {
    Options options = engine->options();
    options.audit_rates = rates;
    engine->set_options(std::move(options));
  }
  std::string request_for(std::vector<format::AuditSample> samples) {
    format::AuditRequest request;
    request.challenge.fill(std::byte{9});
    request.samples = std::move(samples);
    return format::write_request(request);
  }
  net::Response audit(const std::string& body, const net::TlsIdentity& as) {
    net::Request post(Method::post, "/v1/audit");
    post.body = view_of(body);
    post.response_bytes_max = 2u << 20;
    return send(std::move(post), &as);
  }
  std::vector<std::string> kept(std::string_view series) {
    RecordKeeper keeper(*engine, *directory, [] { return false; });
    keeper.finish();
    std::vector<RecordReader> readers;
    readers.emplace_back(*directory, std::string(kAuditsFolder), std::string(series));
    std::vector<std::string> lines;
    const auto read = read_records(readers, [&](const std::string& line) -> Result<void> {
      lines.push_back(line);
      return {};
    });
    REQUIRE(read.has_value());
    return lines;
  }
};

std::vector<format::AuditSample> samples_of(const PieceId& piece, std::uint32_t count) {
  std::vector<format::AuditSample> samples;
  for (std::uint32_t i = 0; i < count; ++i) samples.push_back({piece, i});
  return samples;
}

TEST_CASE("strangers use up their rate, and are told when to ask again; the known go on") {
  AuditWorld world;
  const Bytes body = noise(kPieceMax, 1);
  REQUIRE(world.put(body).status == 201);
  world.set({.bytes_per_s = 4096, .bytes_per_s_per_peer = 2048});  // bursts of 2 MiB and 1 MiB
  const std::string request = world.request_for(samples_of(proof::piece_id_of(body), 100));

  const net::Response first = world.audit(request, world.stranger.tls);
  REQUIRE(first.status == 200);
  const net::Response second = world.audit(request, world.stranger.tls);
  CHECK(second.status == 429);
  CHECK(second.header("Retry-After").has_value());
  check_refusal(second, 429, "try_again", "audit_rate_per_peer");
  // Another key costs nothing, so it is nothing.
  const Peer other(77);
  check_refusal(world.audit(request, other.tls), 429, "try_again", "audit_rate_per_peer");
  // Who is on the list has a rate of its own, and half of what there is for all.
  CHECK(world.audit(request, world.peer.tls).status == 200);
  check_refusal(world.audit(request, world.peer.tls), 429, "try_again", "audit_rate_per_peer");

  // After as long as it was told to wait, it is answered.
  const auto after = second.header("Retry-After");
  REQUIRE(after.has_value());
  world.clock.advance_ms(std::stoll(std::string(*after)) * 1000 - 10'000);
  CHECK(world.audit(request, world.stranger.tls).status == 429);
  world.clock.advance_ms(10'000);
  CHECK(world.audit(request, world.stranger.tls).status == 200);

  const AuditCounts& counts = world.engine->counters().audits;
  CHECK(counts.refused == 4);
  CHECK(counts.passed == 3);
  CHECK(counts.answer_bytes == 3 * first.body.size());
  CHECK(world.engine->counters().refused.at("audit_rate_per_peer") == 4);
}

TEST_CASE("the rate of all holds too, and new limits hold at once") {
  AuditWorld world;
  const Bytes body = noise(kPieceMax, 1);
  REQUIRE(world.put(body).status == 201);
  const std::string request = world.request_for(samples_of(proof::piece_id_of(body), 100));
  world.set({.bytes_per_s = 2048, .bytes_per_s_per_peer = 1 << 20});
  CHECK(world.audit(request, world.stranger.tls).status == 200);
  const net::Response refused = world.audit(request, world.stranger.tls);
  check_refusal(refused, 429, "try_again", "audit_rate (2048 bytes a second for all)");
  CHECK(text_of(refused.body).find("\"limit\":\"audit_rate\"") != std::string_view::npos);
  CHECK(world.engine->counters().refused.at("audit_rate") == 1);
  world.set({.bytes_per_s = 1 << 20, .bytes_per_s_per_peer = 1 << 20});
  CHECK(world.audit(request, world.stranger.tls).status == 200);
}

TEST_CASE("what was asked and answered is kept, of the known and of strangers apart") {
  AuditWorld world;
  const Bytes whole = noise(300'000, 30), bad = noise(300'000, 31);
  for (const Bytes* body : {&whole, &bad}) REQUIRE(world.put(*body).status == 201);
  const PieceId whole_id = proof::piece_id_of(whole), bad_id = proof::piece_id_of(bad);
  world.damage(bad_id, 4096 * 70 + 17);
  const std::string request = world.request_for({{whole_id, 0}, {bad_id, 70}, {PieceId{}, 3}, {whole_id, 5}});
  const net::Response answer = world.audit(request, world.stranger.tls);
  REQUIRE(answer.status == 200);
  const auto lines = lines_of(answer);
  CHECK(world.kept(kKnownSeries).empty());
  const auto records = world.kept(kOthersSeries);
  REQUIRE(records.size() == 1);
  const auto json = format::parse_object(records[0], kRecordLineBytesMax);
  REQUIRE(json.has_value());
  CHECK((*json)["type"] == "audit-record");
  CHECK((*json)["time"] == world.clock.unix_s());
  CHECK((*json)["request_id"] == std::string(*answer.header("Inxt-Request-Id")));
  CHECK((*json)["key"] == world.stranger.id.hex());
  CHECK((*json)["known"] == false);
  CHECK((*json)["kind"] == "challenge");
  CHECK((*json)["request"] == request);
  CHECK((*json)["answer"] == lines.back());
  CHECK((*json)["answer_bytes"] == answer.body.size());
  CHECK((*json)["outcomes"] == format::Json({"proved", "damaged", "not_here", "proved"}));
  CHECK((*json)["samples"] == 4);
  CHECK((*json)["piece"] == bad_id.hex());
  CHECK_FALSE(json->contains("data"));

  CHECK(world.audit(request, world.peer.tls).status == 200);
  CHECK(world.kept(kKnownSeries).size() == 1);
  CHECK(world.kept(kOthersSeries).size() == 1);
}

TEST_CASE("refusals are counted in one line a minute, and nothing is kept where the operator says so") {
  AuditWorld world;
  world.set({.bytes_per_s = 1 << 20, .bytes_per_s_per_peer = 1});
  const std::string request = world.request_for(samples_of(PieceId{}, 256));
  CHECK(world.audit(request, world.stranger.tls).status == 200);
  for (int i = 0; i < 7; ++i) CHECK(world.audit(request, world.stranger.tls).status == 429);
  const auto records = world.kept(kOthersSeries);
  REQUIRE(records.size() == 2);
  const auto json = format::parse_object(records[1]);
  REQUIRE(json.has_value());
  CHECK((*json)["type"] == "audits-refused");
  CHECK((*json)["peer"] == "127.0.0.0/24");
  CHECK((*json)["count"] == 7);
  CHECK((*json)["limit"] == "audit_rate_per_peer");

  Options options = world.engine->options();
  options.records.audit_bytes_max = 0;
  options.audit_rates = {};
  world.engine->set_options(std::move(options));
  world.clock.advance_ms(3'600'000);
  CHECK(world.audit(request, world.stranger.tls).status == 200);
  CHECK(world.kept(kOthersSeries).empty());
}

TEST_CASE("a flood of refusals from many networks makes bounded records") {
  AuditRecords records;
  for (int i = 0; i < 100'000; ++i) records.refused(std::to_string(i), false, "audit_rate", kNow, i / 10'000);
  records.settle(kRefusedEveryMs - 1);
  CHECK(records.others().empty());
  records.settle(kRefusedEveryMs);
  const std::string lines = records.others().take();
  CHECK(std::ranges::count(lines, '\n') == kRefusedPeersMax + 1);
  CHECK(lines.size() < 64 * 1024);
}

TEST_CASE("an audit that comes to nothing costs nothing") {
  AuditWorld world;
  world.set({.bytes_per_s = 1 << 20, .bytes_per_s_per_peer = 2048});
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t before = world.engine->audit_rates().bytes_left(world.clock.steady_ms());
    net::Request post(Method::post, "/v1/audit");
    post.body = view_of("{}");
    CHECK(world.send(std::move(post), &world.stranger.tls).status == 400);
    CHECK(world.engine->audit_rates().bytes_left(world.clock.steady_ms()) == before);
  }
}

}  // namespace
