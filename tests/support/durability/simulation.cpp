// SPDX-License-Identifier: AGPL-3.0-or-later
#include "durability/simulation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace inxt::durability {
namespace {

constexpr double kUptimeWindowS = 30.0 * kDayS;
constexpr std::int64_t kReadEveryS = kDayS / 4;
constexpr std::size_t kReadsAtOnceMax = 2000;
constexpr std::int64_t kCheckS = 60, kRepairLeastS = 60;

plan::PlacementLimits placement_limits() {
  plan::PlacementLimits limits;
  // One placement is one segment, whose shards stand for a group's share of a file.
  limits.shard_bytes_max = kPieceBytes;
  limits.segment_memory_bytes = UINT64_MAX;
  return limits;
}

plan::RepairLimits repair_limits(const SimulationOptions& options) {
  const std::uint64_t segments = options.pieces / options.layout.hosts();
  const double owners_bytes =
      static_cast<double>(segments * options.layout.k) * static_cast<double>(kPieceBytes);
  plan::RepairLimits limits;
  limits.grace_s = options.grace_s;
  limits.bytes_per_day =
      static_cast<std::uint64_t>(owners_bytes * options.budget_a_day * (1 + options.extra_deaths_a_year));
  limits.burst_bytes = std::min<std::uint64_t>(plan::kBucketBytesMax, limits.bytes_per_day / 24);
  // What one Bridge does for a part of its segments, all of them together do for all.
  limits.under_way_max = static_cast<std::uint32_t>(
      static_cast<double>(std::max<std::uint64_t>(64, segments / 500)) * (1 + options.extra_deaths_a_year));
  limits.releases_under_way_max = 1'000'000;
  return limits;
}

}  // namespace

Simulation::Simulation(const AvailabilityTrace& trace, const DiskFailures& disks,
                       const SimulationOptions& options)
    : options_(options),
      disks_(disks),
      population_(trace, options.hosts, options.seed),
      maker_(options.seed + 1, options.hosts),
      random_(options.seed + 2),
      seeds_(options.seed + 3),
      pool_(placement_limits()),
      plan_(pool_, repair_limits(options)) {}

std::int64_t Simulation::after(double rate_a_year) {
  if (rate_a_year <= 0) return INT64_MAX / 2;
  return now_s_ + 1 + static_cast<std::int64_t>(-std::log(1 - uniform()) / rate_a_year * kYearS);
}

/// When what comes by chance comes again.
void Simulation::happens_next(Happens happens) {
  const auto domains = static_cast<double>(domains_.size() - 1);
  const double disks_each = static_cast<double>(disks_.events) / static_cast<double>(disks_.bursts.size());
  double rate_a_year = 0;
  if (happens == Happens::disks_fail)
    rate_a_year = options_.disk_failures_a_year * options_.hosts / disks_each;
  if (happens == Happens::domain_lost) rate_a_year = options_.domain_losses_a_year * domains;
  if (happens == Happens::domain_out) rate_a_year = options_.domain_outages_a_year * domains;
  if (happens == Happens::host_dies) rate_a_year = options_.extra_deaths_a_year * options_.hosts;
  at(after(rate_a_year), happens);
}

// Hosts.

std::uint32_t Simulation::add_host(plan::Candidate truth, bool is_established) {
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  Host host;
  host.truth = truth;
  host.since_s = now_s_;
  host.is_node_up = true;
  if (is_established) {  // holds files of earlier years
    auto& each = host.truth;
    each.audits_passed = pool_.limits().new_audits;
    each.placed_bytes = each.proved_bytes = each.capacity_bytes / 5;
    each.free_bytes = each.capacity_bytes - each.placed_bytes;
    host.up_s = host.known_s = kUptimeWindowS;
  }
  hosts_.push_back(host);
  if (truth.domain >= domains_.size()) domains_.resize(std::size_t{truth.domain} + 1);
  domains_[truth.domain].push_back(number);
  heartbeat(number);
  return number;
}

void Simulation::settle_uptime(Host& host) {
  const auto passed_s = static_cast<double>(now_s_ - host.since_s);
  const double kept = std::exp(-passed_s / kUptimeWindowS);
  host.known_s = host.known_s * kept + kUptimeWindowS * (1 - kept);
  host.up_s = host.up_s * kept + (host.is_up() ? kUptimeWindowS * (1 - kept) : 0);
  host.since_s = now_s_;
}

