// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host map-port: asks the home router once.  The daemon runs it as a process of its own.
#include "net/port_mapping.h"

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "options.h"
#include "serve/port_mapper.h"

namespace inxt::tools {

Result<cli::Exit> map_port(cli::World& world, const HostOptions& options) {
  const net::MapRequest request{
      .method = net::map_method_from_name(options.map_port).value_or(net::MapMethod::automatic),
      .port = options.port,
      .external_port = options.external_port,
      .lease_s = net::kLeaseSeconds};
  TRY(net::enter_mapping_sandbox());
  if (options.remove) {
    TRY(net::unmap_port(request));
    TRY(world.print(format::write_compact({{"type", "unmapped"}, {"port", request.port}})));
    return cli::Exit::ok;
  }
  const net::Mapping mapping = TRY(net::map_port(request));
  TRY(world.print(serve::mapping_line(mapping)));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
