// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-put: store files on many Hosts.  Manual: inxt-put(1).
#include "client/tree_path.h"
#include "put_tool.h"

namespace inxt::put_tool {
namespace {

Result<cli::Exit> put(cli::World& world, const Options& given) {
  if (given.output && client::is_tree_path(*given.output)) return put_tree(world, given, *given.output);
  if (!given.files.empty() && client::is_tree_path(given.files.back())) {
    if (given.output) return fail(Code::usage, "-o is for manifests: a file in the tree has its manifest there");
    auto options = given;
    options.files.pop_back();
    return put_tree(world, options, given.files.back());
  }
  if (given.files.size() > 1)
    return fail(Code::usage, "several files go into your tree of names only", "say where to behind them: inxt-put a b inxt:/dir/");
  if (given.recursive || given.update || !given.metadata.empty())
    return fail(Code::usage, "-R, -u and --metadata are for what goes into your tree of names", "say where to: inxt-put -R photos inxt:/");
  auto options = given;
  if (!given.files.empty()) options.input = given.files.front();
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
                                                  "  inxt-put -R photos inxt:/          into your tree of names, at a Bridge\n"
                                                  "  inxt-put photos.inxt inxt:/a.tar   a name there for what is stored already\n"
                                                  "  inxt-encrypt a.tar | inxt-shard -e 10+4 | inxt-put > a.inxt"},
                                                 inxt::put_tool::declare, inxt::put_tool::put);
}
