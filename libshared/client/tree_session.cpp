// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_session.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "client/care.h"
#include "client/care_end.h"
#include "client/few_copies.h"
#include "client/file_stream.h"
#include "client/object_manifest.h"
#include "client/object_read.h"
#include "client/own_shares.h"
#include "client/reader_keys.h"
#include "transfer/http_bridge_care.h"
#include "transfer/http_bridge_shares.h"

namespace inxt::client {

using net::Awaitable;

namespace {

constexpr std::uint64_t kRoomBytesMin = 32 * 1024;
constexpr std::uint64_t kRoomBytesAnEntry = format::kEntryLineBytesMax + 1;
constexpr std::size_t kVersionDigitsMin = 8;

Result<std::size_t> kept_number(std::string_view text) {
  std::size_t number = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number == 0)
    return fail(Code::usage, "a version is a number from 1 on, or 8 digits at least of its id");
  return number;
}

}  // namespace

TreeSession::TreeSession(const format::BridgeFile& bridge, const keys::Key& key, const sys::Clock& clock,
                         crypto::Random& random)
    : key_(key),
      clock_(clock),
      random_(random),
      session_(accounts_of(key, key.uploader().number(), random), clock, random),
      bridge_id_(bridge.bridge.bridge),
      client_(session_.bridge(bridge, key.uploader())),
      log_(client_),
      accounts_(client_),
      later_(session_, key, [bridge] { return std::optional(bridge); }),
      vouchers_(clock) {
  session_.set_vouchers([this](const HostId& host) { return vouchers_.find(host); });
}

Result<std::unique_ptr<TreeSession>> TreeSession::open(const format::BridgeFile& bridge, const keys::Key& key,
                                                       const sys::Clock& clock, crypto::Random& random,
                                                       TreeOptions options) {
  if (key.is_caretaker())
    return fail(Code::denied, "this is a caretaker's key: it reads and writes no names",
                "use the owner's key, or an uploader's");
  if (!bridge.permits)
    return fail(Code::denied, "the bridge file has no permit",
                "ask the Bridge's operator for one: inxt-bridge grant");
  TRY(format::check_permit_holder(bridge, key.uploader().account_id(HostId{bridge.bridge.bridge})));
  if (!options.log) options.log = bridge.log;
  std::unique_ptr<TreeSession> out(new TreeSession(bridge, key, clock, random));
  const auto network = out->session_.network();
  const TreeWorld world{.bridge = out->log_, .workers = network.workers, .clock = clock, .random = random};
  out->view_ = TRY(out->session_.run(TreeView::open(world, key, std::move(options))));
  return out;
}

Result<TreeObject> TreeSession::object(std::string path, const tree::Version& version, bool is_kept) {
  TreeObject out{.path = std::move(path), .version = version, .record = {}, .is_kept = is_kept};
  out.record = TRY(session_.run(view_->record(out.version)));  // the tree may change by it
  return out;
}

Result<FoundVersion> find_version(const tree::Tree& tree, const std::string& path,
                                  const std::optional<std::string>& version) {
  const auto said = std::string(kTreePathBegins) + path;
  const auto there = tree.find(path);
  if (there && there->is_folder)
    return fail(Code::usage, fmt::format("{} is a folder", said), "say a file in it, or -R");
  const auto kept = tree.kept_of(path);
  if (!version) {
    if (there) return FoundVersion{.version = there->version, .is_kept = false};
    return fail(Code::not_found, fmt::format("{}: there is no such file", said),
                kept.empty() ? "inxt-ls shows what there is"
                             : fmt::format("it was removed: inxt-restore {} brings it back", said));
  }
  const auto none = [&] {
    return fail(Code::not_found, fmt::format("{}: there is no version {}", said, *version),
                "inxt-ls --versions shows those that there are");
  };
  if (version->size() >= kVersionDigitsMin) {
    if (there && there->version->record.hex().starts_with(*version))
      return FoundVersion{.version = there->version, .is_kept = false};
    const auto found = std::ranges::find_if(
        kept, [&](const auto* one) { return one->version->record.hex().starts_with(*version); });
    if (found == kept.end()) return none();
    return FoundVersion{.version = (*found)->version.get(), .is_kept = true};
  }
  const auto number = TRY(kept_number(*version));
  if (number > kept.size()) return none();
  return FoundVersion{.version = kept[number - 1]->version.get(), .is_kept = true};
}

Result<TreeObject> TreeSession::object(const std::string& path, const std::optional<std::string>& version) {
  if (!view_->readable())
    return fail(Code::denied, "a delegated machine's key reads no names", "use the owner's key file");
  const auto found = TRY(find_version(tree(), path, version));
  return object(path, *found.version, found.is_kept);
}

