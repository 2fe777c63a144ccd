/** Words of a POSIX shell. */

/** A word as a shell reads it: bare where nothing in it is special, else between single quotes. */
export const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** A command over several lines, an option or two to a line. */
export function commandText(words: readonly (readonly string[])[]): string {
  return words.map((line) => line.map(quoted).join(" ")).join(" \\\n  ");
}

/** The words of a command; null where a quote is left open. Knows single and double quotes, backslashes and continued lines. */
export function shellWords(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") {
      at++;
      if (text[at] === "\n") continue;
      word = (word ?? "") + (text[at] ?? "");
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return null;
      word = (word ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      word ??= "";
      for (at++; text[at] !== '"'; at++) {
        if (at >= text.length) return null;
        if (text[at] === "\\" && '"\\$`'.includes(text[at + 1])) at++;
        word += text[at];
      }
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return words;
}
