import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Report } from "../../kernels/measure/report.ts";
import type { BlockGrid, Profile } from "../../kernels/report/report.ts";
import { figuresForTest, measuredForTest } from "../../kernels/testing/figures.ts";
import { defaultExperiment } from "../state/experiment.ts";
import { createWorkbench, WorkbenchContext } from "../state/workbench.ts";
import { fakeClient, surroundings } from "../testing/workbench.ts";
import { FormatsView } from "../views/formats/FormatsView.tsx";
import { type FormatUnit, formatsPart, formatUnits } from "../views/formats/state.ts";
import { ErrorConcentration } from "./codes/ErrorConcentration.tsx";
import { ErrorHistogram } from "./codes/ErrorHistogram.tsx";
import { ScaleAndCodes } from "./codes/ScaleAndCodes.tsx";
import { Inspector } from "./inspector/Inspector.tsx";
import { ErrorHeatMap } from "./map/ErrorHeatMap.tsx";
import { ErrorProfiles } from "./profiles/ErrorProfiles.tsx";
import { ValueHistogram } from "./values/ValueHistogram.tsx";

const profile: Profile = {
  step: 1,
  error: Float64Array.of(1, 4),
  signal: Float64Array.of(4, 16),
  maxAbs: Float32Array.of(1, 2),
};
const grid: BlockGrid = {
  kind: "row",
  rows: 2,
  cols: 2,
  blockRows: 1,
  blockCols: 2,
  gridRows: 2,
  gridCols: 1,
  flat: 0,
};

/** A 2 x 2 matrix in ternary, with the numbers the charts read. */
const report: Report = {
  ...{ numbers: 1, tensor: "t", shape: [2, 2], recipe: "ternary/row", backend: "reference", seconds: 0, notes: [] },
  matrix: { rows: 2, cols: 2, view: { split: 1, transpose: false } },
  metrics: {
    ...figuresForTest(),
    ...{
      mse: 1,
      nmse: 0.25,
      sqnrDb: 6,
      maxAbs: 2,
      meanAbs: 1,
      cosine: 0.9,
      bias: 0,
      saturated: 0,
      flushed: 1,
      dead: 0,
    },
    ...{ nonFinite: 0, broken: 0, codeEntropy: 1.5, bitsPerWeight: 18, bitsBreakdown: [] },
  },
  values: { lo: -4, hi: 4, counts: Uint32Array.of(1, 1, 2, 0), below: 0, above: 0 },
  errors: { zeros: 1, firstKey: 508, counts: Uint32Array.of(2, 0, 1) },
  codes: { counts: Uint32Array.of(1, 2, 1), values: Float32Array.of(-1, 0, 1), order: Uint32Array.of(0, 1, 2) },
  levels: Float32Array.of(-1, 0, 1),
  scales: [
    {
      ...{ format: "f32", count: 2, negative: 0, min: 1, median: 1.5, max: 2 },
      histogram: { zeros: 0, firstKey: 508, counts: Uint32Array.of(1, 0, 0, 0, 1) },
    },
  ],
  grid,
  rowProfile: profile,
  colProfile: profile,
  blockProfile: profile,
  measured: measuredForTest(),
  map: { rows: 2, cols: 2, cellRows: 1, cellCols: 1, error: new Float64Array(4), signal: new Float64Array(4) },
};

const never = () => new Promise<never>(() => undefined);
const nothing = () => undefined;
const look = { highlight: null, onHighlight: nothing };

/** All charts but the map, which paints on a canvas and needs a browser once it has a report. Those of errors are loaded when there is room for them. */
const charts = (a: Report | null, b: Report | null) => (
  <>
    <ValueHistogram {...look} a={a} b={b} refine={never} zoom={null} onZoom={nothing} />
    <ErrorProfiles {...look} a={a} b={b} axis="row" onAxis={nothing} />
    <ScaleAndCodes {...look} a={a} b={b} />
    <ErrorHistogram a={a} b={b} />
    <ErrorConcentration {...look} a={a} b={b} />
  </>
);

describe("charts", () => {
  it("say that there is nothing yet", () => {
    const html = renderToString(charts(null, null));
    expect(html).toContain("No values yet");
    const map = renderToString(
      <ErrorHeatMap
        {...look}
        a={null}
        b={null}
        mode="a"
        onMode={nothing}
        view={null}
        onView={nothing}
        loadWindow={never}
      />,
    );
    expect(map).toContain("No error map yet");
  });

  it("mark every figure for export and draw for A alone, for B alone and for both", () => {
    for (const [a, b] of [
      [report, null],
      [null, report],
      [report, report],
    ]) {
      const html = renderToString(charts(a, b));
      for (const chart of ["values", "profiles", "scales", "codes", "errors", "concentration"])
        expect(html).toContain(`data-chart="${chart}"`);
      expect(html).not.toContain("NaN");
      expect(html).not.toContain("undefined");
    }
  });
});

it("rows whose figures are not finite are left out, and it is said", () => {
  const error = profile.error.map((e, i) => (i === 0 ? Number.POSITIVE_INFINITY : e));
  const broken = { ...report, rowProfile: { ...profile, error }, blockProfile: { ...profile, error } };
  const html = renderToString(charts(broken, report));
  expect(html).toContain("1 row of A: no finite figure, left out");
  for (const word of ["NaN", "Infinity"]) expect(html).not.toContain(word);
});

it("the inspector says how to begin", () => {
  const html = renderToString(<Inspector a={null} b={null} pinned={false} onStep={nothing} onPin={nothing} />);
  expect(html).toContain("step with the arrows");
});

it("the formats view shows every kind of format in every unit, and what is wrong with a mistake", () => {
  const view = (format: string, unit: FormatUnit = "own") => {
    const workbench = createWorkbench(
      fakeClient().client,
      formatsPart.with(defaultExperiment, { format, unit, compare: "nf4" }),
      surroundings,
    );
    return renderToString(
      <WorkbenchContext.Provider value={workbench}>
        <FormatsView />
      </WorkbenchContext.Provider>,
    );
  };
  for (const format of ["e4m3", "int4(asym)", "bipolar2", "e8m0", "f32", "uint4", "e5m2(sat=inf)", "codebook(-3,-1)"])
    for (const unit of formatUnits) {
      const html = view(format, unit);
      expect(html).toContain("Range and precision");
      // Coordinates, not the words for codes that are no numbers.
      expect(html).not.toMatch(/ (d|x1?|y1?|transform)="[^"]*(NaN|Infinity)/);
    }
  expect(view("e4m")).toContain('aria-invalid="true"');
  // Nothing of its own to show: what stands beside it is shown all the same.
  expect(view("e4m")).toContain("Range and precision");
});
