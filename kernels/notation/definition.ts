import type { Definition } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { article } from "../grammar/names.ts";
import { Cursor } from "./lex.ts";
import { MAX_NAME, MAX_TEXT } from "./limits.ts";
import { normalizeCall } from "./normalize.ts";
import { expandAlias, type NotationOptions, namesOf } from "./parse.ts";
import { Parser } from "./parser.ts";
import { printCall } from "./print.ts";

/**
 * Reads `name:=format`, such as `my4:=codebook(-1,0,1)`. The name then stands wherever a format may; what follows it
 * in a recipe overrides, as with an alias. It must not be registered or among `options.definitions` already, which
 * the right-hand side may use.
 *
 * @throws {RecipeError} with the column, counted from 1.
 */
export function parseDefinition(text: string, options: NotationOptions = {}): Definition {
  const names = namesOf(options);
  const c: Cursor = new Cursor(text);
  if (text.length > MAX_TEXT) {
    c.fail(`a definition has at most ${MAX_TEXT} characters, and this has ${text.length}`, MAX_TEXT);
  }
  const name = c.name();
  if (name === null) c.fail(`${c.found()}: expected name:=format, such as my4:=codebook(-1,0,1)`);
  if (name.length > MAX_NAME) c.fail(`a name has at most ${MAX_NAME} characters`, MAX_NAME);
  const taken = names.kind(name);
  if (taken) c.fail(`"${name}" is ${article[taken]} already: expected a name of its own`, 0);
  if (!c.eat(":") || !c.eat("=")) c.fail(`${c.found()}: expected ":=" after the name`);
  return { name, base: new Parser(c, names, expandAlias).format() };
}

/** Writes a definition as `parseDefinition` reads it, without the use of other definitions. */
export function printDefinition(definition: Definition, options: NotationOptions = {}): string {
  const names = namesOf({ vocabulary: options.vocabulary });
  const read = new Cursor(definition.name).name();
  if (read !== definition.name) throw new RecipeError(`"${definition.name}" cannot be the name of a definition`);
  return `${definition.name}:=${printCall(names, normalizeCall(names, "format", definition.base))}`;
}
