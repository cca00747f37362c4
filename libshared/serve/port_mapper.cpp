// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/port_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "net/child_process.h"
#include "net/http.h"
#include "net/ip_scope.h"
#include "net/router_news.h"

namespace inxt::serve {

namespace {

constexpr std::size_t kIpBytesMax = 45;
constexpr std::size_t kReasonBytesMax = 1024;

}  // namespace

std::string mapping_line(const net::Mapping& mapping) {
  return format::write_compact({{"type", "mapping"},
                                {"method", net::map_method_name(mapping.method)},
                                {"external_ip", mapping.external_ip},
                                {"external_port", mapping.external_port},
                                {"internal_ip", mapping.internal_ip},
                                {"lease_s", mapping.lease_s},
                                {"router", mapping.router}});
}

Result<net::Mapping> read_mapping(std::string_view output) {
  const std::string where = "what map-port says";
  const auto json = TRY_IN(where, format::parse_object(output.substr(0, output.find('\n'))));
  const format::Fields fields(json, where);
  if (fields.has("error")) return fail(Code::try_again, TRY(fields.text("message", kReasonBytesMax)));
  TRY(fields.expect("type", "mapping"));
  const auto ip = [&](const char* name) -> Result<std::string> {
    std::string text = TRY(fields.text(name, kIpBytesMax));
    if (!net::ip_scope(text)) return fields.bad(name, "no IP address");
    return text;
  };
  net::Mapping mapping;
  const auto method = net::map_method_from_name(TRY(fields.text("method", 16)));
  if (!method || *method == net::MapMethod::automatic) return fields.bad("method", "unknown");
  mapping.method = *method;
  mapping.external_ip = TRY(ip("external_ip"));
  mapping.external_port = static_cast<std::uint16_t>(TRY(fields.integer("external_port", 65535)));
  if (mapping.external_port == 0) return fields.bad("external_port", "0");
  mapping.internal_ip = TRY(ip("internal_ip"));
  mapping.lease_s = static_cast<std::uint32_t>(TRY(fields.integer("lease_s", net::kLeaseSecondsMax)));
  mapping.router = TRY(ip("router"));
  return mapping;
}

PortMapper::PortMapper(const net::Executor& executor, std::string program, const sys::Clock& clock, Log& log,
                       std::function<void()> changed)
    : program_(std::move(program)),
      clock_(clock),
      log_(log),
      changed_(std::move(changed)),
      wake_(executor),
      wanted_(executor) {}

void PortMapper::want(std::optional<net::MapMethod> method, std::optional<std::uint16_t> port) {
  if (method && !port) failed("nothing listens on an address that a router could lead to");
  if (!port) method.reset();
  method_ = method;
  port_ = port;
  backoff_ms_ = 0;
  if (method_) wanted_.notify();
  look_again();
}

void PortMapper::look_again() {
  next_ms_ = 0;
  wake_.notify();
}

std::optional<std::string> PortMapper::address() const {
  if (!mapping_ || net::ip_scope(mapping_->external_ip) != net::IpScope::global) return std::nullopt;
  return net::to_address(mapping_->external_ip, mapping_->external_port);
}

net::Awaitable<void> PortMapper::run() {
  for (;;) {
    if (mapping_ && (!method_ || port_ != mapped_port_)) {
      co_await give_back();
      continue;
    }
    const std::int64_t now_ms = clock_.steady_ms();
    if (method_ && now_ms >= next_ms_) {
      next_ms_ = INT64_MAX;  // look_again() while it asks counts
      co_await ask();
      co_await net::sleep_for(std::chrono::milliseconds(kMappingGapMs));
      continue;
    }
    if (method_)
      co_await wake_.wait_for(std::chrono::milliseconds(next_ms_ - now_ms));
    else
      co_await wake_.wait();
  }
}

net::Awaitable<void> PortMapper::listen() {
  while (!method_) co_await wanted_.wait();  // a port that nobody asked for stays closed
  net::RouterNews news(co_await net::asio::this_coro::executor);
  while (news.hears()) {
    const std::string from = co_await news.next();
    if (!method_ || net::ip_scope(from) != net::IpScope::private_network) continue;
    if (mapping_ && from != mapping_->router) continue;
    log_.write(LogLevel::debug, "router-news", {{"router", from}});
    look_again();
    // Whoever can send it must not make us ask more often than a router that fails would.
    co_await net::sleep_for(std::chrono::milliseconds(kMappingBackoffFirstMs));
  }
}

net::Awaitable<Result<std::string>> PortMapper::run_tool(std::vector<std::string> more,
                                                         std::int64_t deadline_ms) {
  std::vector<std::string> arguments{program_, "map-port", "--json", "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  CO_TRY(net::ChildResult result, co_await net::run_self(std::move(arguments), kMappingOutputBytesMax,
                                                         std::chrono::milliseconds(deadline_ms)));
  if (result.status > 128 && result.output.empty())
    co_return fail(Code::try_again, fmt::format("map-port was ended by signal {}", result.status - 128));
  co_return std::move(result.output);
}

