// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-renew: keep a file at its Hosts for longer.  Manual: inxt-renew(1).
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/disputes.h"
#include "cli/escape.h"
#include "cli/key_options.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/object_read.h"
#include "client/renew.h"
#include "client/renewal_vouchers.h"
#include "client/session.h"
#include "client/tree_session.h"

namespace inxt {
namespace {

struct Options {
  std::optional<std::string> manifest;
  std::optional<std::string> hosts;
  std::optional<std::string> receipts;
  std::optional<std::int64_t> term_s;
  std::optional<std::int64_t> if_less_s;
  std::uint64_t price_max = 0;
  unsigned jobs = 12;
  bool dry_run = false;
  bool recursive = false;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to) {
  command.positional(
      "MANIFEST", to.manifest,
      "what to keep for longer (default: standard input), or a name in your tree: inxt:/a.tar");
  command.duration("--term", "DURATION", to.term_s, "how long Hosts shall keep it from now on (default 365d)")
      .setting();
  command.duration("--if-less", "DURATION", to.if_less_s, "renew only what ends sooner than this from now");
  command
      .number("--price", "N", to.price_max, 0, INT64_MAX,
              "the most that renewing a piece may cost (default 0)")
      .setting();
  command
      .text("--hosts", "FILE", to.hosts, "newer addresses, prices and terms of Hosts than the manifest has")
      .setting();
  command.text("--receipts", "FILE", to.receipts,
               "write renewals and the Hosts' acceptances here, as JSON Lines");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once").setting();
  command.flag("-n,--dry-run", to.dry_run, "look for the contracts and open their tags; renew nothing");
  command.flag("-R,--recursive", to.recursive,
               "all files below a folder of the tree; with inxt:/ also the pieces in which the log lies");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_key_options(command, to.key);
}

std::string show_day(std::int64_t unix_s) {
  // Past the year 9999 a calendar says less than the number.
  constexpr std::int64_t kLastDay = 253402214400;
  if (unix_s > kLastDay) return fmt::format("@{}", unix_s);
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(unix_s)));
}

format::Json line_of(const client::RenewTrouble& trouble) {
  format::Json line;
  line["type"] = "not-renewed";
  line["segment"] = trouble.place.segment;
  line["shard"] = trouble.place.shard;
  line["mirror"] = trouble.place.mirror;
  line["piece"] = trouble.piece.hex();
  line["host"] = trouble.host.hex();
  line["error"] = code_name(trouble.error.code);
  line["message"] = cli::escape(trouble.error.what);
  if (trouble.until_unix_s) line["until"] = *trouble.until_unix_s;
  return line;
}

Result<cli::Exit> judge(cli::World& world, const Options& options, const client::RenewReport& report) {
  if (world.common().json) {
    format::Json line;
    line["type"] = "summary";
    line["renewed"] = report.renewed;
    line["kept"] = report.kept;
    line["failed"] = report.failed;
    line["unplaced"] = report.unplaced;
    if (report.until_unix_s) line["until"] = *report.until_unix_s;
    TRY(world.print_json(line));
  }
  auto said = fmt::format("{} {} contracts, {} ran long enough", options.dry_run ? "would renew" : "renewed",
                          report.renewed, report.kept);
  if (report.unplaced > 0)
    world.warn(
        fmt::format("{} pieces of the manifest have no Host: they are stored nowhere", report.unplaced));
  if (report.failed == 0) {
    if (report.until_unix_s)
      said += fmt::format("; everything {} kept until {}", options.dry_run ? "would be" : "is",
                          show_day(*report.until_unix_s));
    world.say(said);
    return report.unplaced > 0 ? cli::Exit::partial : cli::Exit::ok;
  }
  const auto what = fmt::format("{}, {} were not renewed", said, report.failed);
  const auto hint = "run it again later: what was renewed is left as it is";
  if (report.renewed + report.kept > 0) return fail(Code::partial, what, hint);
  return fail(report.worst, what, hint);
}

/// What all manifests of one command are renewed with.
class Renewing {
 public:
  Renewing(cli::World& world, const Options& options, const keys::Key& key, const format::KnownHosts& hosts)
      : world_(world), options_(options), key_(key), hosts_(hosts) {}

  Result<void> begin() {
    if (!key_.recipient_secret())
      return fail(Code::denied, "this key file is a delegated machine's: it cannot renew",
                  "use the owner's key file");
    if (options_.receipts) receipts_ = TRY(world_.output(options_.receipts, cli::World::Kind::text));
    world_.progress().begin("renewing");
    return {};
  }

  /// The Bridge by whose vouchers Hosts know the accounts.  REQUIRES: the session outlives this.
  void use_bridge(client::Session& session, transfer::BridgeAccounts& accounts) {
    bridge_session_ = &session;
    vouchers_.emplace(accounts, world_.clock());
  }

  Result<void> renew(client::LineReader& lines, const std::string& name) {
    lines.stop_on(world_.stop().fd());
    auto check = TRY(client::writers_known_to(key_, {}, world_.clock().unix_s()));
    const auto manifest = TRY(client::ManifestTable::read(lines, name, std::move(check)));
    return renew(manifest);
  }

