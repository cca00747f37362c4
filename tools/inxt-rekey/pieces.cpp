// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include "cli/escape.h"
#include "client/care_end.h"
#include "client/hidden_file.h"
#include "client/padding.h"
#include "client/reader_keys.h"
#include "rekey_tool.h"
#include "transfer/bridge_accounts.h"
#include "transfer/http_bridge_care.h"

namespace inxt::rekey_tool {

Result<void> put_anew(Work& work, const client::RekeySource& source,
                      std::function<Result<void>(std::string_view)> write) {
  cli::World& world = work.world;
  const auto recipients = TRY(client::kept_recipients(source, work.key, work.dropped));
  client::Session session(client::accounts_of(work.key, 0, world.random()), world.clock(), world.random());
  client::RekeyTarget target{.session = session, .hosts = {}, .placed = nullptr, .begin = {}};
  std::unique_ptr<transfer::BridgeAccounts> accounts;
  std::unique_ptr<client::PlacedHosts> placed;
  if (work.bridge) {
    accounts =
        std::make_unique<transfer::HttpBridgeAccounts>(session.bridge(*work.bridge, work.key.uploader()));
    client::PlacementWanted wanted;
    wanted.price_max = work.options.price_max;
    // A file of known size needs no room in steps, and may lie at fewer Hosts.
    const auto& first = *source.manifests.front();
    if (source.extents.empty())
      wanted.ciphertext_bytes =
          first.part.zstd ? std::nullopt : std::optional(first.manifest.ciphertext_bytes());
    else if (!first.part.zstd && source.bytes)
      wanted.ciphertext_bytes = first.part.padded ? client::padme(*source.bytes + 1) : *source.bytes;
    placed = std::make_unique<client::PlacedHosts>(*accounts, session.network().executor, work.key.uploader(),
                                                   world.clock(), std::move(wanted));
    session.set_vouchers([&placed](const HostId& host) { return placed->voucher_for(host); });
    target.placed = placed.get();
    target.begin = [&](const FileId& file, const format::Layout& layout) {
      return session.run(placed->begin(file, layout));
    };
  } else {
    target.hosts = work.known.for_new_pieces();
    std::erase_if(target.hosts, [&](const auto& host) {
      return host.price > work.options.price_max || host.addresses.empty();
    });
    const auto needed = source.manifests.front()->manifest.layout().pieces_per_segment();
    if (target.hosts.size() < needed)
      return fail(Code::usage,
                  fmt::format("{} Hosts can be used, and {} are needed", target.hosts.size(), needed),
                  "say --hosts FILE or --bridge FILE, as for inxt-put");
  }
  client::PutOptions options;
  options.jobs = work.options.jobs;
  options.price_max = work.options.price_max;
  if (work.options.term_s) options.term_s = *work.options.term_s;
  client::PutCallbacks callbacks;
  callbacks.write = std::move(write);
  callbacks.on_progress = [&world](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.stopped = [&world] { return world.stop().requested(); };
  const auto report = client::rekey(std::move(target), work.key, source, recipients, options,
                                    std::move(callbacks), world.clock(), world.random());
  if (placed) session.run(placed->end());
  if (!report) return std::unexpected(report.error());
  for (const auto& trouble : report->troubles) world.detail(cli::escape(trouble));
  return {};
}

Result<void> remove_pieces_of(Work& work, std::string_view manifest) {
  auto check = TRY(client::writers_known_to(work.key, {}, work.world.clock().unix_s()));
  const auto table = TRY(client::table_of(manifest, std::move(check), client::ManifestTable::Seal::optional));
  const auto number = table.header().uploader;
  client::Session session(client::accounts_of(work.key, number, work.world.random()), work.world.clock(),
                          work.world.random());
  std::optional<transfer::HttpBridgeCare> care;
  if (work.bridge && work.bridge->permits) care.emplace(session.bridge(*work.bridge, work.key.uploader()));
  const auto report = TRY(client::remove_with_care(session, care ? &*care : nullptr, work.key, table,
                                                   work.addresses(), client::RemoveOptions()));
  if (report.failed == 0) return {};
  for (const auto& trouble : report.troubles) work.world.warn(cli::escape(trouble));
  return fail(Code::partial, fmt::format("{} of the old pieces may still be at their Hosts", report.failed));
}

}  // namespace inxt::rekey_tool
