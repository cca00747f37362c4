// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/units.h"
#include "sys/files.h"

namespace inxt::cli {
namespace {

void put(int fd, const std::string& text) {
  // A meter that cannot be shown is no reason to fail.
  (void)sys::write_all(fd, view_of(text), "standard error");
}

std::size_t terminal_columns(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(ProgressMode mode, int fd, const sys::Clock& clock) : mode_(mode), fd_(fd), clock_(clock) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  meter_ = mode == ProgressMode::automatic && sys::is_terminal(fd) && !dumb;
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = meter_ && (no_colour == nullptr || *no_colour == '\0');
  if (mode == ProgressMode::automatic && !meter_) mode_ = ProgressMode::never;
}

Progress::~Progress() {
  clear();
}

void Progress::begin(std::string what, std::optional<std::uint64_t> total_bytes) {
  std::lock_guard lock(mutex_);
  what_ = std::move(what);
  total_bytes_ = total_bytes;
  bytes_ = 0;
  begun_ms_ = clock_.steady_ms();
  next_ms_ = begun_ms_ + kMeterIntervalMs;
  active_ = mode_ != ProgressMode::never;
}

void Progress::add_bytes(std::uint64_t bytes) {
  bytes_ += bytes;
  if (!active_) return;
  const std::int64_t now = clock_.steady_ms();
  std::int64_t next = next_ms_;
  const std::int64_t interval = meter_                         ? kMeterIntervalMs
                                : mode_ == ProgressMode::plain ? kLineIntervalMs
                                                               : kJsonIntervalMs;
  if (now >= next && next_ms_.compare_exchange_strong(next, now + interval)) tick(false);
}

void Progress::tick(bool last) {
  std::lock_guard lock(mutex_);
  const std::uint64_t bytes = bytes_;
  const unsigned hosts = hosts_;
  const std::int64_t elapsed_ms = std::max<std::int64_t>(clock_.steady_ms() - begun_ms_, 1);
  const auto rate =
      static_cast<std::uint64_t>(static_cast<double>(bytes) * 1000 / static_cast<double>(elapsed_ms));
  std::optional<std::int64_t> left_s;
  if (total_bytes_ && rate > 0 && bytes <= *total_bytes_)
    left_s = static_cast<std::int64_t>((*total_bytes_ - bytes + rate - 1) / rate);

  if (mode_ == ProgressMode::json) {
    nlohmann::ordered_json line;
    auto& progress = line["progress"];
    progress["what"] = what_;
    progress["bytes"] = bytes;
    if (total_bytes_) progress["total"] = *total_bytes_;
    progress["bytes_per_s"] = rate;
    if (left_s) progress["seconds_left"] = *left_s;
    progress["hosts"] = hosts;
    if (last) progress["done"] = true;
    put(fd_, line.dump() + "\n");
    return;
  }
  std::string text = fmt::format("{}: {}", what_, show_size(bytes));
  if (total_bytes_ && *total_bytes_ > 0)
    text +=
        fmt::format(" of {} ({} %)", show_size(*total_bytes_),
                    static_cast<int>(static_cast<double>(bytes) * 100 / static_cast<double>(*total_bytes_)));
  text += fmt::format(", {}/s", show_size(rate));
  if (left_s && !last) text += fmt::format(", {} left", show_duration(*left_s));
  if (hosts > 0) text += fmt::format(", {} Host{}", hosts, hosts == 1 ? "" : "s");
  if (!meter_) {
    put(fd_, text + "\n");
    return;
  }
  text.resize(std::min(text.size(), terminal_columns(fd_) - 1));
  put(fd_, colour_ ? "\r\x1b[2m" + text + "\x1b[0m\x1b[K" : "\r" + text + "\x1b[K");
  shown_ = true;
}

void Progress::clear() {
  std::lock_guard lock(mutex_);
  if (shown_) put(fd_, "\r\x1b[K");
  shown_ = false;
}

void Progress::finish() {
  if (!active_.exchange(false)) return;
  if (!meter_) tick(true);
  clear();
}

}  // namespace inxt::cli