void Simulation::heartbeat(std::uint32_t number) {
  Host& host = hosts_[number];
  host.is_changed = false;
  auto& truth = host.truth;
  if (host.known_s > 0)
    truth.uptime_ppm = static_cast<std::uint32_t>(plan::kMillion * std::min(1.0, host.up_s / host.known_s));
  truth.takes_pieces = host.is_up() && !host.is_disk_lost;
  truth.proved_bytes = truth.placed_bytes;
  truth.free_bytes = truth.capacity_bytes - std::min(truth.capacity_bytes, truth.placed_bytes);
  CHECK_BUG(pool_.set(number, truth));
}

void Simulation::set_up(std::uint32_t number, bool is_node_up, bool is_out) {
  Host& host = hosts_[number];
  if (host.is_gone) return;
  settle_uptime(host);
  const bool was_up = host.is_up();
  host.is_node_up = is_node_up, host.is_out = is_out;
  if (host.is_up() == was_up) return;
  if (was_up) {
    plan_.silent(number, now_s_);
  } else {
    plan_.heard(number, now_s_);
    if (host.is_disk_lost) at(now_s_ + kCheckS, Happens::loss_found, number);
  }
  heartbeat(number);
}

void Simulation::gone(std::uint32_t number) {
  if (hosts_[number].is_gone) return;
  set_up(number, false, hosts_[number].is_out);
  hosts_[number].is_gone = true;
  population_.remove(number);
  kill(number);
  gone_.push_back(number);
}

void Simulation::take(const HostEvent& event) {
  switch (event.kind) {
    case HostEvent::Kind::joins: {
      const std::uint32_t number = add_host(maker_.make(), now_s_ == 0);
      CHECK_BUG(number == event.host);
      break;
    }
    case HostEvent::Kind::up:
      set_up(event.host, true, hosts_[event.host].is_out);
      break;
    case HostEvent::Kind::down:
      set_up(event.host, false, hosts_[event.host].is_out);
      break;
    case HostEvent::Kind::leaves:
      gone(event.host);
      break;
  }
}

std::uint32_t Simulation::live_host() {
  for (;;)
    if (const std::uint32_t host = below(hosts_.size()); hosts_[host].is_up()) return host;
}

/// In the same failure domain, where there is one.
std::uint32_t Simulation::live_host_beside(std::uint32_t domain) {
  if (domain != 0)
    for (int attempt = 0; attempt < 1000; ++attempt)
      if (const std::uint32_t host = domains_[domain][below(domains_[domain].size())]; hosts_[host].is_up())
        return host;
  return live_host();
}

void Simulation::disk_fails(std::uint32_t number) {
  Host& host = hosts_[number];
  if (host.is_gone || host.is_disk_lost) return;
  kill(number);
  host.is_disk_lost = true;
  heartbeat(number);
  at(now_s_ + below(kDayS), Happens::loss_found, number);  // by the audit of the day
}

// What is true of pieces.

/// The plan has given the place back to a Host that had it before.
void Simulation::sync(std::uint32_t segment) {
  const auto pieces = plan_.segments().pieces(segment);
  Piece* own = &pieces_[std::size_t{segment} * pieces.size()];
  for (std::size_t place = 0; place < pieces.size(); ++place)
    if (own[place].host != pieces[place].host) {
      alive_again(segment, place);
      own[place].host = pieces[place].host;
    }
}

void Simulation::account(std::uint32_t number) {
  Segment& segment = segments_[number];
  const auto now_s = static_cast<std::uint32_t>(now_s_ - kWarmUpS);
  const double years = static_cast<double>(now_s - segment.since_s) / kYearS;
  segment.since_s = now_s;
  if (segment.is_lost) return;
  auto& chain = result_.chain;
  result_.segment_years += years;
  chain.years[segment.noticed][segment.gone] += years;
  chain.unnoticed_years += years * segment.gone;
  chain.piece_years += years * (options_.layout.hosts() - segment.gone - segment.noticed);
}

void Simulation::alive_again(std::uint32_t number, std::size_t place) {
  account(number);
  Segment& segment = segments_[number];
  Piece& piece = pieces_[std::size_t{number} * options_.layout.hosts() + place];
  if (piece.fate == static_cast<std::uint32_t>(Fate::gone)) --segment.gone;
  if (piece.fate == static_cast<std::uint32_t>(Fate::noticed)) --segment.noticed;
  piece.fate = static_cast<std::uint32_t>(Fate::alive);
}

