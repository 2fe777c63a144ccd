/**
 * A whole experiment as the fragment of an address: `s=sample:ocr&t=name&a=rht(64,seed=0)+nvfp4&b=int4/64:f16&n=1&v=1`.
 * Text, not form data: a plus stays a plus. `n` is the version of the numbers' definition, `v` that of the link itself,
 * which stands last so that no program cuts the link off at a bracket.
 */
import { NUMBERS_VERSION } from "../../kernels/report.ts";
import { defaultLook, type Experiment, type Look } from "../state/experiment.ts";
import { escapePart, unescapePart } from "./escape.ts";
import { numbers } from "./numbers.ts";
import { otherKeys, parseOthers, printOther } from "./others.ts";
import { readExperiment } from "./schema.ts";
import { parseShape, parseSource, printShape, printSource } from "./source.ts";
import { parseSweepParts, printSweepParts, sweepKeys } from "./sweep.ts";
import { bringUp, earlierVersion } from "./versions.ts";

export const LINK_VERSION = 1;
/** Longest fragment, in bytes: what chat programs, trackers and browsers carry without cutting. */
export const LONGEST_FRAGMENT = 8192;

interface Part {
  /** What it is, to a person. */
  what: string;
  text: string;
  /** What stands in the link instead when the part does not fit. */
  instead?: string;
}

const pair = (key: string, value: string): string => `${key}=${escapePart(value)}`;

const sourceNames = {
  sample: "the sample's name",
  generator: "the generator",
  text: "the typed numbers",
  files: "the list of files",
  url: "the address",
};

function lookParts(look: Look): Part[] {
  const parts: Part[] = [];
  const add = (key: keyof Look, short: string, what: string, value: string | null) => {
    if (look[key] !== defaultLook[key] && value !== null) parts.push({ what, text: pair(short, value) });
  };
  const { zoom: z, window: w } = look;
  add("tab", "tab", "the view", look.tab);
  add("zoom", "z", "the zoom", z && `${z.lo}:${z.hi}`);
  add("map", "map", "the heat map's mode", look.map);
  add("values", "vals", "whether values are shown", look.values === null ? null : look.values ? "1" : "0");
  add("window", "w", "the heat map's window", w && [w.row0, w.row1, w.col0, w.col1].join(":"));
  add("axis", "by", "the profile's axis", look.axis);
  add("format", "f", "the format", look.format);
  add("compare", "f2", "the second format", look.compare);
  add("backend", "on", "the backend", look.backend);
  return parts;
}

function partsOf(e: Experiment): Part[] {
  const source = printSource(e.source).map(([key, value]) => pair(key, value));
  const parts: Part[] = [{ what: sourceNames[e.source.kind], text: source.join("&"), instead: "s=omitted:" }];
  e.others.forEach((other, i) => {
    const text = printOther(other, i).map(([key, value]) => pair(key, value));
    parts.push({ what: `the checkpoint given(${i + 1})`, text: text.join("&") });
  });
  if (e.tensor !== null) parts.push({ what: "the tensor's name", text: pair("t", e.tensor) });
  if (e.shape) parts.push({ what: "the shape", text: pair("shape", printShape(e.shape)) });
  if (e.view) parts.push({ what: "the matrix view", text: pair("m", `${e.view.split}${e.view.transpose ? "t" : ""}`) });
  if (e.sample) parts.push({ what: "how much of the tensor is shown", text: pair("part", "sample") });
  parts.push({ what: "recipe A", text: pair("a", e.a) }, { what: "recipe B", text: pair("b", e.b) });
  for (const d of e.definitions) {
    parts.push({ what: `the definition of ${d.split(":=")[0].trim().slice(0, 40)}`, text: pair("def", d) });
  }
  return [
    ...parts,
    ...printSweepParts(e.sweep, e.look.tab === "sweep").map(([what, pairs]) => ({
      what,
      text: pairs.map(([key, value]) => pair(key, value)).join("&"),
    })),
    ...lookParts(e.look),
  ];
}

export interface Encoded {
  /** Without the `#`; at most LONGEST_FRAGMENT bytes. */
  fragment: string;
  /** What did not fit, named for a person, the largest first. */
  omitted: string[];
}

