// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether others can reach the Host: does it listen, what does it announce, does that lead here, what do others see.
#include <fmt/format.h>

#include <algorithm>

#include "doctor.h"
#include "host/identity.h"
#include "net/event_loop.h"
#include "net/http_server.h"
#include "net/interfaces.h"
#include "serve/ask_peer.h"

namespace inxt::tools {

namespace {

Finding can_be_bound(const std::string& address) {
  class Nobody final : public net::Handler {
    net::Awaitable<void> handle(net::ServerRequest&, net::ServerResponse&) override { co_return; }
  };
  net::EventLoop loop;
  Nobody nobody;
  const auto identity = net::TlsIdentity::anonymous();
  if (!identity) return {"port", Health::wrong, identity.error().what};
  net::HttpServer server(loop.executor(), *identity, nobody);
  const auto bound = server.listen(address);
  if (bound) return {"port", Health::well, *bound + " can be bound; no Host runs"};
  return {"port", Health::wrong, bound.error().what, "another program has the port, or the address is not this machine's"};
}

/// Where something that listens on `address` answers on this machine.
std::string from_here(const std::string& address) {
  const auto where = net::parse_address(address);
  if (where && where->host == "0.0.0.0") return net::to_address("127.0.0.1", where->port);
  if (where && where->host == "::") return net::to_address("::1", where->port);
  return address;
}

Finding answers_here(const std::string& address, const HostId& host) {
  const Result<std::string> health = serve::ask_peer({from_here(address)}, host.bytes, "/v1/health");
  if (health) return {"port", Health::well, address + " is listened on, and the Host answers"};
  return {"port", Health::wrong, fmt::format("the Host should listen on {}: {}", address, health.error().what),
          "was it killed?  look into its log"};
}

/// An address that is announced: what kind it is, and whether it leads here.
Finding announced(const std::string& address, const HostId& host, bool is_running,
                  const std::vector<net::InterfaceAddress>& interfaces) {
  const auto where = net::parse_address(address);
  std::optional<net::IpScope> scope;
  if (where) scope = net::ip_scope(where->host);
  const std::string kind(scope ? net::scope_name(*scope) : std::string_view("a name"));
  const bool is_own =
      where && std::ranges::find(interfaces, where->host, &net::InterfaceAddress::ip) != interfaces.end();
  Finding finding("address", Health::well,
                  fmt::format("{} is {}{}", address, kind,
                              is_own    ? ", of this machine"
                              : scope   ? ", of another: a router leads here, or should"
                                        : ""));
  finding.figures = {{"address", address}, {"own", is_own}};
  finding.figures["scope"] = kind;
  if (scope && *scope != net::IpScope::global) {
    finding.health = Health::advice;
    finding.hint = *scope == net::IpScope::loopback
                       ? "only this machine reaches it; for others: --listen [::]:4242"
                       : fmt::format("only neighbours reach it; {}", kOpenIt);
  }
  if (!is_running) return finding;
  const Result<std::string> health = serve::ask_peer({address}, host.bytes, "/v1/health");
  finding.figures["answers_from_here"] = health.has_value();
  if (health) {
    finding.message += "; it answers from here";
  } else if (is_own) {
    finding.health = Health::wrong;
    finding.message += fmt::format("; it does not answer: {}", health.error().what);
    finding.hint = "does the Host listen on it?  --listen [::]:4242 listens on every address";
  } else {
    finding.health = Health::advice;
    finding.message += "; it does not answer from here, which not every router makes possible";
    finding.hint = "let a Host outside look: inxt-host doctor --hosts FILE";
  }
  return finding;
}

/// What other Hosts see of this one.
std::optional<Finding> from_outside(const Patient& patient) {
  const auto key = host::load_identity(patient.folder);
  if (!key) return std::nullopt;
  const auto identity = net::TlsIdentity::make(key->key);
  if (!identity) return std::nullopt;
  const auto port = net::parse_address(patient.descriptor->addresses.front());
  std::string why = "none of them could be asked";
  for (const format::Descriptor& other : patient.others) {
    const std::string body = format::write_compact({{"port", port ? port->port : kPortDefault}});
    const Result<std::string> answer = serve::ask_peer(other.addresses, other.host.bytes, "/v1/reach", body, &*identity);
    if (!answer) {
      why = answer.error().what;
      continue;
    }
    const auto json = format::parse_object(*answer);
    if (!json) continue;
    const format::Fields fields(*json, "the Host's answer");
    const auto reached = fields.boolean("reached");
    const auto address = fields.text("address", format::kHostAddressBytesMax);
    if (!reached || !address || !format::is_address(*address)) continue;
    const bool is_announced =
        std::ranges::find(patient.descriptor->addresses, *address) != patient.descriptor->addresses.end();
    Finding finding("outside", *reached ? Health::well : Health::wrong,
                    fmt::format("another Host sees this one at {}, and {}", *address,
                                *reached ? "reaches it there" : "does not reach it there"),
                    *reached ? "" : kOpenIt);
    if (*reached && !is_announced) {
      finding.health = Health::advice;
      finding.hint = fmt::format("that address is not announced: --announce {}", *address);
    }
    finding.figures = {{"address", *address}, {"reached", *reached}, {"announced", is_announced}};
    return finding;
  }
  return Finding("outside", Health::advice, fmt::format("no other Host could look from outside: {}", why),
                 "give --hosts FILE with Hosts that answer");
}

}  // namespace

Findings look_at_reach(const Patient& patient, const HostOptions& options) {
  Findings findings;
  const bool is_running = patient.running && patient.descriptor;
  if (is_running) {
    for (const std::string& address : patient.running->listening)
      findings.push_back(answers_here(address, HostId{patient.running->key}));
  } else {
    std::vector<std::string> addresses = options.listen;
    if (addresses.empty()) addresses.push_back(fmt::format("127.0.0.1:{}", kPortDefault));
    for (const std::string& address : addresses) findings.push_back(can_be_bound(address));
  }

  const auto interfaces = net::interface_addresses();
  if (!interfaces) findings.push_back({"address", Health::advice, interfaces.error().what});
  const std::vector<net::InterfaceAddress> own = interfaces.value_or(std::vector<net::InterfaceAddress>());
  if (patient.descriptor)
    for (const std::string& address : patient.descriptor->addresses)
      findings.push_back(announced(address, patient.descriptor->host, is_running, own));

  const bool has_v6 = std::ranges::any_of(own, [](const net::InterfaceAddress& address) {
    return address.scope == net::IpScope::global && address.ip.find(':') != address.ip.npos;
  });
  Finding v6("ipv6", Health::well,
             has_v6 ? "this machine has a public IPv6 address" : "this machine has no public IPv6 address");
  v6.figures = {{"public", has_v6}};
  findings.push_back(std::move(v6));

  if (is_running && !patient.others.empty() && !patient.descriptor->addresses.empty())
    if (auto outside = from_outside(patient)) findings.push_back(*std::move(outside));
  return findings;
}

}  // namespace inxt::tools
