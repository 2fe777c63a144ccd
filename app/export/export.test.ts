import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Metrics, Report } from "../../kernels/measure/report.ts";
import { figuresForTest } from "../../kernels/testing/figures.ts";
import { betterSide, formatDifference, formatMetric, metricSpecs, metricText, specsOf } from "../metrics/metrics.ts";
import { metricsCsv, metricsJson } from "./metrics.ts";
import { textsOf, withTexts } from "./png.ts";

const metrics: Metrics = {
  ...figuresForTest(),
  mse: 0.000226,
  nmse: 0.0078,
  sqnrDb: 21.06,
  maxAbs: 0.4684,
  meanAbs: 0.0104,
  cosine: 0.9961,
  bias: -0.0037,
  saturated: 7614,
  flushed: 0,
  dead: 1,
  nonFinite: 0,
  broken: 0,
  codeEntropy: null,
  bitsPerWeight: 4.5,
  bitsBreakdown: [{ what: "elements", bitsPerWeight: 4 }],
};
const report = {
  tensor: 'a,"b',
  shape: [2, 3],
  recipe: "nvfp4",
  backend: "reference",
  seconds: 0.5,
  metrics,
  notes: [],
  numbers: 1,
};
const reports = [report as unknown as Report];

describe("metrics as files", () => {
  it("CSV quotes what must be and leaves absent figures empty", () => {
    const [head, line] = metricsCsv(reports, "https://x/#v=1").trim().split("\r\n");
    const names = head.split(",");
    const figures = specsOf([metrics]).map(({ name }) => name);
    expect(names).toEqual(["tensor", "shape", "recipe", "backend", "seconds", ...figures, "link"]);
    expect(line.startsWith('"a,""b",2x3,nvfp4,reference,0.5,21.06,4.5,')).toBe(true);
    expect(line.endsWith(",https://x/#v=1")).toBe(true);
    // The tensor's own name has a comma.
    const cells = line.split(",").slice(1);
    const written = { mse: "0.000226", nmse: "0.0078", bias: "-0.0037", saturated: "7614", codeEntropy: "" };
    for (const [name, text] of Object.entries(written)) expect(cells[names.indexOf(name)], name).toBe(text);
  });

  it("JSON has the report's own keys", () => {
    const { link, results } = JSON.parse(metricsJson(reports, "L"));
    expect(link).toBe("L");
    expect(results[0]).toEqual({ ...report });
  });
});

describe("metrics on the page", () => {
  const spec = (key: string) => metricSpecs.find((s) => s.name === key)!;
  it("are written with a true minus and a dash where there is none", () => {
    expect(formatMetric(spec("bias"), -0.0037)).toBe("−3.700e−3");
    expect(formatMetric(spec("saturated"), 7614)).toBe("7,614");
    expect(formatMetric(spec("flushed"), 16_777_216)).toBe("16,777,216");
    expect(formatMetric(spec("codeEntropy"), null)).toBe("–");
    expect(formatDifference(spec("sqnrDb"), 1.5)).toBe("+1.50");
  });

  it("mark the better one, an exact result before any other, and nothing where the eye sees no difference", () => {
    const worse = { ...metrics, sqnrDb: 17, bitsPerWeight: 4.25, bias: 0.001, nmse: 0.0078000001 };
    expect(betterSide(spec("sqnrDb"), metrics, worse)).toBe("a");
    expect(betterSide(spec("bitsPerWeight"), metrics, worse)).toBe("b");
    expect(betterSide(spec("bias"), metrics, worse)).toBe("b");
    expect(betterSide(spec("nmse"), metrics, worse)).toBeNull();
    expect(betterSide(spec("nonFinite"), metrics, { ...metrics, nonFinite: 3 })).toBeNull();
    expect(betterSide(spec("sqnrDb"), metrics, { ...metrics, sqnrDb: null, mse: 0 })).toBe("b");
  });

  it("of a side with broken results are better than none, and no error is better than theirs", () => {
    const broken = { ...metrics, broken: 3, bitsPerWeight: 3, nmse: 1e-9, mse: 0, sqnrDb: null, maxAbs: 9 };
    for (const one of metricSpecs.filter(({ name }) => name !== "broken")) {
      expect(betterSide(one, metrics, broken), one.name).toBeNull();
      expect(betterSide(one, broken, metrics), one.name).toBeNull();
    }
    expect(betterSide(spec("broken"), metrics, broken)).toBe("a");
    expect(betterSide(spec("bitsPerWeight"), { ...metrics, bitsPerWeight: 2 }, broken)).toBe("a");
    expect(metricText(spec("sqnrDb"), broken)).toBe("–");
  });
});

describe("texts in a PNG", () => {
  // A signature, a header chunk, a chunk of other data and the end, as long as those of a real file.
  const png = new Uint8Array(8 + 25 + 12);
  new DataView(png.buffer).setUint32(8, 13);

  it("come back as they were, in any script", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const written = withTexts(png, { Source: text, Title: "Error map" });
        expect(textsOf(written)).toEqual({ Source: text, Title: "Error map" });
        expect(written.subarray(0, 33)).toEqual(png.subarray(0, 33));
      }),
    );
  });

  it("carry the checksum of zlib", () => {
    const chunk = withTexts(png, { A: "x" }).subarray(33, 33 + 12 + 7);
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    expect(view.getUint32(0)).toBe(7);
    expect(view.getUint32(chunk.length - 4)).toBe(crc32(chunk.subarray(4, -4)));
  });
});