/** The link of an experiment. Lone surrogates in texts become U+FFFD; everything else comes back as it was. */
export function encodeLink(experiment: Experiment): Encoded {
  const tail = `n=${NUMBERS_VERSION}&v=${LINK_VERSION}`;
  const parts = partsOf(experiment);
  const omitted: string[] = [];
  const length = () => parts.reduce((sum, part) => sum + part.text.length + 1, tail.length);
  while (length() > LONGEST_FRAGMENT) {
    const largest = parts.reduce((best, part) => (part.text.length > best.text.length ? part : best));
    omitted.push(largest.what);
    const at = parts.indexOf(largest);
    parts.splice(at, 1, ...(largest.instead ? [{ what: largest.what, text: largest.instead }] : []));
  }
  return { fragment: [...parts.map((part) => part.text), tail].join("&"), omitted };
}

function parseView(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const whole = /^(\d+)(t?)$/.exec(text);
  return whole ? { split: Number(whole[1]), transpose: whole[2] === "t" } : "";
}

export interface Decoded {
  experiment: Experiment;
  /** Sentences about what was not understood; empty when all was. */
  said: string[];
}

const known = new Set([
  ..."s raw t shape m part a b def tab z map vals w by f f2 on n v".split(" "),
  ...Object.values(otherKeys),
  ...Object.values(sweepKeys),
]);

/**
 * Reads a link as far as it can be read; what is missing takes its default. Never throws.
 * @param fragment with or without its `#`
 */
export function decodeLink(fragment: string): Decoded {
  const said: string[] = [];
  const parts = new Map<string, string[]>();
  for (const piece of fragment.replace(/^#/, "").split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const key = equals < 0 ? piece : piece.slice(0, equals);
    const value = equals < 0 ? null : unescapePart(piece.slice(equals + 1));
    if (!known.has(key))
      said.push(`The link has a part this page does not know, “${key.slice(0, 24)}”; it was left out.`);
    else if (value === null) said.push(`The link's part “${key}” is damaged; it was left out.`);
    else parts.set(key, [...(parts.get(key) ?? []), value]);
  }
  const first = (key: string) => parts.get(key)?.[0];
  sayVersions(first("v"), first("n"), said);

  const shape = first("shape");
  const sources = parts.get("s");
  const omitted = sources?.[0] === "omitted:";
  if (omitted) said.push("The source was too long for the link. Drop the experiment's file, or open the source again.");
  const given = {
    source: omitted ? { kind: "text", text: "" } : sources && parseSource(sources, first("raw")),
    others: parseOthers(parts),
    tensor: first("t"),
    shape: shape === undefined ? undefined : (parseShape(shape) ?? ""),
    view: parseView(first("m")),
    sample: first("part") === undefined ? undefined : first("part") === "sample" || "",
    a: first("a"),
    b: first("b"),
    definitions: parts.get("def"),
    sweep: parseSweepParts(parts),
    look: {
      tab: first("tab"),
      zoom: numbers(first("z"), ["lo", "hi"]),
      map: first("map"),
      values: first("vals") === undefined ? undefined : ({ "1": true, "0": false }[first("vals") ?? ""] ?? ""),
      window: numbers(first("w"), ["row0", "row1", "col0", "col1"]),
      axis: first("by"),
      format: first("f"),
      compare: first("f2"),
      backend: first("on"),
    },
  };
  const { experiment, dropped } = readExperiment(given);
  if (dropped.length > 0) said.push(`The link's ${dropped.join(", ").replaceAll("the ", "")} made no sense; left out.`);
  const version = earlierVersion(first("n"));
  if (version !== null) said.push(...bringUp(experiment, version, "link"));
  return { experiment, said };
}

function sayVersions(link: string | undefined, numbersVersion: string | undefined, said: string[]): void {
  if (link === undefined) said.push("The link has no version; it may have been cut short.");
  else if (link !== String(LINK_VERSION)) {
    said.push(
      `The link is of version ${link.slice(0, 12)}, this page reads version ${LINK_VERSION}; what it knows was opened.`,
    );
  }
  if (numbersVersion !== undefined && earlierVersion(numbersVersion) === null) {
    said.push(
      `The link's figures were made with version ${numbersVersion.slice(0, 12)} of the numbers' definition; ` +
        `this page computes version ${NUMBERS_VERSION}, and they may differ.`,
    );
  }
}
