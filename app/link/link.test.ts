import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../kernels/testing/cost.ts";
import { type MapOptions, mapModes, mapPart } from "../panels/map/options.ts";
import { type ProfilesOptions, profilesPart } from "../panels/profiles/options.ts";
import { type ValuesOptions, valuesPart } from "../panels/values/options.ts";
import { defaultExperiment, type Experiment, type Look, withLook } from "../state/experiment.ts";
import { scheme } from "../testing/workbench.ts";
import { type FormatsState, formatsPart, formatUnits } from "../views/formats/state.ts";
import { type Sweep, sweepMetrics, sweepOf, sweepPart, sweepParts, withSweep } from "../views/sweep/state.ts";
import * as file from "./file.ts";
import * as fragment from "./fragment.ts";
import { LONGEST_FRAGMENT } from "./fragment.ts";
import * as schema from "./schema.ts";

const encodeLink = (e: Experiment) => fragment.encodeLink(scheme, e);
const decodeLink = (text: string) => fragment.decodeLink(scheme, text);
const readExperiment = (given: unknown) => schema.readExperiment(scheme, given);
const parseExperimentFile = (text: string) => file.parseExperimentFile(scheme, text);
const { printExperimentFile } = file;

const text = (maxLength = 20) => fc.string({ unit: "grapheme", maxLength });
const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const size = fc.integer({ min: 1, max: 4096 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x));
const range = fc.tuple(finite, finite).filter(([lo, hi]) => lo < hi);
const shape = fc.array(fc.nat(9999), { maxLength: 4 });
const source: fc.Arbitrary<Experiment["source"]> = fc.oneof(
  text().map((id) => ({ kind: "sample" as const, id })),
  fc.record({ kind: fc.constant("sample" as const), id: text(), twin: fc.stringMatching(/^[a-z=,0-9]{1,20}$/) }),
  text(200).map((t) => ({ kind: "text" as const, text: t })),
  fc.webUrl({ withQueryParameters: true }).map((url) => ({ kind: "url" as const, url })),
  fc.record({
    kind: fc.constant("generator" as const),
    generator: fc.record({
      name: word,
      rows: size,
      cols: size,
      seed: fc.nat(),
      params: fc.dictionary(word, finite, { noNullPrototype: true, maxKeys: 3 }),
    }),
  }),
  fc.record(
    {
      kind: fc.constant("files" as const),
      fingerprints: fc.array(fc.record({ name: text(), size: fc.nat(), digest: fc.stringMatching(/^[0-9a-f]{32}$/) }), {
        maxLength: 3,
      }),
      raw: fc.record({ dtype: word, shape, offset: fc.nat(), littleEndian: fc.boolean() }),
    },
    { requiredKeys: ["kind", "fingerprints"] },
  ),
  fc.record({ kind: fc.constant("url" as const), url: fc.webUrl(), twin: fc.constant("seed=2") }),
);
const calibration: fc.Arbitrary<NonNullable<Experiment["calibration"]>> = fc.oneof(
  text().map((t) => ({ kind: "synthetic" as const, text: t })),
  text().map((t) => ({ kind: "captured" as const, text: t })),
  fc.record({
    kind: fc.constant("files" as const),
    fingerprints: fc.array(fc.record({ name: text(), size: fc.nat(), digest: fc.stringMatching(/^[0-9a-f]{32}$/) }), {
      minLength: 1,
      maxLength: 3,
    }),
    taken: fc.constantFrom(null, "activations", "gram", "imatrix", "capture"),
  }),
);
const look: fc.Arbitrary<Look> = fc.record({
  tab: fc.constantFrom(null, ...scheme.tabs.slice(1)),
  backend: fc.option(fc.constantFrom("reference", "wasm", "webgpu")),
});
const values: fc.Arbitrary<ValuesOptions> = fc.record({ zoom: fc.option(range.map(([lo, hi]) => ({ lo, hi }))) });
const map: fc.Arbitrary<MapOptions> = fc.record({
  mode: fc.constantFrom(...mapModes),
  values: fc.option(fc.boolean()),
  window: fc.option(fc.tuple(range, range).map(([r, c]) => ({ row0: r[0], row1: r[1], col0: c[0], col1: c[1] }))),
});
const profiles: fc.Arbitrary<ProfilesOptions> = fc.record({ axis: fc.constantFrom("row", "col", "block") });
const formats: fc.Arbitrary<FormatsState> = fc.record({
  format: text(),
  compare: fc.option(text()),
  unit: fc.constantFrom(...formatUnits),
});
const sweep: fc.Arbitrary<Sweep> = fc
  .record({
    grid: text(120),
    tensors: fc.array(text(30), { maxLength: 4 }),
    small: fc.boolean(),
    fallBack: fc.boolean(),
    axes: fc.shuffledSubarray([...sweepMetrics], { minLength: 2, maxLength: 2 }),
    phases: fc.nat(64),
    part: fc.constantFrom(...sweepParts),
    hidden: fc.array(fc.record({ part: fc.constantFrom(...sweepParts), value: text(30) }), { maxLength: 3 }),
    shown: fc.option(text(30)),
    zoom: fc.option(fc.tuple(range, range).map(([x, y]) => ({ x: { lo: x[0], hi: x[1] }, y: { lo: y[0], hi: y[1] } }))),
  })
  .map(({ axes: [metric, against], ...s }): Sweep => {
    // Only axes that are not logarithmic reach down to zero.
    const below = s.zoom && (s.zoom.x.lo <= 0 || s.zoom.y.lo <= 0);
    return below ? { ...s, metric: "sqnrDb", against: "bitsPerWeight" } : { ...s, metric, against };
  });
