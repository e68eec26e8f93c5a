#include "gateway/cli/completion.h"

#include <vector>

namespace gateway::cli {
namespace {

/// A command with the words that lead to it: "weir bench ingest".
struct Place {
  std::string path;
  const CommandWords* words;
};

std::vector<Place> places_of(const CommandWords& program) {
  std::vector<Place> places{{program.name, &program}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place at = places[i];
    for (const CommandWords& command : at.words->commands)
      places.push_back({at.path + " " + command.name, &command});
  }
  return places;
}

/// As the three shells read it in single quotes.
std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : std::string{between}) + word;
  return text;
}

/// The paths of all commands but the program, as one pattern of `case`.
std::string command_pattern(const std::vector<Place>& places) {
  std::vector<std::string> paths;
  for (const Place& place : places)
    if (place.path.find(' ') != std::string::npos) paths.push_back("'" + place.path + "'");
  return joined(paths, " | ");
}

/// Of all commands: behind those a value is typed, which is a file or nothing we know.
std::string value_pattern(const std::vector<Place>& places) {
  std::vector<std::string> names;
  for (const Place& place : places) {
    for (const CommandWords::Option& option : place.words->options) {
      const std::string pattern = "'" + place.path + " " + option.name + "'";
      if (option.takes_value) names.push_back(pattern);
    }
  }
  return joined(names, " | ");
}

// Bash and zsh find out alike where they are: `path` is the commands that were typed so far.
std::string find_path(const std::vector<Place>& places, std::string_view words) {
  return "  path=weir\n  for word in " + std::string{words} + "; do\n" +
         "    case \"$path $word\" in\n      " + command_pattern(places) +
         ") path=\"$path $word\" ;;\n    esac\n  done\n";
}

std::string bash_script(const std::vector<Place>& places) {
  std::string text =
      "# Completion of weir for bash: source it, or keep it as\n"
      "# /usr/share/bash-completion/completions/weir\n"
      "_weir() {\n"
      "  local path word current=\"${COMP_WORDS[COMP_CWORD]}\"\n" +
      find_path(places, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"") +
      "  COMPREPLY=()\n"
      "  case \"$path ${COMP_WORDS[COMP_CWORD-1]}\" in\n    " +
      value_pattern(places) + ") return ;;\n  esac\n  case \"$path\" in\n";
  for (const Place& place : places) {
    std::vector<std::string> words;
    for (const CommandWords& command : place.words->commands)
      words.push_back(command.name);
    for (const CommandWords::Option& option : place.words->options)
      words.push_back(option.name);
    text += "    '" + place.path + "') mapfile -t COMPREPLY < <(compgen -W '" + joined(words, " ") +
            "' -- \"$current\") ;;\n";
  }
  return text + "  esac\n}\ncomplete -o default -F _weir weir\n";
}

std::string zsh_script(const std::vector<Place>& places) {
  std::string text =
      "#compdef weir\n"
      "# Completion of weir for zsh: keep it as _weir in a folder of $fpath\n"
      "_weir() {\n"
      "  local path word\n"
      "  local -a known\n" +
      find_path(places, "\"${(@)words[2,CURRENT-1]}\"") +
      "  case \"$path ${words[CURRENT-1]}\" in\n    " + value_pattern(places) +
      ") _files; return ;;\n  esac\n  case \"$path\" in\n";
  for (const Place& place : places) {
    text += "    '" + place.path + "') known=(\n";
    for (const CommandWords& command : place.words->commands)
      text += "      " + single_quoted(command.name + ":" + command.what) + "\n";
    for (const CommandWords::Option& option : place.words->options)
      text += "      " + single_quoted(option.name + ":" + option.what) + "\n";
    text += "    ) ;;\n";
  }
  return text + "  esac\n  _describe weir known || _files\n}\ncompdef _weir weir\n";
}

/// Whether the words before the cursor lead to this place, and no further.
std::string fish_condition(const Place& place) {
  std::vector<std::string> typed;
  for (std::size_t at = place.path.find(' '); at != std::string::npos;) {
    const std::size_t end = place.path.find(' ', at + 1);
    typed.push_back("__fish_seen_subcommand_from " + place.path.substr(at + 1, end - at - 1));
    at = end;
  }
  std::vector<std::string> further;
  for (const CommandWords& command : place.words->commands)
    further.push_back(command.name);
  if (!further.empty()) typed.push_back("not __fish_seen_subcommand_from " + joined(further, " "));
  return typed.empty() ? "true" : joined(typed, "; and ");
}

std::string fish_script(const std::vector<Place>& places) {
  std::string text =
      "# Completion of weir for fish: keep it as ~/.config/fish/completions/weir.fish\n";
  for (const Place& place : places) {
    const std::string begin = "complete -c weir -n " + single_quoted(fish_condition(place));
    for (const CommandWords& command : place.words->commands)
      text += begin + " -f -a " + command.name + " -d " + single_quoted(command.what) + "\n";
    for (const CommandWords::Option& option : place.words->options)
      text += begin + " -l " + option.name.substr(2) + (option.takes_value ? " -r" : "") + " -d " +
              single_quoted(option.what) + "\n";
  }
  return text;
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell, const CommandWords& program) {
  const std::vector<Place> places = places_of(program);
  if (shell == "bash") return bash_script(places);
  if (shell == "zsh") return zsh_script(places);
  if (shell == "fish") return fish_script(places);
  return std::nullopt;
}

}  // namespace gateway::cli
