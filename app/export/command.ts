/** The experiment as a command line, for scripts and for machines without a browser. */
import { printable } from "../../kernels/text/printable.ts";
import { parseReference } from "../../workers/capture/reference.ts";
import type { GeneratorSpec } from "../../workers/sources/spec.ts";
import type { Side } from "../charts/types.ts";
import type { Command } from "../page/view.ts";
import type { Experiment, SourceRef } from "../state/experiment.ts";
import { givenOf } from "../state/others.ts";

export interface CommandLine {
  text: string;
  /** What the command cannot say. */
  notes: string[];
}

const PROGRAM = "npm run -s cli --";

/** `quantize` with the recipe of a side, or what the view on the screen would have of the command line. */
export function commandOf(
  experiment: Experiment,
  tensor: string | null,
  side: Side,
  asked: Command | null = null,
): CommandLine {
  const { source, definitions, view } = experiment;
  const { file, options, note } = fileOf(source);
  const recipe = experiment[side];
  const notes = note === null ? [] : [note];
  if (view) notes.push("the command reads the tensor in its usual view, not in the one chosen here");
  const { verb, tensors, options: own, notes: said } = asked ?? quantize(recipe);
  notes.push(...said);
  const given = asked ? null : givenOf(recipe);
  const beside = given === null ? { options: [], notes: [] } : othersOf(experiment, given, tensor);
  notes.push(...beside.notes);
  const inputs = inputsOf(experiment);
  notes.push(...inputs.notes);
  const modules = definitions.flatMap((text) => /^\s*(\w+)\s*:=\s*wasm\(/.exec(text)?.[1] ?? []);
  if (modules.length > 0) notes.push("put the path before the name of the module, and say how its file is called");
  // A generator has one tensor, which needs no name.
  const names = tensors && tensors.length > 0 ? tensors : tensor === null ? [] : [tensor];
  const lines = (tensors === null || source.kind === "generator" ? [null] : names).map((name) =>
    [
      PROGRAM,
      verb,
      quote(file),
      ...options,
      ...(name === null ? [] : ["--tensor", quote(name)]),
      ...own.map(quote),
      ...beside.options,
      ...inputs.options,
      ...modules.flatMap((name) => ["--wasm", `${name}.wasm`]),
      ...definitions.flatMap((definition) => ["--define", quote(definition)]),
    ].join(" "),
  );
  return { text: lines.join("\n"), notes };
}

const quantize = (recipe: string): Command => ({
  verb: "quantize",
  tensors: [],
  options: ["--recipe", recipe],
  notes: [],
});

/** The checkpoints beside the source, up to the one at `index`, which results are taken from. */
function othersOf(
  { others }: Experiment,
  index: number,
  tensor: string | null,
): Pick<CommandLine, "notes"> & { options: string[] } {
  const used = others.slice(0, index + 1);
  const files = used.map(({ source }) => fileOf(source));
  const notes = files.flatMap(({ note }) => (note === null ? [] : [`--other: ${note}`]));
  if (!others[index]) notes.push("say with --other which checkpoint the results are in");
  if (used.some(({ source }) => source.kind === "files" && source.raw))
    notes.push("the command takes no checkpoint without a header for --other");
  if (tensor !== null && others[index]?.chosen[tensor] !== undefined)
    notes.push("the command pairs tensors by their names, not as it was chosen here");
  return { options: files.flatMap(({ file }) => ["--other", quote(file)]), notes: [...new Set(notes)] };
}

/** What is known of the inputs, as options. */
function inputsOf({ calibration, activations }: Experiment): Pick<CommandLine, "notes"> & { options: string[] } {
  if (!calibration) return { options: [], notes: [] };
  const own = activations === null ? [] : ["--activations-recipe", quote(activations)];
  if (calibration.kind === "synthetic")
    return { options: ["--activations", quote(`gen:${calibration.text}`), ...own], notes: [] };
  if (calibration.kind === "captured")
    return { options: ["--calibration", "captured", ...own], notes: [`first: ${captureCommand(calibration.text)}`] };
  const [{ name }] = calibration.fingerprints;
  const options = { activations: "--activations", gram: "--gram", imatrix: "--imatrix", capture: "--calibration" };
  const notes = ["put the path before the name of the calibration"];
  if (calibration.taken === null) notes.push("say --gram or --imatrix for a calibration that is one");
  return { options: [options[calibration.taken ?? "activations"], quote(name), ...own], notes };
}

/** The command that captures a calibration anew. */
function captureCommand(text: string): string {
  const { windows, tokens, seed, keep, text: of, gradients, only, sequential } = parseReference(text);
  const options = [
    ...(typeof of === "string" ? ["--part", of] : ["--text", quote(of.name)]),
    ...["--windows", String(windows), "--tokens", String(tokens), "--seed", String(seed), "--rows", String(keep)],
    ...(gradients ? ["--gradients"] : []),
    ...(only === null ? [] : ["--only", quote(only)]),
    ...(sequential === null ? [] : ["--sequential", quote(sequential)]),
  ];
  return `npm run -s cli -- capture MODEL ${options.join(" ")} --out captured`;
}

/** The source as an argument, and what must be known about it. */
function fileOf(source: SourceRef): Argument {
  const plain = plainFileOf(source);
  return "twin" in source && source.twin ? { ...plain, file: `twin(${source.twin}):${plain.file}` } : plain;
}

interface Argument {
  file: string;
  options: string[];
  note: string | null;
}

function plainFileOf(source: SourceRef): Argument {
  const plain = (file: string, note: string | null = null) => ({ file, options: [], note });
  switch (source.kind) {
    case "sample":
      return plain(`sample:${source.id}`);
    case "generator":
      return plain(`gen:${generatorText(source.generator)}`);
    case "text":
      return plain("numbers.txt", "save the typed numbers as numbers.txt first");
    case "url":
      return plain(source.url);
    case "files": {
      const [first, ...more] = source.fingerprints;
      const note = "put the path before the file's name";
      if (!source.raw) return plain(first.name, more.length === 0 ? note : `${note}; the others lie beside it`);
      const { dtype, shape, offset, littleEndian } = source.raw;
      const options = ["--raw", dtype, "--shape", shape.join("x"), "--offset", String(offset)];
      return { file: first.name, options: littleEndian ? options : [...options, "--big-endian"], note };
    }
  }
}

function generatorText({ name, rows, cols, seed, params }: GeneratorSpec): string {
  const all = Object.entries({ rows, cols, seed, ...params });
  return `${name}(${all.map(([key, value]) => `${key}=${value}`).join(",")})`;
}

/**
 * An argument as a POSIX shell reads it. What a terminal would obey on the way there is spelled out, as bash, zsh and ksh read it.
 */
function quote(text: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  const spelled = [...text].map((character) => {
    if (character === "\\" || character === "'") return `\\${character}`;
    const code = character.codePointAt(0)!;
    if (printable(character) === character) return character;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `$'${spelled.join("")}'`;
}
