// SPDX-License-Identifier: LGPL-3.0-or-later
// A machine with a true time, a wall clock that somebody sets, and a clock that only runs.
#include "plan/trusted_clock.h"

#include <doctest/doctest.h>

#include <random>

namespace inxt::plan {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kGraceS = 14 * kDay;  // what a contract gets after its end

struct Machine {
  double true_s = kNow;
  double wall_ahead_s = 0;  // of the true time
  double running_s = 1000;
  double drift = 0;  // seconds that the wall clock gains in a second
  bool is_vouched_for = false;
  std::optional<TrustedClock> clock;

  ClockReading reading() const {
    return {static_cast<std::int64_t>(true_s + wall_ahead_s), static_cast<std::int64_t>(running_s * 1000),
            is_vouched_for};
  }
  explicit Machine(bool is_new = true) { clock.emplace(is_new, reading()); }

  /// The events that were not `none`, one letter each: a, b(ack), B(elieved).
  std::string run(std::int64_t seconds, std::int64_t step_s = 60) {
    std::string events;
    for (std::int64_t done = 0; done < seconds; done += step_s) {
      true_s += static_cast<double>(step_s);
      running_s += static_cast<double>(step_s);
      wall_ahead_s += drift * static_cast<double>(step_s);
      const ClockEvent event = clock->observe(reading());
      if (event == ClockEvent::jumped_ahead) events += 'a';
      if (event == ClockEvent::jumped_back) events += 'b';
      if (event == ClockEvent::believed) events += 'B';
    }
    return events;
  }
  void set_wall(double ahead_s) { wall_ahead_s = ahead_s; }
  /// Off for so long, with the wall clock as it may be afterwards.
  void reboot(std::int64_t off_s, double wall_ahead_afterwards_s) {
    const auto written = clock->written();
    true_s += static_cast<double>(off_s);
    wall_ahead_s = wall_ahead_afterwards_s;
    running_s = 20;
    restart(written, false);
  }
  void restart_process() { restart(clock->written(), true); }
  void restart(const std::optional<TrustedTime>& written, bool is_same_start) {
    if (written)
      clock.emplace(*written, is_same_start, reading());
    else
      clock.emplace(false, reading());
  }
  /// What would be deleted too early, in seconds; negative: the clock is late.
  double early_s() const { return clock->unix_s() ? static_cast<double>(*clock->unix_s()) - true_s : -1e18; }
};

TEST_CASE("a clock that runs right is followed to the second, for ten years") {
  for (const double drift : {0.0, 100e-6, -100e-6, 500e-6}) {
    CAPTURE(drift);
    Machine machine;
    machine.drift = drift;
    CHECK(machine.run(10 * 365 * kDay, 600) == "");
    const std::int64_t behind_s = machine.reading().wall_unix_s - *machine.clock->unix_s();
    CHECK(behind_s >= 0);
    CHECK(behind_s <= 200);  // what 500 ppm make in three days
  }
}

TEST_CASE("rounding does not make it late") {
  Machine machine;
  for (int i = 0; i < 100'000; ++i) {
    machine.true_s += 0.7;
    machine.running_s += 0.7;
    CHECK(machine.clock->observe(machine.reading()) == ClockEvent::none);
  }
  CHECK(machine.early_s() <= 0);
  CHECK(machine.early_s() >= -2);
}

TEST_CASE("a jump ahead while running is believed after days of agreement, or with NTP") {
  for (const double ahead_s : {3600.0, 6.0 * kDay, 40.0 * kDay, 5.0 * 365 * kDay}) {
    CAPTURE(ahead_s);
    Machine machine;
    machine.run(kDay);
    machine.set_wall(ahead_s);
    CHECK(machine.run(3 * kDay - 120) == "a");
    CHECK(machine.early_s() <= 0);
    CHECK(machine.early_s() >= -70);
    CHECK(machine.clock->gap_s() >= ahead_s - 70);
    const bool is_small = ahead_s < 30 * kDay;
    CHECK(machine.run(200) == (is_small ? "B" : ""));
    if (!is_small) CHECK(machine.run(30 * kDay).front() == 'B');
    CHECK(machine.clock->gap_s() <= 1);
  }
  Machine vouched;
  vouched.run(kDay);
  vouched.set_wall(40 * kDay);
  vouched.run(600);
  vouched.is_vouched_for = true;
  CHECK(vouched.run(60) == "B");
  CHECK(vouched.clock->gap_s() == 0);
  vouched.set_wall(150 * kDay);  // an NTP server that is months off
  CHECK(vouched.run(3 * kDay) == "a");
  CHECK(vouched.early_s() <= 40 * kDay);
}

TEST_CASE("jumps ahead that are taken back count for nothing, however often") {
  Machine machine;
  for (int i = 0; i < 500; ++i) {
    machine.set_wall((1 + i % 700) * kDay);
    machine.run(2 * kDay + kDay / 2, 300);
    CHECK(machine.early_s() <= 0);
    machine.set_wall(0);
    machine.run(kDay / 4, 300);
    CHECK(machine.early_s() <= 0);
  }
  CHECK(machine.early_s() > -500 * 700);  // some seconds of each jump, at most
}

TEST_CASE("a jump back deletes nothing, and forgets nothing") {
  Machine machine;
  machine.run(kDay);
  machine.set_wall(-50 * 365 * kDay);  // a dead battery: 1977
  CHECK(machine.run(kDay) == "b");
  CHECK(machine.early_s() < -49 * 365 * kDay);
  machine.set_wall(0);  // set by hand
  CHECK(machine.run(60) == "a");
  CHECK(machine.early_s() <= 0);
  CHECK(machine.early_s() >= -130);  // it has been running all the time
}

TEST_CASE("a clock that was ahead from the first start is corrected by NTP, or by days of agreement") {
  Machine machine;
  machine.set_wall(20.0 * 365 * kDay);
  machine.clock.emplace(true, machine.reading());
  machine.run(kDay);
  machine.set_wall(0);
  machine.run(kDay);
  CHECK(machine.early_s() <= 0);  // never later than the wall clock
  SUBCASE("NTP") {
    machine.is_vouched_for = true;
  }
  SUBCASE("agreement") {
    machine.run(30 * kDay);
  }
  machine.run(120);
  machine.is_vouched_for = false;
  machine.set_wall(10.0 * 365 * kDay);  // and a jump afterwards is one
  machine.run(kDay);
  CHECK(machine.early_s() <= 0);
}

TEST_CASE("sleep looks like a jump where the running clock sleeps too, and is nothing where it does not") {
  Machine machine;
  machine.is_vouched_for = true;
  for (int night = 0; night < 100; ++night) {
    machine.run(16 * 3600, 300);
    machine.true_s += 8 * 3600;  // asleep
    if (night % 2 == 0) machine.running_s += 8 * 3600;
    machine.run(600, 300);
    CHECK(machine.early_s() <= 0);
    CHECK(machine.early_s() >= -2);
  }
}

TEST_CASE("restarts of the program: as if it had been looking") {
  Machine machine;
  machine.run(kDay);
  machine.true_s += 20 * kDay;
  machine.running_s += 20 * kDay;
  machine.restart_process();
  CHECK(machine.early_s() >= -2);
  machine.true_s += 60;
  machine.running_s += 60;
  machine.set_wall(6 * kDay);  // set while the program was down
  machine.restart_process();
  CHECK(machine.early_s() <= 0);
  CHECK(machine.clock->gap_s() > 5 * kDay);
}

TEST_CASE("restarts of the machine: a week in all is taken at the clock's word") {
  Machine machine;
  machine.run(kDay);
  machine.reboot(5 * kDay, 0);
  CHECK(machine.early_s() >= -2);
  machine.reboot(60, 6.0 * kDay);  // a second time: more than is left of the week
  CHECK(machine.early_s() <= 0);
  machine.reboot(60, 0);
  machine.run(3 * kDay + 60);  // proves itself
  machine.reboot(6 * kDay, 0);
  CHECK(machine.early_s() >= -200);
  machine.reboot(90 * kDay, 0);  // too long without a proof
  CHECK(machine.early_s() <= -89 * kDay);
  CHECK(machine.run(10 * kDay).find('B') != std::string::npos);
  CHECK(machine.early_s() >= -200);
}

TEST_CASE("a machine that is off every night, without NTP, keeps up") {
  Machine machine;
  for (int day = 0; day < 400; ++day) {
    machine.run(6 * 3600, 300);
    machine.reboot(18 * 3600, 0);
    CHECK(machine.early_s() <= 0);
    CHECK(machine.early_s() >= -7 * kDay);
  }
}

TEST_CASE("a dead battery: every start begins in 1970, until NTP comes") {
  Machine machine;
  machine.run(kDay);
  for (int i = 0; i < 50; ++i) {
    machine.is_vouched_for = false;
    machine.reboot(3600, -machine.true_s);
    machine.run(600);
    CHECK(machine.early_s() <= 0);
    machine.set_wall(0);
    machine.is_vouched_for = true;
    machine.run(kDay, 300);
    CHECK(machine.early_s() <= 0);
    CHECK(machine.early_s() >= -2);
  }
}

TEST_CASE("a store whose clock file is lost is not reaped by a clock that nobody vouches for") {
  Machine machine(false);
  CHECK_FALSE(machine.clock->unix_s().has_value());
  CHECK_FALSE(machine.clock->written().has_value());
  CHECK(machine.run(3 * kDay - 60) == "");
  CHECK_FALSE(machine.clock->unix_s().has_value());
  CHECK(machine.run(120) == "B");
  CHECK(machine.early_s() <= 0);
  CHECK(machine.early_s() >= -2);
  Machine vouched(false);
  vouched.is_vouched_for = true;
  CHECK(vouched.run(60) == "B");
}

TEST_CASE("what a damaged file says does no harm") {
  for (const std::int64_t wild : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX, kNow}) {
    const TrustedTime written{wild, wild, wild, wild, wild};
    for (const bool is_same_start : {true, false}) {
      Machine machine;
      machine.clock.emplace(written, is_same_start, machine.reading());
      machine.run(kDay);
      CHECK(machine.early_s() <= 0);
      ClockReading reading{wild, wild, false};
      machine.clock->observe(reading);
      CHECK(*machine.clock->unix_s() <= std::max<std::int64_t>(reading.wall_unix_s, 0));
    }
  }
}

