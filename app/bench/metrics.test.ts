import { expect, it } from "vitest";
import type { Metrics } from "../../kernels/report.ts";
import { formatDifference, metricSpecs, metricText } from "./metrics.ts";

const spec = (key: string) => metricSpecs.find((s) => s.key === key)!;
const metrics = (part: Partial<Metrics>) => part as Metrics;

it("no error at all reads as such, whatever rounding leaves beside it", () => {
  const exact = metrics({ mse: 0, sqnrDb: null, cosine: 1 + 6.5e-9, bias: 0 });
  expect(metricText(spec("sqnrDb"), exact)).toBe("exact");
  expect(metricText(spec("cosine"), exact)).toBe("0");
  expect(metricText(spec("cosine"), metrics({ mse: 1e-9, cosine: 1 + 6.5e-9 }))).toBe("0");
  expect(metricText(spec("cosine"), metrics({ mse: 1e-9, cosine: 0.75 }))).toBe("0.2500");
  expect(metricText(spec("sqnrDb"), metrics({ mse: 1, sqnrDb: null }))).toBe("–");
});

it("gives no sign to a difference that rounds to nothing", () => {
  expect([-0.0001, 0.0001, -0.002, 0.5].map((d) => formatDifference(spec("bitsPerWeight"), d))).toEqual([
    "0.000",
    "0.000",
    "−0.002",
    "+0.500",
  ]);
});
