// SPDX-License-Identifier: LGPL-3.0-or-later
// Keeps a port of the home router leading here: asks, asks again long before the lease ends, after every news
// and every two minutes (routers forget, and get other addresses), and gives the port back at the end.  The
// asking is done by a process of its own (`inxt-host map-port`, or another program with such a subcommand).
#pragma once

#include <functional>
#include <optional>

#include "net/event.h"
#include "net/port_mapping.h"
#include "serve/log.h"
#include "sys/clock.h"

namespace inxt::serve {

inline constexpr std::int64_t kMappingCheckMs = 120'000;
inline constexpr std::int64_t kMappingGapMs = 3'000;  // between two questions, whatever happens
inline constexpr std::int64_t kMappingBackoffFirstMs = 15'000;
inline constexpr std::int64_t kMappingBackoffMaxMs = 900'000;
inline constexpr std::int64_t kUnmapDeadlineMs = 8'000;
inline constexpr std::size_t kMappingOutputBytesMax = 4096;

/// What `inxt-host map-port` prints: {"type":"mapping",...}; and its reading.  Errors: integrity; the error
/// that it printed instead.
std::string mapping_line(const net::Mapping& mapping);
Result<net::Mapping> read_mapping(std::string_view output);

class PortMapper {
 public:
  /// `changed` is called when address() has.
  PortMapper(const net::Executor& executor, std::string program, const sys::Clock& clock, Log& log,
             std::function<void()> changed);
  PortMapper(const PortMapper&) = delete;
  PortMapper& operator=(const PortMapper&) = delete;

  /// What to map from now on; nothing: gives back what is mapped.
  void want(std::optional<net::MapMethod> method, std::optional<std::uint16_t> port);
  /// Something in the network has changed: ask soon.
  void look_again();

  net::Awaitable<void> run();
  /// Hears the router's news.
  net::Awaitable<void> listen();
  /// Gives the port back.  REQUIRES: run() has ended.
  net::Awaitable<void> release();

  /// What others can use: "203.0.113.7:4242"; nothing when there is no mapping, or it leads to a private
  /// address.
  std::optional<std::string> address() const;
  const std::optional<net::Mapping>& mapping() const { return mapping_; }
  /// Why there is none; empty when all is well.
  const std::string& trouble() const { return trouble_; }

 private:
  net::Awaitable<void> ask();
  net::Awaitable<void> give_back();
  net::Awaitable<Result<std::string>> run_tool(std::vector<std::string> more, std::int64_t deadline_ms);
  void took(net::Mapping mapping);
  void failed(const std::string& why);

  const std::string program_;
  const sys::Clock& clock_;
  Log& log_;
  std::function<void()> changed_;
  net::Event wake_;
  net::Event wanted_;  // a method is set
  std::optional<net::MapMethod> method_;
  std::optional<std::uint16_t> port_;
  std::optional<net::Mapping> mapping_;
  std::uint16_t mapped_port_ = 0;  // that mapping_ leads to
  std::int64_t mapped_until_ms_ = 0;
  std::int64_t next_ms_ = 0;
  std::int64_t backoff_ms_ = 0;
  std::string trouble_;
};

}  // namespace inxt::serve
