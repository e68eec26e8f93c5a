#include "gateway/cli/syntax.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "gateway/config/names.h"

namespace gateway::cli {
namespace {

using ingest::Failure;

/// What was typed and is not ours, with what may have been meant.
std::string unknown(const std::string& word, const CLI::App& app) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      known.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands({}))
    known.push_back(command->get_name());
  const std::vector<std::string_view> views{known.begin(), known.end()};
  const std::string_view meant = config::nearest(word, views);
  std::string text = "\"" + word + "\" is unknown";
  if (!meant.empty()) text += ", did you mean " + std::string{meant} + "?";
  return text;
}

CommandWords words_of(const CLI::App& app) {
  CommandWords words{.name = app.get_name(), .what = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      words.options.push_back(
          {"--" + name, option->get_description(), option->get_expected_max() > 0});
  }
  for (const CLI::App* command : app.get_subcommands({}))
    words.commands.push_back(words_of(*command));
  return words;
}

}  // namespace

// ---- what a command takes ----

Syntax Syntax::command(const char* name, const char* what, const char* footer) const {
  CLI::App* const made = app_->add_subcommand(name, what);
  made->footer(footer);
  made->allow_extras();
  return Syntax{*made};
}

Syntax Syntax::under(const char* heading) const {
  Syntax same = *this;
  same.heading_ = heading;
  return same;
}

CLI::Option& Syntax::grouped(CLI::Option* option) const {
  if (heading_ != nullptr) option->group(heading_);
  return *option;
}

void Syntax::text(std::string& to, const Word& word) const {
  CLI::Option& made = grouped(app_->add_option(word.name, to, word.what));
  made.type_name(word.type)->take_last();
  if (!to.empty()) made.capture_default_str();
}

void Syntax::number(std::uint64_t& to, const Word& word, const Range& range) const {
  number(to, word);
  app_->get_option(word.name)->check(CLI::Range(range.least, range.most));
}

void Syntax::number(std::uint64_t& to, const Word& word) const {
  CLI::Option& made = grouped(app_->add_option(word.name, to, word.what));
  made.type_name(word.type)->take_last();
  if (to != 0) made.capture_default_str();
}

void Syntax::list(std::vector<std::string>& to, const Word& word) const {
  CLI::Option& made = grouped(app_->add_option(word.name, to, word.what));
  made.type_name(word.type)->delimiter(',')->allow_extra_args(false);
}

void Syntax::again(std::vector<std::string>& to, const Word& word) const {
  CLI::Option& made = grouped(app_->add_option(word.name, to, word.what));
  made.type_name(word.type)->take_all()->allow_extra_args(false);
}

void Syntax::rest(std::vector<std::string>& to, const Word& word) const {
  grouped(app_->add_option(word.name, to, word.what)).type_name(word.type);
}

void Syntax::flag(bool& to, const char* name, const char* what) const {
  grouped(app_->add_flag(name, to, what));
}

// ---- what was typed ----

bool Syntax::chosen() const {
  return app_->parsed();
}

bool Syntax::given(const char* name) const {
  return app_->count(name) > 0;
}

Parser::Parser(const About& about) : app_(std::make_unique<CLI::App>(about.what, about.name)) {
  app_->footer(about.footer);
  app_->set_version_flag("--version", about.version, "Print the version");
  app_->allow_extras();
}

Parser::~Parser() = default;

Syntax Parser::root() const {
  return Syntax{*app_};
}

ingest::Result<std::optional<std::string>, std::string> Parser::parse(
    std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as the library wants them
  try {
    app_->parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return std::optional{help()};
  } catch (const CLI::CallForAllHelp&) {
    return std::optional{help()};
  } catch (const CLI::CallForVersion& asked) {
    return std::optional{std::string{asked.what()} + "\n"};
  } catch (const CLI::ParseError& fault) {
    return wrong(fault.what());
  }
  const std::vector<CLI::App*> chosen = app_->get_subcommands();
  const std::vector<std::string> extras = app_->remaining(true);
  if (!extras.empty())
    return wrong(unknown(extras.front(), chosen.empty() ? *app_ : *chosen.front()));
  if (chosen.empty()) return Failure{app_->help()};
  if (chosen.size() > 1) return wrong("one command at a time");
  return std::optional<std::string>{};
}

CommandWords Parser::words() const {
  return words_of(*app_);
}

std::string Parser::help() const {
  const std::vector<CLI::App*> chosen = app_->get_subcommands();
  if (chosen.empty()) return app_->help();
  const std::vector<CLI::App*> inner = chosen.front()->get_subcommands();
  const std::string own = app_->get_name();
  if (inner.empty()) return chosen.front()->help(own);
  return inner.front()->help(own + " " + chosen.front()->get_name());
}

// "weir bench ingest".
std::string Parser::name() const {
  std::string name = app_->get_name();
  for (std::vector<CLI::App*> at = app_->get_subcommands(); !at.empty();
       at = at.front()->get_subcommands())
    name += " " + at.front()->get_name();
  return name;
}

Failure<std::string> Parser::wrong(const std::string& what) const {
  return {name() + ": " + what + "\nTry: " + name() + " --help"};
}

}  // namespace gateway::cli
