// SPDX-License-Identifier: AGPL-3.0-or-later
#include "running.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "format/descriptor.h"
#include "sys/files.h"
#include "sys/output_file.h"

namespace inxt::tools {

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
  TRY(write_whole(path_of(folder, kDescriptorFile), descriptor_line));
  format::Json json;
  json["host"] = running.host.hex();
  json["process"] = running.process;
  json["listening"] = running.listening;
  return write_whole(path_of(folder, kRunFile), format::write_compact(json) + "\n");
}

void remove_running(const std::string& folder) {
  ::unlink(path_of(folder, kRunFile).c_str());
}

Result<Running> read_running(const std::string& folder) {
  const std::string path = path_of(folder, kRunFile);
  const Bytes text = TRY(sys::read_file(path, format::kLineBytesMax, "run.json (kLineBytesMax)"));
  std::string_view line = text_of(text);
  if (line.ends_with('\n')) line.remove_suffix(1);
  const format::Json json = TRY_IN(path, format::parse_object(line));
  const format::Fields fields(json, path);
  Running running;
  running.host = TRY(fields.id<HostId>("host"));
  running.process = static_cast<std::int64_t>(TRY(fields.integer("process")));
  running.listening = TRY(fields.texts("listening", format::kAddressesMax, format::kHostAddressBytesMax));
  return running;
}

Result<std::string> read_descriptor_line(const std::string& folder) {
  const std::string path = path_of(folder, kDescriptorFile);
  const Bytes text = TRY(sys::read_file(path, format::kLineBytesMax, "descriptor.jsonl (kLineBytesMax)"));
  std::string line(text_of(text));
  if (line.ends_with('\n')) line.pop_back();
  TRY(format::open_hosts_line(line, path));
  return line;
}

}  // namespace inxt::tools
