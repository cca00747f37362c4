// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts in a Bridge's database, without a Bridge.
#pragma once

#include "bridge/host_rows.h"
#include "bridge/schema.h"
#include "support/database_world.h"

namespace inxt::testing {

inline constexpr std::int64_t kHostsNow = 1'700'000'000;

inline crypto::SigningKey host_key(int number) {
  ByteArray<32> seed{};
  seed[0] = static_cast<std::byte>(number);
  seed[1] = static_cast<std::byte>(number >> 8);
  return crypto::SigningKey::from_seed(seed);
}

inline HostId host_id(int number) {
  return HostId{host_key(number).public_key()};
}

inline format::Registration registration_of(int number, std::int64_t issued_unix_s = kHostsNow,
                                            std::vector<std::string> succession = {},
                                            std::string address = "8.8.8.8:4242") {
  format::Registration out;
  out.descriptor.host = host_id(number);
  out.descriptor.addresses = {std::move(address)};
  out.descriptor.issued_unix_s = issued_unix_s;
  out.descriptor.expires_unix_s = issued_unix_s + 86400;
  out.descriptor.term_seconds_max = 30 * 86400;
  out.descriptor.succession = std::move(succession);
  out.token = *format::sign_descriptor(out.descriptor, host_key(number));
  out.descriptor = *format::open_descriptor(out.token);
  out.declared = {.operator_name = "Zoë", .domain = "rack 1", .region = "eu"};
  return out;
}

/// A database with a Bridge's tables.
template <class World>
class HostsWorld {
 public:
  HostsWorld() {
    const auto migrated = database::migrate(*database_, bridge::schema(), sys::ManualClock(kHostsNow));
    if (!migrated) FAIL(migrated.error().what);
  }

  Result<bridge::Registered> enlist(const format::Registration& given,
                                    std::string_view network = "192.0.2.0/24",
                                    const bridge::RegistrationLimits& limits = {},
                                    std::int64_t now_unix_s = kHostsNow) {
    return database_->write([&](database::Transaction& transaction) {
      return bridge::register_host(transaction, given, network, now_unix_s, limits);
    });
  }
  Result<bridge::BeatAnswer> beat(int number, std::uint64_t counter,
                                  std::vector<format::AccountBytes> accounts = {},
                                  std::int64_t now_unix_s = kHostsNow) {
    format::Heartbeat heartbeat;
    heartbeat.host = host_id(number);
    heartbeat.counter = counter;
    heartbeat.capacity_bytes = 1000;
    heartbeat.free_bytes = counter;
    heartbeat.accounts = std::move(accounts);
    return database_->write([&](database::Transaction& transaction) {
      return bridge::take_heartbeat(transaction, heartbeat, now_unix_s);
    });
  }
  Result<bridge::BeatAnswer> beat(const format::Heartbeat& heartbeat, std::int64_t now_unix_s) {
    return database_->write([&](database::Transaction& transaction) {
      return bridge::take_heartbeat(transaction, heartbeat, now_unix_s);
    });
  }
  std::optional<bridge::KnownHost> host(int number) {
    return database_
        ->read([&](database::Transaction& transaction) {
          return bridge::read_host(transaction, host_id(number));
        })
        .value();
  }
  database::Database& database() { return *database_; }
  const World& world() const { return world_; }

 private:
  World world_;
  std::unique_ptr<database::Database> database_ = open(world_);
};

}  // namespace inxt::testing
