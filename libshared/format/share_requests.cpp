// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/share_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/lease.h"

namespace inxt::format {
namespace {

/// One line off the front.
Result<Json> take_line(std::string_view& body, const std::string& where) {
  const std::size_t end = body.substr(0, kShareLineBytesMax).find('\n');
  if (end == body.npos)
    return fail(Code::integrity, fmt::format("{}: no newline within {} bytes (kShareLineBytesMax)", where,
                                             kShareLineBytesMax));
  const std::string_view line = body.substr(0, end);
  body.remove_prefix(end + 1);
  return TRY_IN(where, parse_object(line, kShareLineBytesMax));
}

/// Piece ids one after another, ascending.
Result<std::vector<PieceId>> read_pieces(const Fields& fields) {
  const Bytes all = TRY(fields.base64("pieces", kShareLinePiecesMax * PieceId::kBytes));
  if (all.empty() || all.size() % PieceId::kBytes != 0)
    return fields.bad("pieces", "not ids of 32 bytes each, one or more");
  std::vector<PieceId> pieces(all.size() / PieceId::kBytes);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::memcpy(pieces[i].bytes.data(), all.data() + i * PieceId::kBytes, PieceId::kBytes);
    if (i > 0 && pieces[i] <= pieces[i - 1]) return fields.bad("pieces", "not ascending");
  }
  return pieces;
}

SharedPieces* find_place(std::vector<SharedPieces>& places, const HostId& host, const AccountId& account) {
  const auto found = std::ranges::find_if(
      places, [&](const SharedPieces& known) { return known.host == host && known.account == account; });
  return found == places.end() ? nullptr : &*found;
}

/// Adds the line's pieces to those of its Host and account.
Result<void> add_line(ShareRequest& share, const Fields& fields) {
  TRY(fields.expect("type", "host"));
  const auto host = TRY(fields.id<HostId>("host"));
  const auto account = TRY(fields.id<AccountId>("account"));
  std::vector<PieceId> pieces = TRY(read_pieces(fields));
  SharedPieces* place = find_place(share.places, host, account);
  if (place == nullptr) {
    share.places.push_back({.host = host,
                            .account = account,
                            .capability = TRY(fields.text("capability", kLeasingTokenBytesMax)),
                            .pieces = std::move(pieces)});
    return {};
  }
  if (fields.has("capability"))
    return fields.bad("capability", "only the first line of a Host and account has it");
  if (pieces.front() <= place->pieces.back()) return fields.bad("pieces", "not ascending from line to line");
  place->pieces.insert(place->pieces.end(), pieces.begin(), pieces.end());
  return {};
}

/// The lines about the pieces at one Host.
Result<void> append_lines(std::string& lines, std::size_t& count, const SharedPieces& place) {
  const auto& pieces = place.pieces;
  if (pieces.empty() || std::ranges::adjacent_find(pieces, std::greater_equal<>{}) != pieces.end())
    return fail(Code::usage,
                fmt::format("the pieces at Host {} are none, or not ascending", place.host.hex()));
  for (std::size_t first = 0; first < pieces.size(); first += kShareLinePiecesMax, ++count) {
    Bytes ids;
    for (std::size_t i = first; i < std::min(pieces.size(), first + kShareLinePiecesMax); ++i)
      append(ids, pieces[i].view());
    Json line{{"type", "host"}, {"host", place.host.hex()}, {"account", place.account.hex()}};
    if (first == 0) line["capability"] = place.capability;
    line["pieces"] = to_base64url(ids);
    (lines += write_compact(line)) += '\n';
  }
  return {};
}

}  // namespace

std::size_t pieces_of(const ShareRequest& request) {
  std::size_t count = 0;
  for (const SharedPieces& place : request.places) count += place.pieces.size();
  return count;
}

Result<std::string> write_share_request(const ShareRequest& request) {
  if (const std::size_t pieces = pieces_of(request); pieces > kSharePiecesMax)
    return fail(
        Code::usage,
        fmt::format("{} pieces are more than one share holds: {} (kSharePiecesMax)", pieces, kSharePiecesMax),
        "share parts of it");
  if (request.bundle.size() > kShareBundleBytesMax)
    return fail(Code::usage,
                fmt::format("a share's bundle of {} bytes is longer than {} (kShareBundleBytesMax)",
                            request.bundle.size(), kShareBundleBytesMax),
                "share parts of it");
  std::string lines;
  std::size_t count = 0;
  for (const SharedPieces& place : request.places) TRY(append_lines(lines, count, place));
  if (count > kShareLinesMax)
    return fail(Code::usage,
                fmt::format("pieces at so many Hosts take {} lines, more than {} (kShareLinesMax)", count,
                            kShareLinesMax));
  Json head{{"type", "share"},
            {"share", request.share.hex()},
            {"client", to_hex(request.client)},
            {"expires", request.expires_unix_s}};
  if (request.object) head["object"] = request.object->hex();
  head["lines"] = count;
  head["bundle_bytes"] = request.bundle.size();
  std::string body = write_compact(head) + '\n';
  body += lines;
  body += request.bundle;
  return body;
}

