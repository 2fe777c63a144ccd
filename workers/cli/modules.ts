/** `--wasm FILE`: quantizers of the reader's own as WebAssembly modules, named after their files. */
import { readFile, stat } from "node:fs/promises";
import { provideModules } from "../../kernels/codes/module/provide.ts";
import { checkModule } from "../../kernels/codes/module/run.ts";
import { MODULE } from "../../kernels/formats/registry.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { parseDefinition } from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { digestOf, freeName, MOST_MODULE_BYTES } from "../modules/names.ts";
import { holdModule, processModules } from "../modules/node.ts";

/** For `parseArgs`. */
export const MODULE_OPTIONS = { wasm: { type: "string", multiple: true, default: [] as string[] } } as const;

export interface OpenModules {
  /** Those of the command line, then one for each module that none of them names. */
  definitions: string[];
  /** What the recipe is where none was said: a module alone. */
  recipe: string | undefined;
  /** What the names of modules stand for. */
  notes: string[];
}

/** Opens modules, which recipes then may name. Rejects with UserError. */
export async function openModules(files: readonly string[], definitions: readonly string[]): Promise<OpenModules> {
  const all = [...definitions];
  const names: string[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const bytes = await moduleAt(file);
    const digest = digestOf(bytes);
    holdModule(digest, bytes);
    const known = all.map((text) => parseDefinition(text));
    const isDigest = ({ base }: { base: { args: { value: unknown }[] } }) =>
      base.args.some(({ value }) => (value as { value?: unknown }).value === digest);
    const defined = known.find(isDigest);
    const name = defined?.name ?? freeName(file, all);
    names.push(name);
    notes.push(`${name}:=${MODULE}(${digest})`);
    if (!defined) all.push(notes.at(-1)!);
  }
  if (files.length > 0) provideModules(async () => processModules());
  return { definitions: all, recipe: names.length > 0 ? names.join(";") : undefined, notes };
}

async function moduleAt(file: string): Promise<Uint8Array> {
  const there = await stat(file).catch(() => null);
  if (!there?.isFile()) throw new UserError(`--wasm: ${file} is no file.`);
  if (there.size > MOST_MODULE_BYTES) {
    throw new UserError(`--wasm: ${file} has ${there.size} bytes; a module has ${MOST_MODULE_BYTES} at most.`);
  }
  const bytes = new Uint8Array(await readFile(file));
  try {
    checkModule(bytes);
  } catch (error) {
    if (error instanceof RecipeError) throw new UserError(`--wasm: ${file}: ${error.message}.`);
    throw error;
  }
  return bytes;
}
