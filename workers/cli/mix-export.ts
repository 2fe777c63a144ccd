/** `--export TOOL=FILE`: a mix as another tool takes it. The tool's further files, and its commands as a script, lie beside. */
import { basename, dirname, extname, join } from "node:path";
import type { Definition } from "../../kernels/grammar/ast.ts";
import { UserError } from "../errors/user-error.ts";
import { assignmentOf } from "../mixes/assignment.ts";
import { exportMix } from "../mixes/exports/index.ts";
import { mixModel } from "../mixes/model.ts";
import { type MixTool, mixTools } from "../mixes/types.ts";
import { openModel } from "../models/open.ts";
import type { OpenSource } from "../sources/open.ts";
import type { Outputs } from "./write.ts";

export interface WantedExport {
  tool: MixTool;
  path: string;
}

const OPTION = "--export";

/** Reads what stands behind `--export`. Throws UserError. */
export function exportArguments(texts: readonly string[]): WantedExport[] {
  return texts.map((text) => {
    const at = text.indexOf("=");
    const tool = mixTools.find((one) => one === text.slice(0, Math.max(0, at)));
    const path = text.slice(at + 1);
    if (!tool || path === "")
      throw new UserError(
        `${OPTION} is TOOL=FILE, such as llama.cpp=tensor-types.txt, not "${text}". Tools are ${mixTools.join(", ")}.`,
      );
    return { tool, path };
  });
}

/**
 * Writes a mix for each tool. What each of them has nothing like, or does otherwise, in sentences: a tool that has nothing at all like it is
 * no reason to lose the rest. Rejects with UserError where a file cannot be written.
 */
export async function writeExports(
  wanted: readonly WantedExport[],
  source: OpenSource,
  rules: string,
  definitions: readonly Definition[],
  outputs: Outputs,
): Promise<string[]> {
  if (wanted.length === 0) return [];
  const { signal } = new AbortController();
  const model = await mixModel(source, () => openModel(source, signal), signal);
  const assignment = assignmentOf(model, rules, definitions);
  const notes: string[] = [];
  for (const { tool, path } of wanted) {
    const written = attempt(() => exportMix(tool, assignment, basename(path)));
    if (typeof written === "string") {
      notes.push(`${tool}: ${path} was not written. ${written}`);
      continue;
    }
    const { texts, without, notes: said } = written;
    const [first, ...others] = texts.filter(({ file }) => file !== null);
    const commands = texts.filter(({ file }) => file === null);
    const write = (where: string, text: string) => outputs.write(where, OPTION, [new TextEncoder().encode(text)]);
    await write(path, first.text);
    for (const { file, text } of others) await write(join(dirname(path), file!), text);
    if (commands.length > 0) {
      const script = commands.map(({ title, text }) => `# ${title}\n${text}\n`).join("\n");
      await write(join(dirname(path), `${basename(path, extname(path))}.sh`), script);
    }
    if (without.length > 0) {
      const [{ name, why }] = without;
      notes.push(
        `${tool}: ${without.length === 1 ? "1 tensor is" : `${without.length} tensors are`} not in it: ${name} (${why})${without.length > 1 ? " ..." : ""}`,
      );
    }
    notes.push(...said.map((note) => `${tool}: ${note}`));
  }
  return notes;
}

function attempt<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
