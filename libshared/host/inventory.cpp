// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/check.h"
#include "format/contract.h"

namespace inxt::host {
namespace {

constexpr std::string_view kStatePrefix = "head-";
const sys::Path kUnfinished{kInventoryFolder, "head.new"};

sys::Path path_of_state(std::int64_t epoch) {
  return sys::Path{kInventoryFolder, fmt::format("{}{}", kStatePrefix, epoch)};
}

/// Sets it while it lives.
template <class Flag>
class While {
 public:
  explicit While(Flag& flag) : flag_(flag) { flag_ = true; }
  While(const While&) = delete;
  While& operator=(const While&) = delete;
  ~While() { flag_ = false; }

 private:
  Flag& flag_;
};

std::int64_t epoch_of(std::int64_t unix_s) {
  return unix_s / format::kEpochSeconds;
}

}  // namespace

Inventory::Inventory(const net::Executor& executor, const InventoryParts& parts, sys::Directory& directory)
    : parts_(parts),
      directory_(directory),
      host_{parts.key.public_key()},
      chain_(directory, host_),
      releases_(directory),
      asked_(executor),
      made_(executor),
      folders_(store::kFolders) {}

// --------------------------------------------------------------------------------------------------- loading

Result<void> Inventory::load() {
  const auto complain = [&](const std::string& reason) {
    parts_.log.write(serve::LogLevel::error, "inventory-file", {{"reason", reason}});
  };
  if (!TRY(directory_.look_up(sys::Path{kInventoryFolder}))) {
    TRY(directory_.make_folder(sys::Path{kInventoryFolder}));
    TRY(directory_.sync_folder({}));
  }
  for (const std::string& reason : TRY(chain_.load())) complain(reason);
  for (const std::string& reason : TRY(releases_.load())) complain(reason);

  std::vector<State> found;
  std::vector<sys::Path> useless;
  for (const sys::Entry& entry : TRY(directory_.list(sys::Path{kInventoryFolder}))) {
    const sys::Path path{kInventoryFolder, entry.name};
    if (entry.kind != sys::EntryKind::file || !entry.name.starts_with(kStatePrefix)) continue;
    Result<InventoryState> state = InventoryState::open(directory_, path, host_);
    if (!state && state.error().code != Code::integrity) return std::unexpected(state.error());
    if (!state) complain(fmt::format("{}: {}", path.text(), state.error().what));
    if (state)
      found.push_back(std::make_shared<const InventoryState>(*std::move(state)));
    else
      useless.push_back(path);
  }
  std::ranges::sort(found, {}, [](const State& state) { return state->head().head.epoch(); });

  // A head whose line was not written yet, or is lost, was perhaps shown: it stays the one of its hour, and
  // the next one names it.  So a chain that was lost, or taken back to an older state, goes on.
  if (!found.empty()) {
    const InventoryState& newest = *found.back();
    const auto last = chain_.last();
    // Its name may be of a moment before a kill.
    TRY(directory_.sync_folder(sys::Path{kInventoryFolder}));
    if (!last || newest.head().head.epoch() > last->head.epoch())
      TRY(chain_.append(newest.head(), newest.line()));
  }
  for (const State& state : found) {
    if (chain_.knows(state->head().hash))
      states_.push_back(state);
    else
      useless.push_back(state->path());
  }
  for (const sys::Path& path : useless)
    if (const auto removed = directory_.remove(path); !removed) complain(removed.error().what);
  const auto last = chain_.last();
  if (last) last_epoch_ = last->head.epoch();
  has_latest_ = last && !states_.empty() && states_.back()->head().hash == last->hash;
  if (last && !has_latest_)
    complain(fmt::format("the state of the head of epoch {} is lost", last->head.epoch()));
  remove_files(take_old(parts_.clock.unix_s()));
  return {};
}

// ---------------------------------------------------------------------------------------------------- states

std::vector<Inventory::State> Inventory::states() const {
  const std::lock_guard guard(mutex_);
  std::vector<State> states = states_;
  if (pending_) states.push_back(pending_);
  return states;
}

Inventory::State Inventory::pending() const {
  const std::lock_guard guard(mutex_);
  return pending_;
}

Inventory::State Inventory::latest() const {
  const std::lock_guard guard(mutex_);
  return has_latest_ ? states_.back() : nullptr;
}

Inventory::State Inventory::answerable(const crypto::Hash& head) const {
  const std::int64_t now_s = parts_.clock.unix_s();
  const std::lock_guard guard(mutex_);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i]->head().hash != head) continue;
    const bool is_old =
        i + 1 < states_.size() && now_s - states_[i + 1]->head().head.time_unix_s >= kAnswerableS;
    return is_old ? nullptr : states_[i];
  }
  return nullptr;
}