const chosen = fc.dictionary(
  text(30).filter((name) => name !== "__proto__"),
  text(30),
  { noNullPrototype: true, maxKeys: 2 },
);
const bare = fc.record({
  source,
  others: fc.array(fc.record({ source, chosen }), { maxLength: 4 }),
  calibration: fc.option(calibration),
  activations: fc.option(text()),
  tensor: fc.option(text(60)),
  shape: fc.option(shape),
  view: fc.option(fc.record({ split: fc.nat(8), transpose: fc.boolean() })),
  sample: fc.boolean(),
  a: text(80),
  b: text(80),
  definitions: fc.array(text(60), { maxLength: 3 }),
  look,
});
const experiment: fc.Arbitrary<Experiment> = fc
  .tuple(bare, values, map, profiles, sweep, formats)
  .map(([one, ofValues, ofMap, ofProfiles, ofSweep, ofFormats]) => {
    const shown = mapPart.with(valuesPart.with({ ...defaultExperiment, ...one }, ofValues), ofMap);
    return formatsPart.with(sweepPart.with(profilesPart.with(shown, ofProfiles), ofSweep), ofFormats);
  });

describe("a link", () => {
  it("brings back the experiment it was made of", () => {
    fc.assert(
      fc.property(experiment, (e) => {
        const { fragment, omitted } = encodeLink(e);
        expect(omitted).toEqual([]);
        expect(decodeLink(`#${fragment}`)).toEqual({ experiment: e, said: [] });
      }),
    );
  });

  it("survives the browser's own parsing of addresses", () => {
    fc.assert(
      fc.property(experiment, (e) => {
        const url = new URL(`https://example.org/a/b/#${encodeLink(e).fragment}`);
        expect(url.hash).toBe(`#${encodeLink(e).fragment}`);
        expect(decodeLink(url.hash).experiment).toEqual(e);
      }),
    );
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.webFragments(), fc.stringMatching(/^([a-z%&=:,x()0-9.]{0,9}=?)*$/)),
        (s) => {
          expect(decodeLink(s).experiment.a).toBeTypeOf("string");
        },
      ),
    );
  });

  it("is readable, keeps pluses and ends with its version", () => {
    const e = { ...defaultExperiment, tensor: "head.weight", a: "rht(64,seed=0)+nvfp4" };
    expect(encodeLink(e).fragment).toBe(
      "s=sample:ocr-recogniser&t=head.weight&a=rht(64,seed=0)+nvfp4&b=int4/32:f16&n=2&v=1",
    );
    expect(decodeLink("#a=rht(8,seed=1)+int4/8&v=1").experiment.a).toBe("rht(8,seed=1)+int4/8");
  });

  it("holds an address, and drops what is none", () => {
    const url = "https://huggingface.co/o/n/resolve/0123/model.safetensors.index.json";
    const e: Experiment = { ...defaultExperiment, source: { kind: "url", url } };
    expect(encodeLink(e).fragment).toContain(`s=url:${url}&`);
    expect(decodeLink("#s=url:javascript:alert(1)&n=1&v=1").said).toEqual([
      "The link's source made no sense; left out.",
    ]);
  });

  it("holds the sweep as readable text, always where it is shown", () => {
    const grid = "(none,rht(64,seed=0))+(int4,nf4)/(32,64):f16;mxfp4";
    const e = withSweep(defaultExperiment, { grid, tensors: ["w1", "w 2"], metric: "maxAbs", phases: 8 });
    expect(encodeLink(e).fragment).toContain(`&g=${grid}&gt=w1&gt=w%202&gm=maxAbs&gp=8&n=`);
    expect(encodeLink(defaultExperiment).fragment).not.toContain("&g=");
    const looked = withSweep(e, {
      part: "block",
      hidden: [{ part: "base", value: "int4(asym)" }],
      shown: "w1",
      zoom: { x: { lo: 4, hi: 5 }, y: { lo: 0.001, hi: 0.1 } },
    });
    expect(encodeLink(looked).fragment).toContain("&gp=8&gb=block&gh=base:int4(asym)&gs=w1&gz=4:5:0.001:0.1&n=");
    // A logarithmic axis has no place for zero, and counting decades down to it has no end.
    expect(decodeLink("#gz=4:5:0:1&n=1&v=1").said).toEqual(["The link's zoom made no sense; left out."]);
    expect(decodeLink("#gm=sqnrDb&gz=4:5:0:1&n=1&v=1").said).toEqual([]);
    expect(decodeLink("#gb=colour&gh=int4&gz=5:4:1:2&n=1&v=1").said).toEqual([
      "The link's sweep's colours, sweep's filter, zoom made no sense; left out.",
    ]);
    const shown = withLook(defaultExperiment, { tab: "sweep" });
    expect(encodeLink(shown).fragment).toContain(`&g=${sweepPart.initial.grid}&tab=sweep&`);
    expect(decodeLink("#g=int4/(32,64)&gm=colour&gp=x&n=1&v=1")).toEqual({
      experiment: withSweep(defaultExperiment, { grid: "int4/(32,64)" }),
      said: ["The link's sweep's metric, sweep's phases made no sense; left out."],
    });
  });

  it("stays within its length and names what it left out", () => {
    const numbers = Array.from({ length: 5000 }, (_, i) => i / 7).join(" ");
    const e: Experiment = { ...defaultExperiment, source: { kind: "text", text: numbers } };
    const { fragment, omitted } = encodeLink(e);
    expect(fragment.length).toBeLessThanOrEqual(LONGEST_FRAGMENT);
    expect(omitted).toEqual(["the typed numbers"]);
    const back = decodeLink(fragment);
    expect(back.said).toEqual([
      "The source was too long for the link. Drop the experiment's file, or open the source again.",
    ]);
    expect(back.experiment.a).toBe(e.a);
    fc.assert(
      fc.property(fc.array(text(4000), { maxLength: 8 }), (definitions) => {
        expect(encodeLink({ ...e, definitions }).fragment.length).toBeLessThanOrEqual(LONGEST_FRAGMENT);
      }),
      { numRuns: 30 },
    );
  });

  it("opens what it can of a strange one and says what it dropped", () => {
    const { experiment: e, said } = decodeLink("#s=sample:x&m=zz&w=3:1:0:4&b=%E0%A4%A&zzz=1&a=int8/row&v=7");
    expect(e.source).toEqual({ kind: "sample", id: "x" });
    expect(e.a).toBe("int8/row");
    expect(e.b).toBe(defaultExperiment.b);
    expect(said).toEqual([
      "The link's part “b” is damaged; it was left out.",
      "The link has a part this page does not know, “zzz”; it was left out.",
      "The link is of version 7, this page reads version 1; what it knows was opened.",
      "The link's matrix view, heat map's window made no sense; left out.",
    ]);
    expect(decodeLink("#a=int4&n=9&v=1").said).toEqual([
      "The link's figures were made with version 9 of the numbers' definition; this page computes version 2, and they may differ.",
    ]);
    expect(decodeLink("#a=int4&n=soon&v=1").said).toEqual([expect.stringContaining("version soon of the numbers")]);
    expect(decodeLink("#a=int4").said).toEqual(["The link has no version; it may have been cut short."]);
  });
});

