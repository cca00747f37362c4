// SPDX-License-Identifier: LGPL-3.0-or-later
// What a status becomes: JSON, text, metrics, page.  tests/page/status.json is what the second look (schema,
// strict parser) is about; tests/page has the real Host.
#include "host/status.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "format/json.h"
#include "host/metrics.h"
#include "host/page.h"
#include "serve/limits.h"
#include "serve/page_policy.h"
#include "serve/page_writer.h"
#include "serve/show.h"
#include "support/tests_dir.h"
#include "sys/files.h"
#include "sys/output_file.h"

namespace inxt::host {
namespace {

using serve::html;
using serve::printable;
using serve::show_id;
using serve::show_time;

constexpr std::int64_t kStart = 1'800'000'000;

PieceId piece_number(unsigned number) {
  PieceId piece;
  piece.bytes.fill(static_cast<std::byte>(number));
  return piece;
}

AuditEntry audit(std::int64_t time_unix_s, std::uint32_t damaged, std::uint32_t not_here) {
  AuditEntry entry;
  entry.time_unix_s = time_unix_s;
  entry.address = "2001:db8::7";
  entry.key = AccountId{piece_number(5).bytes};
  entry.samples = 460;
  entry.damaged = damaged;
  entry.not_here = not_here;
  if (!entry.passed()) {
    entry.piece = piece_number(6);
    entry.reason = "the disk gave <b>other</b> bytes & \"more\"";
  }
  return entry;
}

Status sample() {
  Status status;
  status.host.bytes.fill(std::byte{0xab});
  status.version = "1.2.3";
  status.process = 4711;
  status.listening = {"[::]:4242"};
  status.addresses = {"host.example:4242"};
  status.page = "127.0.0.1:4280";
  status.time_unix_s = kStart;
  status.started_unix_s = kStart - 90'000;
  status.uptime_s = 90'000;
  status.store.capacity_bytes = 500'000'000'000;
  status.store.used_bytes = 123'456'789'012;
  status.store.reserved_bytes = 2'138'112;
  status.store.free_bytes = 376'541'072'876;
  status.store.disk_free_bytes = 400'000'000'000;
  status.store.pieces = 58'000;
  status.store.folders_listed = 4096;
  status.store.index_saved_unix_s = kStart - 60;
  status.ending = {{7, 12, 25'000'000}, {30, 400, 800'000'000}, {90, 2000, 4'000'000'000}};
  status.month = MonthOfTraffic{"2027-01", 1'000'000'000, 9'000'000'000, 1'000'000'000'000};
  status.scrub = ScrubProgress{30 * 86400, kStart - 10 * 86400, 330, 333};
  status.counters.count_request(Action::put_piece, 201, 40, 2'097'152, 900);
  status.counters.count_request(Action::put_piece, 507, 1, 0, 120);
  status.counters.count_refusal(507, {});
  status.counters.count_request(Action::get_piece, 200, 7, 0, 2'097'152);
  status.counters.count_request(Action::get_piece, 429, 0, 0, 90);
  status.counters.count_refusal(429, "requests_per_peer_max");
  status.counters.stored_pieces = 1;
  status.counters.stored_bytes = 2'097'152;
  status.counters.audits.passed = 1;
  status.counters.audits.proved = 460;
  status.audits = {audit(kStart - 100, 0, 0)};
  status.connections.connections = 3;
  status.connections.connections_now = 1;
  status.connections.bytes_in = 2'200'000;
  status.connections.bytes_out = 2'300'000;
  net::ConnectionInfo peer;
  peer.address = "192.0.2.9";
  peer.key = piece_number(5).bytes;
  peer.age = std::chrono::milliseconds(65'000);
  peer.requests = 4;
  peer.bytes_in = 2'200'000;
  peer.bytes_out = 2'300'000;
  status.peers = {peer};
  status.buffers_max_bytes = 134'217'728;
  status.inventory = InventoryStatus{.head = std::string(64, 'c'),
                                     .epoch = 499'999,
                                     .time_unix_s = 1'799'999'000,
                                     .pieces = 57'990,
                                     .bytes = 121'000'000'000,
                                     .made = 25,
                                     .released = 3};
  BridgeStatus bridge;
  bridge.bridge.fill(std::byte{0xb1});
  bridge.addresses = {"bridge.example:4243", "[2001:db8::1]:4243"};
  bridge.state = BridgeState::registered;
  bridge.heard_unix_s = kStart - 20;
  bridge.heartbeats = 1500;
  bridge.is_reachable = true;
  bridge.looked_unix_s = kStart - 200;
  bridge.is_told = true;
  bridge.is_accepted = true;
  bridge.accounts = 17;
  status.bridges = {bridge};
  status.process_use = {60'000'000, 40, 65'536, 12'345};
  return status;
}

Status troubled_sample() {
  Status status = sample();
  status.store.damaged = 2;
  status.store.quarantined = {1, 2'138'112};
  status.store.rebuilding = true;
  status.store.folders_listed = 1024;
  status.counters.audits.failed = 1;
  status.counters.audits.damaged = 2;
  status.counters.audits.not_here = 1;
  status.audits.insert(status.audits.begin(), audit(kStart - 5, 2, 1));
  status.troubled_audits = {status.audits.front()};
  status.is_draining = true;
  status.absence = {.retiring_unix_s = kStart + 30 * 86400, .away_until_unix_s = kStart + 7200};
  status.move = MoveStatus{"/mnt/<new>", 1'000'000, 125, "the disk is full"};
  BridgeStatus& bridge = status.bridges.front();
  bridge.state = BridgeState::failing;
  bridge.trouble = "Bridge b1b1b1b1 answered 403 Forbidden: <b>not</b> today";
  bridge.failing_unix_s = kStart - 600;
  bridge.failures = 4;
  bridge.is_reachable = false;
  bridge.reach_reason = "nobody at <there>\x1b";
  bridge.reports = 2;
  bridge.reports_waiting = 1;
  bridge.reports_dropped = 1;
  status.bridges.emplace_back().bridge.fill(std::byte{0xb2});
  status.bridges.back().state = BridgeState::waiting;
  return status;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++count;
  return count;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("the golden status") {
  // INXT_WRITE_GOLDEN=1 writes it anew, after a change that is meant.
  const std::string path = testing::tests_dir() + "/page/status.jsonl";
  const std::string made = status_json(sample()) + status_json(troubled_sample());
  if (std::getenv("INXT_WRITE_GOLDEN") != nullptr) {
    auto file = sys::OutputFile::create(path, 0644);
    REQUIRE(file.has_value());
    REQUIRE(file->write(view_of(made)).has_value());
    REQUIRE(file->commit().has_value());
  }
  const auto golden = sys::read_file(path, serve::kStatusBytesMax, "status.jsonl");
  REQUIRE(golden.has_value());
  CHECK(text_of(*golden) == made);
}

TEST_CASE("JSON stays within the limits of JSON") {
  Status status = sample();
  status.store.capacity_bytes = ~std::uint64_t{0};
  status.troubled_audits.assign(kAuditsShownMax, audit(kStart, 1, 1));
  status.troubled_audits.front().reason = "\xff\xfe";
  status.audits = status.troubled_audits;
  status.peers.assign(serve::kPeersShownMax, status.peers.front());
  std::string text = status_json(status);
  REQUIRE(text.ends_with('\n'));
  text.pop_back();
  const auto json = format::parse_object(text, serve::kStatusBytesMax);
  REQUIRE(json.has_value());
  CHECK(json->at("capacity_bytes").get<std::uint64_t>() == format::kJsonIntegerMax);
  CHECK(json->at("audits").at("latest").size() == kAuditsShownMax);
}

TEST_CASE("what an operator should look at") {
  CHECK(notices(sample()).empty());
  const std::vector<Notice> all = notices(troubled_sample());
  REQUIRE(all.size() >= 6);
  CHECK(all.front().level == Notice::Level::problem);
  CHECK(all.back().level == Notice::Level::note);
  const auto says = [](const Status& status, Notice::Level level, std::string_view part) {
    for (const Notice& notice : notices(status))
      if (notice.level == level && has(notice.text, part)) return true;
    return false;
  };
  Status status = sample();
  status.store.free_bytes = status.store.capacity_bytes / 20 + 1;
  CHECK(notices(status).empty());
  status.store.free_bytes = status.store.capacity_bytes / 20 - 1;
  CHECK(says(status, Notice::Level::warning, "are free"));
  status = sample();
  status.month->out_bytes = 899'000'000'000;
  CHECK(says(status, Notice::Level::warning, "of the month's 1.00 TB"));
  status.month->out_bytes = 999'000'000'000;
  CHECK(says(status, Notice::Level::warning, "used up"));
  status = sample();
  status.process_use.open_files = 60'000;
  CHECK(says(status, Notice::Level::warning, "files are open"));
  status = sample();
  status.bridges.front().state = BridgeState::failing;
  CHECK(says(status, Notice::Level::warning, "does not hear this Host"));
  status.bridges.front().state = BridgeState::waiting;
  CHECK(says(status, Notice::Level::warning, "no address is announced"));
  status = sample();
  status.bridges.front().is_reachable = false;
  CHECK(says(status, Notice::Level::warning, "does not reach this Host"));
  status = sample();
  status.store.disk_errors = 3;
  CHECK(says(status, Notice::Level::warning, "refused 3 times"));
  // What strangers ask for in vain is no trouble of this Host.
  status = sample();
  status.counters.audits.failed = status.counters.audits.not_here = 1000;
  CHECK(notices(status).empty());
}

TEST_CASE("text for a terminal") {
  const std::string text = status_text(sample());
  for (const char* part : {"all is well", "123 GB of 500 GB used", "58,000 pieces", "12 (25.0 MB) in 7 days",
                           "10.0 GB in 2027-01 of 1.00 TB", "1 passed, 0 failed", "192.0.2.9 050505050505",
                           "refused: 1 full, 1 requests per peer max", "1 d 1 h"}) {
    CAPTURE(part);
    CHECK(has(text, part));
  }
  CHECK_FALSE(has(text, "problem"));
  const std::string troubled = status_text(troubled_sample());
  CHECK(has(troubled, "State       problem: 2 pieces damaged"));
  CHECK(has(troubled, "failed: 2 damaged, 1 not here of 460 samples; piece 0606"));
  CHECK(has(text, "Bridge      b1b1b1b1b1b1\xe2\x80\xa6: heard at 2027-01-15 07:59:40 UTC\n"));
  CHECK(has(text, "reachable from there: yes, at 2027-01-15 07:56:40 UTC\n"));
  CHECK(has(text, "17 accounts, 0 pieces reported, 0 to report\n"));
  CHECK(has(troubled, "failing since 2027-01-15 07:50:00 UTC: Bridge b1b1b1b1 answered 403"));
  CHECK(has(troubled, "nobody at <there>\xef\xbf\xbd\n"));
}

TEST_CASE("metrics: each family once, histograms add up") {
  const std::string text = metrics_text(troubled_sample());
  CHECK(text.ends_with('\n'));
  CHECK(has(text, "\ninxt_host_store_used_bytes 123456789012\n"));
  CHECK(has(text, "\ninxt_host_contracts_ending{within_days=\"30\"} 400\n"));
  CHECK(has(text, "\ninxt_host_requests_total{action=\"put_piece\",status=\"2xx\"} 1\n"));
  CHECK(has(text, "\ninxt_host_requests_total{action=\"put_piece\",status=\"5xx\"} 1\n"));
  CHECK(has(text, "\ninxt_host_request_duration_seconds_bucket{action=\"put_piece\",le=\"0.025\"} 1\n"));
  CHECK(has(text, "\ninxt_host_request_duration_seconds_bucket{action=\"put_piece\",le=\"0.050\"} 2\n"));
  CHECK(has(text, "\ninxt_host_request_duration_seconds_bucket{action=\"put_piece\",le=\"+Inf\"} 2\n"));
  CHECK(has(text, "\ninxt_host_request_duration_seconds_sum{action=\"put_piece\"} 0.041\n"));
  CHECK(has(text, "\ninxt_host_refused_total{reason=\"requests_per_peer_max\"} 1\n"));
  CHECK(has(text, "\ninxt_host_audit_samples_total{result=\"damaged\"} 2\n"));
  CHECK(has(text, "\ninxt_host_move_done_ratio 0.125\n"));
  const std::string of_first =
      "{bridge=\"b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1\"} ";
  CHECK(has(text, "\ninxt_host_bridge_registered" + of_first + "0\n"));
  CHECK(has(text, "\ninxt_host_bridge_reachable" + of_first + "0\n"));
  CHECK(has(text, "\ninxt_host_bridge_reports_total" + of_first + "2\n"));
  CHECK(count_of(text, "\ninxt_host_bridge_reachable{") == 1);  // the other has not looked
  CHECK(count_of(text, "\ninxt_host_bridge_accounts{") == 2);
  CHECK(count_of(text, "# HELP ") == count_of(text, "# TYPE "));
}

TEST_CASE("the page shows all of it, and nothing from outside as markup") {
  const std::string page = status_page(sample());
  CHECK(has(page, "All is well."));
  CHECK(has(page, "title=\"123,456,789,012 bytes\">123 GB<"));
  CHECK(has(page, "<code title=\"abab"));
  CHECK_FALSE(has(page, "<script"));
  CHECK_FALSE(has(page, " style=\""));
  CHECK_FALSE(has(page, "http:"));
  CHECK_FALSE(has(page, "<form"));

  Status status = troubled_sample();
  status.listening = {"<script>alert(1)</script>"};
  status.addresses = status.listening;
  status.peers.front().address = "\"><img src=x onerror=y>";
  status.version = "'&<>\"";
  const std::string troubled = status_page(status);
  CHECK(has(troubled, "<b>Problem: </b>2 pieces damaged"));
  CHECK(has(troubled, "failed: 2 damaged, 1 not here of 460 samples"));
  CHECK(has(troubled, "other&lt;/b&gt; bytes &amp; &quot;more&quot;"));
  CHECK(has(troubled, "&#39;&amp;&lt;&gt;&quot;"));
  CHECK(has(troubled, "25 % read"));
  CHECK_FALSE(has(troubled, "<script"));
  CHECK_FALSE(has(troubled, "<img"));
  CHECK_FALSE(has(troubled, "<new>"));
  CHECK(has(troubled, "403 Forbidden: &lt;b&gt;not&lt;/b&gt; today"));
  CHECK(has(troubled, "nobody at &lt;there&gt;"));
  CHECK(has(page, "<dt>Reachable from there</dt><dd>yes, at 2027-01-15 07:56:40 UTC</dd>"));
  CHECK(serve::page_policy().starts_with("default-src 'none'; style-src 'sha256-"));
  for (const char* bad : {"unsafe", "http", "*"}) CHECK_FALSE(has(serve::page_policy(), bad));
}

TEST_CASE("text that hides or reorders is shown as such") {
  CHECK(printable("plain, Gr\xc3\xbc\xc3\x9f"
                  "e \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "plain, Gr\xc3\xbc\xc3\x9f"
        "e \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(printable("a\x1b[31m\n") == "a\xef\xbf\xbd[31m\xef\xbf\xbd");
  CHECK(printable("\xe2\x80\xae"
                  "evil") ==
        "\xef\xbf\xbd"
        "evil");
  CHECK(printable("\xc2\x85") == "\xef\xbf\xbd");
  CHECK(printable("a\xff"
                  "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(show_time(1'800'000'000) == "2027-01-15 08:00:00 UTC");
  CHECK(show_id("0123456789abcdef") == "0123456789ab\xe2\x80\xa6");
}

TEST_CASE("histograms") {
  serve::Histogram histogram;
  for (const std::int64_t ms : {-1, 0, 5, 6, 30'000, 30'001, 1'000'000}) histogram.observe(ms);
  CHECK(histogram.at_most(0) == 3);
  CHECK(histogram.at_most(1) == 4);
  CHECK(histogram.at_most(serve::Histogram::kBoundsMs.size() - 1) == 5);
  CHECK(histogram.count() == 7);
  CHECK(histogram.sum_ms() == 1'060'012);
}

TEST_CASE("audits: the oldest go, those that the disk spoiled stay longer") {
  AuditLog log;
  log.add(audit(1, 1, 0));
  for (std::size_t i = 0; i < kAuditsKept + 5; ++i)
    log.add(audit(100 + static_cast<std::int64_t>(i), 0, i % 2));
  CHECK(log.latest(10'000).size() == kAuditsKept);
  CHECK(log.latest(3).front().time_unix_s == 100 + static_cast<std::int64_t>(kAuditsKept) + 4);
  REQUIRE(log.troubled(10).size() == 1);
  CHECK(log.troubled(10).front().time_unix_s == 1);
  AuditEntry long_winded = audit(5, 1, 0);
  long_winded.reason.assign(10'000, 'x');
  for (std::size_t i = 0; i < kTroubledAuditsKept + 5; ++i) log.add(long_winded);
  CHECK(log.troubled(10'000).size() == kTroubledAuditsKept);
  CHECK(log.troubled(1).front().reason.size() == kAuditReasonBytesMax);
}

}  // namespace
}  // namespace inxt::host