  /// `only`: which segments; null: all.
  Result<void> renew(const client::ManifestTable& manifest,
                     const std::function<bool(std::uint64_t segment)>& only = {}) {
    const auto uploaders = client::uploaders_of(manifest);
    for (const std::uint32_t number : uploaders) {
      // As each of them, because a voucher is for one account; the first also asks where many more are named.
      const auto is_asked_for = [&](std::uint32_t other) {
        return other == number ||
               (number == uploaders.front() && std::ranges::find(uploaders, other) == uploaders.end());
      };
      TRY(renew_as(number, manifest, only, is_asked_for));
    }
    return {};
  }

  /// A file that cannot be renewed keeps none of the others from it.
  Result<void> leave_out(const std::string& path, const Error& error) {
    if (output_error_ || world_.stop().requested()) return std::unexpected(error);
    ++total_.failed;
    total_.worst = error.code;
    const auto said = cli::escape(std::string(client::kTreePathBegins) + path);
    world_.warn(fmt::format("{}: not renewed: {}", said, cli::escape(error.what)));
    format::Json line;
    line["type"] = "not-renewed";
    line["path"] = said;
    line["error"] = code_name(error.code);
    line["message"] = cli::escape(error.what);
    return world_.print_json(line);
  }

  Result<cli::Exit> end() {
    world_.progress().finish();
    if (receipts_ && !output_error_) keep_error(receipts_->commit());
    if (output_error_) return std::unexpected(*std::move(output_error_));
    return judge(world_, options_, total_);
  }

 private:
  Result<void> renew_as(std::uint32_t number, const client::ManifestTable& manifest,
                        const std::function<bool(std::uint64_t segment)>& only,
                        const std::function<bool(std::uint32_t uploader)>& only_uploaders) {
    const auto uploader = key_.uploader(number);
    if (!uploader) return fail(Code::denied, "the manifest's uploader is not one of this key's");
    client::RenewOptions renew_options{.jobs = options_.jobs,
                                       .term_s = options_.term_s.value_or(client::RenewOptions{}.term_s),
                                       .if_less_s = options_.if_less_s,
                                       .price_max = options_.price_max,
                                       .dry_run = options_.dry_run,
                                       .only_segments = only,
                                       .only_uploaders = only_uploaders};
    client::RenewCallbacks callbacks;
    callbacks.on_trouble = [this](const client::RenewTrouble& trouble) {
      keep_error(world_.print_json(line_of(trouble)));
    };
    if (receipts_)
      callbacks.on_renewed = [this](const transfer::HeldRenewal& renewal) {
        format::Json line;
        line["type"] = "renewal";
        line["renewal"] = renewal.renewal;
        line["acceptance"] = renewal.acceptance;
        const auto text = format::write_compact(line) + '\n';
        keep_error(receipts_->write(view_of(text)));
      };
    callbacks.stopped = [this] { return world_.stop().requested() || output_error_.has_value(); };
    auto& session = sessions_[number];
    if (!session) {
      session = std::make_unique<client::Session>(client::accounts_of(key_, number, world_.random()),
                                                  world_.clock(), world_.random());
      if (vouchers_)
        session->set_vouchers([this, number](const HostId& host) { return vouchers_->find(number, host); });
    }
    // Hosts that know the account by name, or any, need none.
    if (vouchers_ && !options_.dry_run)
      if (const auto asked =
              bridge_session_->run(vouchers_->fetch(manifest, *uploader, client::addresses_of(hosts_)));
          !asked)
        world_.detail("the Bridge gives no vouchers: " + cli::escape(asked.error().what));
    const auto report =
        TRY(session->run(client::renew_contracts(session->network(), manifest, *key_.recipient_secret(),
                                                 *uploader, hosts_, renew_options, std::move(callbacks))));
    add(report);
    if (output_error_) return std::unexpected(*output_error_);
    return {};
  }
  void add(const client::RenewReport& report) {
    total_.renewed += report.renewed;
    total_.kept += report.kept;
    total_.failed += report.failed;
    total_.unplaced += report.unplaced;
    total_.stopped = total_.stopped || report.stopped;
    if (report.failed > 0) total_.worst = report.worst;
    if (report.until_unix_s)
      total_.until_unix_s = std::min(total_.until_unix_s.value_or(INT64_MAX), *report.until_unix_s);
  }
  void keep_error(Result<void> written) {
    if (!written && !output_error_) output_error_ = std::move(written).error();
  }

  cli::World& world_;
  const Options& options_;
  const keys::Key& key_;
  const format::KnownHosts& hosts_;
  std::optional<sys::OutputFile> receipts_;
  std::optional<Error> output_error_;
  client::Session* bridge_session_ = nullptr;
  std::optional<client::RenewalVouchers> vouchers_;
  std::map<std::uint32_t, std::unique_ptr<client::Session>> sessions_;
  client::RenewReport total_;
};

