/**
 * Scripts that let a shell complete the words of this tool, made of the very tree of commands that `--help` shows.
 * Pure: text out. A script asks nobody while it completes: all words stand in it.
 */
import type { Command, Option } from "commander";

/** Shells that a script can be made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** What may stand behind an option, or in the place of an argument. */
type Value =
  | { readonly is: "nothing" }
  | { readonly is: "anything" }
  | { readonly is: "folder" }
  | { readonly is: "file" }
  | { readonly is: "one of"; readonly words: readonly string[] };

/** A word that may be written, and what it is for. */
interface Word {
  readonly text: string;
  readonly about: string;
}

/** One command: what may follow it. */
interface Place {
  /** `listenkey fault start`. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly (Word & { readonly value: Value })[];
  /** Words that arguments may be. */
  readonly words: readonly string[];
}

/** The script for a shell. @param program the whole tree */
export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](placesOf(program, program.name()), program.name());
}

const SCRIPTS: Readonly<Record<Shell, (places: readonly Place[], name: string) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** A command and all below it. */
function placesOf(command: Command, path: string): readonly Place[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const here: Place = {
    path,
    commands: below.map((child) => ({ text: child.name(), about: child.description() })),
    options: help.visibleOptions(command).map((option) => ({
      text: option.long ?? option.flags,
      about: option.description,
      value: valueBehind(option),
    })),
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
  return [here, ...below.flatMap((child) => placesOf(child, `${path} ${child.name()}`))];
}

function valueBehind({ required, optional, argChoices, flags }: Option): Value {
  if (argChoices !== undefined) return { is: "one of", words: argChoices };
  // A word behind an option that needs none may be an argument.
  if (!required || optional) return { is: "nothing" };
  if (/<folder>/.test(flags)) return { is: "folder" };
  return { is: /<file>/.test(flags) ? "file" : "anything" };
}

/** Which words lead from one place to the next, as patterns of a shell's `case`. */
function steps(places: readonly Place[]): string {
  return places.flatMap(({ path, commands }) => commands.map(({ text }) => `"${path} ${text}"`)).join(" | ");
}

/** A branch for each option with a value: `path option` → what to do. */
function valueBranches(places: readonly Place[], act: (value: Value) => string | undefined): string[] {
  return places.flatMap(({ path, options }) =>
    options.flatMap(({ text, value }) => {
      const what = act(value);
      return what === undefined ? [] : [`    "${path} ${text}") ${what} ;;`];
    }),
  );
}

function bashScript(places: readonly Place[], name: string): string {
  const values = valueBranches(places, (value) => {
    if (value.is === "nothing") return undefined;
    if (value.is === "one of") return `words="${value.words.join(" ")}"`;
    if (value.is === "anything") return "return";
    return `compopt -o filenames; COMPREPLY=($(compgen -${value.is === "file" ? "f" : "d"} -- "$word")); return`;
  });
  const words = places.map(({ path, commands, options, words }) => {
    const all = [...commands.map(({ text }) => text), ...words, ...options.map(({ text }) => text)];
    return `      "${path}") words="${all.join(" ")}" ;;`;
  });
  return `# Completes ${name} in bash. In ~/.bashrc: eval "$(${name} completion bash)"
_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" place=${name} words="" i
  COMPREPLY=()
  # bash takes --option=value for three words.
  if [[ $word == "=" ]]; then word=""
  elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
      ${steps(places)}) place="$place \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place $previous" in
${values.join("\n")}
    *) case "$place" in
${words.join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _${name} ${name}`;
}

function zshScript(places: readonly Place[], name: string): string {
  const values = valueBranches(places, (value) => {
    if (value.is === "nothing") return undefined;
    if (value.is === "one of") return `compadd -- ${value.words.join(" ")}; return`;
    if (value.is === "anything") return "return";
    return value.is === "file" ? "_files; return" : "_files -/; return";
  });
  const words = places.map(({ path, commands, options, words }) => {
    const all = [...commands, ...words.map((text) => ({ text, about: "" })), ...options];
    const shown = all.map(({ text, about }) => quoted(about === "" ? text : `${text}:${about}`));
    return `    "${path}") these=(${shown.join(" ")}) ;;`;
  });
  return `#compdef ${name}
# Completes ${name} in zsh. In ~/.zshrc, after compinit: eval "$(${name} completion zsh)"
_${name}() {
  local place=${name} previous="\${words[CURRENT - 1]}" i
  local -a these
  if [[ $PREFIX == --*=* ]]; then
    previous="\${PREFIX%%=*}"
    compset -P 1 "*="
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case "$place \${words[i]}" in
      ${steps(places)}) place="$place \${words[i]}" ;;
    esac
  done
  case "$place $previous" in
${values.join("\n")}
  esac
  case "$place" in
${words.join("\n")}
  esac
  _describe ${name} these
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _${name} "$@"; else compdef _${name} ${name}; fi`;
}

function fishScript(places: readonly Place[], name: string): string {
  const lines = places.flatMap((place) => {
    const when = `-n ${quoted(fishCondition(place))}`;
    const commands = [...place.commands, ...place.words.map((text) => ({ text, about: "" }))].map(
      ({ text, about }) => `complete -c ${name} ${when} -a ${text}${fishAbout(about)}`,
    );
    const options = place.options.map(({ text, about, value }) => {
      return `complete -c ${name} ${when} -l ${text.replace(/^--/, "")}${fishValue(value)}${fishAbout(about)}`;
    });
    return [...commands, ...options];
  });
  const head = `# Completes ${name} in fish: ${name} completion fish > ~/.config/fish/completions/${name}.fish`;
  return [head, `complete -c ${name} -f`, ...lines].join("\n");
}

/** At this place: each word of its path is there, and none that leads on. */
function fishCondition({ path, commands }: Place): string {
  const seen = path
    .split(" ")
    .slice(1)
    .map((word) => `__fish_seen_subcommand_from ${word}`);
  const further = commands.map(({ text }) => text).join(" ");
  const conditions = further === "" ? seen : [...seen, `not __fish_seen_subcommand_from ${further}`];
  return conditions.join("; and ");
}

function fishValue(value: Value): string {
  switch (value.is) {
    case "nothing":
      return "";
    case "anything":
      return " -x";
    case "one of":
      return ` -x -a ${quoted(value.words.join(" "))}`;
    case "folder":
      return " -x -a '(__fish_complete_directories)'";
    case "file":
      return " -r -F";
  }
}

function fishAbout(about: string): string {
  return about === "" ? "" : ` -d ${quoted(about)}`;
}

/** For a shell, as one word that is taken as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
