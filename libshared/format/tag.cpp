// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/tag.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "crypto/labels.h"

namespace inxt::format {
namespace {

constexpr std::size_t kPlainBytes = kTagBytes - crypto::kSealedBoxOverheadBytes;

/// A line of the tag that must be of type Wanted and signed by the header's writer.
template <class Wanted>
Result<Wanted> signed_line(std::string_view text, std::string_view label, ByteView context,
                           const crypto::PublicKey* writer, const char* where) {
  const auto json = TRY_IN(where, parse_object(text));
  const auto line = TRY(line_from_json(json, where));
  const auto* wanted = std::get_if<Wanted>(&line);
  if (wanted == nullptr) return fail(Code::integrity, fmt::format("{}: another type of line", where));
  const auto parts = TRY_IN(where, split_signed(text));
  const crypto::PublicKey* key = writer;
  if constexpr (std::is_same_v<Wanted, Header>) key = &wanted->writer.bytes;
  if (!verify_line(parts, label, context, *key))
    return fail(Code::integrity, fmt::format("{}: the signature is wrong", where));
  return *wanted;
}

}  // namespace

Result<Bytes> seal_tag(const ByteArray<32>& owner_recipient, const Tag& tag) {
  // By hand, because a JSON object would leave copies of the control seed in freed memory.
  crypto::SecretBytes plain{view_of(R"({"type":"tag","version":1,"control":")")};
  std::string control = to_base64url(tag.control_seed.view());
  plain.append(view_of(control));
  crypto::wipe(std::as_writable_bytes(std::span(control)));
  plain.append(view_of(R"(","secret":")"));
  plain.append(view_of(to_base64url(tag.sealed_secret)));
  plain.append(view_of("\"}"));
  for (const auto* line : {&tag.header_line, &tag.layout_line, &tag.piece_line}) {
    plain.append(view_of("\n"));
    plain.append(view_of(*line));
  }
  if (plain.size() >= kPlainBytes)
    return fail(Code::failure,
                fmt::format("the tag takes {} bytes, more than {}", plain.size(), kPlainBytes));
  plain.append(view_of(std::string(kPlainBytes - plain.size(), '\n')));
  return crypto::seal_to(owner_recipient, plain.view());
}

Result<OpenedTag> open_tag(ByteView recipient_secret, ByteView sealed, const std::optional<PieceId>& piece) {
  if (sealed.size() != kTagBytes)
    return fail(Code::integrity, fmt::format("a tag has {} bytes, not {}", kTagBytes, sealed.size()));
  const auto plain = TRY_IN("tag", crypto::open_sealed(recipient_secret, sealed));
  std::array<std::string_view, 4> lines;
  std::string_view rest = plain.text();
  for (auto& line : lines) {
    const auto end = rest.find('\n');
    if (end == rest.npos) return fail(Code::integrity, "tag: fewer than four lines");
    line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (rest.find_first_not_of('\n') != rest.npos)
    return fail(Code::integrity, "tag: something stands behind its four lines");

  const auto json = TRY_IN("tag", parse_object(lines[0]));
  const Fields fields(json, "tag");
  TRY(fields.expect("type", "tag"));
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  TRY(fields.check_crit({}));
  OpenedTag out;
  TRY(fields.base64("control", out.tag.control_seed.span()));
  out.tag.sealed_secret.resize(kSealedSecretBytes);
  TRY(fields.base64("secret", ByteSpan(out.tag.sealed_secret)));
  out.tag.header_line = lines[1];
  out.tag.layout_line = lines[2];
  out.tag.piece_line = lines[3];
  out.header = TRY(signed_line<Header>(lines[1], crypto::label::kHeaderLine, {}, nullptr, "tag header"));
  const auto context = header_hash(lines[1]);
  const auto* writer = &out.header.writer.bytes;
  out.layout =
      TRY(signed_line<Layout>(lines[2], crypto::label::kManifestLine, context, writer, "tag layout"));
  out.piece =
      TRY(signed_line<PieceLine>(lines[3], crypto::label::kManifestLine, context, writer, "tag piece"));
  TRY_IN("tag piece", check_fits(out.layout, out.piece));
  if (piece && out.piece.id != *piece) return fail(Code::integrity, "tag: it is about another piece than its contract");
  return out;
}

}  // namespace inxt::format
