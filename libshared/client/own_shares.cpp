// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/own_shares.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::client {
namespace {

using format::ShareId;
using format::ShareKeys;
using net::Awaitable;

/// Gathers and publishes what a share of `what` shows now.
Awaitable<Result<LeftOutFiles>> publish(const SharingWorld& world, TreeView& view, const ShareKeys& keys,
                                        const std::string& what, const std::string& manifest,
                                        std::int64_t expires_unix_s, const std::function<bool()>& stopped) {
  const auto name = what.substr(what.rfind('/') + 1);
  for (auto take = Take::all;; take = Take::owners) {
    ShareMaker maker(world.network, world.key, world.hosts);
    maker.stop_when(stopped);
    AddedFromTree added;
    if (what.starts_with('/')) {
      CO_TRY(added, co_await add_from_tree(maker, view, what, take));
    } else {
      CO_CHECK(maker.add_manifest(manifest, what));
    }
    const auto made = maker.make(keys, world.bridge_id, expires_unix_s, added.is_folder, name);
    // Delegated machines must not be able to fill a share so that it can be made no more.
    if (!made && made.error().code == Code::usage && added.has_delegated && take == Take::all) continue;
    if (!made) co_return std::unexpected(made.error());
    CO_CHECK(co_await world.bridge.put((*made)->request));
    co_return maker.left_out();
  }
}

/// The same, until no other machine has changed the tree meanwhile: that one may have published before, and
/// its readers would be shown an older bundle. What it changes after the last look it publishes later, with
/// this in it.
Awaitable<Result<LeftOutFiles>> publish_latest(const SharingWorld& world, TreeView& view,
                                               const ShareKeys& keys, const std::string& what,
                                               const std::string& manifest, std::int64_t expires_unix_s,
                                               const std::function<bool()>& stopped) {
  for (unsigned i = 1;; ++i) {
    CO_TRY(auto left_out, co_await publish(world, view, keys, what, manifest, expires_unix_s, stopped));
    const auto seen = view.head();
    CO_CHECK(co_await view.refresh());
    if (view.head() == seen) co_return left_out;
    const auto noted = view.tree().shares().find(keys.id());
    if (noted == view.tree().shares().end()) {
      // Ended by the other machine, perhaps before this one published it.
      CO_CHECK(co_await world.bridge.revoke(keys.id()));
      co_return left_out;
    }
    // What was moved is published by who moved it.
    if (noted->second.what != what || !what.starts_with('/') || i == kSharePublishTriesMax)
      co_return left_out;
  }
}

Awaitable<Result<void>> append_op(TreeView& view, format::Op op) {
  const auto make = [&op](const tree::Tree&) -> Result<Changes> {
    Changes changes;
    changes.ops.push_back(op);
    return changes;
  };
  CO_CHECK(co_await view.append(make));
  co_return Result<void>{};
}

/// The id just below; nothing for the first of all.
std::optional<ShareId> before(ShareId id) {
  for (std::size_t i = id.bytes.size(); i-- > 0;) {
    const auto was = id.bytes[i];
    id.bytes[i] = static_cast<std::byte>(std::to_integer<unsigned>(was) - 1U);
    if (was != std::byte{0}) return id;
  }
  return std::nullopt;
}

Awaitable<Result<void>> forget(TreeView& view, const ShareId& share) {
  format::Op op = format::UnshareOp{.share = share};
  co_return co_await append_op(view, std::move(op));
}

}  // namespace

bool touches(std::string_view what, std::string_view path) {
  const auto lies_in = [](std::string_view inner, std::string_view outer) {
    return outer == "/" || inner == outer ||
           (inner.starts_with(outer) && inner.substr(outer.size()).starts_with('/'));
  };
  return lies_in(path, what) || lies_in(what, path);
}

Awaitable<Result<MadeShare>> make_share(SharingWorld world, TreeView& view, ShareWanted wanted) {
  if (!view.readable())
    co_return fail(Code::denied, "this key file is a delegated machine's: it shares nothing",
                   "use the owner's key file");
  if (wanted.what.starts_with('/') && !view.tree().find(wanted.what))
    co_return fail(Code::not_found, fmt::format("inxt:{}: there is no such file or folder", wanted.what));
  auto keys = ShareKeys::fresh(world.network.random);
  format::ShareOp op;
  op.share = keys.id();
  op.what = wanted.what;
  op.expires_unix_s = wanted.expires_unix_s;
  op.secret.emplace();
  std::ranges::copy(keys.secret().view(), op.secret->begin());
  op.recipient = wanted.recipient;
  // In the log first: what the Bridge has and nobody notes could not be ended from another machine.
  CO_CHECK(co_await append_op(view, op));
  crypto::wipe(*op.secret);
  Result<LeftOutFiles> published =
      co_await publish_latest(world, view, keys, wanted.what, wanted.manifest, wanted.expires_unix_s, {});
  if (!published) {
    (void)co_await world.bridge.revoke(keys.id());
    (void)co_await forget(view, keys.id());
    co_return std::unexpected(std::move(published).error());
  }
  MadeShare made{.keys = std::move(keys), .left_out = *std::move(published)};
  co_return made;
}

Awaitable<Result<void>> end_share(SharingWorld world, TreeView& view, const ShareId& share) {
  const bool is_noted = view.tree().shares().contains(share);
  if (!is_noted) {
    // One of a time before the log, or that was not noted: the Bridge has it, or nobody.
    CO_TRY(const auto first, co_await world.bridge.list(before(share), 1));
    if (first.empty() || first.front().share != share)
      co_return fail(Code::not_found, "there is no such share",
                     "inxt-share --list shows those that there are");
  }
  CO_CHECK(co_await world.bridge.revoke(share));
  if (!is_noted) co_return Result<void>{};
  CO_CHECK(co_await forget(view, share));
  // Another machine that did not know may have made it anew in between.
  co_return co_await world.bridge.revoke(share);
}

Awaitable<RefreshReport> refresh_shares(SharingWorld world, TreeView& view, std::vector<std::string> paths,
                                        std::function<bool()> stopped) {
  RefreshReport report;
  const auto now = world.network.clock.unix_s();
  const auto shares = view.tree().shares();  // a copy: ending one changes them
  for (const auto& [id, share] : shares) {
    if (!paths.empty() &&
        std::ranges::none_of(paths, [&](const std::string& path) { return touches(share.what, path); }))
      continue;
    const bool is_over = share.expires_unix_s <= now;
    if (!is_over && (!share.secret || !share.what.starts_with('/'))) continue;  // it stays what it was
    Result<void> done;
    if (stopped && stopped()) {
      done = fail(Code::try_again, "it was given up before it was done");
    } else if (is_over || !view.tree().find(share.what)) {
      done = co_await end_share(world, view, id);
      if (done) ++report.ended;
    } else {
      const auto keys = ShareKeys::of(ByteView(*share.secret));
      auto published =
          co_await publish_latest(world, view, keys, share.what, {}, share.expires_unix_s, stopped);
      if (published) {
        ++report.refreshed;
        if (published->count > 0) report.left_out[id] = *std::move(published);
      } else {
        done = std::unexpected(std::move(published).error());
      }
    }
    if (done) continue;
    if (++report.failed <= kShareTroublesMax)
      report.troubles.push_back(fmt::format("share {} of {}: {}", id.hex(), share.what, done.error().what));
  }
  co_return report;
}

}  // namespace inxt::client
