/**
 * A whole experiment as the fragment of an address: `s=sample:ocr&t=name&a=rht(64,seed=0)+nvfp4&b=int4/64:f16&n=1&v=1`.
 * Text, not form data: a plus stays a plus. `n` is the version of the numbers' definition, `v` that of the link itself,
 * which stands last so that no program cuts the link off at a bracket.
 */
import { NUMBERS_VERSION } from "../../kernels/report/report.ts";
import { type Experiment, same } from "../state/experiment.ts";
import { calibrationKeys, parseCalibration, printCalibration } from "./calibration.ts";
import { escapePart } from "./escape.ts";
import { leftWords } from "./left.ts";
import { otherKeys, parseOthers, printOther } from "./others.ts";
import { readParts } from "./parts.ts";
import { readExperiment } from "./schema.ts";
import { fieldsOf, type LinkPart, type Scheme } from "./scheme.ts";
import { parseShape, parseSource, printShape, printSource } from "./source.ts";
import { bringUp, earlierVersion } from "./versions.ts";

export const LINK_VERSION = 1;
/** Longest fragment, in bytes: what chat programs, trackers and browsers carry without cutting. */
export const LONGEST_FRAGMENT = 8192;

interface Part {
  /** What it is, to a person. */
  what: string;
  /** Its key, by which a link says that it was left out. */
  key: string;
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

/** What views and panels keep, each field that is not as in the beginning. */
function keptParts(e: Experiment, one: LinkPart): Part[] {
  const { part, written } = one;
  const state = part.of(e) as Record<string, unknown>;
  const always = written?.(e);
  return fieldsOf(one).flatMap(([name, { key, what, print }]) => {
    const initial = (part.initial as Record<string, unknown>)[name];
    const values = same(state[name], initial) && !always?.includes(name) ? [] : print(state[name]);
    return values.length === 0 ? [] : [{ what, key, text: values.map((value) => pair(key, value)).join("&") }];
  });
}

function partsOf(scheme: Scheme, e: Experiment): Part[] {
  const source = printSource(e.source).map(([key, value]) => pair(key, value));
  const parts: Part[] = [{ what: sourceNames[e.source.kind], key: "s", text: source.join("&"), instead: "s=omitted:" }];
  e.others.forEach((other, i) => {
    const text = printOther(other, i).map(([key, value]) => pair(key, value));
    parts.push({ what: `the checkpoint given(${i + 1})`, key: otherKeys.source, text: text.join("&") });
  });
  if (e.calibration) {
    const text = printCalibration(e.calibration).map(([key, value]) => pair(key, value));
    parts.push({ what: "the calibration", key: calibrationKeys.source, text: text.join("&") });
  }
  const add = (what: string, key: string, value: string) => parts.push({ what, key, text: pair(key, value) });
  if (e.activations !== null) add("the recipe for activations", calibrationKeys.activations, e.activations);
  if (e.tensor !== null) add("the tensor's name", "t", e.tensor);
  if (e.shape) add("the shape", "shape", printShape(e.shape));
  if (e.view) add("the matrix view", "m", `${e.view.split}${e.view.transpose ? "t" : ""}`);
  if (e.sample) add("how much of the tensor is shown", "part", "sample");
  add("recipe A", "a", e.a);
  add("recipe B", "b", e.b);
  for (const d of e.definitions) add(`the definition of ${d.split(":=")[0].trim().slice(0, 40)}`, "def", d);
  parts.push(...scheme.parts.flatMap((one) => keptParts(e, one)));
  if (e.look.tab !== null) add("the view", "tab", e.look.tab);
  if (e.look.backend !== null) add("the backend", "on", e.look.backend);
  return parts;
}

export interface Encoded {
  /** Without the `#`; at most LONGEST_FRAGMENT bytes. */
  fragment: string;
  /** What did not fit, named for a person, the largest first. */
  omitted: string[];
}

/** The link of an experiment. Lone surrogates in texts become U+FFFD; everything else comes back as it was. */
export function encodeLink(scheme: Scheme, experiment: Experiment): Encoded {
  const parts = partsOf(scheme, experiment);
  const omitted: string[] = [];
  const left = new Set<string>();
  const tail = () => `${left.size > 0 ? `left=${[...left].join()}&` : ""}n=${NUMBERS_VERSION}&v=${LINK_VERSION}`;
  const length = () => parts.reduce((sum, part) => sum + part.text.length + 1, tail().length);
  while (length() > LONGEST_FRAGMENT) {
    const largest = parts.reduce((best, part) => (part.text.length > best.text.length ? part : best));
    omitted.push(largest.what);
    const at = parts.indexOf(largest);
    if (!largest.instead) left.add(largest.key);
    parts.splice(at, 1, ...(largest.instead ? [{ ...largest, text: largest.instead, instead: undefined }] : []));
  }
  return { fragment: [...parts.map((part) => part.text), tail()].join("&"), omitted };
}

function parseView(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const whole = /^(\d+)(t?)$/.exec(text);
  return whole ? { split: Number(whole[1]), transpose: whole[2] === "t" } : "";
}

/** Plain data of a part, for the schema. */
const parsePart = (one: LinkPart, parts: ReadonlyMap<string, string[]>): Record<string, unknown> =>
  Object.fromEntries(
    fieldsOf(one).flatMap(([name, { key, parse }]) => {
      const texts = parts.get(key);
      return texts ? [[name, parse(texts)]] : [];
    }),
  );

export interface Decoded {
  experiment: Experiment;
  /** Sentences about what was not understood; empty when all was. */
  said: string[];
}

/**
 * Reads a link as far as it can be read; what is missing takes its default. Never throws.
 * @param fragment with or without its `#`
 */
export function decodeLink(scheme: Scheme, fragment: string): Decoded {
  const { parts, said, cut } = readParts(scheme, fragment);
  const first = (key: string) => parts.get(key)?.[0];
  if (!cut) sayVersions(first("v"), first("n"), said);

  const shape = first("shape");
  const sources = parts.get("s");
  const omitted = sources?.[0] === "omitted:";
  if (omitted) said.push("The source was too long for the link. Drop the experiment's file, or open the source again.");
  const left = leftWords(scheme, first("left"));
  if (left.length > 0) {
    said.push(`Too long for the link, and left out of it: ${left.join(", ")}. The experiment's file holds all of it.`);
  }
  const given = {
    source: omitted ? { kind: "text", text: "" } : sources && parseSource(sources, first("raw"), first("twin")),
    others: parseOthers(parts),
    calibration: parseCalibration(parts),
    activations: first(calibrationKeys.activations),
    tensor: first("t"),
    shape: shape === undefined ? undefined : (parseShape(shape) ?? ""),
    view: parseView(first("m")),
    sample: first("part") === undefined ? undefined : first("part") === "sample" || "",
    a: first("a"),
    b: first("b"),
    definitions: parts.get("def"),
    look: { tab: first("tab"), backend: first("on") },
    kept: { always: Object.fromEntries(scheme.parts.map((one) => [one.part.id, parsePart(one, parts)])) },
  };
  const { experiment, dropped } = readExperiment(scheme, given);
  if (dropped.length > 0) said.push(`The link's ${dropped.join(", ").replaceAll("the ", "")} made no sense; left out.`);
  const version = earlierVersion(first("n"));
  if (version === null) return { experiment, said };
  const now = bringUp(scheme, experiment, version, "link");
  return { experiment: now.experiment, said: [...said, ...now.said] };
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
