// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/share_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/log_limits.h"
#include "bridge/usage.h"

namespace inxt::bridge {
namespace {

using database::Row;
using database::Rows;
using database::Transaction;

format::ShareInfo info_of(const Row& row) {
  format::ShareInfo info;
  info.share = row.id<format::ShareId>(0);
  info.client = row.bytes<32>(1);
  if (!row.is_null(2)) info.object = row.id<format::ObjectId>(2);
  info.created_unix_s = row.integer(3);
  info.expires_unix_s = row.integer(4);
  info.bundle_bytes = static_cast<std::uint64_t>(row.integer(5));
  info.pieces = static_cast<std::uint64_t>(row.integer(6));
  return info;
}

/// Pieces stand in rows of at most format::kShareLinePiecesMax, ids one after another.
Bytes joined(std::span<const PieceId> pieces) {
  Bytes out;
  out.reserve(pieces.size() * PieceId::kBytes);
  for (const PieceId& piece : pieces) append(out, piece.view());
  return out;
}

bool has_piece(ByteView run, const PieceId& piece) {
  std::size_t first = 0, end = run.size() / PieceId::kBytes;
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    const int order = std::memcmp(run.data() + middle * PieceId::kBytes, piece.bytes.data(), PieceId::kBytes);
    if (order == 0) return true;
    (order < 0 ? first : end) = order < 0 ? middle + 1 : middle;
  }
  return false;
}

std::int64_t charge_of(const format::ShareRequest& share) {
  std::size_t bytes = share.bundle.size();
  for (const format::SharedPieces& place : share.places)
    bytes += place.capability.size() + place.pieces.size() * PieceId::kBytes;
  return static_cast<std::int64_t>(bytes) +
         kRowChargeBytes * static_cast<std::int64_t>(1 + share.places.size());
}

Result<void> add_places(Transaction& transaction, std::int64_t key, const format::ShareRequest& share) {
  for (const format::SharedPieces& place : share.places) {
    TRY(transaction.execute(
        "INSERT INTO share_places (share, host, account, capability) VALUES ($1, $2, $3, $4)",
        {key, place.host, place.account, place.capability}));
    const std::span<const PieceId> pieces = place.pieces;
    for (std::size_t first = 0; first < pieces.size(); first += format::kShareLinePiecesMax) {
      const auto run = pieces.subspan(first, std::min(format::kShareLinePiecesMax, pieces.size() - first));
      TRY(transaction.execute(
          "INSERT INTO share_pieces (share, host, account, first, pieces) VALUES ($1, $2, $3, $4, $5)",
          {key, place.host, place.account, run.front(), joined(run)}));
    }
  }
  return {};
}

Result<void> clear_expired(Transaction& transaction, const AccountId& owner, std::int64_t now_unix_s) {
  const Rows expired = TRY(transaction.query(
      "SELECT share FROM shares WHERE owner = $1 AND expires <= $2 ORDER BY expires LIMIT $3",
      {owner, now_unix_s, kExpiredSharesPerTurn}));
  for (const Row row : expired) TRY(remove_share(transaction, row.id<format::ShareId>(0)));
  return {};
}

}  // namespace

Result<SharePut> put_share(Transaction& transaction, const Authority& authority,
                           const format::ShareRequest& share, std::int64_t now_unix_s) {
  const AccountId& owner = authority.owner();
  const std::optional<ShareRow> before = TRY(find_share(transaction, share.share));
  if (before && before->owner != owner) return fail(Code::denied, "a share of this id is another owner's");
  if (before) {
    TRY(authority.allow(format::Ability::share, before->info.object));
    TRY(remove_share(transaction, share.share));
  }
  TRY(clear_expired(transaction, owner, now_unix_s));

  const Rows count = TRY(transaction.query("SELECT COUNT(*) FROM shares WHERE owner = $1", {owner}));
  if (count[0].integer(0) >= kSharesPerOwnerMax)
    return fail(Code::quota, fmt::format("there are {} shares of this owner already (shares_per_owner_max)",
                                         kSharesPerOwnerMax));
  const std::int64_t charged_bytes = charge_of(share);
  const Rows made = TRY(transaction.query(
      "INSERT INTO shares"
      " (share, owner, client, object, created, expires, bundle_bytes, pieces, bundle, charged_bytes, path)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
      " ON CONFLICT (share) DO NOTHING RETURNING key",
      {share.share, owner, share.client, share.object, before ? before->info.created_unix_s : now_unix_s,
       share.expires_unix_s, static_cast<std::int64_t>(share.bundle.size()),
       static_cast<std::int64_t>(format::pieces_of(share)), view_of(share.bundle), charged_bytes,
       authority.path()}));
  if (made.empty()) return fail(Code::try_again, "the same share was made at the same time");
  TRY(add_places(transaction, made[0].integer(0), share));
  TRY(take_quota(transaction, authority, charged_bytes));
  return before ? SharePut::replaced : SharePut::made;
}

