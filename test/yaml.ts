/** YAML as pages of this project write it: blocks by their indent, `{ }` and `[ ]` on one line, plain and "…" texts. */
import assert from "node:assert/strict";

/** Reads it. @throws {AssertionError} at a line that is written in another way */
export function readYaml(text: string): unknown {
  return blockOf(text.split("\n").filter((line) => line.trim() !== ""));
}

function blockOf(lines: readonly string[]): unknown {
  const indent = lines[0]?.search(/\S/) ?? assert.fail("a key without anything");
  const parts: string[][] = [];
  for (const line of lines) {
    if (line.search(/\S/) === indent) parts.push([line]);
    else (parts.at(-1) ?? []).push(line);
  }
  if (parts.every(([head = ""]) => head.startsWith("- ", indent))) {
    return parts.map(([head = "", ...rest]) => blockOf([head.replace("- ", "  "), ...rest]));
  }
  return Object.fromEntries(
    parts.map(([head = "", ...rest]) => {
      const [, key, value = ""] = /^ *([\w.-]+):(?: +(.*))?$/.exec(head) ?? assert.fail(`a line that is read: ${head}`);
      if (value === "") return [key, blockOf(rest)];
      assert.deepEqual(rest, [], `nothing below ${head}`);
      return [key, flowOf(value)];
    }),
  );
}

/** JSON, once its plain words stand in quotes; numbers are words here. */
function flowOf(text: string): unknown {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|[^\s{}[\],:"][^{}[\],:"]*(?<!\s)/g, (word) =>
    word.startsWith('"') ? word : JSON.stringify(word),
  );
  return JSON.parse(quoted);
}
