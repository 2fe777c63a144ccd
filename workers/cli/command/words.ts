import { UserError } from "../../errors/user-error.ts";

/**
 * The words of a command line as a shell would split it: at spaces outside of single or double quotes, with a backslash before what
 * is meant as it is. Nothing else of a shell is understood (no variables, pipes or patterns): the words are the program and its
 * arguments. Throws UserError.
 */
export function commandWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\" && quote !== "'" && i + 1 < text.length) {
      word = (word ?? "") + text[++i];
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") throw new UserError(`--quantizer: a ${quote} is opened in ${text} and not closed.`);
  if (word !== null) words.push(word);
  if (words.length === 0) throw new UserError("--quantizer needs a command, such as 'python3 mine.py'.");
  return words;
}
