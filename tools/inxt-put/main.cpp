// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-put: store files on many Hosts.  Manual: inxt-put(1).
#include "put_tool.h"

namespace inxt::put_tool {
namespace {

constexpr std::string_view kManifestBegins = R"({"type":"header","version":)";

Result<cli::Exit> put(cli::World& world, const Options& options) {
  // Without a name it is the pipeline's manifest; "-" and FILE are data, unless the file is a manifest.
  const bool data_wanted = options.data || options.layout.given() || options.content.given();
  auto input = TRY(world.input(options.input, options.input ? "data" : "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  if (!options.input && !data_wanted) return put_manifest(world, options, std::move(input));
  if (!options.data && TRY(world.begins_with(input, kManifestBegins))) {
    if (data_wanted)
      return fail(Code::usage, input.name + " is a manifest, and its redundancy is fixed",
                  "leave out -e, -m, -r, -z and --pad to put its pieces; to store the manifest itself say --data");
    return put_manifest(world, options, std::move(input));
  }
  return put_data(world, options, std::move(input));
}

}  // namespace
}  // namespace inxt::put_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::put_tool::Options>(argc, argv,
                                                 {"inxt-put", "store files on many Hosts",
                                                  "examples:\n"
                                                  "  inxt-put -e 4+2 photos.tar > photos.inxt\n"
                                                  "  tar c photos | inxt-put -z - > photos.inxt\n"
                                                  "  inxt-encrypt a.tar | inxt-shard -e 10+4 | inxt-put > a.inxt"},
                                                 inxt::put_tool::declare, inxt::put_tool::put);
}