describe("what earlier pages wrote", () => {
  it("opens as it did: every key of a link", () => {
    const { experiment: e, said } = decodeLink(
      "#s=sample:x&t=w&shape=2x3&m=1t&part=sample&a=int8/row&b=mxfp4&def=my4:=codebook(-1,0,1)&g=int4/(32,64)&gt=w1&gt=w%202" +
        "&gn=1&gf=0&gm=sqnrDb&gp=8&gb=block&gh=base:int4(asym)&gs=w1&gz=4:5:-1:0.1&tab=formats&z=-1:2.5&map=difference&vals=0" +
        "&w=0:16:2:128&by=col&f=e2m3&f2=nf4&u=clip&on=wasm&n=2&v=1",
    );
    expect(said).toEqual([]);
    expect(e).toMatchObject({ tensor: "w", shape: [2, 3], view: { split: 1, transpose: true }, sample: true });
    expect(e).toMatchObject({ a: "int8/row", b: "mxfp4", look: { tab: "formats", backend: "wasm" } });
    expect(valuesPart.of(e)).toEqual({ zoom: { lo: -1, hi: 2.5 } });
    const window = { row0: 0, row1: 16, col0: 2, col1: 128 };
    expect(mapPart.of(e)).toEqual({ mode: "difference", values: false, window });
    expect(profilesPart.of(e)).toEqual({ axis: "col" });
    expect(formatsPart.of(e)).toEqual({ format: "e2m3", compare: "nf4", unit: "clip" });
    expect(sweepOf(e)).toEqual({
      ...{ grid: "int4/(32,64)", tensors: ["w1", "w 2"], small: true, fallBack: false, metric: "sqnrDb", phases: 8 },
      ...{ part: "block", hidden: [{ part: "base", value: "int4(asym)" }], shown: "w1" },
      zoom: { x: { lo: 4, hi: 5 }, y: { lo: -1, hi: 0.1 } },
      // What earlier pages held every metric against.
      against: "bitsPerWeight",
    });
    // The first view is what is there where nothing is said.
    expect(decodeLink("#tab=bench&n=2&v=1")).toEqual({ experiment: defaultExperiment, said: [] });
  });

  it("has a sweep of two metrics, whatever is asked for", () => {
    const axes = (link: string) => {
      const { experiment, said } = decodeLink(`#${link}&tab=sweep&n=2&v=1`);
      const { metric, against, zoom } = sweepOf(experiment);
      return { metric, against, zoom, said };
    };
    const usual = { metric: "nmse", against: "bitsPerWeight", zoom: null };
    expect(axes("gx=sqnrDb")).toEqual({ ...usual, against: "sqnrDb", said: [] });
    const lost = { said: ["The link's sweep's metric made no sense; left out."] };
    expect(axes("gm=mse&gx=mse&gz=1:2:1:2")).toEqual({ ...usual, ...lost });
    expect(axes("gm=bitsPerWeight")).toEqual({ ...usual, ...lost });
    // Neither axis has a place for zero.
    expect(axes("gm=sqnrDb&gx=mse&gz=0:1:1:2")).toMatchObject({ against: "mse", zoom: null });
    expect(axes("gm=sqnrDb&gx=mse&gz=0.1:1:-1:2").zoom).not.toBeNull();
  });

  it("opens as it did: a file of the first version, and what a browser kept of it", () => {
    const { look: _, kept: __, ...rest } = defaultExperiment;
    const zoom = { x: { lo: 4, hi: 5 }, y: { lo: 0.1, hi: 1 } };
    const old = {
      ...rest,
      sweep: {
        ...sweepPart.initial,
        grid: "int4/32~mse",
        tensors: ["w"],
        hidden: [{ part: "rule", value: "mse" }],
        zoom,
      },
      look: {
        ...{ tab: "sweep", zoom: { lo: 0, hi: 1 }, map: "b", values: true, axis: "block" },
        ...{ window: { row0: 0, row1: 1, col0: 0, col1: 2 }, format: "e5m2", compare: "e4m3", unit: "largest" },
        backend: "reference",
      },
    };
    const written = { quantscope: "experiment", version: 1, numbers: 1, experiment: old };
    const read = parseExperimentFile(JSON.stringify(written));
    expect(read?.said).toEqual([expect.stringMatching(/version 1 of the numbers.*In the sweep: ~mse/)]);
    const e = read!.experiment;
    expect(e.look).toEqual({ tab: "sweep", backend: "reference" });
    expect(valuesPart.of(e)).toEqual({ zoom: { lo: 0, hi: 1 } });
    expect(mapPart.of(e)).toEqual({ mode: "b", values: true, window: { row0: 0, row1: 1, col0: 0, col1: 2 } });
    expect(profilesPart.of(e)).toEqual({ axis: "block" });
    expect(formatsPart.of(e)).toEqual({ format: "e5m2", compare: "e4m3", unit: "largest" });
    const hidden = [{ part: "rule", value: "shrink" }];
    expect(sweepOf(e)).toEqual({ ...sweepPart.initial, grid: "int4/32~shrink", tensors: ["w"], hidden, zoom });
    expect(readExperiment(old).experiment).toMatchObject({ look: e.look, kept: { values: e.kept.values } });
    expect(readExperiment({ ...old, look: 3, sweep: [] }).dropped).toEqual(["the view", "the sweep"]);
  });
});

