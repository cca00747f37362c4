// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/remove.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/host_addresses.h"
#include "net/event.h"
#include "transfer/offer_maker.h"

namespace inxt::client {
namespace {

using net::Awaitable;

constexpr int kTriesMax = 3;   // for one piece
constexpr int kInVainMax = 3;  // pieces in a row that a Host had no time for
constexpr std::chrono::milliseconds kLookAgain{200};
constexpr std::size_t kTroublesMax = 16;

class Remove {
 public:
  Remove(Network network, const ManifestTable& manifest, ByteView recipient_secret, const keys::UploaderKeys& uploader,
         const std::vector<transfer::HostAddress>& hosts, RemoveOptions options, std::function<void()> on_piece)
      : net_(network),
        manifest_(manifest),
        recipient_secret_(recipient_secret),
        uploader_(uploader),
        options_(options),
        on_piece_(std::move(on_piece)),
        event_(network.executor) {
    for (const auto& host : manifest.hosts()) hosts_.push_back(newest_address(host.id, host.addresses, hosts));
    asked_.resize(hosts_.size());
  }

  Awaitable<Result<RemoveReport>> run() {
    for (std::uint64_t piece = 0; piece < manifest_.pieces(); ++piece) {
      if (options_.only_segments && !options_.only_segments(manifest_.place_of(piece).segment)) continue;
      for (const auto at : manifest_.places_of(piece)) {
        while (under_way_ >= options_.jobs && !stopped()) co_await event_.wait_for(kLookAgain);
        if (stopped()) {
          ++report_.failed;
          continue;
        }
        ++under_way_;
        net::spawn(net_.executor, remove_one(piece, at));
      }
    }
    while (under_way_ > 0) co_await event_.wait_for(kLookAgain);
    for (const auto& host : asked_)
      if (!host.answers) report_.silent += host.left;
    co_return std::move(report_);
  }

 private:
  bool stopped() {
    report_.stopped = report_.stopped || (options_.stopped && options_.stopped());
    return report_.stopped;
  }

  Awaitable<void> remove_one(std::uint64_t piece, ManifestTable::PlacedAt at) {
    const auto host = at.host;
    transfer::HostAddress address = hosts_[host];
    if (at.uploader != manifest_.header().uploader) address.uploader = at.uploader;
    const std::string* silence = options_.silent != nullptr ? options_.silent->find(address.id) : nullptr;
    Result<void> done = fail(Code::try_again, silence != nullptr ? *silence : "not asked");
    Asked& asked = asked_[host];
    int tries = 0;
    // A Host that did not answer for one piece, or has no time for several, is not waited for again and again.
    while (tries < kTriesMax && silence == nullptr && !asked.is_silent && asked.in_vain < kInVainMax && !stopped()) {
      if (tries > 0) co_await net::sleep_for(std::chrono::milliseconds(100 << tries));
      done = co_await attempt(manifest_.id(piece), address, asked);
      ++tries;
      if (done || done.error().code != Code::try_again) break;
    }
    if (done || done.error().code != Code::try_again) {
      asked.in_vain = 0;
    } else if (tries == kTriesMax) {
      ++asked.in_vain;
      asked.is_silent = !asked.answers;
      if (asked.is_silent && options_.silent != nullptr) options_.silent->note(address.id, done.error().what);
    }
    if (done) {
      ++report_.removed;
    } else if (done.error().code == Code::not_found) {
      ++report_.gone;
    } else {
      if (++report_.failed == 1 || done.error().code != Code::try_again) report_.worst = done.error().code;
      if (done.error().code == Code::try_again) ++asked.left;
      const auto name = hosts_[host].id.hex().substr(0, 8);
      const auto text = fmt::format("Host {}: {}", name, done.error().what);
      const bool named = std::ranges::any_of(report_.troubles, [&](const auto& t) { return t.starts_with("Host " + name); });
      if (!named && report_.troubles.size() < kTroublesMax) report_.troubles.push_back(text);
    }
    if (on_piece_) on_piece_();
    --under_way_;
    event_.notify();
  }

  struct Asked {
    bool answers = false;    // to anything
    bool is_silent = false;  // it gave no answer to all tries for one piece
    int in_vain = 0;         // pieces in a row, all tries
    std::uint64_t left = 0;  // pieces without an answer
  };

  Awaitable<Result<void>> attempt(const PieceId& piece, const transfer::HostAddress& host, Asked& asked) {
    Result<transfer::HeldPiece> held = co_await net_.service.contract(host, piece);
    asked.answers = asked.answers || held || held.error().code != Code::try_again;
    if (!held) co_return std::unexpected(std::move(held).error());
    const auto offer = format::open_offer(held->offer, std::nullopt);
    if (!offer) co_return std::unexpected(offer.error());
    auto opened = format::open_tag(recipient_secret_, offer->tag, piece);
    if (!opened) co_return std::unexpected(std::move(opened).error().in("tag"));
    // A delegated machine can sign a manifest that names pieces of other files, and delete nothing; the owner's
    // deletion of that manifest must not do it for its thief.
    if (opened->tag.header_line != manifest_.chain().header_line)
      co_return fail(Code::not_found, "the piece there is another file's");
    const auto control = crypto::SigningKey::from_seed(opened->tag.control_seed.view());
    if (options_.dry_run) co_return Result<void>{};
    // A repairer's contract is under an account of its own; the tag says that it is this file's.
    const auto account = host.uploader ? offer->account : uploader_.account_id(host.id);
    auto token = transfer::make_deletion(control, host.id, piece, account, net_.clock.unix_s());
    if (!token) co_return std::unexpected(std::move(token).error());
    Result<void> removed = co_await net_.service.remove(host, piece, *token);
    co_return removed;
  }

  Network net_;
  const ManifestTable& manifest_;
  ByteView recipient_secret_;
  const keys::UploaderKeys& uploader_;
  RemoveOptions options_;
  std::function<void()> on_piece_;
  net::Event event_;
  std::vector<transfer::HostAddress> hosts_;
  std::vector<Asked> asked_;  // for each of hosts_
  RemoveReport report_;
  unsigned under_way_ = 0;
};

}  // namespace

void RemoveReport::add(RemoveReport other) {
  removed += other.removed;
  gone += other.gone;
  if (other.failed > 0 && (failed == 0 || other.worst != Code::try_again)) worst = other.worst;
  failed += other.failed;
  silent += other.silent;
  stopped = stopped || other.stopped;
  for (std::string& trouble : other.troubles) troubles.push_back(std::move(trouble));
}

Awaitable<Result<RemoveReport>> remove_pieces(Network network, const ManifestTable& manifest, ByteView recipient_secret,
                                              const keys::UploaderKeys& uploader,
                                              std::vector<transfer::HostAddress> hosts, RemoveOptions options,
                                              std::function<void()> on_piece) {
  Remove engine(network, manifest, recipient_secret, uploader, std::move(hosts), options, std::move(on_piece));
  co_return co_await engine.run();
}

}  // namespace inxt::client
