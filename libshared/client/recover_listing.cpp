// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/event.h"
#include "net/race.h"

namespace inxt::client {
namespace {

using net::Awaitable;
using net::operator&&;
using transfer::HeldPiece;
using transfer::HostAddress;

constexpr std::chrono::milliseconds kLookAgain{200};
constexpr std::size_t kLineRestBytes = 133;  // of a contract's line: the id, the size, the names of members

/// Numbers that are tried: from `begin` to `end`, which moves away as long as numbers are found.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Lane {
  HostAddress host;
  std::array<std::uint32_t, 2> next{};
  bool is_whole = true;
  bool is_silent = false;  // it is asked for nothing more
};

struct Page {
  std::vector<FoundPiece> found;
  std::uint64_t foreign = 0;
  std::uint64_t list_bytes = 0;
};

class ListOwnPieces {
 public:
  ListOwnPieces(Network network, const keys::Key& key, PieceServiceOf service_of,
                std::vector<HostAddress> hosts, RecoverState& state, RecoverListOptions options,
                RecoverListCallbacks callbacks)
      : net_(network),
        key_(key),
        writers_(key),
        service_of_(std::move(service_of)),
        state_(state),
        options_(options),
        callbacks_(std::move(callbacks)),
        event_(network.executor),
        ranges_{Range{0, kRecoverGap},
                Range{format::kCaretakersBegin, format::kCaretakersBegin + kRecoverGap}} {
    for (auto& host : hosts)
      lanes_.push_back({.host = std::move(host), .next = {ranges_[0].begin, ranges_[1].begin}});
    for (const auto& [number, pieces] : state.pieces_of()) reach(number);
  }

  Awaitable<Result<RecoverListReport>> run() {
    // What one Host knows makes all others look further: until a round finds nothing new.
    while (!stopped() && has_more()) {
      std::size_t next = 0;
      while (next < lanes_.size() || running_ > 0) {
        for (; next < lanes_.size() && running_ < options_.jobs && !stopped(); ++next) {
          ++running_;
          net::spawn(net_.executor, ask_all(lanes_[next]));
        }
        if (stopped()) next = lanes_.size();
        if (running_ > 0) co_await event_.wait_for(kLookAgain);
      }
    }
    if (fatal_) co_return std::unexpected(*std::move(fatal_));
    if (stopped()) co_return fail(Code::failure, "stopped", "the same command goes on where it was");
    for (const auto& lane : lanes_)
      if (lane.is_whole) ++report_.hosts;
    co_return std::move(report_);
  }

 private:
  bool stopped() const { return fatal_ || (callbacks_.stopped && callbacks_.stopped()); }

  /// Something was found under this number: so many behind it are tried.
  void reach(std::uint32_t number) {
    for (auto& range : ranges_) {
      const bool is_in = number >= range.begin && number - range.begin < format::kCaretakersBegin;
      if (!is_in || range.end > number + kRecoverGap) continue;
      range.end = std::min(number + 1 + kRecoverGap, range.begin + format::kCaretakersBegin);
      event_.notify();
    }
  }

  bool has_more() const {
    return std::ranges::any_of(lanes_, [&](const Lane& lane) {
      return !lane.is_silent && (lane.next[0] < ranges_[0].end || lane.next[1] < ranges_[1].end);
    });
  }

  /// One Host, one list after another.
  Awaitable<void> ask_all(Lane& lane) {
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      while (lane.next[i] < ranges_[i].end && !lane.is_silent && !stopped()) {
        const auto number = lane.next[i]++;
        const auto listed = state_.listed(lane.host.id, number);
        if (listed.is_whole) continue;
        Result<void> read = co_await ask_one(lane.host, number, listed);
        if (read) continue;
        lane.is_whole = false;
        lane.is_silent = read.error().code == Code::try_again;
        report_.troubles.push_back({lane.host.id, number, std::move(read).error()});
      }
    }
    --running_;
    event_.notify();
  }

