// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/manifest_text.h"
#include "client/session.h"
#include "put_tool.h"

namespace inxt::put_tool {
namespace {

std::string what_it_survives(const format::Layout& layout, std::uint32_t spare) {
  if (layout.mirrors > 1) return fmt::format("any {} of {} Hosts may fail", spare, layout.mirrors);
  if (layout.m == 0) return "every one of its Hosts is needed";
  return fmt::format("any {} of {} Hosts give it back", layout.k, layout.k + spare);
}

Result<cli::Exit> judge(cli::World& world, const client::PutReport& report, const format::Layout& layout,
                        const std::string& what) {
  for (const auto& trouble : report.troubles) world.warn(cli::escape(trouble));
  const auto spare = report.least_to_spare.value_or(0);
  if (report.segments_below > 0) {
    world.warn(fmt::format("{}: stored below the asked redundancy: {} of {} segments lack pieces; {}", what,
                           report.segments_below, report.segments, what_it_survives(layout, spare)));
    return cli::Exit::below_redundancy;
  }
  world.say(fmt::format("stored {} on {} Hosts; {}; check with inxt-audit", what, report.hosts, what_it_survives(layout, spare)));
  return cli::Exit::ok;
}

/// Whether the same input comes again: a named file, or a manifest.
bool can_go_on(const Options& options) {
  if (options.input) return *options.input != "-";
  return !options.data && !options.layout.given() && !options.content.given();
}

}  // namespace

std::string receipt_line(const transfer::StoredPiece& stored) {
  format::Json line;
  line["type"] = "contract";
  line["offer"] = stored.offer;
  line["acceptance"] = stored.acceptance;
  line["receipt"] = stored.receipt;
  return format::write_compact(line) + '\n';
}

Result<cli::Exit> put_from(cli::World& world, const Options& options, const keys::Key& key,
                           Destination& to, client::BatchSource& source, client::PutJournal journal,
                           const std::string& what) {
  const auto care = TRY(care_for(world, options, key));
  auto out = TRY(world.output(options.output, cli::World::Kind::text));
  std::optional<sys::OutputFile> receipts;
  if (options.receipts) receipts = TRY(world.output(options.receipts, cli::World::Kind::text));

  client::PutOptions put_options;
  put_options.jobs = options.jobs;
  put_options.price_max = options.price_max;
  if (options.term_s) put_options.term_s = *options.term_s;
  client::PutCallbacks callbacks;
  callbacks.journal = &journal;
  client::ManifestText manifest;  // for --care
  callbacks.write = [&](std::string_view lines) -> Result<void> {
    if (care) TRY(manifest.write(lines));
    return out.write(view_of(lines));
  };
  std::optional<Error> receipt_error;
  if (receipts)
    callbacks.on_receipt = [&](const transfer::StoredPiece& stored) {
      const auto text = receipt_line(stored);
      if (auto written = receipts->write(view_of(text)); !written) receipt_error = written.error();
    };
  callbacks.on_progress = [&world](std::uint64_t bytes, unsigned in_use) {
    world.progress().set_hosts(in_use);
    world.progress().add_bytes(bytes);
  };
  callbacks.stopped = [&world] { return world.stop().requested(); };

  callbacks.segment_hosts = to.placed.get();
  auto report = to.session.run(
      client::put(to.session.network(), key, std::move(to.hosts), source, put_options, std::move(callbacks)));
  // What was announced stays for a put that goes on where this one stopped; what cannot is given back.
  if (to.placed && (report || journal.names_no_place())) to.session.run(to.placed->end());
  world.progress().finish();
  if (!report) {
    auto error = std::move(report).error();
    if (journal.names_no_place()) {
      journal.remove();
    } else if (!journal.path().empty()) {
      const auto next = fmt::format("{}inxt-rm {} removes what was stored",
                                    can_go_on(options) ? "the same command goes on where this one stopped, or " : "", journal.path());
      if (world.stop().requested()) world.warn("stopped: " + next);
      error.hint += (error.hint.empty() ? "" : "; ") + next;
    }
    return std::unexpected(std::move(error));
  }
  if (receipt_error) return std::unexpected(*receipt_error);
  if (receipts) TRY(receipts->commit());
  TRY(out.commit());
  journal.remove();
  const auto exit = TRY(judge(world, *report, *source.chain().layout, what));
  if (care) TRY(entrust_manifest(world, *care, key, to.session, manifest, what));
  return exit;
}

}  // namespace inxt::put_tool
