/** `listenkey completion`: a script that lets a shell complete the words of this tool. */
import { Argument, type Command } from "commander";
import type { Surroundings } from "../command.ts";
import { completionScript, SHELLS, type Shell } from "../completion.ts";

/** Gives the command its argument and its action. */
export function define(command: Command, { print }: Surroundings): void {
  command
    .addArgument(new Argument("<shell>", "whose script").choices(SHELLS))
    .addHelpText("after", AFTER_HELP)
    .action((shell: Shell) => print(completionScript(shell, command.parent ?? command)));
}

const AFTER_HELP = `
  eval "$(listenkey completion bash)"                 in ~/.bashrc
  eval "$(listenkey completion zsh)"                  in ~/.zshrc, after compinit
  listenkey completion fish > ~/.config/fish/completions/listenkey.fish`;
