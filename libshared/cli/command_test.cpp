// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/command.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/check_options.h"
#include "cli/settings.h"

namespace inxt::cli {
namespace {

struct Values {
  bool dry_run = false, quiet = false;
  std::optional<std::string> output, compress;
  std::vector<std::string> recipients, files;
  int jobs = 0, verbose = 0;
  std::optional<std::uint64_t> size;
  std::string chosen;
};

void declare(Command& command, Values& values) {
  command.flag("-n,--dry-run", values.dry_run, "");
  command.flag("-q,--quiet", values.quiet, "").setting().not_with("dry-run");
  command.count("-v,--verbose", values.verbose, "");
  command.text("-o,--output", "FILE", values.output, "");
  command.attached("-z,--compress", "LEVEL", values.compress, "3", "");
  command.texts("-r,--recipient", "RECIPIENT", values.recipients, "").setting();
  command.number("-j,--jobs", "N", values.jobs, 1, 64, "").setting();
  command.size("-s,--size", "SIZE", values.size, "");
  command.positionals("FILE", values.files, "");
}

struct Parsed : Values {
  Result<void> result;
  explicit Parsed(const std::vector<std::string>& arguments) {
    Command command("tool", "a tool");
    declare(command, *this);
    result = parse_arguments(command, arguments);
    if (result) result = check_options(command);
  }
};

TEST_CASE("an option takes exactly its values") {
  Parsed parsed({"-r", "a", "file1", "-r", "b", "file2", "-z", "file3", "-j", "4", "-o", "-"});
  REQUIRE(parsed.result);
  CHECK(parsed.recipients == std::vector<std::string>{"a", "b"});
  CHECK(parsed.files == std::vector<std::string>{"file1", "file2", "file3"});
  CHECK(parsed.compress == "3");
  CHECK(parsed.jobs == 4);
  CHECK(parsed.output == "-");
}

TEST_CASE("attached values, clusters and long forms") {
  CHECK(Parsed({"-z=9"}).compress == "9");
  CHECK(Parsed({"--compress=9"}).compress == "9");
  CHECK(Parsed({"--compress"}).compress == "3");
  Parsed cluster({"-nz=7", "x"});
  REQUIRE(cluster.result);
  CHECK(cluster.dry_run);
  CHECK(cluster.compress == "7");
  CHECK(cluster.files == std::vector<std::string>{"x"});
  CHECK(Parsed({"-nj4"}).jobs == 4);
  CHECK(Parsed({"-nj", "5"}).jobs == 5);
  CHECK(Parsed({"--jobs=6"}).jobs == 6);
  CHECK(Parsed({"-vv", "-v"}).verbose == 3);
  CHECK(Parsed({"-s", "2MiB"}).size == 2097152);
}

TEST_CASE("an option's value may look like an option") {
  CHECK(Parsed({"-o", "-z=3"}).output == "-z=3");
  CHECK(Parsed({"--output", "--dry-run"}).output == "--dry-run");
  CHECK(!Parsed({"-o", "--dry-run"}).dry_run);
  CHECK(Parsed({"--output=--"}).output == "--");
  CHECK(Parsed({"-o", "a=b"}).output == "a=b");
}

TEST_CASE("-- ends options") {
  Parsed parsed({"-n", "--", "-z", "--output", "-"});
  REQUIRE(parsed.result);
  CHECK(parsed.dry_run);
  CHECK(!parsed.compress);
  CHECK(parsed.files == std::vector<std::string>{"-z", "--output", "-"});
}

TEST_CASE("mistakes are usage errors that name the option") {
  auto what = [](const std::vector<std::string>& arguments) {
    Parsed parsed(arguments);
    REQUIRE(!parsed.result);
    CHECK(parsed.result.error().code == Code::usage);
    return parsed.result.error().what + " | " + parsed.result.error().hint;
  };
  CHECK(what({"--jbos", "4"}) == "unknown option --jbos | did you mean --jobs?");
  CHECK(what({"-x"}).starts_with("unknown option -x"));
  CHECK(what({"--jobs"}).starts_with("--jobs needs its N"));
  CHECK(what({"--jobs="}).starts_with("--jobs needs its N"));
  CHECK(what({"--jobs", "65"}).starts_with("--jobs: \"65\" is not a whole number from 1 to 64"));
  CHECK(what({"--jobs", "4x"}).starts_with("--jobs"));
  CHECK(what({"--jobs", "-1"}).starts_with("--jobs"));
  CHECK(what({"--dry-run=yes"}).starts_with("--dry-run takes no value"));
  CHECK(what({"-n=1"}).starts_with("--dry-run takes no value"));
  CHECK(what({"-q", "-n"}).starts_with("--quiet and --dry-run do not go together"));
  CHECK(what({"--\x1b[2J"}).find('\x1b') == std::string::npos);
  CHECK(what({"--" + std::string(10000, 'x')}).size() < 300);
}

TEST_CASE("subcommands have options of their own") {
  auto parse = [](const std::vector<std::string>& arguments, std::string& chosen, bool& flag,
                  std::string& name) -> Result<void> {
    Command root("tool", "");
    root.require_subcommand();
    Command& sub = root.subcommand("new", "", chosen);
    sub.flag("-f,--flag", flag, "");
    sub.positional("NAME", name, "");
    root.subcommand("old", "", chosen);
    TRY(parse_arguments(root, arguments));
    return check_options(root);
  };
  std::string chosen, name;
  bool flag = false;
  REQUIRE(parse({"new", "-f", "old"}, chosen, flag, name));  // the second word is no longer a subcommand
  CHECK(chosen == "new");
  CHECK(flag);
  CHECK(name == "old");
  chosen.clear();
  CHECK(parse({}, chosen, flag, name).error().what.find("new, old") != std::string::npos);
  CHECK(parse({"new"}, chosen, flag, name).error().what == "NAME is missing");
  CHECK(!parse({"-f", "new", "x"}, chosen, flag, name));
  CHECK(!parse({"old", "x"}, chosen, flag, name));
  CHECK(!parse({"new", "a", "b"}, chosen, flag, name));
}

struct ConfigFile {
  std::string path = std::filesystem::temp_directory_path() / ("inxt-config-" + std::to_string(getpid()));
  explicit ConfigFile(std::string_view text) { std::ofstream(path) << text; }
  ~ConfigFile() { std::filesystem::remove(path); }
};

TEST_CASE("flag, then variable, then file, then default") {
  ConfigFile file(
      "{ // comment\n \"jobs\": 7, \"recipient\": [\"x\", \"y\"], \"quiet\": true, /* other's */ \"else\": "
      "1.5 }");
  auto with = [&](const std::vector<std::string>& arguments) {
    Values values;
    Command command("tool", "");
    declare(command, values);
    REQUIRE(parse_arguments(command, arguments));
    REQUIRE(apply_settings(command, file.path));
    return values;
  };
  unsetenv("INXT_JOBS");
  Values from_file = with({});
  CHECK(from_file.jobs == 7);
  CHECK(from_file.quiet);
  CHECK(from_file.recipients == std::vector<std::string>{"x", "y"});
  CHECK(with({"-r", "z"}).recipients == std::vector<std::string>{"z"});
  CHECK_FALSE(with({"--dry-run"}).quiet);  // they do not go together, and the command line is nearer
  setenv("INXT_JOBS", "8", 1);
  CHECK(with({}).jobs == 8);
  CHECK(with({"-j", "9"}).jobs == 9);
  unsetenv("INXT_JOBS");
}

TEST_CASE("settings that are wrong say where they stand") {
  Values values;
  auto error = [&](std::string_view text) {
    ConfigFile file(text);
    Command command("tool", "");
    declare(command, values);
    auto applied = apply_settings(command, file.path);
    REQUIRE(!applied);
    CHECK(applied.error().code == Code::usage);
    return applied.error().what;
  };
  CHECK(error("{\"jobs\": 65}").find("\"jobs\"") != std::string::npos);
  CHECK(error("{\"jobs\": 1.5}").find("\"jobs\"") != std::string::npos);
  CHECK(error("{\"quiet\": 1}").find("\"quiet\"") != std::string::npos);
  CHECK(error("[]").find("not a JSON object") != std::string::npos);
  CHECK(error("{\"jobs\": 3,\n\n oops}").find("line 3 is not JSON") != std::string::npos);
  CHECK(error("{").find("line 1 is not JSON") != std::string::npos);
  CHECK(error("{\"jobs\": 3, \"jobs\": 4}").find("\"jobs\" stands there twice") != std::string::npos);
  CHECK(error(std::string(kConfigBytesMax + 1, ' ')).find("kConfigBytesMax") != std::string::npos);
  setenv("INXT_JOBS", "many", 1);
  CHECK(error("{}").starts_with("INXT_JOBS: "));
  unsetenv("INXT_JOBS");
  CHECK(variable_name("dry-run") == "INXT_DRY_RUN");
}

TEST_CASE("a file of the tool's own has no member that the tool does not know") {
  auto apply = [](std::string_view text) -> Result<Values> {
    Values values;
    ConfigFile file(text);
    Command command("tool", "");
    declare(command, values);
    TRY(apply_settings(command, file.path, UnknownMembers::refused));
    return values;
  };
  const auto good = apply("{\"jobs\": 3}");
  REQUIRE(good);
  CHECK(good->jobs == 3);
  const auto near = apply("{\"jbos\": 3}");
  REQUIRE(!near);
  CHECK(near.error().code == Code::usage);
  CHECK(near.error().what.find("\"jbos\" is no setting of tool") != std::string::npos);
  CHECK(near.error().hint == "did you mean \"jobs\"?");
  const auto far = apply("{\"something else\": 3}");
  REQUIRE(!far);
  CHECK(far.error().hint == "--help lists the options");
}

TEST_CASE("the table comes out as help and as JSON") {
  Values values;
  Command command("tool", "does things");
  declare(command, values);
  std::string help = help_text(command, "tool");
  CHECK(help.starts_with("tool: does things\n\nusage: tool [OPTION]... [FILE]...\n"));
  CHECK(help.find("  -z, --compress[=LEVEL]") != std::string::npos);
  auto json = nlohmann::json::parse(options_json(command));
  CHECK(json["options"].size() == 9);
  CHECK(json["options"][6]["long"] == "jobs");
  CHECK(json["options"][6]["variable"] == "INXT_JOBS");
  CHECK(json["options"][4]["attached"] == true);
}

}  // namespace
}  // namespace inxt::cli
