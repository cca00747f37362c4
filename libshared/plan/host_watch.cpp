// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/host_watch.h"

#include <algorithm>
#include <limits>

namespace inxt::plan {

HostWatch::Host& HostWatch::at(std::uint32_t host) {
  if (host >= hosts_.size()) hosts_.resize(std::size_t{host} + 1);
  return hosts_[host];
}

void HostWatch::holds_pieces(std::uint32_t host) {
  Host& each = at(host);
  if (each.is_holder) return;
  each.is_holder = true;
  counted_ += each.state <= HostState::returning;
  silent_ += is_silent(each);
  has_silent_holder_ |= is_silent(each);
}

void HostWatch::wait(std::uint32_t host, std::int64_t due_s) {
  stop_waiting(host);
  hosts_[host].due_s = due_s;
  due_.emplace(due_s, host);
}

void HostWatch::stop_waiting(std::uint32_t host) {
  due_.erase({hosts_[host].due_s, host});
}

void HostWatch::begins_silence(Host& host, std::int64_t now_s) {
  if (!is_silent(host)) return;
  ++silent_;
  if (!is_storm_ || now_s >= storm_s_ + limits_.storm_gather_s) return;
  host.storm = storm_;
  ++storm_silent_;
}

void HostWatch::ends_silence(Host& host) {
  if (!is_silent(host)) return;
  --silent_;
  storm_silent_ -= host.storm != 0 && host.storm == storm_;
  host.storm = 0;
}

/// With more that are silent, it is a storm.
std::uint32_t HostWatch::storm_limit() const {
  return std::max(limits_.storm_hosts_min,
                  static_cast<std::uint32_t>(std::uint64_t{counted_} * limits_.storm_ppm / 1'000'000));
}

/// Who is silent for longer is only still counted because of a storm that is just over.
std::uint32_t HostWatch::silent_within_grace(std::int64_t now_s) const {
  std::uint32_t longer = 0;
  for (const auto& [due_s, host] : due_) {
    if (due_s > now_s) break;
    longer += is_silent(hosts_[host]);
  }
  return silent_ - longer;
}

void HostWatch::look_for_storm(std::int64_t now_s) {
  has_silent_holder_ = false;
  if (is_storm_ || silent_ <= storm_limit() || silent_within_grace(now_s) <= storm_limit()) return;
  is_storm_ = true;
  storm_s_ = now_s;
  ++storm_;
  storm_silent_ = 0;
  for (Host& each : hosts_) {
    if (!is_silent(each) || each.due_s <= now_s) continue;
    each.storm = storm_;
    ++storm_silent_;
  }
}

/// At half of what began it, so that it does not come and go with each Host; once it has lasted for as long
/// as it may, below what begins it, so that the next one is noticed.
void HostWatch::look_for_end_of_storm(std::int64_t now_s) {
  if (!is_storm_) return;
  if (is_storm(now_s) ? storm_silent_ <= storm_limit() / 2 : silent_ <= storm_limit()) is_storm_ = false;
}

void HostWatch::silent(std::uint32_t host, std::int64_t now_s) {
  Host& each = at(host);
  if (each.state != HostState::good && each.state != HostState::returning) return;
  each.state = HostState::silent;
  each.silent_s = now_s;
  wait(host, std::max(now_s, each.paused_s) + limits_.grace_s);
  begins_silence(each, now_s);
  look_for_end_of_storm(now_s);
  look_for_storm(now_s);
}

bool HostWatch::heard(std::uint32_t host, std::int64_t now_s) {
  Host& each = at(host);
  if (each.state == HostState::silent) {
    stop_waiting(host);
    ends_silence(each);
    each.state = HostState::good;
    each.paused_s = 0;
    look_for_end_of_storm(now_s);
  } else if (each.state == HostState::missing) {
    each.state = HostState::returning;
    each.paused_s = 0;
    counted_ += each.is_holder;
    wait(host, now_s + limits_.check_wait_s);
    return true;
  }
  return false;
}

void HostWatch::paused(std::uint32_t host, std::int64_t until_s) {
  Host& each = at(host);
  if (each.state == HostState::silent) {
    ends_silence(each);
    each.paused_s = until_s;
    silent_ += is_silent(each);
    wait(host, std::max(each.silent_s, until_s) + limits_.grace_s);
  }
  each.paused_s = until_s;
}

void HostWatch::leaving(std::uint32_t host, std::int64_t until_s) {
  at(host).leaving_s = until_s;
}

bool HostWatch::check_passed(std::uint32_t host) {
  Host& each = at(host);
  if (each.state != HostState::returning) return false;
  stop_waiting(host);
  each.state = HostState::good;
  return true;
}

void HostWatch::lying(std::uint32_t host) {
  Host& each = at(host);
  ends_silence(each);
  if (each.is_holder && each.state <= HostState::returning) --counted_;
  stop_waiting(host);
  each.state = HostState::lying;
}

bool HostWatch::next_missing(std::int64_t now_s, std::uint32_t& host) {
  look_for_end_of_storm(now_s);
  if (has_silent_holder_) look_for_storm(now_s);
  if (due_.empty() || due_.begin()->first > now_s) return false;
  if (is_storm(now_s)) return false;
  host = due_.begin()->second;
  Host& each = hosts_[host];
  stop_waiting(host);
  ends_silence(each);
  each.state = HostState::missing;
  counted_ -= each.is_holder;
  return true;
}

std::int64_t HostWatch::wake_s() const {
  if (due_.empty()) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t due_s = due_.begin()->first;
  return is_storm_ ? std::max(due_s, storm_end_s()) : due_s;
}

}  // namespace inxt::plan
