// SPDX-License-Identifier: AGPL-3.0-or-later
// A life of a store on a simulated disk, from one seed: puts, renewals, deletions, rot, saved indexes,
// restarts, kills at any call, power cuts at any call, disks that fail or are full at any call.  Beside it a
// model knows what was acknowledged, and therefore what each contract may look like:
//   - what was acknowledged and not deleted is there, and every byte of it;
//   - what was deleted and acknowledged is gone, and stays gone;
//   - what was neither is there whole or not at all, and what a reader was told stays so;
//   - the quota is what the files take, at every moment, and each account's bytes are those of its pieces;
//   - nobody comes past the bytes that a put was allowed; and terms are those of the contracts.
#pragma once

#include <array>
#include <stdexcept>
#include <thread>
#include <vector>

#include "format/contract.h"
#include "store/store.h"
#include "store/stored_renewal.h"
#include "support/pieces.h"
#include "support/sim_directory.h"
#include "sys/clock.h"

namespace inxt::testing {

/// What the pieces of every life are; made once.
struct SimulatedPieces {
  static constexpr std::size_t kContents = 4, kAccounts = 3, kTokens = 64;
  static constexpr std::int64_t kOfferUntil = 10'000,
                                kRenewalUntil = 20'000;  // of token 0; each later one is a second later

  std::vector<std::vector<MadePiece>> pieces;  // [content][account]
  std::vector<std::string> offers, renewals;

  SimulatedPieces() {
    // Two of them share a folder of the store.
    const std::uint64_t sizes[kContents] = {33, 5000, 300, 9000};
    for (std::size_t content = 0; content < kContents; ++content) {
      std::uint64_t seed = content;
      if (content == 1)
        while (store::folder_of(MadePiece(sizes[1], seed, account_number(0)).id()) !=
               store::folder_of(pieces[0][0].id()))
          seed += kContents;
      pieces.emplace_back();
      for (std::uint8_t account = 0; account < kAccounts; ++account)
        pieces.back().emplace_back(sizes[content], seed, account_number(account));
    }
    for (std::size_t i = 0; i < kTokens; ++i) {
      offers.push_back(token("offer", i, kOfferUntil + static_cast<std::int64_t>(i)));
      renewals.push_back(token("renewal", i, kRenewalUntil + static_cast<std::int64_t>(i)));
    }
  }
  static std::string token(std::string_view kind, std::size_t number, std::int64_t until) {
    return fmt::format("{}.{}.{}", kind, to_base64url(view_of(fmt::format(R"({{"until":{}}})", until))),
                       number);
  }
};

class StoreSimulator {
 public:
  static constexpr int kSteps = 24;

  explicit StoreSimulator(std::uint64_t seed)
      : random_(seed), disk_(seed ^ 0x5eed), with_threads_(seed % 32 == 0) {}

  void lie_about(SimDirectory::Lie lie) { disk_.lie_about(lie); }

  /// Throws std::runtime_error, saying at which step what was wrong.
  void run() {
    reopen();
    for (step_ = 0; step_ < kSteps; ++step_) {
      if (chance(4)) set_trap();
      act();
      if (disk_.is_dead()) {
        die();
      } else {
        if (chance(3)) disk_.stop_failing();
        check_quota();
      }
    }
    disk_.stop_failing();
    step_ = kSteps;
    if (chance(2)) disk_.cut_power();
    reopen();
  }

 private:
  using Key = store::Key;
  /// What a contract may look like on the disk.
  struct Look {
    int offer = -1;  // absent
    int renewal = -1;
    bool operator==(const Look&) const = default;
  };
  struct Contract {
    std::vector<Look> possible{Look{}};
    bool rotten = false;  // its bytes are not what was stored: anything goes, but never its bytes as whole
    bool renewal_rotten = false;  // its renewal is not there, and its term unknown
    bool is(const Look& look) const { return std::ranges::find(possible, look) != possible.end(); }
    void add(const Look& look) {
      if (!is(look)) possible.push_back(look);
    }
  };
  struct Which {
    std::size_t content, account;
  };