describe("a link of an earlier version of the numbers", () => {
  it("says nothing where its recipes are untouched", () => {
    expect(decodeLink("#a=int4/32&b=nvfp4&g=int4/(32,64)&n=1&v=1").said).toEqual([]);
  });

  it("keeps the old figures under the search's own name, and says where", () => {
    const { experiment: e, said } = decodeLink(
      "#a=int4/32~mse(p=2.4)&b=nvfp4&g=(int4,nf4)/32~(absmax,mse)&gh=rule:mse(p=3)&n=1&v=1",
    );
    expect(sweepOf(e).hidden).toEqual([{ part: "rule", value: "shrink(p=3)" }]);
    expect([e.a, e.b, sweepOf(e).grid]).toEqual(["int4/32~shrink(p=2.4)", "nvfp4", "(int4,nf4)/32~(absmax,shrink)"]);
    expect(said).toEqual([
      expect.stringMatching(/^The link is of version 1 of the numbers, .*In recipe A and the sweep: ~mse .*~shrink/),
    ]);
    // What is written from here on is of this version, and opens as it is.
    expect(decodeLink(encodeLink(e).fragment)).toEqual({ experiment: e, said: [] });
  });

  it("is no link of this version: its ~mse is the one of today", () => {
    expect(decodeLink("#a=int4/32~mse&n=2&v=1")).toMatchObject({ experiment: { a: "int4/32~mse" }, said: [] });
    expect(decodeLink("#a=int4/32~mse&v=1").experiment.a).toBe("int4/32~mse");
  });

  it("may be a file", () => {
    const old = printExperimentFile({ ...defaultExperiment, b: "int4/32~mse" }).replace('"numbers": 2', '"numbers": 1');
    const read = parseExperimentFile(old);
    expect(read?.experiment.b).toBe("int4/32~shrink");
    expect(read?.said).toEqual([expect.stringContaining("The file is of version 1 of the numbers")]);
  });
});

