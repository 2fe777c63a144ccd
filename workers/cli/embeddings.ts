/** `embeddings FILE`: whether vectors still find their neighbours behind a recipe. */
import { parseArgs } from "node:util";
import { NEARNESS } from "../../kernels/embeddings/index.ts";
import { standardBackends } from "../backends/standard.ts";
import { embeddings } from "../embeddings/embeddings.ts";
import { UserError } from "../errors/user-error.ts";
import { RAW_OPTIONS, rawSpec } from "./raw.ts";
import { jsonLine } from "./say.ts";
import { chosenTensor, onlyFile, openArgument } from "./source.ts";
import { figure, table } from "./table.ts";

const whole = (text: string, option: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new UserError(`--${option} is a whole number of 1 or more, not "${text}".`);
};

/** `--keep 128` components, or `--keep 0.5` of them. */
function keptOf(text: string, cols: number): number {
  const kept = Number(text);
  const count = kept < 1 ? Math.round(kept * cols) : kept;
  if (Number.isInteger(count) && count >= 1 && count <= cols) return count;
  throw new UserError(`--keep is a number of components up to ${cols}, or a share of them below 1, not "${text}".`);
}

export async function embeddingsCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...{ tensor: { type: "string" }, recipe: { type: "string" }, keep: { type: "string" } },
      ...{ by: { type: "string", default: "cosine" }, k: { type: "string", default: "1,10,100" } },
      ...{ queries: { type: "string", default: "256" }, seed: { type: "string", default: "0" } },
      ...{ define: { type: "string", multiple: true, default: [] }, "raw-codes": { type: "boolean", default: false } },
      ...{ "float-queries": { type: "boolean", default: false }, json: { type: "boolean", default: false } },
      ...RAW_OPTIONS,
    },
  });
  const { recipe } = values;
  if (recipe === undefined) throw new UserError("embeddings needs a recipe: --recipe int8/row, for example.");
  const by = NEARNESS.find((name) => name === values.by);
  if (!by) throw new UserError(`--by is one of ${NEARNESS.join(", ")}, not "${values.by}".`);
  const source = await openArgument(onlyFile("embeddings", positionals), { raw: rawSpec(values) });
  try {
    const matrix = source.matrix(chosenTensor(source, values.tensor).name);
    const order = {
      ...{ recipe, by, definitions: values.define, seed: Number(values.seed), codes: values["raw-codes"] },
      k: values.k.split(",").map((text) => whole(text, "k")),
      queries: whole(values.queries, "queries"),
      quantizedQueries: !values["float-queries"],
      keep: values.keep === undefined ? null : keptOf(values.keep, matrix.cols),
    };
    const control = { signal: new AbortController().signal, progress: () => {} };
    const report = await embeddings(matrix, order, standardBackends(null), control);
    if (values.json) {
      process.stdout.write(jsonLine({ tensor: matrix.name, by, ...report }));
      return;
    }
    const rows = [
      ["bits a vector", figure(report.bitsPerVector)],
      ["times smaller than float32", figure(report.smaller)],
      ...(report.variance === null ? [] : [["variance in the components kept", figure(report.variance)]]),
      ...report.recall.map(({ k, mean, standardError }) => [
        `recall@${k}`,
        `${figure(mean)} +- ${figure(standardError)}`,
      ]),
      ["rank correlation", figure(report.rankCorrelation)],
      ["queries", figure(report.queries)],
      ["vectors left out", figure(report.leftOut)],
    ];
    process.stdout.write(table([`${report.recipe}, by ${by}`, ""], rows, [""]));
  } finally {
    source.close();
  }
}
