/**
 * What llama-perplexity prints, read as measured figures: `--kl-divergence` against another model's logits, and plain perplexity.
 * Source: tools/perplexity/perplexity.cpp of https://github.com/ggml-org/llama.cpp (`kl_divergence` and `perplexity`).
 */
import { UserError } from "../errors/user-error.ts";

/** A figure with the standard error that was printed beside it; null where there was none. */
export interface LoggedFigure {
  value: number;
  error: number | null;
}

export interface LoggedRun {
  /** The file of the model that was run, as the log names it; null where it does not. */
  model: string | null;
  /** Bits a weight of that file, as the log says (two decimals); null where it does not. */
  bitsPerWeight: number | null;
  /** Tokens of a chunk, and chunks; null where the log does not say. */
  context: number | null;
  chunks: number | null;
  /** Of the model that was run. */
  perplexity: LoggedFigure;
  /** Against the base model; null for a run of perplexity alone. */
  against: LoggedDivergence | null;
}

/** Over all predicted tokens; KL in nats, shares as parts of one. */
export interface LoggedDivergence {
  kl: LoggedFigure;
  /** By percent: 0 (the least), 0.1, 1, 5, 10, 50, 90, 95, 99, 99.9 and 100 (the largest). */
  klAt: Record<string, number>;
  /** Tokens for which both models put the same first. */
  topOne: LoggedFigure;
  basePerplexity: LoggedFigure;
  /** Of perplexities, the model's over the base's. */
  ratio: LoggedFigure;
}

/** Longest log that is read, in characters. */
const MOST = 2 ** 26;

/**
 * The runs of a log, in their order.
 *
 * @throws {UserError} for a text that llama-perplexity did not print, a run that did not come to its end, and figures that are no numbers.
 */
export function readPerplexityLog(text: string): LoggedRun[] {
  if (text.length > MOST)
    throw new UserError(`A log of ${text.length.toLocaleString("en")} characters is longer than is read.`);
  // Colours, and the times that some builds put before each line.
  const lines = text
    .replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "")
    .split(/\r?\n/)
    .map((line) => line.replace(/^\d+\.\d\d\.\d{3}\.\d{3} [A-Z] /, ""));
  const runs: LoggedRun[] = [];
  let said: Said = nothing();
  let open: Block | null = null;
  let table = 0;
  for (const line of lines) {
    const model = /loaded meta data .* from (.+?) \(version/.exec(line)?.[1];
    if (model !== undefined) {
      endOf(open, table, said);
      [said, open, table] = [{ ...nothing(), model }, null, 0];
    }
    read(line, said);
    if (/^chunk +PPL +ln\(PPL/.test(line)) table++;
    if (/^=+ Perplexity statistics =+/.test(line)) open = new Map();
    const field = fieldIn(line);
    if (open && field) open.set(field.name, field);
    if (open && field?.name === "Same top p") {
      runs.push({ ...common(said), ...divergence(open) });
      [open, table] = [null, 0];
    }
    const final = /Final estimate: PPL(?: over \d+ chunks for n_ctx=\d+)? = *(\S+) \+\/- *(\S+)/.exec(line);
    if (final) {
      const perplexity = { value: numberOf("the perplexity", final[1]), error: numberOf("its error", final[2]) };
      runs.push({ ...common(said), perplexity, against: null });
      said.counting = false;
    }
  }
  endOf(open, table, said);
  if (runs.length === 0)
    throw new UserError(
      "There are no figures of llama-perplexity in this text: it has neither the statistics of --kl-divergence nor a final estimate of the perplexity.",
    );
  return runs;
}

interface Said {
  model: string | null;
  bits: number | null;
  context: number | null;
  chunks: number | null;
  /** A run of perplexity alone has begun. */
  counting: boolean;
}

const nothing = (): Said => ({ model: null, bits: null, context: null, chunks: null, counting: false });

const common = ({ model, bits, context, chunks }: Said) => ({ model, bitsPerWeight: bits, context, chunks });

/** What lines before the figures say of the run. */
function read(line: string, said: Said): void {
  const bits = /(?:file size|model size) *= .*\(([\d.]+) BPW\)/.exec(line);
  if (bits) said.bits = Number(bits[1]);
  const counts = /calculating perplexity over (\d+) chunks, n_ctx=(\d+)/.exec(line);
  if (counts) [said.chunks, said.context, said.counting] = [Number(counts[1]), Number(counts[2]), true];
}

interface Field {
  name: string;
  value: string;
  error: string | null;
}
type Block = Map<string, Field>;

/** "Mean    KLD:   0.012345 ±   0.000123", "Same top p: 93.123 ± 0.123 %". */
function fieldIn(line: string): Field | null {
  const found =
    /^ ?([A-Z0-9][A-Za-z0-9.%()/\- ]*?(?:KLD|PPL\(Q\)|PPL\(base\)|\)|top p)) *: *(\S+?)%?(?: *± *(\S+))?(?: *%)?$/.exec(
      line,
    );
  if (!found) return null;
  return { name: found[1].replace(/\s+/g, " "), value: found[2], error: found[3] ?? null };
}

/** Throws for a run that was begun and has no figures. */
function endOf(open: Block | null, table: number, { model, counting }: Said): void {
  if (!open && table === 0 && !counting) return;
  const of = model === null ? "The run" : `The run of ${model}`;
  const where = open
    ? "in the middle of its statistics"
    : table > 0
      ? `after ${table === 1 ? "1 chunk" : `${table} chunks`}, without its statistics (of fewer than 100 tokens llama-perplexity prints none)`
      : "before its final estimate";
  throw new UserError(`${of} ends ${where}: its log is cut off, or it was stopped.`);
}

const PERCENTS: Readonly<Record<string, string>> = {
  ...{ "Maximum KLD": "100", "99.9% KLD": "99.9", "99.0% KLD": "99", "95.0% KLD": "95", "90.0% KLD": "90" },
  ...{ "Median KLD": "50", "10.0% KLD": "10", "5.0% KLD": "5", "1.0% KLD": "1", "0.1% KLD": "0.1", "Minimum KLD": "0" },
};

function divergence(block: Block): Pick<LoggedRun, "perplexity" | "against"> {
  const figure = (name: string, scale = 1): LoggedFigure => {
    const field = block.get(name);
    if (!field) throw new UserError(`The statistics lack "${name}": a part of the log is missing.`);
    return {
      value: numberOf(name, field.value) * scale,
      error: field.error === null ? null : numberOf(`the error of ${name}`, field.error) * scale,
    };
  };
  const klAt: Record<string, number> = {};
  for (const [name, percent] of Object.entries(PERCENTS)) klAt[percent] = figure(name).value;
  return {
    perplexity: figure("Mean PPL(Q)"),
    against: {
      kl: figure("Mean KLD"),
      klAt,
      topOne: figure("Same top p", 0.01),
      basePerplexity: figure("Mean PPL(base)"),
      ratio: figure("Mean PPL(Q)/PPL(base)"),
    },
  };
}

function numberOf(what: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new UserError(`${what} is ${text.slice(0, 40)} in this log, which is no number: the model's outputs broke.`);
}
