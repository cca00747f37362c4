// SPDX-License-Identifier: LGPL-3.0-or-later
#include <arpa/inet.h>
#include <fmt/core.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <vector>

#include "net/http.h"
#include "net/interfaces.h"
#include "net/port_mapping.h"

namespace inxt::net::upnp {

namespace {

constexpr int kSearchMs = 2000;
constexpr std::size_t kDevicesMax = 4;  // that are asked
constexpr int kPortsTriedMax = 4;
constexpr int kConflict = 718, kPermanentOnly = 725, kNoSuchEntry = 714;
constexpr unsigned char kTtl = 2;  // UPnP Device Architecture 1.1, 1.3.2

struct DevicesDeleter {
  void operator()(UPNPDev* devices) const { ::freeUPNPDevlist(devices); }
};
using Devices = std::unique_ptr<UPNPDev, DevicesDeleter>;

/// The IP address in "http://IP:PORT/..."; nothing for a name or another scheme.
std::string ip_of_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return {};
  url.remove_prefix(kScheme.size());
  url = url.substr(0, url.find('/'));
  const std::string ip(url.substr(0, url.find(':')));
  in_addr number{};
  return ::inet_pton(AF_INET, ip.c_str(), &number) == 1 ? ip : std::string();
}

/// A device may name any place for its description: one that is no neighbour, or this machine, is not asked, so that
/// nobody makes this program send requests elsewhere.
bool may_ask(const std::string& ip, const std::string& router) {
  if (ip == router) return !ip.empty();
  const auto scope = ip_scope(ip);
  return scope == IpScope::private_network || scope == IpScope::link_local;
}

/// A router that answers, with the places that it takes orders at.
class Gateway {
 public:
  static Result<Gateway> find(const std::string& router) {
    const std::string own_ip = TRY(address_towards(router));
    int error = 0;
    const Devices devices(::upnpDiscover(kSearchMs, own_ip.c_str(), nullptr, UPNP_LOCAL_PORT_ANY, 0, kTtl, &error));
    std::vector<const UPNPDev*> asked;
    for (const UPNPDev* device = devices.get(); device != nullptr && asked.size() < kDevicesMax; device = device->pNext) {
      if (device->descURL == nullptr) continue;
      const std::string ip = ip_of_url(device->descURL);
      if (!may_ask(ip, router) || ip == own_ip) continue;
      asked.insert(ip == router ? asked.begin() : asked.end(), device);
    }
    if (asked.empty()) return fail(Code::try_again, "UPnP: no router answers");
    Error last{Code::try_again, "UPnP: no router answers", {}};
    for (const UPNPDev* device : asked) {
      Result<Gateway> gateway = ask(device->descURL);
      if (gateway) return gateway;
      last = std::move(gateway).error();
    }
    return std::unexpected(last);
  }

  Gateway(Gateway&& other) noexcept
      : urls_(std::exchange(other.urls_, {})),
        data_(other.data_),
        own_ip_(std::move(other.own_ip_)),
        external_ip_(std::move(other.external_ip_)),
        router_(std::move(other.router_)) {}
  Gateway& operator=(Gateway&&) = delete;
  ~Gateway() { ::FreeUPNPUrls(&urls_); }

  const std::string& own_ip() const { return own_ip_; }
  const std::string& external_ip() const { return external_ip_; }
  const std::string& router() const { return router_; }

  enum class Owner { nobody, us, another };
  Owner owner(std::uint16_t external_port, std::uint16_t port) {
    std::array<char, 64> client{}, client_port{}, enabled{}, lease{};
    std::array<char, 256> description{};
    const std::string external = std::to_string(external_port);
    const int result = ::UPNP_GetSpecificPortMappingEntry(urls_.controlURL, data_.first.servicetype, external.c_str(),
                                                          "TCP", nullptr, client.data(), client_port.data(),
                                                          description.data(), enabled.data(), lease.data());
    if (result != UPNPCOMMAND_SUCCESS) return Owner::nobody;  // kNoSuchEntry, or a router that does not tell
    return own_ip_ == client.data() && std::to_string(port) == client_port.data() ? Owner::us : Owner::another;
  }
  int add(std::uint16_t external_port, std::uint16_t port, std::uint32_t lease_s) {
    return ::UPNP_AddPortMapping(urls_.controlURL, data_.first.servicetype, std::to_string(external_port).c_str(),
                                 std::to_string(port).c_str(), own_ip_.c_str(), "inxt-host", "TCP", nullptr,
                                 std::to_string(lease_s).c_str());
  }
  int remove(std::uint16_t external_port) {
    return ::UPNP_DeletePortMapping(urls_.controlURL, data_.first.servicetype, std::to_string(external_port).c_str(),
                                    "TCP", nullptr);
  }