Result<ManifestFile> TreeSession::manifest(const TreeObject& object, std::size_t which,
                                           const std::vector<transfer::HostAddress>& hosts) {
  return manifest(
      object.record.manifests.at(which),
      object.path.empty() ? object.version.object.hex() : std::string(kTreePathBegins) + object.path, hosts);
}

Result<ManifestFile> TreeSession::manifest(const format::ManifestRef& manifest, std::string name,
                                           const std::vector<transfer::HostAddress>& hosts) {
  ManifestFile out{.fd = sys::Fd(::memfd_create("inxt-manifest", MFD_CLOEXEC)), .name = std::move(name)};
  if (!out.fd) return fail_errno(errno, "memfd_create");
  // Its pieces lie under the accounts of who wrote it.
  const bool is_stored = std::holds_alternative<format::StoredManifest>(manifest);
  const auto uploader = is_stored ? TRY(uploader_of(manifest)) : key_.uploader().number();
  TRY(session_.run(load_manifest(network_as(uploader), key_, manifest, hosts,
                                 std::make_unique<FdSink>(out.fd.number(), out.name), &later_)));
  if (::lseek(out.fd.number(), 0, SEEK_SET) != 0) return fail_errno(errno, out.name);
  return out;
}

Awaitable<Result<format::ManifestRef>> TreeSession::store_manifest_ref(int fd, std::uint64_t bytes,
                                                                       HiddenPutOptions options) {
  if (::lseek(fd, 0, SEEK_SET) != 0) co_return fail_errno(errno, "a manifest");
  std::vector<format::Descriptor> hosts;
  if (bytes > format::kInlineManifestBytesMax) {
    CO_TRY(hosts, co_await room(bytes));
  }
  auto lines = std::make_unique<FdSource>(fd, "a manifest");
  Result<format::ManifestRef> ref =
      co_await store_manifest(session_.network(), key_, hosts, std::move(lines), bytes, options);
  co_await give_room_back();
  co_return ref;
}

Result<AppendReport> TreeSession::change(std::vector<format::Op> ops) {
  return change([&ops](const tree::Tree&) -> Result<Changes> { return Changes{.ops = ops, .records = {}}; });
}

Awaitable<Result<std::vector<format::Descriptor>>> TreeSession::room(std::uint64_t bytes) {
  if (!hosts_.empty()) co_return hosts_;
  RoomWanted wanted;
  wanted.bytes = std::max(bytes, kRoomBytesMin);
  wanted.mirrors = kHiddenFileMirrors;
  wanted.price_max = price_max_;
  wanted.allow = allow_;
  CO_TRY(auto placed, co_await place_room(accounts_, key_.uploader(), random_, std::move(wanted)));
  for (const auto& [host, voucher] : placed.vouchers) vouchers_.take(host, voucher);
  rooms_.push_back(placed.placement);
  co_return std::move(placed.hosts);
}

Awaitable<void> TreeSession::give_room_back() {
  for (const auto& room : std::exchange(rooms_, {})) {
    const Result<void> ignored = co_await accounts_.end(room);
  }
}

std::vector<std::string> TreeSession::refresh_shares(std::int64_t ms_max, std::function<bool()> stopped) {
  const auto paths = view_->take_changed_paths();
  if (paths.empty() || tree().shares().empty()) return {};
  transfer::HttpBridgeShares shares(client_);
  const SharingWorld world{
      .network = session_.network(), .key = key_, .bridge = shares, .bridge_id = bridge_id_, .hosts = {}};
  const auto until_ms = clock_.steady_ms() + ms_max;
  const auto is_over = [&] { return (stopped && stopped()) || clock_.steady_ms() >= until_ms; };
  const auto report = session_.run(client::refresh_shares(world, *view_, paths, is_over));
  std::vector<std::string> out;
  for (const auto& [id, files] : report.left_out)
    out.push_back(
        fmt::format("share {} is without {} files that delegated machines put; inxt-share --refresh "
                    "says which; the first: {}: {}",
                    id.hex(), files.count, files.told.front().path, files.told.front().error.what));
  if (report.failed == 0) return out;
  out.push_back(fmt::format("{} {} what was changed yet; inxt-share --refresh makes them anew; {}",
                            report.failed, report.failed == 1 ? "share does not show" : "shares do not show",
                            report.troubles.front()));
  return out;
}

