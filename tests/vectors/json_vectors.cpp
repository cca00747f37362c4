// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-labels(5), and the strict JSON of inxt-manifest(5).
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/sign.h"
#include "format/json.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Value> run_json(const Value&, ByteView input) {
  const auto json = TRY(format::parse_object(text_of(input)));
  Value keys = Value::array();
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return Value{{"keys", std::move(keys)}};
}

Result<Value> run_base64(const Value& given, ByteView input) {
  if (!given.contains("size")) return Value{{"hex", to_hex(TRY(from_base64url(text_of(input))))}};
  Bytes out(given["size"].get<std::size_t>());
  TRY(from_base64url(text_of(input), out));
  return Value{{"hex", to_hex(out)}};
}

Result<Value> run_labels(const Value& given, ByteView input) {
  const std::string function = given.at("function");
  const std::string label = given.at("label");
  if (function == "hkdf")
    return Value{
        {"key", to_hex(crypto::derive(hex_of(given, "key"), hex_of(given, "salt"), label, input).view())}};
  if (function == "hash") return Value{{"hash", to_hex(crypto::labelled_hash(label, {input}))}};
  if (function != "sign") throw std::runtime_error(function);
  const auto key = crypto::SigningKey::from_seed(hex_of(given, "seed"));
  const auto signature = key.sign(label, {input});
  if (!crypto::verify(key.public_key(), label, {input}, signature))
    return fail(Code::integrity, "it does not verify");
  return Value{{"public", to_hex(key.public_key())}, {"sig", to_base64url(signature)}};
}

constexpr Format kJsonFormats[] = {{"json", run_json}, {"b64", run_base64}, {"labels", run_labels}};

}  // namespace

std::span<const Format> json_formats() {
  return kJsonFormats;
}

}  // namespace inxt::vectors
