// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt: the map of the tools; `inxt put ...` runs inxt-put.  Manual: inxt(1).
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <string_view>

#include "cli/escape.h"
#include "sys/files.h"

namespace {

constexpr std::string_view kMap =
    "inxt stores files on machines that you do not trust.\n"
    "\n"
    "  inxt-key      your keys: make them once, write down the words\n"
    "  inxt-put      store a file on many Hosts                      data | manifest -> manifest\n"
    "  inxt-get      get it back, verified                           manifest -> data\n"
    "  inxt-audit    make Hosts prove that they still hold it        manifest -> verdicts\n"
    "  inxt-repair   store lost pieces anew                          manifest -> manifest\n"
    "  inxt-renew    keep it there for longer                        manifest\n"
    "  inxt-care     let a Bridge repair it while nobody looks       manifest\n"
    "  inxt-rm       delete its pieces                               manifest\n"
    "  inxt-share    let others read it, until a time                manifest -> link | share file\n"
    "  inxt-rekey    give it a new secret, and replace its pieces    manifest\n"
    "  inxt-recover  bring everything back with the words alone      hosts file -> files | manifests\n"
    "  inxt-object   what is known by its id, written at an offset   data -> id\n"
    "\n"
    "  inxt-encrypt  the first stage of inxt-put, and back           data -> manifest, ciphertext\n"
    "  inxt-shard    the second stage, and back                      manifest -> manifest, pieces\n"
    "\n"
    "  inxt-hosts    which Hosts a Bridge knows                      -> hosts file\n"
    "  inxt-permit   what you may do there, handed on in part        -> bridge file\n"
    "  inxt-host     store pieces for others\n"
    "\n"
    "  inxt-key new                                    once\n"
    "  inxt-put -e 4+2 photos.tar > photos.inxt        any 2 of 6 Hosts may be lost\n"
    "  inxt-get < photos.inxt > photos.tar\n"
    "\n"
    "`inxt put ...` is inxt-put.  Every tool has --help and a manual page; inxt(7) is the overview.\n";

int say(std::string_view text, int status) {
  const bool good = inxt::sys::write_all(status == 0 ? 1 : 2, inxt::view_of(text), "output").has_value();
  return status == 0 && !good ? 1 : status;
}

bool is_tool_name(std::string_view name) {
  if (name.empty() || name.size() > 32) return false;
  for (char c : name)
    if (!(c >= 'a' && c <= 'z') && c != '-') return false;
  return name.front() != '-';
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "--version") return say("inxt " INXT_VERSION "\n", 0);
  if (word == "--help" || word == "-h" || word == "help") return say(kMap, 0);
  if (argc < 2) return say(kMap, 2);
  if (is_tool_name(word)) {
    const std::string tool = "inxt-" + std::string(word);
    argv[1] = const_cast<char*>(tool.c_str());
    // Beside this program first, so that a build folder or an unusual prefix uses its own tools.
    char self[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self);
    if (length > 0 && length < PATH_MAX) {
      std::string folder(self, static_cast<std::size_t>(length));
      folder.resize(folder.rfind('/') + 1);
      execv((folder + tool).c_str(), argv + 1);
    }
    execvp(tool.c_str(), argv + 1);
    if (errno != ENOENT) return say("inxt: " + tool + ": " + std::strerror(errno) + "\n", 1);
  }
  return say("inxt: there is no tool inxt-" + inxt::cli::escape(word.substr(0, 64)) +
                 "\nhint: `inxt` shows the tools\n",
             2);
}
