// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge(7), "Care".
#include "format/care_answers.h"
#include "format/care_requests.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Value place_value(const format::PlaceLine& line) {
  Value value{{"segment", line.place.segment},  {"shard", line.place.shard},
              {"mirror", line.place.mirror},    {"host", line.host.hex()},
              {"address", line.address},        {"contract", to_hex(line.contract)},
              {"receipt", to_hex(line.receipt)}};
  if (line.uploader) value["uploader"] = *line.uploader;
  return value;
}

Value file_value(const format::CareFile& file) {
  Value segments = Value::array();
  for (const auto& segment : file.segments) {
    Value pieces = Value::array(), places = Value::array();
    for (const auto& piece : segment.pieces) pieces.push_back(piece.hex());
    for (const auto& place : segment.places) places.push_back(place_value(place));
    segments.push_back({{"number", segment.number},
                        {"piece_bytes", segment.piece_bytes},
                        {"pieces", std::move(pieces)},
                        {"places", std::move(places)}});
  }
  return Value{{"file", file.header.file.hex()},
               {"writer", file.header.writer.hex()},
               {"recipient", file.recipient},
               {"counts", Value::array({file.seal.segments, file.seal.pieces, file.seal.bytes})},
               {"segments", std::move(segments)}};
}

Result<Value> run_request(const Value&, ByteView input) {
  const auto request = TRY(format::read_care_request(text_of(input)));
  Value readings = Value::array(), files = Value::array();
  for (const auto& one : request.readings)
    readings.push_back(Value::array({one.uploader, one.host.hex(), one.account.hex(), one.capability}));
  for (const auto& file : request.files) files.push_back(file_value(file));
  return Value{
      {"caretaker", request.caretaker.hex()}, {"readings", std::move(readings)}, {"files", std::move(files)}};
}

Result<Value> run_key(const Value&, ByteView input) {
  const auto key = TRY(format::read_care_key(text_of(input)));
  return Value{{"uploader", key.uploader}, {"uploader_key", to_hex(key.uploader_key.view())}};
}

Result<Value> run_info(const Value&, ByteView input) {
  const auto info = TRY(format::read_care_info(text_of(input), "line"));
  Value value{{"file", info.file.hex()},      {"caretaker", info.caretaker.hex()},
              {"complete", info.is_complete}, {"segments", info.segments},
              {"pieces", info.pieces},        {"short_segments", info.short_segments},
              {"repaired", info.repaired},    {"added", info.added_unix_s}};
  if (info.audited_unix_s) value["audited"] = *info.audited_unix_s;
  return value;
}

Result<Value> run_place(const Value&, ByteView input) {
  const auto place = TRY(format::read_care_place(text_of(input), "line"));
  Value value = place_value(place.place);
  value["number"] = place.number;
  value["uploader"] = place.uploader;
  return value;
}

Result<Value> run_report(const Value&, ByteView input) {
  const auto report = TRY(format::read_care_report(text_of(input)));
  return Value{{"file", report.file.hex()},
               {"segment", report.place.segment},
               {"shard", report.place.shard},
               {"mirror", report.place.mirror},
               {"host", report.host.hex()}};
}

constexpr Format kCareFormats[] = {{"care-request", run_request},
                                   {"care-key", run_key},
                                   {"care-info", run_info},
                                   {"care-place", run_place},
                                   {"care-report", run_report}};

}  // namespace

std::span<const Format> care_formats() {
  return kCareFormats;
}

}  // namespace inxt::vectors