Result<ShareRequest> read_share_request(std::string_view body) {
  if (body.size() > kShareBodyBytesMax)
    return fail(Code::integrity,
                fmt::format("the body is longer than {} bytes (kShareBodyBytesMax)", kShareBodyBytesMax));
  std::string where = "line 1";
  const Json head = TRY(take_line(body, where));
  const Fields fields(head, where);
  TRY(fields.expect("type", "share"));
  ShareRequest share;
  share.share = TRY(fields.id<ShareId>("share"));
  TRY(fields.hex("client", share.client));
  if (!crypto::is_valid_public_key(share.client)) return fields.bad("client", "no Ed25519 public key");
  share.expires_unix_s = TRY(fields.time("expires"));
  if (fields.has("object")) share.object = TRY(fields.id<ObjectId>("object"));
  const std::uint64_t lines = TRY(fields.integer("lines"));
  if (lines > kShareLinesMax)
    return fields.bad("lines", fmt::format("more than {} (kShareLinesMax)", kShareLinesMax));
  const std::uint64_t bundle_bytes = TRY(fields.integer("bundle_bytes"));
  if (bundle_bytes > kShareBundleBytesMax)
    return fields.bad("bundle_bytes",
                      fmt::format("more than {} (kShareBundleBytesMax)", kShareBundleBytesMax));

  for (std::uint64_t i = 0; i < lines; ++i) {
    where = fmt::format("line {}", i + 2);
    const Json line = TRY(take_line(body, where));
    TRY(add_line(share, Fields(line, where)));
    if (pieces_of(share) > kSharePiecesMax)
      return fail(Code::integrity,
                  fmt::format("{}: more than {} pieces (kSharePiecesMax)", where, kSharePiecesMax));
  }
  if (body.size() != bundle_bytes)
    return fail(Code::integrity,
                fmt::format("line 1: bundle_bytes: {} bytes stand behind the lines", body.size()));
  share.bundle = body;
  return share;
}

std::string write_lease_request(const LeaseRequest& request) {
  Json pieces = Json::array();
  for (const PieceId& piece : request.pieces) pieces.push_back(piece.hex());
  return write_compact(
      {{"host", request.host.hex()}, {"account", request.account.hex()}, {"pieces", std::move(pieces)}});
}

Result<LeaseRequest> read_lease_request(std::string_view body) {
  const Json json = TRY(parse_object(body));
  const Fields fields(json, "lease request");
  LeaseRequest request;
  request.host = TRY(fields.id<HostId>("host"));
  request.account = TRY(fields.id<AccountId>("account"));
  const auto pieces = TRY(fields.texts("pieces", kLeasePiecesMax, 2 * PieceId::kBytes));
  if (pieces.empty()) return fields.bad("pieces", "none");
  for (const std::string& text : pieces) {
    const auto piece = PieceId::parse(text);
    if (!piece) return fields.bad("pieces", "not all are piece ids");
    request.pieces.push_back(*piece);
  }
  return request;
}

std::string write_lease_answer(const LeaseAnswer& answer) {
  return write_compact(
      {{"capability", answer.capability}, {"lease", answer.lease}, {"expires", answer.expires_unix_s}});
}

Result<LeaseAnswer> read_lease_answer(std::string_view body) {
  const Json json = TRY(parse_object(body));
  const Fields fields(json, "lease");
  LeaseAnswer answer;
  answer.capability = TRY(fields.text("capability", kLeasingTokenBytesMax));
  answer.lease = TRY(fields.text("lease", kLeaseTokenBytesMax));
  answer.expires_unix_s = TRY(fields.time("expires"));
  return answer;
}

std::string write_share_info(const ShareInfo& info) {
  Json json{{"share", info.share.hex()}, {"client", to_hex(info.client)}};
  if (info.object) json["object"] = info.object->hex();
  json["created"] = info.created_unix_s;
  json["expires"] = info.expires_unix_s;
  json["bundle_bytes"] = info.bundle_bytes;
  json["pieces"] = info.pieces;
  return write_compact(json) + '\n';
}

Result<ShareInfo> read_share_info(std::string_view line, const std::string& where) {
  const Json json = TRY_IN(where, parse_object(line, kShareInfoBytesMax));
  const Fields fields(json, where);
  ShareInfo info;
  info.share = TRY(fields.id<ShareId>("share"));
  TRY(fields.hex("client", info.client));
  if (fields.has("object")) info.object = TRY(fields.id<ObjectId>("object"));
  info.created_unix_s = TRY(fields.time("created"));
  info.expires_unix_s = TRY(fields.time("expires"));
  info.bundle_bytes = TRY(fields.integer("bundle_bytes"));
  info.pieces = TRY(fields.integer("pieces"));
  return info;
}

}  // namespace inxt::format
