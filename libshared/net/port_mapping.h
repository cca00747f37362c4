// SPDX-License-Identifier: LGPL-3.0-or-later
// A TCP port of a home router that leads to this machine: by NAT-PMP (RFC 6886) or UPnP IGD.
//
// The libraries block, and read what any device in the local network says: these functions are for a process
// of their own (enter_mapping_sandbox(), child_process.h), not for one that holds keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace inxt::net {

enum class MapMethod { automatic, nat_pmp, upnp };  // automatic: NAT-PMP, and where that fails UPnP
/// "auto", "nat-pmp", "upnp"
std::string_view map_method_name(MapMethod method);
std::optional<MapMethod> map_method_from_name(std::string_view name);

inline constexpr std::uint32_t kLeaseSeconds = 3600;  // what is asked for: a Host that dies leaves no hole for long

struct MapRequest {
  MapMethod method = MapMethod::automatic;
  std::uint16_t port = 0;           // here
  std::uint16_t external_port = 0;  // wanted outside; 0: the same
  std::uint32_t lease_s = kLeaseSeconds;
};

struct Mapping {
  MapMethod method = MapMethod::nat_pmp;
  std::string external_ip;  // IPv4, of whatever scope: a private one means that there is another router outside
  std::uint16_t external_port = 0;
  std::string internal_ip;
  std::uint32_t lease_s = 0;  // 0: for as long as the router likes
  std::string router;         // its IP address
};

inline constexpr std::uint32_t kLeaseSecondsMax = 86400;  // a longer one that a router grants counts as this
inline constexpr int kMappingDeadlineMs = 25'000;         // for a whole request, UPnP's search included

/// Asks the router; asking again renews.  Takes up to kMappingDeadlineMs.
/// Errors: try_again when no router answers, refuses, or says what makes no sense (with the method and why).
Result<Mapping> map_port(const MapRequest& request);
/// Only one that leads to this machine's `request.port`.  Errors: as map_port.
Result<void> unmap_port(const MapRequest& request);

/// Bounds this process for good: memory, processor time, life (kMappingDeadlineMs, then SIGALRM), and no file can be
/// opened any more where the kernel has Landlock.  Errors: failure when a bound cannot be set.
Result<void> enter_mapping_sandbox();

namespace nat_pmp {
Result<Mapping> map(const MapRequest& request, const std::string& router);
Result<void> unmap(const MapRequest& request, const std::string& router);
}  // namespace nat_pmp

namespace upnp {
/// `router` is asked before other devices that say they are one.
Result<Mapping> map(const MapRequest& request, const std::string& router);
Result<void> unmap(const MapRequest& request, const std::string& router);
}  // namespace upnp

}  // namespace inxt::net