/// A file's manifests, and the files in which long ones lie.
Result<void> renew_object(Renewing& renewing, client::TreeSession& tree, const keys::Key& key,
                          const client::TreeObject& object, std::int64_t now_unix_s) {
  for (std::size_t which = 0; which < object.manifests(); ++which) {
    const auto file = TRY(tree.manifest(object, which));
    client::LineReader lines(file.fd.number(), cli::escape(file.name));
    auto known = TRY(client::writers_known_to(key, {}, now_unix_s));
    const auto manifest = TRY(client::ManifestTable::read(lines, cli::escape(file.name), std::move(known)));
    // What was written over later, or cut off, is renewed for no version.
    const auto used =
        TRY(client::segments_in_use(key, object.record, static_cast<std::uint32_t>(which), manifest));
    if (used.has_all())
      TRY(renewing.renew(manifest));
    else
      TRY(renewing.renew(manifest, [&used](std::uint64_t segment) { return used.has(segment); }));
    const auto* stored = std::get_if<format::StoredManifest>(&object.record.manifests[which]);
    if (stored == nullptr) continue;
    std::string text = stored->manifest;
    for (auto level = stored->levels;; --level) {
      auto check = TRY(client::writers_known_to(key, {}, now_unix_s));
      const auto table = TRY(client::table_of(text, std::move(check)));
      TRY(renewing.renew(table));
      if (level == 1) break;
      std::string below;
      auto sink = std::make_unique<client::TextSink>(below, format::kInlineManifestBytesMax * 256);
      TRY(tree.session().run(
          client::get_hidden_file(tree.session().network(), key, text, {}, std::move(sink))));
      text = std::move(below);
    }
  }
  return {};
}

Result<void> renew_segments(Renewing& renewing, client::TreeSession& tree, const keys::Key& key,
                            std::int64_t now_unix_s) {
  for (const auto& segment : tree.tree().segments()) {
    auto check = TRY(client::writers_known_to(key, {}, now_unix_s));
    const auto table = TRY(client::table_of(segment.manifest, std::move(check)));
    TRY(renewing.renew(table));
  }
  return {};
}

Result<cli::Exit> renew_named(cli::World& world, const Options& options) {
  const auto path = TRY_IN(cli::escape(*options.manifest), client::parse_tree_path(*options.manifest));
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  Renewing renewing(world, options, key, hosts);
  renewing.use_bridge(tree->session(), tree->accounts());
  TRY(renewing.begin());
  const auto now = world.clock().unix_s();
  const auto item = tree->tree().find(path.path);
  if (!options.recursive || !item || !item->is_folder) {
    const auto object = TRY(tree->object(path.path, {}));
    TRY(renew_object(renewing, *tree, key, object, now));
    return renewing.end();
  }
  std::vector<std::pair<std::string, tree::Version>> files;  // copies: the tree may change meanwhile
  tree->tree().walk(item->node, [&](const tree::Item& one) {
    if (one.version != nullptr) files.emplace_back(tree->tree().path_of(one.node), *one.version);
    return true;
  });
  if (path.path == "/") {
    for (const auto& [id, version] : tree->tree().unnamed()) files.emplace_back("", *version);
    TRY(renew_segments(renewing, *tree, key, now));
  }
  for (const auto& [name, version] : files) {
    const auto object = tree->object(name, version, false);
    const auto renewed =
        object ? renew_object(renewing, *tree, key, *object, now) : std::unexpected(object.error());
    if (!renewed) TRY(renewing.leave_out(name, renewed.error()));
  }
  return renewing.end();
}

Result<cli::Exit> renew(cli::World& world, const Options& options) {
  if (options.manifest && client::is_tree_path(*options.manifest)) return renew_named(world, options);
  if (options.recursive) return fail(Code::usage, "-R is for folders of your tree", "such as inxt:/photos");
  auto input = TRY(world.input(options.manifest, "a manifest"));
  TRY(world.check_hosts_input(input, options.hosts));
  const auto hosts = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, hosts);
  const auto key = TRY(world.key(options.key));
  const auto bridge = TRY(cli::find_bridge_file(options.bridge));
  std::unique_ptr<client::Session> session;
  std::optional<transfer::HttpBridgeAccounts> accounts;
  Renewing renewing(world, options, key, hosts);
  TRY(renewing.begin());
  if (bridge && bridge->permits) {
    session = std::make_unique<client::Session>(
        client::accounts_of(key, key.uploader().number(), world.random()), world.clock(), world.random());
    accounts.emplace(session->bridge(*bridge, key.uploader()));
    renewing.use_bridge(*session, *accounts);
  }
  client::LineReader lines(input.fd, input.name);
  TRY(renewing.renew(lines, input.name));
  return renewing.end();
}

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::Options>(
      argc, argv,
      {"inxt-renew", "keep a file at its Hosts for longer",
       "examples:\n"
       "  inxt-renew --term 366d < photos.inxt\n"
       "  inxt-renew --if-less 90d -q photos.inxt      every week, from cron\n"
       "  inxt-renew --if-less 90d -q -R inxt:/        all that your tree names, and the tree"},
      inxt::declare, inxt::renew);
}
