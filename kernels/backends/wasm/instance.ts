import { stochasticUp } from "../../rounding/modes/sr.ts";

/** The functions and addresses that `assembly/index.ts` exports. */
export interface Kernels {
  memory: WebAssembly.Memory;
  configAddress(): number;
  planesAddress(): number;
  sumsAddress(): number;
  heapAddress(): number;
  statistics(): void;
  encode(): void;
  report(): void;
  accumulate(): void;
  settle(): void;
  /** Sums of a sweep, see `assembly/sweep.ts`: 0 where a value is not finite. */
  sumErrors(x: number, y: number, n: number): number;
  errorsAddress(): number;
  /** Costs of a search's candidates, see `assembly/trials.ts`. */
  startTrials(): void;
  beginTrials(values: number, n: number): void;
  runTrials(count: number, p: number, shift: number, best: number): number;
  costAddress(): number;
}

/** An instance of the compiled kernels with a memory of its own. */
export async function instantiate(module: WebAssembly.Module): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { abort: failed, stochasticUp: goesUp } });
  return exports as unknown as Kernels;
}

/** What the kernels ask where a float64 does not decide whether random bits (here signed) take a quotient up. */
function goesUp(num: number, den: number, lower: number, upper: number, bits: number, word: number): boolean {
  const quotient = { q: num / den, numerator: [num], denominator: den, delicate: true };
  return stochasticUp(quotient, lower, upper, bits, word >>> 0);
}

function failed(): never {
  throw new Error("a wasm kernel failed");
}