std::vector<Inventory::State> Inventory::take_old(std::int64_t now_s) {
  const std::lock_guard guard(mutex_);
  std::vector<State> old;
  while (states_.size() > 1 &&
         (states_.size() > kHeadsAnswerable || now_s - states_[1]->head().head.time_unix_s >= kAnswerableS)) {
    old.push_back(std::move(states_.front()));
    states_.erase(states_.begin());
  }
  return old;
}

void Inventory::remove_files(const std::vector<State>& old) {
  for (const State& state : old)
    if (const auto removed = directory_.remove(state->path()); !removed)
      parts_.log.write(serve::LogLevel::error, "inventory-file", {{"reason", removed.error().what}});
  const std::vector<State> left = states();
  releases_.drop_before(
      (left.empty() ? parts_.clock.unix_s() - kAnswerableS : left.front()->head().head.time_unix_s) -
      kReleasedMarginS);
}

net::Awaitable<void> Inventory::forget_old() {
  const std::vector<State> old = take_old(parts_.clock.unix_s());
  const auto job = [&] { remove_files(old); };
  (void)co_await parts_.workers.run(job);  // when the pool is busy, they go at the next start
}

Result<LeafCache::Leaves> Inventory::leaves(const InventoryState& state, std::size_t folder) {
  const proof::InventoryBranch& branch = state.top().folder(folder);
  if (LeafCache::Leaves found = cache_.find(folder, branch)) return found;
  const std::vector<store::HeldContract> contracts = TRY(state.contracts_in(directory_, folder));
  auto made = std::make_shared<const std::vector<proof::InventoryLeaf>>(leaves_of(contracts));
  cache_.add(folder, branch, made);
  return made;
}

// ---------------------------------------------------------------------------------------------------- making

bool Inventory::is_due(std::optional<std::int64_t> clock_gap_s) const {
  const std::int64_t now_s = parts_.clock.unix_s();
  if (last_epoch_ && epoch_of(now_s) <= *last_epoch_) return false;
  if (clock_gap_s && *clock_gap_s > kHeadClockGapSMax) return false;
  if (failed_ms_ && parts_.clock.steady_ms() - *failed_ms_ < kHeadRetryMs) return false;
  if (looked_changes_ && *looked_changes_ == parts_.store.inventory_changes()) return false;
  const store::Stats stats = parts_.store.stats();
  return !stats.rebuilding && stats.contracts_unknown <= kUnreadContractsMax;
}

/// A folder's contracts, and what is remembered of it made to fit them.
Result<std::vector<store::HeldContract>> Inventory::look_at(std::size_t folder) {
  store::HeldFolder held = TRY(parts_.store.held_in(folder));
  unread_ += held.unread;
  Folder& known = folders_[folder];
  if (known.changes != held.changes || held.unread > 0) {
    auto leaves = std::make_shared<const std::vector<proof::InventoryLeaf>>(leaves_of(held.contracts));
    known.branch = TRY(proof::inventory_branch(*leaves));
    known.pieces = leaves->size();
    known.changes = held.unread > 0 ? ~std::uint64_t{0} : held.changes;
    cache_.add(folder, known.branch, std::move(leaves));
  }
  return std::move(held.contracts);
}

Result<void> Inventory::refresh(std::size_t first) {
  for (std::size_t folder = first; folder < first + kFoldersPerJob; ++folder)
    if (folders_[folder].changes != parts_.store.inventory_changes(folder)) TRY(look_at(folder));
  return {};
}

Result<void> Inventory::write_part(InventoryStateWriter& writer, std::size_t first) {
  for (std::size_t folder = first; folder < first + kFoldersPerJob; ++folder) {
    const std::vector<store::HeldContract> contracts = TRY(look_at(folder));
    TRY(writer.add(folder, contracts, folders_[folder].branch));
  }
  return {};
}