  static const SimulatedPieces& made() {
    static const SimulatedPieces pieces;
    return pieces;
  }
  [[noreturn]] void broken(const std::string& what) const {
    throw std::runtime_error(
        fmt::format("step {} ({}): {}; so far: {}", step_, doing_, what, fmt::join(done_, ", ")));
  }
  void require(bool condition, const char* what) const {
    if (!condition) broken(what);
  }
  bool chance(std::uint64_t of) { return random_() % of == 0; }
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

  MadePiece& piece(const Which& which) {
    // Each thread that runs lives has its own, because storing one fills its buffer.
    thread_local std::vector<std::vector<MadePiece>> own;
    if (own.empty())
      for (std::size_t content = 0; content < SimulatedPieces::kContents; ++content) {
        own.emplace_back();
        for (std::size_t account = 0; account < SimulatedPieces::kAccounts; ++account) {
          const MadePiece& from = made().pieces[content][account];
          MadePiece copy(from.trailer.size_bytes, 0, from.trailer.account);
          std::ranges::copy(from.buffer.data(), copy.buffer.data().begin());
          copy.tree = from.tree;
          copy.trailer = from.trailer;
          own.back().push_back(std::move(copy));
        }
      }
    return own[which.content][which.account];
  }
  Key key_of(const Which& which) { return {piece(which).id(), piece(which).trailer.account}; }
  Contract& contract(const Which& which) { return contracts_[which.content][which.account]; }
  Which any() { return {pick(SimulatedPieces::kContents), pick(SimulatedPieces::kAccounts)}; }
  template <class Visit>
  void each(const Visit& visit) {
    for (std::size_t content = 0; content < SimulatedPieces::kContents; ++content)
      for (std::size_t account = 0; account < SimulatedPieces::kAccounts; ++account)
        visit(Which{content, account});
  }

  static store::Trailer trailer_of(const MadePiece& piece, int offer) {
    store::Trailer trailer = piece.trailer;
    trailer.offer = made().offers[static_cast<std::size_t>(offer)];
    trailer.acceptance = acceptance_of(offer);
    return trailer;
  }
  static std::string acceptance_of(int offer) { return fmt::format("acceptance.{}", offer); }
  static store::StoredRenewal renewal_of(int number) {
    return {made().renewals[static_cast<std::size_t>(number)], "acceptance"};
  }
  static int number_in(const std::string& token) { return std::stoi(token.substr(token.rfind('.') + 1)); }
  static crypto::Hash hash_of(int offer) {
    return format::offer_hash(made().offers[static_cast<std::size_t>(offer)]);
  }

  /// A failure ahead: once, or the end of the process.
  void set_trap() {
    const bool for_good = chance(2);
    const std::uint64_t ahead = random_() % 14;
    disk_.fail_at(ahead, chance(2) ? Code::failure : Code::quota, for_good);
    note(fmt::format("[trap in {}{}]", ahead, for_good ? ", for good" : ""));
    trapped_ = true;
  }
  bool is_calm() const { return !trapped_; }
  void note(std::string what) {
    done_.push_back(what);
    doing_ = std::move(what);
  }

  // ---- what happens

