import { readFileSync } from "node:fs";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { gridOf, type MixReport, type ReportRow, sharesOf } from "./data.ts";
import { reportFile } from "./file.ts";
import { ReportSheet } from "./ReportSheet.tsx";

const row = (tensor: string, layer: number | null, role: string, more: Partial<ReportRow> = {}): ReportRow => ({
  ...{ tensor, layer, role, shape: [4, 8], elements: 32, recipe: "int4/32:f16", bits: 144, loss: 1e-3 },
  ...{ stderr: 1e-5, read: 0.02, pinned: false },
  ...more,
});

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>&'\u202e</style>]]>`;

const report = (more: Partial<MixReport> = {}): MixReport => ({
  ...{ source: "m", made: "2026-01-01", link: "https://example.org/#v=1", omitted: [], recipe: "*=int4/32:f16" },
  ...{ figures: [["Budget", "3.5 bits"]], provenance: [["Signal", "nmse"]], roles: [], unit: "nmse", measured: null },
  rows: [
    row("a", 0, "q"),
    row("b", 1, "q", { recipe: "int8/32:f16", bits: 272 }),
    row("c", null, "head", { recipe: null, bits: 512 }),
  ],
  frontier: { bits: [3, 4, 5], loss: [0.1, 0.01, 0], chosen: 1 },
  ...{ limits: ["2 % of the rows were read."], refused: [] },
  ...more,
});

const html = (of: MixReport) => renderToStaticMarkup(<ReportSheet report={of} />);

describe("the grid of layers and roles", () => {
  it("adds up what lies in one cell", () => {
    const { layers, roles, cells } = gridOf([
      row("x", 0, "up", { bits: 64 }),
      row("y", 0, "up", { recipe: null, bits: 512 }),
      row("e", null, "embed"),
    ]);
    expect([layers, roles]).toEqual([
      ["–", "0"],
      ["up", "embed"],
    ]);
    expect(cells).toContainEqual({ column: 0, row: 1, bits: 9, words: "2 recipes", tensors: 2 });
    expect(cells).toContainEqual({ column: 1, row: 0, bits: 4.5, words: "int4/32:f16", tensors: 1 });
    const two = [row("x", 0, "up"), row("y", 0, "down"), row("z", 0, "new")];
    expect(gridOf(two, ["q", "down", "up"]).roles).toEqual(["down", "up", "new"]);
    expect(gridOf([])).toEqual({ layers: [], roles: [], cells: [] });
  });
  it("shares add up to the model", () => {
    const shares = sharesOf(report().rows);
    expect(shares.reduce((sum, { elements }) => sum + elements, 0)).toBe(96);
    expect(shares.map(({ recipe }) => recipe)).toEqual(["int4/32:f16", "int8/32:f16", "keep"]);
  });
});

describe("the report", () => {
  it("says what was not measured, sampled or refused", () => {
    const text = html(report({ refused: [{ recipe: "q4_k", why: "rows of 8", tensors: 2 }] }));
    expect(text).toContain("Nothing was measured.");
    expect(text).toContain("2 % of the rows were read.");
    expect(text).toContain("<code>q4_k</code> on 2 tensors: rows of 8");
    expect(text).toContain("chosen: 4.000 bits, 0.0100");
  });

  it("warns of a mix that is worse before anything else", () => {
    const measured = { verdict: "The mix is worse.", worse: true, additivity: "Additivity", points: [] };
    const text = html(report({ measured }));
    expect(text.indexOf("The mix is worse.")).toBeLessThan(text.indexOf("<h2>"));
    expect(html(report({ measured: { ...measured, worse: false } })).match(/The mix is worse\./g)).toHaveLength(1);
  });

  it("has no markup of a file's names, no script, and fetches nothing", () => {
    const measured = {
      ...{ verdict: HOSTILE, worse: true, additivity: HOSTILE },
      points: [{ label: HOSTILE, bits: null, predicted: Number.NaN, measured: HOSTILE, notes: [HOSTILE] }],
    };
    const text = html(
      report({
        ...{ source: HOSTILE, omitted: [HOSTILE], recipe: HOSTILE, limits: [HOSTILE], unit: HOSTILE, measured },
        ...{ figures: [[HOSTILE, HOSTILE]], rows: [row(HOSTILE, 0, HOSTILE, { recipe: HOSTILE })] },
        refused: [{ recipe: HOSTILE, why: HOSTILE, tensors: 1 }],
      }),
    );
    const file = reportFile(HOSTILE, text, readFileSync(new URL("report.css", import.meta.url), "utf8"));
    expect(file).not.toMatch(/<(script|img|link|iframe|object|embed|use|image)\b/i);
    expect(file.match(/<style>/g)).toHaveLength(1);
    expect(file.match(/<\/style>/g)).toHaveLength(1);
    expect(file).not.toMatch(/\s(on\w+|src|xlink:href)=["']/i);
    // The one address is the link, which somebody has to click.
    expect([...file.matchAll(/href="([^"]*)"/g)].map(([, address]) => address)).toEqual(["https://example.org/#v=1"]);
    expect(file).not.toMatch(/url\(|@import/);
    expect(file).toContain("default-src 'none'");
  });

  it("draws a mix of one tensor, of none, and a frontier without a loss", () => {
    expect(html(report({ rows: [row("a", 0, "q")] }))).toContain("<rect");
    expect(html(report({ rows: [] }))).toContain("There are no tensors.");
    expect(html(report({ frontier: { bits: [1], loss: [Number.NaN], chosen: -1 } }))).toContain("no point with a loss");
    expect(html(report({ rows: [row("a", 0, "q", { loss: null, stderr: null, read: null })] }))).not.toContain("NaN");
  });

  it("lists no more than a page of tensors takes, and says so", () => {
    const many = Array.from({ length: 1600 }, (_, i) => row(`t${i}`, i % 400, "q"));
    const text = html(report({ rows: many }));
    expect(text).toContain("1,500 of 1,600 tensors");
    expect(text.length).toBeLessThan(1.5e6);
  });
});
