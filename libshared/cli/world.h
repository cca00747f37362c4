// SPDX-License-Identifier: LGPL-3.0-or-later
// What a tool is given to work with: standard streams with their manners, the clock, randomness, the stop
// signal, the key.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/key_options.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "crypto/random.h"
#include "format/json.h"
#include "keys/key_source.h"
#include "sys/files.h"
#include "sys/output_file.h"

namespace inxt::cli {

/// A tool's name and what it is for: {"inxt-put", "store files on many Hosts"}.
struct Tool {
  std::string_view name;
  std::string_view summary;
  std::string_view epilog = {};  // said after the options in --help: examples
};

/// The flags that every tool has.
struct Common {
  bool quiet = false;
  int verbose = 0;  // -v counts; INXT_LOG=debug is 2
  bool json = false;
  bool no_input = false;
  ProgressMode progress = ProgressMode::automatic;
};

/// Where a tool reads from.
struct Input {
  sys::Fd owned;  // empty for standard input
  int fd = 0;
  std::string name;  // "standard input", or the path, escaped
  std::string begin =
      {};  // bytes that were taken from it already (World::begins_with): they come before the rest
  bool is_standard_input() const { return !owned; }
};

class World {
 public:
  World(Tool tool, Common common, std::vector<std::string> arguments = {});

  const Tool& tool() const { return tool_; }
  /// The command line, without the tool's name.
  const std::vector<std::string>& arguments() const { return arguments_; }
  const Common& common() const { return common_; }
  const sys::Clock& clock() const { return clock_; }
  crypto::Random& random() { return random_; }
  Stop& stop() { return Stop::of_process(); }
  Progress& progress() { return *progress_; }

  /// A positional file; standard input for "-" and for none.
  /// Errors: usage when standard input is a terminal (`what` says what was expected: "a manifest");
  /// open_file's.
  Result<Input> input(const std::optional<std::string>& path, std::string_view what);

  /// Standard input can be read once: usage when both `input` and a hosts file ("-") want it, or when the
  /// hosts file does and it is a terminal.
  Result<void> check_hosts_input(const Input& input, const std::optional<std::string>& hosts) const;

  /// Whether it begins with `text`; of a pipe, as much is taken into `from.begin` as it takes to tell.
  Result<bool> begins_with(Input& from, std::string_view text);

  /// Bytes read, 0 at the end, as sys::read_some does, but a stop signal ends the wait.
  /// Errors: failure, also when it was stopped.
  Result<std::size_t> read(const Input& from, ByteSpan out);

  /// `-o FILE`; standard output for "-" and for none.  `binary` output is refused on a terminal unless "-"
  /// was said. Errors: usage; OutputFile::create's.
  enum class Kind { text, binary };
  Result<sys::OutputFile> output(const std::optional<std::string>& path, Kind kind);

  /// One line on standard output.
  Result<void> print(std::string_view line);
  Result<void> print_json(const format::Json& json);

  /// To the person, on standard error, after the tool's name: `say` unless quiet, `warn` always (with --json
  /// as
  /// {"warning":text}), `detail` with -v.  Hostile parts are to be escaped by the caller (cli/escape.h).
  void say(std::string_view text);
  void warn(std::string_view text);
  void detail(std::string_view text);

  /// Yes or no, asked on /dev/tty.  Errors: usage when nobody can be asked (--no-input, no terminal).
  Result<bool> confirm(std::string_view question);

  /// The key these options and the environment name, opened.
  Result<keys::Key> key(const KeyOptions& options);
  keys::KeySource key_source(const KeyOptions& options) const;

 private:
  Tool tool_;
  Common common_;
  std::vector<std::string> arguments_;
  sys::SystemClock clock_;
  crypto::SystemRandom random_;
  std::unique_ptr<Progress> progress_;
};

/// One failure on standard error: "inxt-put: what failed" and "hint: ..."; with json one line
/// {"error":code_name,"status":n,"message":text,"hint":text?}.
void report(std::string_view tool_name, const Error& error, bool json);

}  // namespace inxt::cli
