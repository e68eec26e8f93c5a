#pragma once
// Syntax: which words a command takes, and where they go; Parser: a command line taken apart by
// them. The library that does it is known to syntax.cpp alone. It must not know what any command
// does. Part of the command line's inside, on the main thread, before anything else runs.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
class Option;
}  // namespace CLI

namespace gateway::cli {

/// A word as the help shows it. `name` begins with -- or, where the word stands alone, does not.
struct Word {
  const char* name;
  const char* what;
  const char* type;
};

/// Of one command. A view of what a Parser owns, and outlived by it, as by what its words go to.
/// What a text or number holds by then, unless empty or 0, is shown as the default.
class Syntax {
 public:
  explicit Syntax(CLI::App& app) : app_(&app) {}

  /// A command of this one: `footer` is what its help ends with.
  Syntax command(const char* name, const char* what, const char* footer) const;
  /// The same command; words added to it from here on stand under a heading of their own.
  Syntax under(const char* heading) const;

  /// The last one holds.
  void text(std::string& to, const Word& word) const;
  struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  };
  /// The last one holds.
  void number(std::uint64_t& to, const Word& word, const Range& range) const;
  void number(std::uint64_t& to, const Word& word) const;
  /// Divided by commas.
  void list(std::vector<std::string>& to, const Word& word) const;
  /// Each time that it is given.
  void again(std::vector<std::string>& to, const Word& word) const;
  /// All the words that stand alone.
  void rest(std::vector<std::string>& to, const Word& word) const;
  void flag(bool& to, const char* name, const char* what) const;

  /// Whether the command was typed. After parsing.
  bool chosen() const;
  /// Whether a word of it was typed. After parsing.
  bool given(const char* name) const;

 private:
  CLI::Option& grouped(CLI::Option* option) const;

  CLI::App* app_;
  const char* heading_ = nullptr;
};

/// A command with all that may stand behind it.
struct CommandWords {
  struct Option {
    std::string name;  // "--config"
    std::string what;
    bool takes_value = false;
  };
  std::string name;
  std::string what;
  std::vector<Option> options{};
  std::vector<CommandWords> commands{};
};

class Parser {
 public:
  struct About {
    const char* name;
    const char* what;
    const char* footer;
    std::string version;
  };
  explicit Parser(const About& about);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser();

  Syntax root() const;
  /// What to print instead of running anything: a help, the version. Nothing: exactly one command
  /// was chosen. The error says what is wrong, and what may have been meant.
  ingest::Result<std::optional<std::string>, std::string> parse(std::vector<std::string> arguments);
  /// Of the program and all its commands.
  CommandWords words() const;
  /// The error of the command that was chosen.
  ingest::Failure<std::string> wrong(const std::string& what) const;

 private:
  std::string help() const;
  std::string name() const;

  std::unique_ptr<CLI::App> app_;
};

}  // namespace gateway::cli
