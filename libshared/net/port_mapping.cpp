// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/port_mapping.h"

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "net/interfaces.h"
#include "sys/fd.h"

namespace inxt::net {

namespace {

constexpr rlim_t kProcessorSecondsMax = 10;

/// The router that default_router() named before files were closed off.
Result<std::string>& router() {
  static Result<std::string> found = default_router();
  return found;
}

/// No file may be opened, made, run or removed.  Kernels without Landlock go without.
void close_off_files() {
  constexpr std::uint64_t kEverything = (std::uint64_t{LANDLOCK_ACCESS_FS_MAKE_SYM} << 1) - 1;  // ABI 1
  const landlock_ruleset_attr nothing{.handled_access_fs = kEverything};
  const sys::Fd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &nothing, sizeof nothing, 0)));
  if (rules) (void)::syscall(SYS_landlock_restrict_self, rules.number(), 0);
}

}  // namespace

std::string_view map_method_name(MapMethod method) {
  switch (method) {
    case MapMethod::automatic:
      return "auto";
    case MapMethod::nat_pmp:
      return "nat-pmp";
    case MapMethod::upnp:
      return "upnp";
  }
  return "auto";
}

std::optional<MapMethod> map_method_from_name(std::string_view name) {
  for (const MapMethod method : {MapMethod::automatic, MapMethod::nat_pmp, MapMethod::upnp})
    if (name == map_method_name(method)) return method;
  return std::nullopt;
}

Result<Mapping> map_port(const MapRequest& request) {
  const std::string at = TRY(router());
  if (request.method == MapMethod::upnp) return upnp::map(request, at);
  Result<Mapping> mapping = nat_pmp::map(request, at);
  if (mapping || request.method == MapMethod::nat_pmp) return mapping;
  Result<Mapping> second = upnp::map(request, at);
  if (second) return second;
  return fail(Code::try_again, mapping.error().what + "; " + second.error().what,
              "switch on UPnP or NAT-PMP in the router, or forward the port there by hand and use --announce");
}

Result<void> unmap_port(const MapRequest& request) {
  const std::string at = TRY(router());
  if (request.method == MapMethod::upnp) return upnp::unmap(request, at);
  Result<void> done = nat_pmp::unmap(request, at);
  if (done || request.method == MapMethod::nat_pmp) return done;
  return upnp::unmap(request, at);
}

Result<void> enter_mapping_sandbox() {
  (void)router();
  const rlimit processor{kProcessorSecondsMax, kProcessorSecondsMax};
  // A service's system call filter may refuse: then its own limits have to do.
  if (::setrlimit(RLIMIT_CPU, &processor) != 0 && errno != EPERM) return fail_errno(errno, "RLIMIT_CPU");
#if !defined(INXT_SANITIZED)  // a sanitizer maps terabytes
  constexpr rlim_t kMemoryBytesMax = rlim_t{512} << 20;
  const rlimit memory{kMemoryBytesMax, kMemoryBytesMax};
  if (::setrlimit(RLIMIT_AS, &memory) != 0 && errno != EPERM) return fail_errno(errno, "RLIMIT_AS");
#endif
  ::alarm(kMappingDeadlineMs / 1000);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno(errno, "PR_SET_NO_NEW_PRIVS");
  close_off_files();
  return {};
}

}  // namespace inxt::net
