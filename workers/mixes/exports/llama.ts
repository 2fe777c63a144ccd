/**
 * An assignment for llama-quantize of llama.cpp: its types by tensor, as options and as a file, the whole command, and the commands that
 * measure what came out. Options: tools/quantize/quantize.cpp and tools/perplexity of https://github.com/ggml-org/llama.cpp (October 2026).
 */
import { KEEP } from "../../../kernels/notation/index.ts";
import { UserError } from "../../errors/user-error.ts";
import type { AssignedTensor, Assignment } from "../assignment.ts";
import { expressionsOf } from "../expressions.ts";
import { addTo } from "../lists.ts";
import { fitting, LlamaError, type LlamaOptions } from "../llama/choose.ts";
import { defaultType, type FileType, fileTypeNamed, fileTypes, isFloatType } from "../llama/file-types.ts";
import { categoryOf, isQuantized } from "../llama/tensors.ts";
import { type LlamaGroup, llamaGroups } from "../named.ts";
import { ggmlType, typeOfRecipe, wantsImportance } from "../recipes.ts";
import type { MixExport } from "../types.ts";
import { commandText, shellWords } from "./shell.ts";

/** A rule of `--tensor-type`: the first pattern that is found in a tensor's name gives its type. */
export interface TypeRule {
  pattern: string;
  /** As ggml spells it. */
  type: string;
}

interface Chosen {
  rules: TypeRule[];
  /** Of `output.weight` and `token_embd.weight`; null where they stay as they are. */
  output: string | null;
  embedding: string | null;
  /** The type that most weights get. */
  most: string;
  without: MixExport["without"];
}

/** Writes an assignment for llama.cpp. `typesFile`: what the file of types is called. Throws UserError where it gives no tensor a type that llama.cpp has. */
export function llamaExport(assignment: Assignment, typesFile = "tensor-types.txt"): MixExport {
  const { rules, output, embedding, most, without } = chosenTypes(assignment);
  const fileType = fileTypes.find((one) => defaultType(one) === most)!;
  const ends = [
    ...(output === null ? [] : [["--output-tensor-type", output.toLowerCase()]]),
    ...(embedding === null ? [] : [["--token-embedding-type", embedding.toLowerCase()]]),
  ];
  const needs = [...new Set([...rules.map(({ type }) => type)])].filter(wantsImportance);
  const imatrix = needs.length > 0 ? [["--imatrix", "imatrix.gguf"]] : [];
  const input = inputOf(assignment);
  const files = [input.file, "model-mix.gguf"];
  const wordsOf = ({ pattern, type }: TypeRule) => `${pattern}=${type.toLowerCase()}`;
  const file = rules.map(wordsOf).join("\n");
  const command = (types: string[][]) =>
    commandText([["llama-quantize", ...input.options], ...imatrix, ...ends, ...types, [...files, fileType]]);
  return {
    tool: "llama.cpp",
    texts: [
      { file: typesFile, title: "for --tensor-type-file", text: `${file}\n` },
      {
        file: null,
        title: "the command with that file",
        text: command([["--tensor-type-file", typesFile]]),
      },
      {
        file: null,
        title: "the command by itself",
        text: command(rules.map((rule) => ["--tensor-type", wordsOf(rule)])),
      },
      { file: null, title: "its KL divergence against the model as it is", text: measuring(files[0], files[1]) },
    ],
    without,
    notes: [
      ...(without.length > 0 ? ["Tensors whose recipe llama.cpp has no type for stay as they are."] : []),
      ...(needs.length > 0
        ? [
            `${needs.join(", ")} ${needs.length === 1 ? "is" : "are"} made with an importance matrix alone: imatrix.gguf.`,
          ]
        : []),
      ...input.notes,
    ],
  };
}

