// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/care_answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/exact_text.h"

namespace inxt::format {
namespace {

constexpr std::string_view kKeyBegin = R"({"uploader":)";
constexpr std::string_view kKeyMiddle = R"(,"uploader_key":")";
constexpr std::string_view kKeyEnd = "\"}\n";

Result<Place> place_of(const Fields& fields) {
  Place place;
  place.segment = TRY(fields.integer("segment", kSegmentsMax - 1));
  place.shard =
      static_cast<std::uint32_t>(TRY(fields.integer("shard", kDataShardsMax + kParityShardsMax - 1)));
  place.mirror = static_cast<std::uint32_t>(TRY(fields.integer("mirror", kMirrorsMax - 1)));
  return place;
}

}  // namespace

crypto::SecretBytes write_care_key(const CareKey& key) {
  crypto::SecretBytes text;
  text.append(view_of(kKeyBegin));
  text.append(view_of(std::to_string(key.uploader)));
  text.append(view_of(kKeyMiddle));
  std::string letters = to_base64url(key.uploader_key.view());
  text.append(view_of(letters));
  crypto::wipe(std::as_writable_bytes(std::span(letters)));
  text.append(view_of(kKeyEnd));
  return text;
}

Result<CareKey> read_care_key(std::string_view body) {
  CareKey key;
  ExactText text(body);
  if (body.size() > kCareKeyBytesMax || !text.literal(kKeyBegin) ||
      !text.number(kUploaderMax, key.uploader) || !text.literal(kKeyMiddle) ||
      !text.base64(key.uploader_key.span()) || !text.literal(kKeyEnd) || !text.at_end())
    return fail(Code::integrity,
                R"(not {"uploader":N,"uploader_key":"..."} and a newline, spelled exactly so)");
  if (key.uploader < kCaretakersBegin)
    return fail(Code::integrity,
                fmt::format("uploader: less than {}: no caretaker's number", kCaretakersBegin));
  return key;
}

std::string write_caretaker(const AccountId& caretaker) {
  return write_compact({{"caretaker", caretaker.hex()}}) + '\n';
}

Result<AccountId> read_caretaker(std::string_view line) {
  const Json json = TRY(parse_object(line));
  return Fields(json, "the Bridge's answer").id<AccountId>("caretaker");
}

std::string write_care_taken(const CareTaken& taken) {
  return write_compact({{"files", taken.files},
                        {"complete", taken.complete},
                        {"segments", taken.segments},
                        {"places", taken.places}}) +
         '\n';
}

Result<CareTaken> read_care_taken(std::string_view line) {
  const Json json = TRY(parse_object(line));
  const Fields fields(json, "the Bridge's answer");
  CareTaken taken;
  taken.files = TRY(fields.integer("files"));
  taken.complete = TRY(fields.integer("complete"));
  taken.segments = TRY(fields.integer("segments"));
  taken.places = TRY(fields.integer("places"));
  return taken;
}

std::string write_care_info(const CareInfo& info) {
  Json json{{"file", info.file.hex()},      {"caretaker", info.caretaker.hex()},
            {"complete", info.is_complete}, {"segments", info.segments},
            {"pieces", info.pieces},        {"short_segments", info.short_segments},
            {"repaired", info.repaired},    {"added", info.added_unix_s}};
  if (info.audited_unix_s) json["audited"] = *info.audited_unix_s;
  return write_compact(json) + '\n';
}

Result<CareInfo> read_care_info(std::string_view line, const std::string& where) {
  const Json json = TRY_IN(where, parse_object(line, kCareInfoBytesMax));
  const Fields fields(json, where);
  CareInfo info;
  info.file = TRY(fields.id<FileId>("file"));
  info.caretaker = TRY(fields.id<AccountId>("caretaker"));
  info.is_complete = TRY(fields.boolean("complete"));
  info.segments = TRY(fields.integer("segments"));
  info.pieces = TRY(fields.integer("pieces"));
  info.short_segments = TRY(fields.integer("short_segments"));
  info.repaired = TRY(fields.integer("repaired"));
  info.added_unix_s = TRY(fields.time("added"));
  if (fields.has("audited")) info.audited_unix_s = TRY(fields.time("audited"));
  return info;
}

std::string write_care_place(const CarePlace& place) {
  Json json = to_json(place.place);
  json["number"] = place.number;
  json["uploader"] = place.uploader;
  return write_compact(json) + '\n';
}

Result<CarePlace> read_care_place(std::string_view text, const std::string& where) {
  const Json json = TRY_IN(where, parse_object(text));
  Line line = TRY(line_from_json(json, where));
  auto* place = std::get_if<PlaceLine>(&line);
  const Fields fields(json, where);
  if (place == nullptr) return fields.bad("type", "not a place");
  CarePlace found;
  found.place = std::move(*place);
  found.number = TRY(fields.integer("number"));
  found.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kUploaderMax)));
  return found;
}

std::string write_care_report(const CareReport& report) {
  return write_compact({{"file", report.file.hex()},
                        {"segment", report.place.segment},
                        {"shard", report.place.shard},
                        {"mirror", report.place.mirror},
                        {"host", report.host.hex()}}) +
         '\n';
}

Result<CareReport> read_care_report(std::string_view body) {
  if (body.ends_with('\n')) body.remove_suffix(1);
  const Json json = TRY(parse_object(body, kCareReportBytesMax));
  const Fields fields(json, "report");
  CareReport report;
  report.file = TRY(fields.id<FileId>("file"));
  report.place = TRY(place_of(fields));
  report.host = TRY(fields.id<HostId>("host"));
  return report;
}

}  // namespace inxt::format
