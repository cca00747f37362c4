// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-share(5).
#include "format/share_bundle.h"
#include "format/share_file.h"
#include "format/share_link.h"
#include "format/share_requests.h"
#include "keys/owner.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Value> run_link(const Value&, ByteView input) {
  const auto access = TRY(format::read_share_link(text_of(input)));
  return Value{{"address", access.addresses.front()}, {"secret", to_hex(access.keys.secret().view())},
               {"bridge", to_hex(access.bridge)},     {"writer", access.writer.hex()},
               {"id", access.keys.id().hex()},        {"client", to_hex(access.keys.client().public_key())}};
}

Result<Value> run_file(const Value& given, ByteView input) {
  const auto owner = keys::OwnerKeys::from_entropy(hex_of(given, "entropy"));
  const auto file = TRY(format::read_share_file(text_of(input)));
  const auto access = TRY(format::open_share_file(file, owner.recipient_secret()));
  return Value{{"secret", to_hex(access.keys.secret().view())},
               {"bridge", to_hex(access.bridge)},
               {"addresses", access.addresses},
               {"writer", access.writer.hex()},
               {"expires", file.expires_unix_s},
               {"recipient", file.recipient}};
}

Value file_value(const format::SharedFile& file) {
  Value extents = Value::array(), manifests = Value::array();
  for (const auto& one : file.extents)
    extents.push_back(Value::array({one.first, one.bytes, one.from, one.manifest}));
  for (const auto& one : file.manifests) {
    Value secrets = Value::array();
    for (const auto& secret : one.secrets) secrets.push_back(to_hex(secret.view()));
    manifests.push_back({{"lines", one.lines}, {"secrets", std::move(secrets)}});
  }
  return Value{{"path", file.path},
               {"bytes", file.bytes ? Value(*file.bytes) : Value()},
               {"mtime", file.mtime_unix_s},
               {"mode", file.mode},
               {"extents", std::move(extents)},
               {"manifests", std::move(manifests)}};
}

Result<Value> run_bundle(const Value& given, ByteView input) {
  const auto keys = format::ShareKeys::of(hex_of(given, "secret"));
  const auto bundle = TRY(format::open_bundle(input, keys, id_of<WriterId>(given, "writer")));
  Value accounts = Value::array(), files = Value::array();
  for (const auto& one : bundle.accounts)
    accounts.push_back(Value::array({one.host.hex(), one.uploader, one.account.hex()}));
  for (const auto& file : bundle.files) files.push_back(file_value(file));
  return Value{{"folder", bundle.is_folder}, {"name", bundle.name},
               {"made", bundle.made_unix_s}, {"expires", bundle.expires_unix_s},
               {"seq", bundle.seq},          {"accounts", std::move(accounts)},
               {"folders", bundle.folders},  {"files", std::move(files)}};
}

Value ids_of(const std::vector<PieceId>& pieces) {
  Value out = Value::array();
  for (const auto& piece : pieces) out.push_back(piece.hex());
  return out;
}

Result<Value> run_request(const Value&, ByteView input) {
  const auto request = TRY(format::read_share_request(text_of(input)));
  Value places = Value::array();
  for (const auto& one : request.places)
    places.push_back(Value::array({one.host.hex(), one.account.hex(), one.capability, ids_of(one.pieces)}));
  return Value{{"share", request.share.hex()},
               {"client", to_hex(request.client)},
               {"expires", request.expires_unix_s},
               {"object", request.object ? Value(request.object->hex()) : Value()},
               {"places", std::move(places)},
               {"bundle", to_base64url(view_of(request.bundle))}};
}

Result<Value> run_lease(const Value&, ByteView input) {
  const auto request = TRY(format::read_lease_request(text_of(input)));
  return Value{
      {"host", request.host.hex()}, {"account", request.account.hex()}, {"pieces", ids_of(request.pieces)}};
}

constexpr Format kShareFormats[] = {{"share-link", run_link},
                                    {"share-file", run_file},
                                    {"share-bundle", run_bundle},
                                    {"share-request", run_request},
                                    {"lease-request", run_lease}};

}  // namespace

std::span<const Format> share_formats() {
  return kShareFormats;
}

}  // namespace inxt::vectors