Result<Inventory::State> Inventory::finish(InventoryStateWriter& writer, std::int64_t now_s) {
  std::vector<proof::InventoryBranch> branches;
  branches.reserve(folders_.size());
  format::InventoryHead head{.host = host_, .time_unix_s = now_s, .previous = {}, .pieces = 0, .root = {}};
  for (const Folder& folder : folders_) {
    branches.push_back(folder.branch);
    head.pieces += folder.pieces;
  }
  head.root = TRY(proof::InventoryTop::make(branches)).root();
  if (const auto last = chain_.last()) {
    if (head.epoch() <= last->head.epoch()) return fail(Code::try_again, "the clock was set back");
    head.previous = last->hash;
  }
  const std::string line = format::sign_head(head, parts_.key);
  TRY(writer.finish(line));
  // Its state first: a head that stands in the chain can be answered about, and one whose line is lost comes
  // back from there.
  const sys::Path path = path_of_state(head.epoch());
  TRY(directory_.rename(kUnfinished, path));
  TRY(directory_.sync_folder(sys::Path{kInventoryFolder}));
  return std::make_shared<const InventoryState>(TRY(InventoryState::open(directory_, path, host_)));
}

net::Awaitable<Result<void>> Inventory::show(State state) {
  const auto job = [&] { return chain_.append(state->head(), state->line()); };
  Result<void> written = co_await parts_.workers.run(job);
  {
    const std::lock_guard guard(mutex_);
    if (written) states_.push_back(state);
    if (written) has_latest_ = true;
    if (written || written.error().code == Code::integrity) pending_.reset();
  }
  if (!written) co_return written;
  last_epoch_ = state->head().head.epoch();
  ++heads_made_;
  parts_.log.write(serve::LogLevel::info, "inventory-head",
                   {{"epoch", std::to_string(state->head().head.epoch())},
                    {"head", to_hex(state->head().hash)},
                    {"pieces", std::to_string(state->head().head.pieces)},
                    {"bytes", std::to_string(state->head().head.root.bytes)},
                    {"ms", std::to_string(last_took_ms_)}});
  co_return Result<void>();
}

net::Awaitable<Result<void>> Inventory::make_alone() {
  // One that could not be written into the chain is made no second time: its line may stand there.
  State state = pending();
  if (state) {
    Result<void> shown = co_await show(std::move(state));
    co_return shown;
  }
  const std::int64_t began_ms = parts_.clock.steady_ms();
  const While in_making(is_making_a_head_);
  // Removals that began before know nothing of this head: they end before it looks at anything.
  const auto wait_for_removals = [&] {
    const std::unique_lock alone(letting_);
    left_while_making_.clear();
  };
  CO_CHECK(co_await parts_.workers.run(wait_for_removals));
  const std::uint64_t changes = parts_.store.inventory_changes();
  unread_ = 0;
  for (std::size_t first = 0; first < folders_.size(); first += kFoldersPerJob) {
    const auto job = [&] { return refresh(first); };
    CO_CHECK(co_await parts_.workers.run(job));
  }
  std::vector<proof::InventoryBranch> branches;
  for (const Folder& folder : folders_) branches.push_back(folder.branch);
  CO_TRY(const proof::InventoryTop top, proof::InventoryTop::make(branches));
  const State before = latest();
  if (before && before->top().root() == top.root()) {  // what came has gone again
    looked_changes_ = changes;
    co_return Result<void>();
  }

  const auto begin = [&] { return InventoryStateWriter::create(directory_, kUnfinished); };
  CO_TRY(InventoryStateWriter writer, co_await parts_.workers.run(begin));
  unread_ = 0;
  for (std::size_t first = 0; first < folders_.size(); first += kFoldersPerJob) {
    const auto job = [&] { return write_part(writer, first); };
    CO_CHECK(co_await parts_.workers.run(job));
  }
  const std::int64_t now_s = parts_.clock.unix_s();
  const auto end = [&] { return finish(writer, now_s); };
  Result<State> made = co_await parts_.workers.run(end);
  if (!made) co_return std::unexpected(std::move(made).error());
  last_took_ms_ = parts_.clock.steady_ms() - began_ms;
  state = *std::move(made);
  {
    const std::lock_guard guard(mutex_);
    pending_ = state;
  }
  CO_CHECK(co_await show(std::move(state)));
  looked_changes_ = changes;
  if (unread_ > 0)
    parts_.log.write(serve::LogLevel::error, "inventory-left-out", {{"contracts", std::to_string(unread_)}});
  co_return Result<void>();
}