  void act() {
    disk_.pass_ns(static_cast<std::int64_t>(random_() % 4'000'000'000));
    if (chance(2)) clock_.advance_ms(static_cast<std::int64_t>(random_() % 5000));
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return put(any());
      case 5:
      case 6:
        return remove(any());
      case 7:
      case 8:
        return renew(any());
      case 9:
        return rot(any());
      case 10:
        note("save_index");
        if (const auto saved = store_->save_index(); !saved) require(!is_calm(), "the index is not saved");
        return;
      case 11:
        note("empty_quarantine");
        store_->empty_quarantine(clock_.unix_s() + (chance(2) ? 1 : -5));
        return;
      case 12:
        note("limits");
        // Sometimes so that nothing fits without what is in the quarantine.
        store_->set_limits(chance(2) ? kPlentyBytes : store_->stats().used_bytes + random_() % 10'000,
                           chance(3) ? random_() % 1000 : 0);
        store_->set_read_only(chance(8));
        return;
      case 13:
        if (with_threads_) return put_together();
        return observe(any());
      case 14:
        return observe(any());
      default:
        return end();
    }
  }

  void put(const Which& which) {
    note(fmt::format("put {}.{}", which.content, which.account));
    const int offer = next_token();
    const Result<bool> stored = put_with(which, offer);
    note_put(which, offer, stored);
  }

  /// True: stored now; false: it was there, and what was told has been noted.
  Result<bool> put_with(const Which& which, int offer) {
    MadePiece& made_piece = piece(which);
    const AccountId& account = made_piece.trailer.account;
    std::optional<std::uint64_t> account_bytes_max;
    if (chance(4)) account_bytes_max = store_->account_bytes(account) + random_() % 40'000;
    auto admitted =
        store_->reserve(made_piece.id(), account, made_piece.trailer.size_bytes, account_bytes_max);
    if (account_bytes_max && !admitted && admitted.error().what.find("voucher_bytes") != std::string::npos)
      require(store_->account_bytes(account) + store::file_bytes(made_piece.trailer.size_bytes) >
                  *account_bytes_max,
              "a put that was allowed is refused");
    if (!admitted) return std::unexpected(admitted.error());
    if (const auto* there = std::get_if<store::Trailer>(&*admitted)) {
      told(which, *there);
      return false;
    }
    const store::Trailer trailer = trailer_of(made_piece, offer);
    TRY(store_->commit(std::get<store::Reservation>(*std::move(admitted)), made_piece.buffer, made_piece.tree,
                       trailer));
    require(!account_bytes_max || store_->account_bytes(account) <= *account_bytes_max,
            "an account has come past the bytes that it was allowed");
    return true;
  }

  void note_put(const Which& which, int offer, const Result<bool>& stored) {
    Contract& model = contract(which);
    if (stored && *stored) {
      require(model.rotten || model.is(Look{}), "stored over what was acknowledged");
      model = Contract{{Look{offer, -1}}, false, false};
    } else if (!stored) {
      const Code code = stored.error().code;
      require(!is_calm() || code == Code::quota || code == Code::try_again, "a put fails for no reason");
      require(stored.error().what.find("sim") == std::string::npos, "an error names the disk");
      model.add(Look{offer, -1});
    }
  }

  void put_together() {
    note("put together");
    std::vector<Which> all;
    each([&](const Which& which) {
      if (contract(which).possible == std::vector{Look{}} && !contract(which).rotten) all.push_back(which);
    });
    struct Put {
      Which which;
      MadePiece* piece;
      int offer;
      std::uint64_t account_bytes_max;
      Result<bool> stored = false;
    };
    std::vector<Put> puts;
    // The same for all of an account: often not enough for all of them.
    std::array<std::uint64_t, SimulatedPieces::kAccounts> allowed_bytes;
    for (std::size_t account = 0; account < SimulatedPieces::kAccounts; ++account)
      allowed_bytes[account] =
          store_->account_bytes(piece({0, account}).trailer.account) + random_() % 80'000;
    for (const Which& which : all)
      puts.push_back({which, &piece(which), next_token(), allowed_bytes[which.account]});
    {
      std::vector<std::jthread> threads;
      for (Put& put : puts)
        threads.emplace_back([&] {
          const auto store = [&]() -> Result<bool> {
            MadePiece& own = *put.piece;
            auto admitted = TRY(store_->reserve(own.id(), own.trailer.account, own.trailer.size_bytes,
                                                put.account_bytes_max));
            if (!std::holds_alternative<store::Reservation>(admitted))
              return fail(Code::failure, "it is there");
            TRY(store_->commit(std::get<store::Reservation>(std::move(admitted)), own.buffer, own.tree,
                               trailer_of(own, put.offer)));
            return true;
          };
          put.stored = store();
        });
    }
    for (const Put& put : puts) note_put(put.which, put.offer, put.stored);
    for (std::size_t account = 0; account < SimulatedPieces::kAccounts; ++account)
      require(store_->account_bytes(piece({0, account}).trailer.account) <= allowed_bytes[account],
              "an account has come past the bytes that it was allowed");
  }

  void remove(const Which& which) {
    note(fmt::format("remove {}.{}", which.content, which.account));
    Contract& model = contract(which);
    const Key key = key_of(which);
    // The contract that is there, or one that is not, or whichever.
    const Look target = model.possible[pick(model.possible.size())];
    const bool is_other = chance(4);
    std::optional<crypto::Hash> hash;
    if (!chance(4)) hash = hash_of(is_other || target.offer < 0 ? 0 : target.offer);
    const auto removed = store_->remove(key.piece, key.account, hash);
    const auto is_meant = [&](const Look& look) {
      return look.offer >= 0 && (!hash || hash_of(look.offer) == *hash);
    };
    if (removed) {
      require(model.rotten || std::ranges::any_of(model.possible, is_meant), "removed what was not meant");
      model = Contract{};
    } else if (removed.error().code == Code::not_found) {
      // As good as an acknowledgement.
      if (!model.rotten) std::erase_if(model.possible, is_meant);
      require(!model.possible.empty(), "an acknowledged piece is not there to be removed");
    } else {
      require(!is_calm(), "a removal fails for no reason");
      if (std::ranges::any_of(model.possible, is_meant) || model.rotten) model.add(Look{});
    }
  }

  void renew(const Which& which) {
    note(fmt::format("renew {}.{}", which.content, which.account));
    Contract& model = contract(which);
    const Key key = key_of(which);
    const Look target = model.possible[pick(model.possible.size())];
    const int offer = chance(4) || target.offer < 0 ? 0 : target.offer;
    const int number = next_token();
    const auto renewed = store_->renew(key.piece, key.account, hash_of(offer), renewal_of(number));
    const auto is_meant = [&](const Look& look) { return look.offer == offer; };
    if (renewed) {
      require(model.rotten || std::ranges::any_of(model.possible, is_meant), "renewed what was not meant");
      model.possible = {Look{offer, number}};
      model.renewal_rotten = false;
    } else if (renewed.error().code == Code::not_found) {
      if (!model.rotten) std::erase_if(model.possible, is_meant);
      require(!model.possible.empty(), "an acknowledged piece is not there to be renewed");
    } else {
      const Code code = renewed.error().code;
      require(!is_calm() || code == Code::quota || code == Code::try_again, "a renewal fails for no reason");
      if (std::ranges::any_of(model.possible, is_meant)) model.add(Look{offer, number});
    }
  }

  void rot(const Which& which) {
    note(fmt::format("rot {}.{}", which.content, which.account));
    Contract& model = contract(which);
    const Key key = key_of(which);
    if (model.possible.size() != 1 || model.possible[0].offer < 0 || model.rotten) return observe(which);
    if (model.possible[0].renewal >= 0 && chance(3)) {
      if (disk_.rot(store::renewal_path_of(key), random_())) model.renewal_rotten = true;
      return observe(which);
    }
    if (!chance(3)) {
      if (!disk_.rot(store::path_of(key), random_())) return;
      model.rotten = true;
    }
    AlignedBufferOwner scratch;
    const auto checked = store_->check_stored(key, scratch.buffer);
    using State = store::CheckedPiece::State;
    if (!checked) return require(!is_calm(), "a check fails for no reason");
    if (model.rotten)
      require(checked->state == State::damaged, "rot is not found");
    else
      require(checked->state == State::whole, "a whole piece is not whole");
    if (!model.rotten) return;
    require(!store_->find(key.piece, key.account).value_or(std::nullopt) || !is_calm(),
            "a rotten piece is found");
  }

  /// Whatever is told is acknowledged by that.
  void told(const Which& which, const store::Trailer& trailer) {
    Contract& model = contract(which);
    const Look look{number_in(trailer.offer), trailer.renewal ? number_in(trailer.renewal->renewal) : -1};
    if (model.rotten) return;
    if (model.renewal_rotten) {
      require(
          std::ranges::any_of(model.possible, [&](const Look& other) { return other.offer == look.offer; }),
          "another contract than was acknowledged");
      return;
    }
    if (!model.is(look))
      broken(fmt::format("contract {} with renewal {} is told, which cannot be", look.offer, look.renewal));
    model.possible = {look};
  }

  void observe(const Which& which) {
    note("observe");
    observe_all_of(which);
  }
  void observe_all_of(const Which& which) {
    Contract& model = contract(which);
    const Key key = key_of(which);
    const auto trailer = store_->read_trailer(key.piece, key.account);
    if (!trailer && trailer.error().code != Code::not_found)
      return require(!is_calm(), "a contract cannot be read");
    if (!trailer) {
      if (model.rotten) return;
      if (!model.is(Look{}))
        broken(fmt::format("contract {}.{} was acknowledged and is not there", which.content, which.account));
      model.possible = {Look{}};
      return;
    }
    told(which, *trailer);
    if (model.rotten) return;
    require(trailer->piece == key.piece && trailer->account == key.account, "another contract");
    // Some account's file is read: one whose rot nobody has seen yet may be.
    bool any_rotten = false;
    for (std::size_t account = 0; account < SimulatedPieces::kAccounts; ++account)
      any_rotten |= contract({which.content, account}).rotten;
    if (any_rotten) return;
    const auto info = store_->find(key.piece, key.account);
    if (!info) return require(!is_calm(), "a piece is not found");
    require(*info && (*info)->size_bytes == piece(which).trailer.size_bytes, "another size");
    auto opened = store_->open_piece(key.piece);
    if (!opened) return require(!is_calm(), "a piece cannot be opened");
    AlignedBufferOwner scratch;
    const auto bytes = opened->read(0, static_cast<std::size_t>(opened->info().size_bytes), scratch.buffer);
    if (!bytes) return require(!is_calm(), "a piece cannot be read");
    require(std::ranges::equal(*bytes, piece(which).buffer.data()), "other bytes than were stored");
    const std::uint64_t last = proof::blocks_in(opened->info().size_bytes) - 1;
    const auto block = store_->read_block(key.piece, last);
    if (!block) return require(!is_calm(), "a block cannot be read");
    require(proof::head_from_path(proof::leaf_hash(block->data), last, last + 1, block->path) ==
                piece(which).trailer.root,
            "a block that proves nothing");
  }

  void check_quota() {
    const store::Stats stats = store_->stats();
    require(stats.reserved_bytes == 0, "something is reserved");
    const std::uint64_t bytes = disk_.bytes_below("pieces/") + disk_.bytes_below("quarantine");
    if (stats.used_bytes != bytes)
      broken(fmt::format("the quota has {} bytes, the disk {}", stats.used_bytes, bytes));
    check_accounts();
  }

  /// At least the pieces that must be there, at most those that may be.
  void check_accounts() {
    for (std::size_t account = 0; account < SimulatedPieces::kAccounts; ++account) {
      std::uint64_t least = 0, most = 0;
      for (std::size_t content = 0; content < SimulatedPieces::kContents; ++content) {
        const Which which{content, account};
        const Contract& model = contract(which);
        const std::uint64_t bytes = store::file_bytes(piece(which).trailer.size_bytes);
        const auto is_there = [](const Look& look) { return look.offer >= 0; };
        if (model.rotten || std::ranges::any_of(model.possible, is_there)) most += bytes;
        if (!model.rotten && std::ranges::all_of(model.possible, is_there)) least += bytes;
      }
      const std::uint64_t bytes = store_->account_bytes(piece({0, account}).trailer.account);
      if (bytes < least || bytes > most)
        broken(fmt::format("account {} is said to take {} bytes, not {} to {}", account, bytes, least, most));
    }
  }

  void check_terms() {
    store_->learn_terms();
    const std::int64_t before = SimulatedPieces::kOfferUntil + static_cast<std::int64_t>(random_() % 12'000);
    const auto ended = store_->ended(before, 1000);
    check_held();
    each([&](const Which& which) {
      const Contract& model = contract(which);
      if (model.rotten || model.possible.size() != 1) return;
      const Look look = model.possible[0];
      const std::int64_t until = look.renewal >= 0 ? SimulatedPieces::kRenewalUntil + look.renewal
                                                   : SimulatedPieces::kOfferUntil + look.offer;
      const bool is_over = look.offer >= 0 && !model.renewal_rotten && until < before;
      const bool is_listed = std::ranges::find(ended, key_of(which)) != ended.end();
      if (is_listed && !is_over) broken("a contract that runs is said to have ended");
      // One whose renewal has rotted is not known to have ended, and that need not be seen yet.
      if (!is_listed && is_over) broken("a contract that has ended is not listed");
    });
  }

  /// What an inventory would list: each contract that is there, under the hash of its own acceptance.
  void check_held() {
    std::vector<store::HeldContract> held;
    for (std::size_t content = 0; content < SimulatedPieces::kContents; ++content) {
      const std::size_t folder = store::folder_of(piece({content, 0}).id());
      const auto here = store_->held_in(folder);
      if (!here) return require(!is_calm(), "a folder's contracts cannot be read");
      if (here->unread != 0) return require(!is_calm(), "a contract cannot be read");
      require(std::ranges::is_sorted(here->contracts), "contracts in no order");
      held.insert(held.end(), here->contracts.begin(), here->contracts.end());
    }
    each([&](const Which& which) {
      const Contract& model = contract(which);
      if (model.rotten || model.possible.size() != 1 || model.possible[0].offer < 0) return;
      const store::HeldContract wanted{piece(which).id(),
                                       static_cast<std::uint32_t>(piece(which).trailer.size_bytes),
                                       format::contract_hash(acceptance_of(model.possible[0].offer))};
      if (std::ranges::find(held, wanted) == held.end())
        broken(fmt::format("contract {}.{} is not held", which.content, which.account));
    });
  }

  // ---- ends and beginnings

  void end() {
    switch (random_() % 4) {
      case 0:
        note("close");
        disk_.stop_failing();
        trapped_ = false;
        require(store_->close().has_value(), "the store cannot be closed");
        store_.reset();
        if (chance(3)) tamper();
        break;
      case 1:
        note("close, failing");
        (void)store_->close();
        break;
      default:
        note("kill");
    }
    store_.reset();
    if (chance(2)) {
      note("power cut");
      disk_.cut_power();
    }
    reopen();
  }

  /// The process dies at a call, and perhaps the machine with it.
  void die() {
    store_.reset();
    if (chance(2)) {
      note("power cut");
      disk_.cut_power();
    } else {
      note("kill");
    }
    reopen();
  }

  /// Somebody removes a file while the store is closed.
  void tamper() {
    const Which which = any();
    if (!disk_.remove(store::path_of(key_of(which)))) return;
    (void)disk_.sync_folder(store::path_of(store::folder_of(key_of(which).piece)));
    contract(which) = Contract{};
  }

  void reopen() {
    store_.reset();
    disk_.stop_failing();
    trapped_ = false;
    if (chance(8)) set_trap();
    for (int attempt = 0;; ++attempt) {
      store::Options options;
      options.capacity_bytes = kPlentyBytes;
      options.clock = &clock_;
      options.group_commit = with_threads_;
      auto opened = store::Store::open(disk_, options);
      if (opened) {
        store_ = *std::move(opened);
        break;
      }
      if (attempt == 1) broken("the store cannot be opened: " + opened.error().what);
      disk_.stop_failing();
      if (chance(4)) disk_.cut_power();
      trapped_ = false;
    }
    note("reopened");
    if (chance(2)) {  // while it is rebuilt
      const Which which = any();
      note(fmt::format("early look at {}.{}", which.content, which.account));
      observe_all_of(which);
    }
    if (disk_.is_dead()) return die();
    store_->rebuild_index();
    disk_.stop_failing();
    store_->rebuild_index();  // folders that could not be listed
    trapped_ = false;
    each([&](const Which& which) { observe_all_of(which); });
    check_quota();
    check_terms();
  }

  int next_token() {
    // 0 is nobody's: the offer that is not there.
    token_ = token_ + 1 < static_cast<int>(SimulatedPieces::kTokens) ? token_ + 1 : 1;
    return token_;
  }

  struct AlignedBufferOwner {
    store::AlignedBuffer buffer;
  };

  static constexpr std::uint64_t kPlentyBytes = std::uint64_t{1} << 40;
  std::mt19937_64 random_;
  SimDirectory disk_;
  sys::ManualClock clock_{1'800'000'000};
  std::unique_ptr<store::Store> store_;
  std::array<std::array<Contract, SimulatedPieces::kAccounts>, SimulatedPieces::kContents> contracts_;
  const bool with_threads_;
  bool trapped_ = false;
  int token_ = 0;
  int step_ = -1;
  std::string doing_ = "open";
  std::vector<std::string> done_;
};

}  // namespace inxt::testing