/// All that the Host has is gone, and nobody knows.
void Simulation::kill(std::uint32_t host) {
  bool had_any = false;
  const std::size_t window =
      std::min(result_.chain.deaths_in.size() - 1,
               static_cast<std::size_t>(std::max<std::int64_t>(0, now_s_ - kWarmUpS) / options_.grace_s));
  for (const std::uint32_t number : plan_.segments().segments_of(host)) {
    Segment& segment = segments_[number];
    if (segment.is_lost) continue;
    sync(number);
    const std::size_t first = std::size_t{number} * options_.layout.hosts();
    for (std::size_t place = 0; place < options_.layout.hosts(); ++place) {
      Piece& piece = pieces_[first + place];
      if (piece.host != host || piece.fate != static_cast<std::uint32_t>(Fate::alive)) continue;
      account(number);
      piece.fate = static_cast<std::uint32_t>(Fate::gone);
      ++segment.gone;
      ++result_.chain.deaths;
      if (!is_domain_lost_) ++result_.chain.deaths_in[window];
      had_any = true;
    }
    if (segment.gone + segment.noticed > options_.layout.spare()) {
      segment.is_lost = true;
      ++result_.lost;
    }
  }
  result_.host_deaths += had_any;
  if (had_any && !is_domain_lost_) ++result_.chain.hosts_in[window];
}

void Simulation::notice(std::uint32_t host) {
  for (const std::uint32_t number : plan_.segments().segments_of(host)) {
    Segment& segment = segments_[number];
    if (segment.is_lost) continue;
    sync(number);
    const std::size_t first = std::size_t{number} * options_.layout.hosts();
    for (std::size_t place = 0; place < options_.layout.hosts(); ++place) {
      Piece& piece = pieces_[first + place];
      if (piece.host != host || piece.fate != static_cast<std::uint32_t>(Fate::gone)) continue;
      account(number);
      piece.fate = static_cast<std::uint32_t>(Fate::noticed);
      --segment.gone;
      ++segment.noticed;
      ++result_.chain.noticed;
    }
  }
}

/// It can be read now.
bool Simulation::is_there(std::uint32_t segment, std::size_t place) const {
  const Piece& piece = pieces_[std::size_t{segment} * options_.layout.hosts() + place];
  return piece.fate == static_cast<std::uint32_t>(Fate::alive) && hosts_[piece.host].is_up();
}

// Orders.

plan::PlacementRequest Simulation::request() {
  plan::PlacementRequest request;
  request.seed = seeds_.bytes<32>();
  request.bytes = options_.layout.k * kPieceBytes;
  request.layout = options_.layout;
  request.wants_secondary = false;
  return request;
}

