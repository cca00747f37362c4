// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-recover: bring everything back with the words and a list of Hosts.  Manual: inxt-recover(1).
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/log_memory.h"
#include "client/recover_adopt.h"
#include "recover_tool.h"
#include "sys/xdg.h"
#include "transfer/bridge_accounts.h"
#include "transfer/http_bridge_log.h"

namespace inxt::recover_tool {

Result<void> Recovery::show() {
  const auto& tree = log_->tree();
  Result<void> printed;
  tree.walk(tree::Names::kRoot, [&](const tree::Item& one) {
    if (one.version == nullptr) return true;
    const auto path = tree.path_of(one.node);
    if (world_.common().json) {
      format::Json line;
      line["type"] = "would-recover";
      line["path"] = cli::escape(path);
      line["bytes"] = one.version->bytes;
      line["record_found"] = log_->has_record(one.version->record);
      printed = world_.print_json(line);
    } else {
      printed = world_.print(cli::escape(path));
    }
    ++tally_.files;
    tally_.bytes += one.version->bytes;
    return printed.has_value();
  });
  return printed;
}

Result<void> Recovery::adopt(const std::string& bridge_file) {
  const auto file = TRY(cli::need_bridge_file({.bridge = bridge_file}));
  if (!file.permits)
    return fail(Code::denied, "the bridge file has no permit",
                "ask the Bridge's operator for one: inxt-bridge grant");
  TRY(format::check_permit_holder(file, key_.uploader().account_id(HostId{file.bridge.bridge})));
  auto& client = session_.bridge(file, key_.uploader());
  transfer::HttpBridgeLog bridge(client);
  const auto report = TRY(session_.run(client::adopt_log(bridge, *log_, [this] { return stopped(); })));
  world_.say(fmt::format("the Bridge has the log: {} entries given, {} records, {} it had", report.entries,
                         report.records, report.had));
  if (!fold_.gaps.empty())
    world_.warn(
        fmt::format("the Bridge has the log up to entry {}: what was named behind the gap gets its name "
                    "again by `inxt-put MANIFEST inxt:/NAME`",
                    log_->whole_until()));
  const auto memory = TRY(client::LogMemory::load({}, log_->tree_key().log()));
  const auto said = say_segments(file);
  if (!said && said.error().code == Code::integrity && memory.seen().seq > log_->whole_until())
    world_.warn(
        fmt::format("this machine has seen entry {}, which was stored nowhere: tools will say that the log "
                    "was rolled back or forked, until {} is removed",
                    memory.seen().seq, cli::escape(memory.path())));
  else if (!said)
    world_.warn(fmt::format("the Bridge is not told where the log lies, and the next change stores it once more: {}",
                            cli::escape(said.error().what)));
  transfer::HttpBridgeAccounts accounts(client);
  const auto taken = session_.run(client::take_over_pieces(accounts, key_, state_, recover_.hosts));
  if (!taken) {
    tally_.worst = cli::worse(tally_.worst, cli::Exit::partial);
    world_.warn(
        fmt::format("what is stored already is not charged at that Bridge, and little more can be stored: {}",
                    cli::escape(taken.error().what)));
  }
  if (!world_.common().json) return {};
  format::Json line;
  line["type"] = "adopted";
  line["accounts"] = taken.value_or(0);
  line["entries"] = report.entries;
  line["records"] = report.records;
  line["had"] = report.had;
  line["segments"] = said.value_or(0);
  return world_.print_json(line);
}

Result<cli::Exit> Recovery::end() {
  world_.progress().finish();
  const bool is_whole = tally_.silent == 0 && tally_.lost == 0 && tally_.worst == cli::Exit::ok;
  if (world_.common().json) {
    format::Json line;
    line["type"] = "summary";
    line["files"] = tally_.files;
    line["bytes"] = tally_.bytes;
    line["unnamed"] = tally_.unnamed;
    line["versions"] = tally_.versions;
    line["lost"] = tally_.lost;
    line["hosts_troubled"] = tally_.silent;
    line["lines_made_again"] = tally_.remade_lines;
    TRY(world_.print_json(line));
  }
  if (options_.dry_run) return is_whole ? cli::Exit::ok : cli::worse(tally_.worst, cli::Exit::partial);
  if (options_.output)
    world_.say(fmt::format("{} files under their names, {} without one, {} lost", tally_.files,
                           tally_.unnamed, tally_.lost));
  if (is_whole) {
    state_.remove();
    return cli::Exit::ok;
  }
  world_.say(
      fmt::format("not all of it: the same command goes on, when more Hosts answer; {} has what was found",
                  cli::escape(state_.path())));
  return cli::worse(tally_.worst, cli::Exit::partial);
}

namespace {

Result<std::string> state_path(const Options& options, const keys::Key& key) {
  if (options.state) return *options.state;
  const auto folder = TRY(sys::xdg_folder(sys::Xdg::state)) + "/recover";
  TRY(sys::make_private_folder(folder));
  return folder + "/" + key.owner_id().hex();
}

Result<cli::Exit> recover(cli::World& world, const Options& options) {
  if (!options.output && !options.adopt && !options.dry_run)
    return fail(Code::usage, "it is not said what is wanted",
                "-o DIR for manifests, -o DIR --files for files, --adopt FILE for a Bridge, or --dry-run");
  if ((options.files || options.versions) && !options.output)
    return fail(Code::usage, "--files and --versions need a folder to write to", "-o DIR");
  const auto key = TRY(key_of(world, options));
  const auto hosts = TRY(hosts_of(world, options, key));
  const auto path = TRY(state_path(options, key));
  if (options.anew) (void)::unlink(path.c_str());
  auto state = TRY(client::RecoverState::open(path, key.owner_id(), world.clock().unix_s()));
  Recovery recovery(world, options, key, hosts, state);
  TRY(recovery.list());
  TRY(recovery.read_log());
  if (options.dry_run) {
    TRY(recovery.show());
    return recovery.end();
  }
  if (options.output) {
    TRY(recovery.write_tree(*options.output));
    TRY(recovery.write_rest(*options.output));
  }
  if (options.adopt) TRY(recovery.adopt(*options.adopt));
  return recovery.end();
}

}  // namespace
}  // namespace inxt::recover_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::recover_tool::Options>(
      argc, argv,
      {"inxt-recover", "bring everything back with the words and a list of Hosts",
       "examples:\n"
       "  inxt-recover --hosts hosts.jsonl --files -o back\n"
       "  inxt-recover --bridge other.bridge --adopt other.bridge"},
      inxt::recover_tool::declare, inxt::recover_tool::recover);
}
