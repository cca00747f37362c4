// SPDX-License-Identifier: AGPL-3.0-or-later
#include "renewing.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <set>

#include "cli/escape.h"
#include "client/later_places.h"
#include "client/tree_path.h"

namespace inxt::renew_tool {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;

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

}  // namespace

Result<void> Renewing::begin() {
  if (!key_.recipient_secret())
    return fail(Code::denied, "this key file is a delegated machine's: it cannot renew",
                "use the owner's key file");
  if (options_.receipts) receipts_ = TRY(world_.output(options_.receipts, cli::World::Kind::text));
  world_.progress().begin("renewing");
  return {};
}

void Renewing::use_bridge(client::Session& session, transfer::BridgeAccounts& accounts,
                          std::unique_ptr<transfer::BridgeCare> care) {
  bridge_session_ = &session;
  vouchers_.emplace(accounts, world_.clock());
  care_ = std::move(care);
}

Result<void> Renewing::renew(client::ManifestTable manifest,
                             const std::function<bool(std::uint64_t segment)>& only) {
  add_places_told(manifest);
  kept_.assign(manifest.pieces(), kNowhere);
  waiting_.clear();
  const auto uploaders = client::uploaders_of(manifest);
  for (const std::uint32_t number : uploaders) {
    // As each of them, because a voucher is for one account; the first also asks where many more are named.
    const auto is_asked_for = [&](std::uint32_t other) {
      return other == number ||
             (number == uploaders.front() && std::ranges::find(uploaders, other) == uploaders.end());
    };
    if (auto done = renew_as(number, manifest, only, is_asked_for); !done) {
      settle(manifest);
      return done;
    }
  }
  settle(manifest);
  if (output_error_) return std::unexpected(*output_error_);
  return {};
}

void Renewing::add_places_told(client::ManifestTable& manifest) {
  if (!care_) return;
  const auto told = bridge_session_->run(client::places_told(*care_, manifest));
  if (told) {
    // The latest of each piece; paid ones at Hosts only whose price the owner knows.
    std::set<Place> seen;
    std::vector<format::PlaceLine> places;
    for (const auto& line : *told | std::views::reverse) {
      const bool is_priced = options_.price_max == 0 || hosts_.find(line.host) != nullptr;
      if (is_priced && seen.insert(line.place).second) places.push_back(line);
    }
    return manifest.add_places(places);
  }
  care_.reset();
  world_.warn("the Bridge does not say where it has put pieces, so these are not renewed: " +
              cli::escape(told.error().what));
}

void Renewing::settle(const client::ManifestTable& manifest) {
  for (const auto& trouble : waiting_) {
    // An older place may be of a Host that keeps books and no piece: it makes up for no later one.
    if (kept_[manifest.number_of(trouble.place)] < trouble.rank) {
      ++replaced_;
      continue;
    }
    ++total_.failed;
    tell(trouble);
  }
  waiting_.clear();
}

void Renewing::tell(const client::RenewTrouble& trouble) {
  if (total_.worst == Code::try_again) total_.worst = trouble.error.code;
  keep_error(world_.print_json(line_of(trouble)));
}

Result<void> Renewing::leave_out(const std::string& path, const Error& error) {
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

Result<void> Renewing::renew_as(std::uint32_t number, const client::ManifestTable& manifest,
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
  const std::size_t waiting_before = waiting_.size();
  client::RenewCallbacks callbacks;
  callbacks.on_kept = [&](const Place& place, std::size_t rank) {
    auto& latest = kept_[manifest.number_of(place)];
    latest = std::min(latest, rank);
  };
  callbacks.on_trouble = [&](const client::RenewTrouble& trouble) {
    if (manifest.places_of(manifest.number_of(trouble.place)).size() > 1)
      waiting_.push_back(trouble);
    else
      tell(trouble);
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
  total_.renewed += report.renewed;
  total_.kept += report.kept;
  total_.failed += report.failed - (waiting_.size() - waiting_before);
  total_.unplaced += report.unplaced;
  total_.stopped = total_.stopped || report.stopped;
  if (report.until_unix_s)
    total_.until_unix_s = std::min(total_.until_unix_s.value_or(INT64_MAX), *report.until_unix_s);
  if (output_error_) return std::unexpected(*output_error_);
  return {};
}

void Renewing::keep_error(Result<void> written) {
  if (!written && !output_error_) output_error_ = std::move(written).error();
}

Result<cli::Exit> Renewing::end() {
  world_.progress().finish();
  if (receipts_ && !output_error_) keep_error(receipts_->commit());
  if (output_error_) return std::unexpected(*std::move(output_error_));
  return judge();
}

Result<cli::Exit> Renewing::judge() {
  if (total_.stopped || world_.stop().requested())
    return fail(Code::failure, "stopped by a signal", "run it again: what was renewed is left as it is");
  if (world_.common().json) {
    format::Json line;
    line["type"] = "summary";
    line["renewed"] = total_.renewed;
    line["kept"] = total_.kept;
    line["failed"] = total_.failed;
    line["unplaced"] = total_.unplaced;
    line["replaced"] = replaced_;
    if (total_.until_unix_s) line["until"] = *total_.until_unix_s;
    TRY(world_.print_json(line));
  }
  auto said = fmt::format("{} {} contracts, {} ran long enough", options_.dry_run ? "would renew" : "renewed",
                          total_.renewed, total_.kept);
  if (replaced_ > 0)
    world_.detail(fmt::format("{} old places of pieces that others keep were not renewed", replaced_));
  if (total_.unplaced > 0)
    world_.warn(
        fmt::format("{} pieces of the manifest have no Host: they are stored nowhere", total_.unplaced));
  if (total_.failed == 0) {
    if (total_.until_unix_s)
      said += fmt::format("; everything {} kept until {}", options_.dry_run ? "would be" : "is",
                          show_day(*total_.until_unix_s));
    world_.say(said);
    return total_.unplaced > 0 ? cli::Exit::partial : cli::Exit::ok;
  }
  const auto what = fmt::format("{}, {} were not renewed", said, total_.failed);
  const auto hint = "run it again later: what was renewed is left as it is";
  if (total_.renewed + total_.kept > 0) return fail(Code::partial, what, hint);
  return fail(total_.worst, what, hint);
}

}  // namespace inxt::renew_tool