/** What the commands start from: the source itself where it is GGUF, else what a conversion gives. */
function inputOf({ model: { tensors, label } }: Assignment): { file: string; options: string[]; notes: string[] } {
  const isGguf = tensors.length > 0 && tensors.every(({ gguf, name }) => gguf?.name === name);
  if (!isGguf)
    return {
      ...{ file: "model.gguf", options: [] },
      notes: [
        "model.gguf is the checkpoint as convert_hf_to_gguf.py writes it, its matrices in the type that they have.",
      ],
    };
  const quantized = tensors.some(({ dtype }) => (ggmlType(dtype)?.elements ?? 1) > 1);
  return {
    ...{ file: label, options: quantized ? ["--allow-requantize"] : [] },
    notes: quantized
      ? [`${label} is quantized already: what is quantized again is worse than from the model itself.`]
      : [],
  };
}

/** The commands of llama-perplexity: the model's own logits first, then what each quantized file does to them. */
export function measuring(base: string, mix: string, text = "wiki.test.raw"): string {
  const logits = commandText([
    ["llama-perplexity", "-m", base, "-f", text],
    ["--kl-divergence-base", "logits.kld"],
  ]);
  const against = commandText([
    ["llama-perplexity", "-m", mix],
    ["--kl-divergence-base", "logits.kld", "--kl-divergence"],
  ]);
  return `${logits}\n${against} 2>&1 | tee kld.log`;
}

function chosenTypes(assignment: Assignment): Chosen {
  const byName = new Map(assignment.tensors.map((tensor) => [tensor.source.name, tensor]));
  const groups = llamaGroups(assignment.model);
  const without: MixExport["without"] = [];
  const refuse = ({ text, source }: AssignedTensor, why: string) =>
    void without.push({ name: source.name, recipe: text, why });
  const byType = new Map<string, string[]>();
  const ends: Record<"output" | "embedding", string | null> = { output: null, embedding: null };
  let fitted = 0;
  for (const group of groups) {
    const parts = group.sources.map(({ name }) => byName.get(name)!);
    const refused = without.length;
    const type = typeOfGroup(group, parts, refuse);
    if (type === null) continue;
    if (without.length === refused && parts[0].text !== KEEP) fitted++;
    const { name } = group.tensor;
    if (categoryOf(name) === "output") ends.output = type;
    else if (name === "token_embd.weight") ends.embedding = type;
    else addTo(byType, type, name);
  }
  alikeEmbeddings(groups, byType, ends.embedding, (name) => {
    const { sources } = groups.find(({ tensor }) => tensor.name === name)!;
    refuse(byName.get(sources[0].name)!, "llama-quantize gives it the type of token_embd.weight");
  });
  for (const tensor of assignment.tensors)
    if (tensor.text !== KEEP && !tensor.source.gguf) refuse(tensor, "llama.cpp has no place for this tensor");
  if (fitted === 0) {
    const [first] = without;
    const why = first ? ` ${first.name}: ${first.why}.` : "";
    throw new UserError(`No tensor has a recipe that llama.cpp has a type for.${why}`);
  }
  const names = groups.map(({ tensor }) => tensor.name);
  const rules = [...byType]
    .sort((a, b) => a[1].length - b[1].length)
    .flatMap(([type, own]) => expressionsOf(own, names).map((pattern) => ({ pattern: `^${pattern}$`, type })));
  return { rules, ...ends, most: mostOf(byType), without };
}

/** The option for the embedding is for those of layers too. */
function alikeEmbeddings(
  groups: readonly LlamaGroup[],
  byType: ReadonlyMap<string, readonly string[]>,
  embedding: string | null,
  refuse: (name: string) => void,
): void {
  if (embedding === null) return;
  for (const { tensor } of groups) {
    const { name } = tensor;
    if (name === "token_embd.weight" || categoryOf(name) !== "token_embd") continue;
    if (!byType.get(embedding)?.includes(name)) refuse(name);
  }
}

/** The type that most tensors have, among those that a file can be of. */
function mostOf(byType: ReadonlyMap<string, readonly string[]>): string {
  const usable = [...byType].filter(
    ([type]) => !isFloatType(type) && fileTypes.some((one) => defaultType(one) === type),
  );
  return usable.reduce((most, one) => (one[1].length > most[1].length ? one : most), ["Q8_0", []] as [
    string,
    readonly string[],
  ])[0];
}