net::Awaitable<Result<void>> Inventory::make() {
  CHECK_BUG(!is_making_);
  const While making(is_making_);
  Result<void> done = co_await make_alone();
  failed_ms_.reset();
  is_asked_for_ = false;
  if (!done) failed_ms_ = parts_.clock.steady_ms();
  if (done) co_await forget_old();
  made_.notify();
  co_return done;
}

net::Awaitable<void> Inventory::ask_for_head() {
  is_asked_for_ = true;
  asked_.notify();
  co_await made_.wait_for(kHeadWaitMs);
}

net::Awaitable<void> Inventory::wait_for_question(std::chrono::milliseconds time) {
  co_await asked_.wait_for(time);
}

// -------------------------------------------------------------------------------------------------- removing

Inventory::Listing Inventory::listing(const PieceId& piece, const crypto::Hash& blinded) {
  Listing listing;
  for (const State& state : states()) {
    const Result<LeafCache::Leaves> here = leaves(*state, proof::inventory_folder(piece));
    if (!here) {
      listing.alone = true;  // perhaps
      continue;
    }
    const auto leaf = std::ranges::lower_bound(**here, piece, {}, &proof::InventoryLeaf::piece);
    if (leaf == (*here)->end() || leaf->piece != piece) continue;
    if (leaf->contracts > 1)
      listing.together = true;
    else if (leaf->contracts_root == proof::contracts_root({&blinded, 1}))
      listing.alone = true;
  }
  return listing;
}

void Inventory::forget_all() {
  std::vector<State> all;
  {
    const std::lock_guard guard(mutex_);
    all.swap(states_);
    has_latest_ = false;
  }
  remove_files(all);
  releases_.drop_before(std::numeric_limits<std::int64_t>::max());
}

Result<Inventory::Letting> Inventory::let_go(std::span<const Leaving> leaving) {
  Letting letting{.making = std::shared_lock(letting_), .last = {}};
  // Before the heads are looked at: the one that is made is among them before it is not made any more.
  const bool is_making = is_making_a_head_;
  std::vector<format::ReleasedLine> lines;
  std::uint64_t bytes = 0;
  bool can_wait = true;
  std::map<PieceId, std::size_t> going;  // contracts of this call
  for (const Leaving& one : leaving) {
    const store::Trailer& trailer = *one.trailer;
    const crypto::Hash blinded = proof::blinded_contract(format::contract_hash(trailer.acceptance));
    const Listing listed = listing(trailer.piece, blinded);
    std::size_t& gone = going[trailer.piece];
    if (listed.together || is_making) {
      if (!letting.last) letting.last = std::unique_lock(last_);
      const std::size_t here = parts_.store.contracts_of(trailer.piece);
      const bool perhaps_together = gone > 0 || left_while_making_.contains(trailer.piece);
      if ((listed.together || perhaps_together) && here < gone + 2)
        return fail(
            Code::try_again,
            fmt::format("piece {}: an inventory head of the last hours lists other contracts about it, "
                        "which are gone; this one can go later",
                        trailer.piece.hex()));
      if (is_making && here > 1) left_while_making_.insert(trailer.piece);
    }
    ++gone;
    if (!listed.alone && !is_making) continue;
    format::ReleasedLine line;
    line.piece = trailer.piece;
    line.offer = trailer.offer;
    line.acceptance = trailer.acceptance;
    bytes += line.offer.size() + line.acceptance.size();
    if (!one.deletion.empty()) {
      line.deletion = one.deletion;
      can_wait = false;
    } else if (!one.release.empty()) {
      line.release = one.release;
    } else if (trailer.renewal) {
      line.renewal = trailer.renewal->renewal;
      line.renewal_acceptance = trailer.renewal->acceptance;
      bytes += line.renewal->size() + line.renewal_acceptance->size();
    }
    lines.push_back(std::move(line));
  }
  if (!lines.empty() && !releases_.has_room(bytes + lines.size() * 1024)) {
    if (can_wait || is_making || pending())
      return fail(Code::try_again, fmt::format("kReleasedBytesMax ({}) is used up", kReleasedBytesMax));
    parts_.log.write(serve::LogLevel::error, "inventory-forgotten",
                     {{"reason", fmt::format("kReleasedBytesMax ({}) is used up", kReleasedBytesMax)}});
    forget_all();
    return letting;
  }
  TRY(releases_.keep(lines, parts_.clock.unix_s()));
  return letting;
}

}  // namespace inxt::host