TEST_CASE("years of random jumps, restarts, sleep and dead batteries delete nothing within the grace") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
      return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    Machine machine;
    machine.drift = static_cast<double>(pick(-200, 200)) * 1e-6;
    double worst_s = 0;
    while (machine.true_s < kNow + 5.0 * 365 * kDay) {
      machine.set_wall(0);
      machine.run(pick(600, 10 * kDay), 600);
      worst_s = std::max(worst_s, machine.early_s());
      // A wrong clock, for less than it takes to prove it.
      const double ahead_s = static_cast<double>(pick(-20 * 365 * kDay, 20 * 365 * kDay) >> pick(0, 12));
      switch (pick(0, 3)) {
        case 0:
          machine.set_wall(ahead_s);
          break;
        case 1:
          machine.reboot(pick(60, 3 * kDay), ahead_s);
          break;
        case 2:
          machine.set_wall(ahead_s);
          machine.restart_process();
          break;
        default:
          machine.true_s += static_cast<double>(pick(0, 3 * kDay));  // asleep
          break;
      }
      machine.run(pick(600, 2 * kDay), 600);
      worst_s = std::max(worst_s, machine.early_s());
      if (pick(0, 3) == 0) machine.reboot(pick(60, 20 * kDay), 0);
    }
    CHECK(worst_s < static_cast<double>(kGraceS));
  }
}

}  // namespace
}  // namespace inxt::plan
