/** `attention FILE`: what recipes for queries, keys, values and probabilities do to the outputs of attention. */
import { parseArgs } from "node:util";
import { ATTENTION_ROLES, type AttentionFigures, type AttentionRole } from "../../kernels/attention/index.ts";
import { attention } from "../attention/attention.ts";
import { standardBackends } from "../backends/standard.ts";
import { UserError } from "../errors/user-error.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { jsonLine } from "./say.ts";
import { chosenTensor, onlyFile, openArgument } from "./source.ts";
import { figure, table } from "./table.ts";

const FIGURES: Record<keyof AttentionFigures, string> = {
  outputNmse: "error of outputs over their power",
  cosine: "cosine of outputs",
  relativeL1: "magnitude of errors over that of outputs",
  rmse: "root mean squared error of outputs",
  logitNmse: "error of logits over their power",
  probabilityKl: "KL of probabilities by token, nats",
  entropy: "entropy of probabilities by token, nats",
  entropyAfter: "entropy of them when quantized, nats",
  broken: "outputs that are not finite",
};

const recipeOption = (role: AttentionRole) => `${role}-recipe` as const;

function countOf(text: string, option: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new UserError(`--${option} is a whole number of heads, not "${text}".`);
}

export async function attentionCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...{ queries: { type: "string" }, keys: { type: "string" }, values: { type: "string" } },
      ...{ "queries-recipe": { type: "string" }, "keys-recipe": { type: "string" } },
      ...{ "values-recipe": { type: "string" }, "probabilities-recipe": { type: "string" } },
      ...{ heads: { type: "string", default: "1" }, "key-heads": { type: "string" }, scale: { type: "string" } },
      ...{ full: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
      ...RAW_OPTIONS,
    },
  });
  const heads = countOf(values.heads, "heads");
  const keyHeads = values["key-heads"] === undefined ? heads : countOf(values["key-heads"], "key-heads");
  const scale = values.scale === undefined ? null : Number(values.scale);
  if (scale !== null && !Number.isFinite(scale)) throw new UserError(`--scale is a number, not "${values.scale}".`);
  const given = ATTENTION_ROLES.flatMap((role) => {
    const text = values[recipeOption(role)];
    return text === undefined ? [] : [[role, text] as const];
  });
  if (given.length === 0) {
    throw new UserError(
      `attention needs a recipe: ${ATTENTION_ROLES.map((role) => `--${recipeOption(role)}`).join(", ")}.`,
    );
  }
  const source = await openArgument(onlyFile("attention", positionals), { raw: rawSpec(values) });
  try {
    const tensor = (name: "queries" | "keys" | "values") => {
      if (values[name] === undefined) throw new UserError(`attention needs a tensor of ${name}: --${name} NAME.`);
      return source.matrix(chosenTensor(source, values[name]).name);
    };
    const triple = { queries: tensor("queries"), keys: tensor("keys"), values: tensor("values") };
    const order = { heads, keyHeads, scale, causal: !values.full, recipes: Object.fromEntries(given), definitions: [] };
    const control = { signal: new AbortController().signal, progress: () => {} };
    const report = await attention(triple, order, standardBackends(null), control);
    if (values.json) {
      process.stdout.write(jsonLine(report));
      return;
    }
    const roles = ATTENTION_ROLES.map((role) => [
      role,
      report.recipes[role] ?? "as they are",
      figure(report.bits[role]),
    ]);
    process.stdout.write(`${table(["what", "recipe", "bits a value"], roles, ["bits a value"])}\n`);
    const rows = Object.entries(FIGURES).map(([key, words]) => [
      words,
      figure(report.figures[key as keyof AttentionFigures]),
    ]);
    process.stdout.write(table(["over all heads", ""], rows, [""]));
  } finally {
    source.close();
  }
}
