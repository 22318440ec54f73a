/** JSON laid out in lines without reading a number: no digit can be lost. Pure. */

/** The same text with line breaks and blanks between its tokens. */
export function laidOut(json: string): string {
  let text = "";
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const letter = json.charAt(i);
    if (isInString) {
      text += letter === "\\" ? letter + json.charAt(++i) : letter;
      isInString = letter !== '"';
    } else if (letter === '"') {
      text += letter;
      isInString = true;
    } else if (letter === "{" || letter === "[") {
      text += /^\s*[}\]]/.test(json.slice(i + 1, i + 9)) ? letter : `${letter}\n${"  ".repeat(depth + 1)}`;
      depth++;
    } else if (letter === "}" || letter === "]") {
      depth--;
      text += /[[{]$/.test(text) ? letter : `\n${"  ".repeat(depth)}${letter}`;
    } else if (letter === ",") text += `,\n${"  ".repeat(depth)}`;
    else if (letter === ":") text += ": ";
    else if (!/\s/.test(letter)) text += letter;
  }
  return text;
}