/** The type for all parts of a tensor: the one that it has where there is none for them. Null where the tool leaves it alone. */
function typeOfGroup(
  { tensor }: LlamaGroup,
  parts: readonly AssignedTensor[],
  refuse: (tensor: AssignedTensor, why: string) => void,
): string | null {
  const [first] = parts;
  if (!isQuantized(tensor)) {
    const changed = parts.find(({ text }) => text !== KEEP);
    if (changed) refuse(changed, "llama-quantize leaves this tensor as it is");
    return null;
  }
  const other = parts.find(({ text }) => text !== first.text);
  if (other) {
    refuse(other, `llama.cpp has one type for all experts of a layer, and ${first.source.name} gets ${first.text}`);
    return tensor.type;
  }
  // Whatever is not named would get the file type's own choice: what stays is named with the type that it has.
  if (first.text === KEEP) return tensor.type;
  const type = typeOfRecipe(first.text);
  if (type === null) {
    refuse(first, "no type of ggml is this recipe");
    return tensor.type;
  }
  if (fittingType(type, tensor.dimensions[0], tensor.name) === type) return type;
  refuse(first, `rows of ${tensor.dimensions[0]} are no whole blocks of ${type}`);
  return tensor.type;
}

function fittingType(type: string, cols: number, name: string): string | null {
  try {
    return fitting(type, cols, name);
  } catch (error) {
    if (error instanceof LlamaError) return null;
    throw error;
  }
}

/** Reads the text of a `--tensor-type-file`: rules between white space. Throws UserError. */
export function readTensorTypes(text: string): TypeRule[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const at = word.indexOf("=");
      const type = ggmlType(word.slice(at + 1).toUpperCase());
      if (at <= 0 || !type) throw new UserError(`"${word.slice(0, 80)}" is no pattern=type of llama.cpp.`);
      // The tool reads patterns in lower case.
      return { pattern: word.slice(0, at).toLowerCase(), type: type.name };
    });
}

export interface QuantizeCommand {
  fileType: FileType;
  options: LlamaOptions;
}

/** Reads a command of llama-quantize. `file` gives the text that `--tensor-type-file` names. Throws UserError. */
export function readQuantizeCommand(text: string, file: (name: string) => string = () => ""): QuantizeCommand {
  const words = shellWords(text);
  if (!words || !/llama-quantize/.test(words[0] ?? "")) throw new UserError("This is no command of llama-quantize.");
  const rules: TypeRule[] = [];
  const options: LlamaOptions = {};
  let at = 1;
  for (; words[at]?.startsWith("--"); at++) {
    const [option, value = ""] = [words[at], words[at + 1]];
    if (option === "--allow-requantize") continue;
    if (option === "--pure") options.pure = true;
    else if (option === "--imatrix") options.imatrix = true;
    else if (option === "--output-tensor-type") options.outputType = typeNamed(value);
    else if (option === "--token-embedding-type") options.embeddingType = typeNamed(value);
    else if (option === "--tensor-type") rules.push(...readTensorTypes(value));
    else if (option === "--tensor-type-file") rules.push(...readTensorTypes(file(value)));
    else throw new UserError(`${option} of llama-quantize is not known here.`);
    if (option !== "--pure") at++;
  }
  const type = words.slice(at).flatMap((word) => fileTypeNamed(word) ?? [])[0];
  if (!type) throw new UserError("The command names no type of llama-quantize.");
  const overrides = rules.map(({ pattern, type }) => ({ pattern: new RegExp(pattern), type }));
  return { fileType: type, options: { ...options, overrides } };
}

function typeNamed(name: string): string {
  const type = ggmlType(name.toUpperCase());
  if (!type) throw new UserError(`"${name}" is no type of ggml.`);
  return type.name;
}