describe("a link from anybody", () => {
  it("is read to a named length, and says so", () => {
    const { experiment: e, said } = decodeLink(`#a=int4&${"t=x&".repeat(40_000)}b=int8&n=1&v=1`);
    expect(e).toMatchObject({ a: "int4", tensor: "x", b: defaultExperiment.b });
    expect(said).toEqual([
      "The link has 160,021 characters, and at most 65,536 are read; what comes after them was left out.",
      "The link has the part “t” 16,382 times; the first was taken.",
    ]);
  });

  it("costs no more than its length, whatever is repeated in it", () => {
    for (const part of ["t=x", "gt=x", "s=file:0:1:x", "o=1:text:1", "def=x:=e4m3", "gh=base:int4", "zz=1", "a=%E0"]) {
      const read = (n: number) => {
        const link = Array.from({ length: n }, (_, i) => part.replace("zz", `z${i}`)).join("&");
        return () => decodeLink(link);
      };
      expect(growth(read, 200), part).toBeLessThan(LINEAR);
    }
  });

  it("names a few of many parts that this page does not know", () => {
    expect(decodeLink("#aa=1&bb=1&cc=1&dd=1&ee=1&n=1&v=1").said).toEqual([
      "The link has parts this page does not know, “aa”, “bb”, “cc” and 2 more; they were left out.",
    ]);
  });

  it("says what it left out when it is opened, in the page's own words", () => {
    const names = Array.from({ length: 400 }, (_, i) => `model.layers.${i}.self_attn.q_proj.weight`);
    const e = withSweep(
      { ...defaultExperiment, definitions: [`big:=codebook(${names.map((_, i) => i).join()})`] },
      { tensors: names },
    );
    const { fragment, omitted } = encodeLink(e);
    expect(omitted).toEqual(["the sweep's tensors"]);
    expect(fragment).toMatch(/&left=gt&n=2&v=1$/);
    expect(decodeLink(fragment).said).toEqual([
      "Too long for the link, and left out of it: the sweep's tensors. The experiment's file holds all of it.",
    ]);
    expect(decodeLink("#left=gt,visit%20evil.example,def&n=1&v=1").said).toEqual([
      "Too long for the link, and left out of it: the sweep's tensors, definitions of codebooks. The experiment's file holds all of it.",
    ]);
  });
});

describe("an experiment's file", () => {
  it("brings back the experiment", () => {
    fc.assert(
      fc.property(experiment, (e) => {
        expect(parseExperimentFile(printExperimentFile(e))).toEqual({ experiment: e, said: [] });
      }),
    );
  });

  it("is told from other JSON and reads any value without throwing", () => {
    expect(parseExperimentFile('{"weight_map":{}}')).toBeNull();
    expect(parseExperimentFile("{")).toBeNull();
    fc.assert(fc.property(fc.anything(), (x) => void readExperiment(x)));
  });
});
