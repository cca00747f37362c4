// SPDX-License-Identifier: AGPL-3.0-or-later
// A manifest in, the same lines and the new places out.
#include <nlohmann/json.hpp>

#include "format/manifest_writer.h"
#include "repair_tool.h"

namespace inxt::repair_tool {
namespace {

Result<client::ManifestText> read_all(cli::World& world, const cli::Input& input) {
  client::ManifestText text;
  Bytes run(64 * 1024);
  while (const auto got = TRY(world.read(input, run)))
    TRY(text.write(text_of(ByteView(run).first(got))));
  return text;
}

Result<void> copy(const client::ManifestText& text, sys::OutputFile& out) {
  const auto source = TRY(text.source());
  Bytes run(64 * 1024);
  bool has_newline = true;
  while (const auto got = TRY(source->read(run))) {
    TRY(out.write(ByteView(run).first(got)));
    has_newline = run[got - 1] == std::byte{'\n'};
  }
  if (!has_newline) TRY(out.write(view_of("\n")));
  return {};
}

std::string receipt_line(const transfer::StoredPiece& stored) {
  format::Json line;
  line["type"] = "contract";
  line["offer"] = stored.offer;
  line["acceptance"] = stored.acceptance;
  line["receipt"] = stored.receipt;
  return format::write_compact(line) + '\n';
}

}  // namespace

Result<client::RepairReport> repair_text(Work& work, client::Session& session, Target& target,
                                         const client::ManifestText& text, const std::string& name,
                                         std::function<bool(std::uint64_t)> only_segments,
                                         std::function<Result<void>(std::string_view)> on_line) {
  auto manifest = TRY(text.table(name, client::writers_to_repair_for(work.key), client::ManifestTable::Seal::required));
  // What a Bridge has repaired already is not paid for once more.
  auto later = target.later_places(manifest);
  manifest.add_places(later);
  const transfer::Repairer repairer{.uploader = work.key.uploader(),
                                    .owner = work.key.recipient(),
                                    .term_s = work.options.term_s.value_or(365 * 86400),
                                    .price_max = work.options.price_max,
                                    .proof_blocks = work.options.blocks};
  client::RepairOptions options{.jobs = work.options.jobs,
                                .blocks = work.options.blocks,
                                .all = work.options.all,
                                .dry_run = work.options.dry_run,
                                .busy_ms = transfer::kCheckBusyMs,
                                .only_segments = std::move(only_segments),
                                .silent = &work.silent};
  if (!work.options.dry_run) options.later = std::move(later);
  client::RepairCallbacks callbacks;
  callbacks.on_later = [&](const format::PlaceLine& place) { return on_line(format::write_line(place)); };
  callbacks.on_place = [&](const format::PlaceLine& place, const transfer::StoredPiece& stored) -> Result<void> {
    if (work.receipts) TRY(work.receipts->write(view_of(receipt_line(stored))));
    return on_line(format::write_line(place));
  };
  callbacks.on_progress = [&](std::uint64_t bytes) { work.world.progress().add_bytes(bytes); };
  callbacks.stopped = [&] { return work.world.stop().requested(); };
  return session.run(client::repair(session.network(), repairer, manifest, text, work.addresses(), target.hosts(),
                                    std::move(options), std::move(callbacks)));
}

Result<cli::Exit> repair_file(Work& work, const std::optional<std::string>& path) {
  auto& world = work.world;
  auto input = TRY(world.input(path, "a manifest"));
  TRY(world.check_hosts_input(input, work.options.hosts));
  client::Session session(client::accounts_of(work.key, work.key.uploader().number(), world.random()), world.clock(),
                          world.random());
  client::LatestVouchers vouchers(world.clock());
  session.set_vouchers([&vouchers](const HostId& host) { return vouchers.find(host); });
  Target target(work, session, vouchers);
  TRY(target.check());
  const auto text = TRY(read_all(world, input));
  std::optional<sys::OutputFile> out;
  if (!work.options.dry_run) {
    // Nothing of a manifest that is none goes out.
    TRY(text.table(input.name, client::writers_to_repair_for(work.key), client::ManifestTable::Seal::required));
    out = TRY(world.output(work.options.output, cli::World::Kind::text));
    TRY(copy(text, *out));
  }
  const auto on_line = [&](std::string_view line) { return out->write(view_of(line)); };
  auto report = repair_text(work, session, target, text, input.name, {}, on_line);
  target.end();
  if (!report) return std::unexpected(std::move(report).error());
  if (out) TRY(out->commit());
  return judge(work, *report, !out || !out->is_written_through());
}

}  // namespace inxt::repair_tool