Result<SegmentReport> TreeSession::store_log(std::function<bool()> stopped) {
  if (!view_->readable()) return SegmentReport();
  const auto shares = refresh_shares(kShareRefreshMsMax, stopped);
  auto report = store_segments(std::move(stopped));
  if (!report) {
    for (const auto& trouble : shares) report.error().what += "; and " + trouble;
    return report;
  }
  std::ranges::copy(shares, std::back_inserter(report->troubles));
  return report;
}

Awaitable<Result<RemoveReport>> TreeSession::remove_segment(transfer::BridgeCare& care,
                                                            std::string manifest) {
  // Else the Bridge would bring it back.
  CO_TRY(auto check, writers_known_to(key_, {}, clock_.unix_s()));
  CO_TRY(const auto table, table_of(manifest, std::move(check), ManifestTable::Seal::optional));
  const RemoveOptions options;
  CO_TRY(const auto elsewhere, co_await end_care_elsewhere(session_, care, key_, table, {}, options));
  CO_TRY(auto removed, co_await remove_hidden_file(session_.network(), key_, manifest, {}));
  removed.failed += elsewhere.failed;
  co_return removed;
}

Awaitable<Result<std::optional<AccountId>>> TreeSession::caretaker_of_log(transfer::BridgeCare& care) {
  // A put that was cut off may have left out the latest, or one that was joined was the only one.
  const auto& segments = tree().segments();
  if (segments.empty()) co_return std::nullopt;
  for (const auto* segment : {&segments.back(), &segments.front()}) {
    CO_TRY(const auto file, file_of_manifest(segment->manifest));
    CO_TRY(const auto info, co_await care_of(care, file));
    if (info) co_return info->caretaker;
    if (segments.size() == 1) break;
  }
  co_return std::nullopt;
}

Awaitable<Result<void>> TreeSession::entrust_log(transfer::BridgeCare& care, AccountId caretaker,
                                                 const std::set<std::string>& before) {
  CareSender sender(care, key_, bridge_id_, caretaker, clock_, random_);
  for (const auto& segment : tree().segments()) {
    if (before.contains(segment.manifest)) continue;
    CO_TRY(auto check, writers_known_to(key_, {}, clock_.unix_s()));
    CO_TRY(const auto text, CareText::read(segment.manifest, "a segment of the log", std::move(check)));
    CO_CHECK(co_await sender.add(text));
  }
  co_return co_await sender.flush();
}

Result<SegmentReport> TreeSession::store_segments(std::function<bool()> stopped) {
  const auto behind = view_->head().seq - std::min(view_->head().seq, view_->tree().stored_until());
  if (behind == 0) return SegmentReport();
  transfer::HttpBridgeCare care(client_);
  const auto caretaker = session_.run(caretaker_of_log(care));
  std::set<std::string> before;
  for (const auto& segment : tree().segments()) before.insert(segment.manifest);
  // The latest again: whoever stored it may have been cut off before the Bridge had it.
  if (!tree().segments().empty()) before.erase(tree().segments().back().manifest);
  const RemoveSegment remove = [this, &care](const std::string& manifest) {
    return remove_segment(care, manifest);
  };
  const auto store = [&](std::uint64_t bytes) -> Result<SegmentReport> {
    const auto hosts = TRY(session_.run(room(bytes)));
    HiddenPutOptions options;
    options.put.price_max = price_max_;
    options.stopped = stopped;
    auto report = session_.run(store_log_segments(session_.network(), *view_, hosts, {}, options, remove, &later_));
    session_.run(give_room_back());
    if (report && report->segments > 0)
      if (auto few = tell_of_few_copies(view_->log(), hosts.size()))
        report->troubles.push_back(*std::move(few));
    return report;
  };
  const auto bytes = std::min(kSegmentBytesMax, view_->recent_record_bytes() + behind * kRoomBytesAnEntry);
  auto report = store(bytes);
  // How long the records are that earlier sessions appended and did not store is not known here.
  if (!report && report.error().code != Code::try_again && bytes < kSegmentBytesMax && hosts_.empty())
    if (auto again = store(kSegmentBytesMax)) report = std::move(again);
  if (!report || report->segments == 0) return report;
  // A Bridge that does not say so, or that this machine may not ask, has not got it.
  const auto none = [](Code code) { return code == Code::denied || code == Code::not_found; };
  Result<void> entrusted;
  if (!caretaker && !none(caretaker.error().code)) entrusted = std::unexpected(caretaker.error());
  if (caretaker && *caretaker) entrusted = session_.run(entrust_log(care, **caretaker, before));
  if (!entrusted)
    report->troubles.push_back(
        fmt::format("the log's latest segment is not in care: {}; inxt-care add -R inxt:/ entrusts it",
                    entrusted.error().what));
  return report;
}

}  // namespace inxt::client