Result<std::optional<ShareRow>> find_share(Transaction& transaction, const format::ShareId& share) {
  const Rows rows =
      TRY(transaction.query("SELECT share, client, object, created, expires, bundle_bytes, pieces, owner "
                            "FROM shares WHERE share = $1",
                            {share}));
  if (rows.empty()) return std::nullopt;
  return ShareRow{.owner = rows[0].id<AccountId>(7), .info = info_of(rows[0])};
}

Result<Bytes> bundle_of_share(Transaction& transaction, const format::ShareId& share) {
  const Rows rows = TRY(transaction.query("SELECT bundle FROM shares WHERE share = $1", {share}));
  if (rows.empty()) return fail(Code::failure, "the database lacks the bundle of a share");
  return copy_of(rows[0].blob(0));
}

Result<std::vector<format::ShareInfo>> list_shares(Transaction& transaction, const AccountId& owner,
                                                   const std::optional<format::ShareId>& after,
                                                   std::size_t limit) {
  const ByteView behind = after ? after->view() : ByteView{};  // no blob is less than the empty one
  const Rows rows =
      TRY(transaction.query("SELECT share, client, object, created, expires, bundle_bytes, pieces FROM shares"
                            " WHERE owner = $1 AND share > $2 ORDER BY share LIMIT $3",
                            {owner, behind, static_cast<std::int64_t>(limit)}));
  std::vector<format::ShareInfo> shares;
  shares.reserve(rows.size());
  for (const Row row : rows) shares.push_back(info_of(row));
  return shares;
}

Result<bool> remove_share(Transaction& transaction, const format::ShareId& share) {
  // Its places and pieces go with it: ON DELETE CASCADE.
  const Rows rows =
      TRY(transaction.query("DELETE FROM shares WHERE share = $1 RETURNING charged_bytes, path", {share}));
  if (rows.empty()) return false;
  TRY(add_usage(transaction, rows[0].bytes<32>(1), -rows[0].integer(0)));
  return true;
}

Result<std::int64_t> remove_expired_shares(Transaction& transaction, std::int64_t now_unix_s) {
  const Rows expired =
      TRY(transaction.query("SELECT share FROM shares WHERE expires <= $1 ORDER BY expires LIMIT $2",
                            {now_unix_s, kSharesRemovedAtOnceMax}));
  for (const Row row : expired) TRY(remove_share(transaction, row.id<format::ShareId>(0)));
  return static_cast<std::int64_t>(expired.size());
}

Result<std::string> capability_for(Transaction& transaction, const format::ShareId& share, const HostId& host,
                                   const AccountId& account, const std::vector<PieceId>& pieces) {
  const Rows place = TRY(
      transaction.query("SELECT p.share, p.capability FROM share_places p JOIN shares s ON s.key = p.share"
                        " WHERE s.share = $1 AND p.host = $2 AND p.account = $3",
                        {share, host, account}));
  const auto not_shared = [](const PieceId& piece) {
    return fail(Code::denied,
                fmt::format("piece {} is not this share's at that Host and account", piece.hex()));
  };
  if (place.empty()) return not_shared(pieces.front());
  for (const PieceId& piece : pieces) {
    const Rows run = TRY(transaction.query(
        "SELECT pieces FROM share_pieces WHERE share = $1 AND host = $2 AND account = $3 AND first <= $4"
        " ORDER BY first DESC LIMIT 1",
        {place[0].integer(0), host, account, piece}));
    if (run.empty() || !has_piece(run[0].blob(0), piece)) return not_shared(piece);
  }
  return std::string(place[0].text(1));
}

}  // namespace inxt::bridge