net::Awaitable<void> PortMapper::ask() {
  const std::uint16_t port = *port_;
  // The way that worked first: the others are searched for only when it fails.
  const bool is_known = mapping_ && mapped_port_ == port;
  const net::MapMethod method =
      is_known && *method_ == net::MapMethod::automatic && backoff_ms_ == 0 ? mapping_->method : *method_;
  const std::uint16_t external_port = is_known ? mapping_->external_port : port;
  std::vector<std::string> arguments{"--map-port", std::string(net::map_method_name(method)),
                                     "--external-port", std::to_string(external_port), std::to_string(port)};
  Result<std::string> output = co_await run_tool(std::move(arguments), net::kMappingDeadlineMs + 1000);
  if (!output) {
    failed(output.error().what);
    co_return;
  }
  Result<net::Mapping> mapping = read_mapping(*output);
  if (!mapping) {
    failed(mapping.error().what);
    co_return;
  }
  mapped_port_ = port;
  took(*std::move(mapping));
}

void PortMapper::took(net::Mapping mapping) {
  const std::int64_t now_ms = clock_.steady_ms();
  const std::int64_t lease_ms =
      std::int64_t{mapping.lease_s == 0 ? net::kLeaseSecondsMax : mapping.lease_s} * 1000;
  mapped_until_ms_ = now_ms + lease_ms;
  next_ms_ = std::min(next_ms_, now_ms + std::min(kMappingCheckMs, lease_ms / 2));
  backoff_ms_ = 0;
  const std::optional<std::string> before = address();
  const bool is_other = !mapping_ || mapping_->external_ip != mapping.external_ip ||
                        mapping_->external_port != mapping.external_port ||
                        mapping_->method != mapping.method;
  mapping_ = std::move(mapping);
  const net::IpScope scope = net::ip_scope(mapping_->external_ip).value_or(net::IpScope::special);
  trouble_.clear();
  if (scope != net::IpScope::global)
    trouble_ =
        fmt::format("the router's outside address {} is {}: another router stands before it (double NAT)",
                    mapping_->external_ip, net::scope_name(scope));
  if (is_other) {
    log_.write(trouble_.empty() ? LogLevel::info : LogLevel::error, "port-mapped",
               {{"method", std::string(net::map_method_name(mapping_->method))},
                {"external", net::to_address(mapping_->external_ip, mapping_->external_port)},
                {"internal", net::to_address(mapping_->internal_ip, mapped_port_)},
                {"lease_s", std::to_string(mapping_->lease_s)},
                {"router", mapping_->router}});
    if (!trouble_.empty()) log_.write(LogLevel::error, "port-mapping-useless", {{"reason", trouble_}});
  }
  if (address() != before) changed_();
}

void PortMapper::failed(const std::string& why) {
  const std::int64_t now_ms = clock_.steady_ms();
  backoff_ms_ = std::clamp(backoff_ms_ * 2, kMappingBackoffFirstMs, kMappingBackoffMaxMs);
  next_ms_ = std::min(next_ms_, now_ms + backoff_ms_);
  if (why != trouble_)
    log_.write(LogLevel::error, "port-mapping-failed",
               {{"reason", why}, {"again_in_s", std::to_string(backoff_ms_ / 1000)}});
  trouble_ = why;
  if (!mapping_ || now_ms < mapped_until_ms_) return;  // until its lease ends the router may still have it
  mapping_.reset();
  changed_();
}

net::Awaitable<void> PortMapper::give_back() {
  const net::Mapping mapping = *mapping_;
  mapping_.reset();
  changed_();
  std::vector<std::string> arguments{"--remove",
                                     "--map-port",
                                     std::string(net::map_method_name(mapping.method)),
                                     "--external-port",
                                     std::to_string(mapping.external_port),
                                     std::to_string(mapped_port_)};
  const Result<std::string> output = co_await run_tool(std::move(arguments), kUnmapDeadlineMs);
  const bool is_done = output && output->find("\"unmapped\"") != output->npos;
  log_.write(LogLevel::info, is_done ? "port-unmapped" : "port-left-mapped",
             {{"external", net::to_address(mapping.external_ip, mapping.external_port)}});
}

net::Awaitable<void> PortMapper::release() {
  if (mapping_) co_await give_back();
}

}  // namespace inxt::serve