  /// A whole list, page by page, from where an earlier run ended.
  Awaitable<Result<void>> ask_one(const HostAddress& host, std::uint32_t number,
                                  RecoverState::Listed listed) {
    // Not kept: with many Hosts, the TLS identities of all numbers would take more memory than all else.
    const auto service = service_of_(number);
    const auto uploader = key_.uploader(number);
    const AccountId account = uploader->account_id(host.id);
    auto after = listed.after;
    const auto begun_ms = net_.clock.steady_ms();
    std::uint64_t pages = 0, foreign = 0;
    unsigned thin = 0;
    Result<std::vector<HeldPiece>> held = co_await ask_page(*service, host, after);
    while (!stopped()) {
      // Whoever is not accepted, and could not be, has nothing there.
      if (!held && held.error().code == Code::denied && pages == 0) held = std::vector<HeldPiece>();
      if (!held) co_return std::unexpected(std::move(held).error());
      // The next page comes while the tags of this one are opened.
      const bool is_end = held->empty();
      Result<Page> page = Page();
      Result<std::vector<HeldPiece>> next = std::vector<HeldPiece>();
      if (!is_end) {
        after = held->back().piece;
        const auto read = [&] { return read_page(*held, host.id, account); };
        auto both = co_await (net_.workers.run(read) && ask_page(*service, host, after));
        page = std::move(std::get<0>(both));
        next = std::move(std::get<1>(both));
      }
      if (!page) co_return std::unexpected(std::move(page).error());
      foreign += page->foreign;
      report_.foreign += page->foreign;
      report_.list_bytes += page->list_bytes;
      report_.contracts += page->found.size();
      if (!page->found.empty() || is_end) {
        if (Result<void> kept = state_.add(host.id, number, page->found, after, is_end); !kept) {
          fatal_ = std::move(kept).error();
          co_return Result<void>{};
        }
      }
      if (!page->found.empty()) reach(number);
      if (callbacks_.on_page) callbacks_.on_page(page->found.size(), bytes_of(*page));
      if (is_end) co_return Result<void>{};
      ++pages;
      if (held->size() < kListPageMax && ++thin > kThinPagesMax)
        co_return fail(Code::integrity, fmt::format("its list has more than {} pages that are not full "
                                                    "(kThinPagesMax)",
                                                    kThinPagesMax));
      if (foreign > kForeignContractsMax)
        co_return fail(Code::integrity,
                       fmt::format("its list has more than {} contracts that this owner never "
                                   "made (kForeignContractsMax)",
                                   kForeignContractsMax));
      const auto patience_ms = kListPatienceMs + static_cast<std::int64_t>(pages) * kListPageMsMax;
      if (net_.clock.steady_ms() - begun_ms > patience_ms)
        co_return fail(Code::try_again,
                       fmt::format("its list comes too slowly: {} pages in {} s (kListPageMsMax)", pages,
                                   (net_.clock.steady_ms() - begun_ms) / 1000));
      held = std::move(next);
    }
    co_return Result<void>{};
  }

  Awaitable<Result<std::vector<HeldPiece>>> ask_page(transfer::PieceService& service, const HostAddress& host,
                                                     std::optional<PieceId> after) {
    for (int i = 1;; ++i) {
      ++report_.requests;
      Result<std::vector<HeldPiece>> held = co_await service.list(host, after, kListPageMax);
      if (held || held.error().code != Code::try_again || i == kListTriesMax || stopped()) co_return held;
      co_await net::sleep_for(std::chrono::milliseconds(kListWaitMs << i));
    }
  }

  Result<Page> read_page(const std::vector<HeldPiece>& held, const HostId& host, const AccountId& account) {
    Page page;
    for (const auto& one : held) {
      page.list_bytes += one.offer.size() + one.acceptance.size() + one.receipt.size() + kLineRestBytes;
      auto found = read_contract(key_, writers_, one, host, account);
      if (found)
        page.found.push_back(*std::move(found));
      else
        ++page.foreign;
    }
    return page;
  }

  static std::uint64_t bytes_of(const Page& page) {
    std::uint64_t bytes = 0;
    for (const auto& found : page.found) bytes += found.piece.size;
    return bytes;
  }

  Network net_;
  const keys::Key& key_;
  OwnWriters writers_;
  PieceServiceOf service_of_;
  RecoverState& state_;
  RecoverListOptions options_;
  RecoverListCallbacks callbacks_;
  net::Event event_;
  std::array<Range, 2> ranges_;
  std::vector<Lane> lanes_;
  RecoverListReport report_;
  std::optional<Error> fatal_;
  std::size_t running_ = 0;
};

}  // namespace

Awaitable<Result<RecoverListReport>> list_own_pieces(Network network, const keys::Key& key,
                                                     PieceServiceOf service_of,
                                                     std::vector<HostAddress> hosts, RecoverState& state,
                                                     RecoverListOptions options,
                                                     RecoverListCallbacks callbacks) {
  ListOwnPieces engine(network, key, std::move(service_of), std::move(hosts), state, options,
                       std::move(callbacks));
  co_return co_await engine.run();
}

}  // namespace inxt::client