Result<void> Simulation::place_segments() {
  const std::uint64_t count = options_.pieces / options_.layout.hosts();
  segments_.reserve(count);
  pieces_.reserve(count * options_.layout.hosts());
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto placed = plan::place(pool_, request());
    if (!placed) return std::unexpected(placed.error().error);
    const auto& hosts = placed->groups.at(0).primary;
    TRY(plan_.add_segment({.layout = options_.layout, .piece_bytes = kPieceBytes}, hosts));
    segments_.emplace_back();
    for (const std::uint32_t host : hosts) {
      pieces_.push_back({.host = host & 0x3fff'ffffU, .fate = 0});
      hosts_[host].truth.placed_bytes += kPieceBytes;
      hosts_[host].is_changed = true;
    }
    if (i % 1000 == 999)
      for (std::uint32_t host = 0; host < hosts_.size(); ++host)
        if (hosts_[host].is_changed) heartbeat(host);
  }
  result_.segments = count;
  return {};
}

void Simulation::carry_out(const plan::Rebuild& order) {
  sync(order.segment);
  const std::size_t width = options_.layout.hosts();
  std::uint32_t readable = 0;
  for (std::size_t place = 0; place < width; ++place) readable += is_there(order.segment, place);
  auto wanted = request();
  wanted.excluded = order.excluded;
  const auto pieces = plan_.segments().pieces(order.segment);
  for (std::size_t place = 0; place < width; ++place) wanted.kept.emplace_back(pieces[place].host);
  for (const auto* places : {&order.missing, &order.handed_over})
    for (const std::uint32_t place : *places) wanted.kept[place].reset();
  const auto placed = readable < options_.layout.k || segments_[order.segment].is_lost
                          ? std::unexpected(plan::PlacementRefusal{})
                          : plan::place(pool_, wanted);
  if (!placed) {
    ++result_.repairs_failed;
    plan_.repair_failed(order.number, {}, 0, now_s_);
    return;
  }
  UnderWay under_way{.order = order, .hosts = {}};
  for (const auto* places : {&order.missing, &order.handed_over})
    for (const std::uint32_t place : *places) under_way.hosts.push_back(placed->groups.at(0).primary[place]);
  under_way_.emplace(order.number, std::move(under_way));
  const auto lasts_s =
      static_cast<std::int64_t>(static_cast<double>(order.bytes) / options_.repair_bytes_per_s);
  at(now_s_ + kRepairLeastS + lasts_s, Happens::repair_ends, order.number);
}

void Simulation::end_repair(std::uint64_t number) {
  const auto found = under_way_.find(number);
  const UnderWay repair = std::move(found->second);
  under_way_.erase(found);
  const std::uint32_t segment = repair.order.segment;
  std::vector<std::uint32_t> away;
  for (const std::uint32_t host : repair.hosts)
    if (!hosts_[host].is_up() || hosts_[host].is_disk_lost) away.push_back(host);
  result_.moved_bytes += static_cast<double>(repair.order.bytes);
  if (!away.empty() || segments_[segment].is_lost) {
    ++result_.repairs_failed;
    plan_.repair_failed(number, away, repair.order.bytes, now_s_);
    return;
  }
  sync(segment);
  account(segment);
  if (const Segment& each = segments_[segment]; each.noticed > 0)
    ++result_.chain.repairs[each.noticed][each.gone];
  std::vector<std::uint32_t> places = repair.order.missing;
  places.insert(places.end(), repair.order.handed_over.begin(), repair.order.handed_over.end());
  for (std::size_t i = 0; i < places.size(); ++i) {
    Piece& piece = pieces_[std::size_t{segment} * options_.layout.hosts() + places[i]];
    if (piece.fate == static_cast<std::uint32_t>(Fate::alive)) ++surplus_;
    alive_again(segment, places[i]);
    piece.host = repair.hosts[i] & 0x3fff'ffffU;
    Host& host = hosts_[repair.hosts[i]];
    host.truth.placed_bytes += kPieceBytes;
    host.is_changed = true;
  }
  CHECK_BUG(plan_.rebuilt(number, repair.hosts, repair.order.bytes, now_s_));
  ++result_.repairs;
  result_.pieces_repaired += places.size();
  sync(segment);
}

void Simulation::carry_out_orders() {
  while (const auto order = plan_.next(now_s_)) {
    if (const auto* check = std::get_if<plan::CheckHost>(&*order)) {
      at(now_s_ + kCheckS, Happens::check_ends, check->host);
    } else if (const auto* release = std::get_if<plan::ReleasePiece>(&*order)) {
      sync(release->segment);
      Host& host = hosts_[release->host];
      host.truth.placed_bytes -= std::min(host.truth.placed_bytes, kPieceBytes);
      host.is_changed = true;
      surplus_ = std::max(0.0, surplus_ - 1);
      ++result_.pieces_released;
      plan_.released(*release);
    } else if (options_.repairs) {
      carry_out(std::get<plan::Rebuild>(*order));
    }
  }
  std::erase_if(gone_, [this](std::uint32_t host) {
    const bool is_noticed = plan_.hosts().state(host) == plan::HostState::missing;
    if (is_noticed) notice(host);
    return is_noticed;
  });
  if (const std::int64_t wake_s = plan_.wake_s(now_s_); wake_s < wake_s_ && wake_s < INT64_MAX / 2) {
    wake_s_ = wake_s;
    at(wake_s, Happens::wake);
  }
}

void Simulation::day() {
  for (std::uint32_t number = 0; number < hosts_.size(); ++number) {
    Host& host = hosts_[number];
    if (!host.is_up()) continue;
    settle_uptime(host);
    const bool is_new = host.truth.audits_passed < pool_.limits().new_audits;
    if (is_new && !host.is_disk_lost) ++host.truth.audits_passed;
    const double uptime = plan::kMillion * host.up_s / host.known_s;
    if (host.is_changed || is_new || std::abs(uptime - host.truth.uptime_ppm) > 1000) heartbeat(number);
  }
}

void Simulation::read() {
  for (std::size_t i = 0; i < std::min(kReadsAtOnceMax, segments_.size()); ++i) {
    const std::uint32_t segment = below(segments_.size());
    if (segments_[segment].is_lost) continue;
    sync(segment);
    std::uint32_t there = 0;
    for (std::size_t place = 0; place < options_.layout.hosts(); ++place) there += is_there(segment, place);
    ++result_.reads;
    result_.reads_failed += there < options_.layout.k;
  }
  stored_sum_ += static_cast<double>(pieces_.size()) + surplus_;
  ++stored_samples_;
  result_.in_storm += plan_.hosts().is_storm(now_s_);
  result_.silent_max = std::max(result_.silent_max, plan_.hosts().silent_part());
  result_.hosts_mean +=
      static_cast<double>(std::ranges::count_if(hosts_, [](const Host& host) { return host.is_up(); }));
}

void Simulation::handle(const Event& event) {
  switch (event.happens) {
    case Happens::wake:
      wake_s_ = INT64_MAX;
      break;
    case Happens::day:
      day();
      at(now_s_ + kDayS, Happens::day);
      break;
    case Happens::read:
      read();
      at(now_s_ + kReadEveryS, Happens::read);
      break;
    case Happens::repair_ends:
      end_repair(event.what);
      break;
    case Happens::check_ends: {
      const auto host = static_cast<std::uint32_t>(event.what);
      if (!hosts_[host].is_up()) break;
      if (hosts_[host].is_disk_lost) {
        at(now_s_, Happens::loss_found, host);
      } else {
        plan_.check_passed(host, now_s_);
      }
      break;
    }
    case Happens::loss_found: {
      const auto number = static_cast<std::uint32_t>(event.what);
      Host& host = hosts_[number];
      if (!host.is_disk_lost || !host.is_up()) break;  // when it is back
      notice(number);
      plan_.pieces_lost(number, now_s_);
      host.is_disk_lost = false;
      host.truth.placed_bytes = 0;
      host.truth.audits_passed = 0;
      heartbeat(number);
      break;
    }
    case Happens::disks_fail: {
      const std::uint32_t first = live_host(), disks = disks_.bursts[below(disks_.bursts.size())];
      const std::uint32_t domain = hosts_[first].truth.domain;
      disk_fails(first);
      for (std::uint32_t i = 1; i < disks; ++i) disk_fails(live_host_beside(domain));
      happens_next(Happens::disks_fail);
      break;
    }
    case Happens::domain_lost: {
      const auto domain = 1 + below(domains_.size() - 1);
      is_domain_lost_ = true;
      for (const std::uint32_t host : domains_[domain]) gone(host);
      is_domain_lost_ = false;
      happens_next(Happens::domain_lost);
      break;
    }
    case Happens::domain_out: {
      const auto domain = 1 + below(domains_.size() - 1);
      for (const std::uint32_t host : domains_[domain]) set_up(host, hosts_[host].is_node_up, true);
      at(after(kYearS / options_.domain_outage_s), Happens::domain_back, domain);
      happens_next(Happens::domain_out);
      break;
    }
    case Happens::domain_back:
      for (const std::uint32_t host : domains_[event.what]) set_up(host, hosts_[host].is_node_up, false);
      break;
    case Happens::host_dies: {
      const std::uint32_t host = live_host();
      plan::Candidate truth = hosts_[host].truth;
      truth.placed_bytes = 0;
      const std::uint32_t other = population_.replace(host);
      gone(host);
      CHECK_BUG(add_host(truth, true) == other);
      happens_next(Happens::host_dies);
      break;
    }
  }
}

Result<SimulationResult> Simulation::run() {
  at(kDayS, Happens::day);
  const auto end_s = kWarmUpS + static_cast<std::int64_t>(options_.years * kYearS);
  result_.chain.deaths_in.resize(static_cast<std::size_t>((end_s - kWarmUpS) / options_.grace_s) + 1);
  result_.chain.hosts_in.resize(result_.chain.deaths_in.size());
  bool is_begun = false;
  while (now_s_ <= end_s) {
    const bool is_trace = events_.empty() || population_.next_s() <= events_.top().at_s;
    const std::int64_t next_s = is_trace ? population_.next_s() : events_.top().at_s;
    if (!is_begun && next_s >= kWarmUpS) {
      now_s_ = kWarmUpS;
      is_begun = true;
      day();
      TRY(place_segments());
      at(now_s_ + kReadEveryS, Happens::read);
      for (const auto happens :
           {Happens::disks_fail, Happens::domain_lost, Happens::domain_out, Happens::host_dies})
        happens_next(happens);
      continue;
    }
    if (next_s > end_s) break;
    now_s_ = next_s;
    if (is_trace) {
      for (const HostEvent& event : population_.next()) take(event);
    } else {
      const Event event = events_.top();
      events_.pop();
      handle(event);
    }
    carry_out_orders();
  }
  now_s_ = end_s;
  for (std::uint32_t segment = 0; segment < segments_.size(); ++segment) account(segment);
  result_.stored_bytes =
      stored_sum_ / static_cast<double>(stored_samples_) * static_cast<double>(kPieceBytes);
  result_.in_storm /= static_cast<double>(stored_samples_);
  result_.hosts_mean /= static_cast<double>(stored_samples_);
  return result_;
}

}  // namespace inxt::durability
