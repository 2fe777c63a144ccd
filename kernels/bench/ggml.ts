/**
 * How long ggml's quantizers take in wasm, beside their own definition in TypeScript, with importance weights and without; a part of
 * `npm run bench`. Processor time of one thread. Both give the same bytes.
 */
import { blockCodecs } from "../ggml/codecs.ts";
import { encodeRow } from "../ggml/encode.ts";
import { searchPlainly } from "../ggml/fast.ts";
import { weightsOf } from "../ggml/values-for-test.ts";
import { normalValues } from "../testing/matrix.ts";

const COLS = 1024;
const ROWS = 32;
const REPETITIONS = 3;

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export async function benchGgml() {
  const values = normalValues(ROWS * COLS);
  const weights = weightsOf("random", COLS);
  const searched = blockCodecs.filter(({ weighs }) => weighs);
  const table = [];
  for (const codec of searched) {
    await codec.load?.();
    const { elements, bytes } = codec.type;
    const out = new Uint8Array((values.length / elements) * bytes);
    const once = (by: Float32Array | null): number => {
      out.fill(0);
      const start = cpu();
      for (let r = 0; r < ROWS; r++) encodeRow(codec, values, r * COLS, COLS, out, (r * COLS * bytes) / elements, by);
      return ((cpu() - start) * 1000) / values.length;
    };
    const least = (by: Float32Array | null): number =>
      Math.min(...Array.from({ length: REPETITIONS + 1 }, () => once(by)).slice(1));
    await searchPlainly(true);
    const plain = [least(null), least(weights)];
    await searchPlainly(false);
    const fast = [least(null), least(weights)];
    table.push({
      type: codec.type.name,
      "ns a value": Number(fast[0].toFixed(1)),
      "TypeScript over it": Number((plain[0] / fast[0]).toFixed(1)),
      "ns a value, weighed": Number(fast[1].toFixed(1)),
      "TypeScript over that": Number((plain[1] / fast[1]).toFixed(1)),
    });
  }
  return { elements: values.length, table };
}
