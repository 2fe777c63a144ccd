import { describe, expect, test } from "vitest";
import { parseJson } from "../checkpoints/json.ts";
import { configOf } from "./config.ts";
import { judgeZeros } from "./known/zero-evidence.ts";

const config = (fields: object) =>
  configOf(
    "config.json",
    parseJson(JSON.stringify({ quantization_config: { quant_method: "gptq", ...fields } })).value,
  )!;

/** What is said by format and sym, the zero point that all have, and the version that most of it agrees on. */
const verdicts: [fields: object, uniform: number | null, version: string, doubted: boolean][] = [
  [{}, null, "v1", false],
  [{}, 7, "v1", false],
  [{}, 8, "v2", true],
  [{}, 3, "v1", false],
  [{ sym: true }, 7, "v1", false],
  [{ sym: true }, 8, "v2", true],
  [{ sym: true }, null, "v1", true],
  [{ sym: false }, 8, "v1", false],
  [{ sym: false }, null, "v1", false],
  [{ checkpoint_format: "gptq" }, 7, "v1", false],
  [{ checkpoint_format: "gptq" }, 8, "v1", false],
  [{ checkpoint_format: "gptq", sym: true }, 8, "v2", true],
  [{ checkpoint_format: "gptq", sym: false }, 8, "v1", false],
  [{ checkpoint_format: "gptq_v2" }, 8, "v2", false],
  [{ checkpoint_format: "gptq_v2", sym: true }, 7, "v1", true],
  [{ checkpoint_format: "gptq_v2", sym: true }, 8, "v2", false],
];

describe("how zero points are read", () => {
  test.each(verdicts)("%j, stored %s: %s", (fields, uniform, version, doubted) => {
    const found = judgeZeros(config(fields), uniform, 4);
    expect(found.version).toBe(version);
    expect(found.doubt !== null).toBe(doubted);
    expect(found.symmetric).toBe(uniform === (version === "v2" ? 8 : 7));
  });
});
