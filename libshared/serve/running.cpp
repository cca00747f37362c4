// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/running.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "format/descriptor.h"
#include "sys/files.h"
#include "sys/output_file.h"

namespace inxt::serve {

namespace {

std::string path_of(const std::string& folder, std::string_view name) {
  return folder + "/" + std::string(name);
}

Result<void> write_whole(const std::string& path, std::string_view text) {
  sys::OutputFile file = TRY(sys::OutputFile::create(path, 0644));
  TRY(file.write(view_of(text)));
  return file.commit();
}

}  // namespace

Result<void> write_running(const std::string& folder, const Running& running,
                           std::string_view descriptor_line) {
  TRY(write_descriptor(folder, descriptor_line));
  format::Json json;
  json[running.role] = to_hex(running.key);
  json["process"] = running.process;
  json["listening"] = running.listening;
  return write_whole(path_of(folder, kRunFile), format::write_compact(json) + "\n");
}

Result<void> write_descriptor(const std::string& folder, std::string_view descriptor_line) {
  return write_whole(path_of(folder, kDescriptorFile), descriptor_line);
}

void remove_running(const std::string& folder) {
  ::unlink(path_of(folder, kRunFile).c_str());
}

Result<Running> read_running(const std::string& folder, const std::string& role) {
  const std::string path = path_of(folder, kRunFile);
  const Bytes text = TRY(sys::read_file(path, format::kLineBytesMax, "run.json (kLineBytesMax)"));
  std::string_view line = text_of(text);
  if (line.ends_with('\n')) line.remove_suffix(1);
  const format::Json json = TRY_IN(path, format::parse_object(line));
  const format::Fields fields(json, path);
  Running running;
  running.role = role;
  running.key = TRY(fields.id<HostId>(role.c_str())).bytes;
  running.process = static_cast<std::int64_t>(TRY(fields.integer("process")));
  running.listening = TRY(fields.texts("listening", format::kAddressesMax, format::kHostAddressBytesMax));
  return running;
}

Result<std::string> read_descriptor_line(const std::string& folder, LineCheck check) {
  const std::string path = path_of(folder, kDescriptorFile);
  const Bytes text = TRY(sys::read_file(path, format::kLineBytesMax, "descriptor.jsonl (kLineBytesMax)"));
  std::string line(text_of(text));
  if (line.ends_with('\n')) line.pop_back();
  TRY(check(line, path));
  return line;
}

}  // namespace inxt::serve
