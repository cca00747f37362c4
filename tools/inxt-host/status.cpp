// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host status and descriptor: of the Host that runs on a store.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/units.h"
#include "format/descriptor.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "options.h"
#include "running.h"

namespace inxt::tools {

namespace {

/// Where a Host that listens on `address` answers on this machine.
std::string local_address(std::string address) {
  if (address.starts_with("0.0.0.0:")) return "127.0.0.1" + address.substr(7);
  if (address.starts_with("[::]:")) return "[::1]" + address.substr(4);
  return address;
}

net::Awaitable<Result<std::string>> ask(net::HttpClient& http, net::Endpoint endpoint, std::string target) {
  net::Request request;
  request.target = std::move(target);
  CO_TRY(const net::Response response, co_await http.send(std::move(endpoint), std::move(request)));
  if (!response.ok()) co_return fail(Code::try_again, fmt::format("the Host answered {}", response.status));
  std::string text(text_of(response.body));
  if (text.ends_with('\n')) text.pop_back();
  co_return text;
}

}  // namespace

Result<cli::Exit> descriptor(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_folder(options));
  const std::string line = TRY(read_descriptor_line(folder));
  TRY(world.print(line));
  return cli::Exit::ok;
}

Result<cli::Exit> status(cli::World& world, const HostOptions& options) {
  const std::string folder = TRY(store_folder(options));
  const Result<Running> running = read_running(folder);
  if (!running && running.error().code != Code::not_found) return std::unexpected(running.error());
  if (!running || running->listening.empty()) return fail(Code::try_again, "no Host runs on " + folder);

  net::EventLoop loop;
  net::HttpClient http(loop.executor());
  const net::Endpoint endpoint(local_address(running->listening.front()), running->host.bytes);
  const std::string health_text = TRY_IN("no Host answers", loop.run(ask(http, endpoint, "/v1/health")));
  const std::string line = TRY(loop.run(ask(http, endpoint, "/v1/descriptor")));
  const format::Json health = TRY(format::parse_object(health_text));
  const format::Fields fields(health, "health");
  const bool is_rebuilding = TRY(fields.boolean("rebuilding"));
  const std::int64_t time_s = TRY(fields.time("time"));
  const format::Descriptor about = TRY(format::open_hosts_line(line, "descriptor"));

  const format::Json answer{{"type", "status"},
                            {"host", about.host.hex()},
                            {"process", running->process},
                            {"listening", running->listening},
                            {"addresses", about.addresses},
                            {"rebuilding", is_rebuilding},
                            {"time", time_s},
                            {"capacity_bytes", about.capacity_bytes},
                            {"free_bytes", about.free_bytes}};
  TRY(world.print(format::write_compact(answer)));
  world.say(fmt::format("running, {} of {} free{}", cli::show_size(about.free_bytes),
                        cli::show_size(about.capacity_bytes), is_rebuilding ? ", rebuilding its index" : ""));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