 private:
  Gateway() = default;

  static Result<Gateway> ask(const char* description_url) {
    Gateway gateway;
    gateway.router_ = ip_of_url(description_url);
    std::array<char, 64> own_ip{};
    if (::UPNP_GetIGDFromUrl(description_url, &gateway.urls_, &gateway.data_, own_ip.data(), own_ip.size()) != 1)
      return fail(Code::try_again, fmt::format("UPnP: {} is no router", gateway.router_));
    gateway.own_ip_ = own_ip.data();
    if (gateway.urls_.controlURL == nullptr || ip_of_url(gateway.urls_.controlURL) != gateway.router_)
      return fail(Code::try_again, fmt::format("UPnP: {} sends its orders elsewhere", gateway.router_));
    std::array<char, 64> external_ip{};
    const int result =
        ::UPNP_GetExternalIPAddress(gateway.urls_.controlURL, gateway.data_.first.servicetype, external_ip.data());
    in_addr number{};
    if (result != UPNPCOMMAND_SUCCESS || ::inet_pton(AF_INET, external_ip.data(), &number) != 1)
      return fail(Code::try_again, fmt::format("UPnP: {} tells no outside address", gateway.router_));
    gateway.external_ip_ = external_ip.data();
    return gateway;
  }

  UPNPUrls urls_{};
  IGDdatas data_{};
  std::string own_ip_, external_ip_, router_;
};

std::string reason(int result) {
  const char* text = ::strupnperror(result);
  return text != nullptr ? fmt::format("{} ({})", text, result) : fmt::format("error {}", result);
}

}  // namespace

Result<Mapping> map(const MapRequest& request, const std::string& router) {
  Gateway gateway = TRY(Gateway::find(router));
  std::minstd_rand other_ports(std::random_device{}());
  std::uint16_t external_port = request.external_port == 0 ? request.port : request.external_port;
  int result = kConflict;
  for (int i = 0; i < kPortsTriedMax; ++i) {
    std::uint32_t lease_s = request.lease_s;
    if (gateway.owner(external_port, request.port) != Gateway::Owner::another) {
      result = gateway.add(external_port, request.port, lease_s);
      if (result == kPermanentOnly) {
        lease_s = 0;
        result = gateway.add(external_port, request.port, lease_s);
      }
      if (result == UPNPCOMMAND_SUCCESS) {
        Mapping mapping;
        mapping.method = MapMethod::upnp;
        mapping.external_ip = gateway.external_ip();
        mapping.external_port = external_port;
        mapping.internal_ip = gateway.own_ip();
        mapping.lease_s = lease_s;
        mapping.router = gateway.router();
        return mapping;
      }
      if (result != kConflict) break;
    }
    external_port = static_cast<std::uint16_t>(49152 + other_ports() % 16384);  // RFC 6335: the dynamic ports
  }
  return fail(Code::try_again, fmt::format("UPnP: {} refuses: {}", gateway.router(), reason(result)));
}

Result<void> unmap(const MapRequest& request, const std::string& router) {
  Gateway gateway = TRY(Gateway::find(router));
  const std::uint16_t external_port = request.external_port == 0 ? request.port : request.external_port;
  if (gateway.owner(external_port, request.port) == Gateway::Owner::another) return {};
  const int result = gateway.remove(external_port);
  if (result == UPNPCOMMAND_SUCCESS || result == kNoSuchEntry) return {};
  return fail(Code::try_again, fmt::format("UPnP: {} keeps the mapping: {}", gateway.router(), reason(result)));
}

}  // namespace inxt::net::upnp
