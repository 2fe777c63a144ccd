/**
 * The weights of an ONNX model, wherever they are: initializers, `Constant` nodes, other attributes that hold tensors, in
 * the main graph, in the graphs inside of nodes (branches of If, bodies of Loop and Scan), in functions and in training graphs.
 * Messages and field numbers are those of onnx.proto3.
 */

import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";
import { MAX_DIMENSIONS, MAX_GRAPH_DEPTH, MAX_NODES, MAX_PIECES, MAX_TENSORS, MAX_TYPED } from "../limits.ts";
import { FLOAT_DATA, INT64_DATA } from "./element-types.ts";
import { packedSizes, readEntry, readTensorProto, type TensorProto } from "./tensor-proto.ts";
import type { Uses } from "./uses.ts";
import { BYTES, type Field, packedVarints, type Range, type Wire } from "./wire.ts";

const MODEL = { producer: 2, graph: 7, opsets: 8, metadata: 14, training: 20, functions: 25 };
const TRAINING = { initialization: 1, algorithm: 2 };
const FUNCTION = { name: 1, node: 7 };
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 };
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, integer: 3, tensor: 5, graph: 6, floats: 7, integers: 8, tensors: 10, graphs: 11 };
const SPARSE_ATTRIBUTES = [22, 23];
/** Fields of an attribute that hold tensors or graphs. */
const HOLDERS: readonly number[] = [
  ...[ATTRIBUTE.tensor, ATTRIBUTE.graph, ATTRIBUTE.tensors, ATTRIBUTE.graphs],
  ...SPARSE_ATTRIBUTES,
];
const SPARSE_VALUES = 1;
const SPARSE_INDICES = 2;
const SPARSE_DIMS = 3;

/** Most keys of metadata that are kept; they go to the page. */
const KEPT_METADATA = 1000;

export interface FoundTensor {
  /** Its own name, or that of the value it is. */
  name: string;
  /** The nodes and attributes around it: "If_0.then_branch". Empty in the main graph. */
  path: string;
  proto: TensorProto;
  /** Of a sparse tensor, whose values `proto` are: where they stand, and the shape of the whole. */
  sparse?: { indices: TensorProto | null; dims: number[] };
}

export interface OnnxModel {
  tensors: FoundTensor[];
  metadata: Record<string, string>;
  /** Constants of a single element, which are parts of arithmetic; not listed unless they are a weight's scale. */
  singles: FoundTensor[];
  /** Whether it names its sets of operators, as every model does, behind the graph. */
  hasOpsets: boolean;
}

/** Reads and checks a model's messages, but no tensor. Rejects with UserError. */
export async function readModel(wire: Wire, uses: Uses): Promise<OnnxModel> {
  const reader = new ModelReader(wire, uses);
  await reader.model();
  return reader.found;
}

class ModelReader {
  readonly found: OnnxModel = { tensors: [], metadata: {}, singles: [], hasOpsets: false };
  readonly #wire: Wire;
  readonly #uses: Uses;
  #nodes = 0;

  constructor(wire: Wire, uses: Uses) {
    this.#wire = wire;
    this.#uses = uses;
  }

  async model(): Promise<void> {
    const { metadata } = this.found;
    let graphs = 0;
    const what = () => "the ONNX model";
    await this.#wire.fields({ begin: 0, end: this.#wire.file.size }, what, (field) => {
      if (field.wire !== BYTES) return undefined;
      if (field.number === MODEL.graph) {
        graphs++;
        return this.#graph(field, "", 0);
      }
      if (field.number === MODEL.opsets) this.found.hasOpsets = true;
      if (field.number === MODEL.functions) return this.#function(field);
      if (field.number === MODEL.training) return this.#training(field);
      if (field.number === MODEL.producer)
        return this.#wire.shownText(field).then((text) => {
          metadata.producer_name = text;
        });
      if (field.number === MODEL.metadata && Object.keys(metadata).length < KEPT_METADATA)
        return readEntry(this.#wire, field, what).then(([key, value]) => {
          metadata[key] = value;
        });
      return undefined;
    });
    if (graphs === 0) throw new UserError(`${this.#wire.file.name}: the ONNX model has no graph.`);
  }

  async #training(range: Range): Promise<void> {
    await this.#wire.fields(
      range,
      () => "the training information",
      (field) => {
        if (field.number === TRAINING.initialization) return this.#graph(field, "training.initialization", 0);
        if (field.number === TRAINING.algorithm) return this.#graph(field, "training.algorithm", 0);
        return undefined;
      },
    );
  }

  /** A function's name comes before its nodes, as serializers write fields in their order. */
  async #function(range: Range): Promise<void> {
    let path = "function";
    const what = () => path;
    await this.#wire.fields(range, what, (field) => {
      if (field.number === FUNCTION.name)
        return this.#wire.text(field, what).then((text) => {
          path = text;
        });
      if (field.number === FUNCTION.node) return this.#node(field, path, 0);
      return undefined;
    });
  }

  async #graph(range: Range, path: string, depth: number): Promise<void> {
    const where = path === "" ? "" : ` of ${path}`;
    if (depth > MAX_GRAPH_DEPTH) throw this.#tooMuch(`graphs inside of graphs deeper than ${MAX_GRAPH_DEPTH} levels`);
    await this.#wire.fields(
      range,
      () => `the graph${where}`,
      (field) => {
        if (field.wire !== BYTES) return undefined;
        if (field.number === GRAPH.node) return this.#node(field, path, depth);
        if (field.number === GRAPH.initializer) return this.#initializer(field, path);
        if (field.number === GRAPH.sparseInitializer) return this.#sparse(field, "", path);
        return undefined;
      },
    );
  }

  async #initializer(range: Range, path: string): Promise<void> {
    const number = this.found.tensors.length + 1;
    const proto = await readTensorProto(this.#wire, range, () => `tensor ${number}`);
    this.#add({ name: proto.name, path, proto });
  }

  async #node(range: Range, path: string, depth: number): Promise<void> {
    if (++this.#nodes > MAX_NODES) throw this.#tooMuch(`more than ${MAX_NODES} nodes`);
    const number = this.#nodes;
    const wire = this.#wire;
    const what = () => `node ${number}`;
    const inputs: string[] = [];
    const outputs: string[] = [];
    let name = "";
    let opType = "";
    const attributes: Range[] = [];
    await wire.fields(range, what, (field) => {
      if (field.number === NODE.input) return wire.text(field, what).then((text) => void inputs.push(text));
      if (field.number === NODE.output) return wire.text(field, what).then((text) => void outputs.push(text));
      if (field.number === NODE.name)
        return wire.text(field, what).then((text) => {
          name = text;
        });
      if (field.number === NODE.opType)
        return wire.text(field, what).then((text) => {
          opType = text;
        });
      if (field.number === NODE.attribute) attributes.push({ begin: field.begin, end: field.end });
      return undefined;
    });
    const own = name || outputs[0] || `${opType}_${number}`;
    const integers = new Map<string, number>();
    for (const attribute of attributes) {
      await this.#attribute(attribute, { own, opType, output: outputs[0] ?? own, path, depth, integers });
    }
    this.#uses.node({ opType, inputs, outputs, integers, path });
  }

  async #attribute(range: Range, node: NodeContext): Promise<void> {
    const attribute = await this.#readAttribute(range, node);
    const { name, held } = attribute;
    const constant = node.opType === "Constant";
    const label = constant ? node.output : `${node.own}.${name}`;
    const inner = [node.path, node.own, name].filter((part) => part !== "").join(".");
    for (const field of held) {
      if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs)
        await this.#graph(field, inner, node.depth + 1);
      else if (field.number === ATTRIBUTE.tensor || field.number === ATTRIBUTE.tensors) {
        const proto = await readTensorProto(this.#wire, field, () => attributeOf(node));
        this.#addValue({ name: label, path: node.path, proto });
      } else await this.#sparse(field, label, node.path);
    }
    // A list of numbers in a Constant node is a vector; in others it is a setting, such as a kernel's size.
    const { floats, integers } = attribute;
    if (!constant || floats.length + integers.length === 0) return;
    const proto = await listProto(this.#wire, floats.length > 0 ? floats : integers, floats.length > 0);
    this.#addValue({ name: node.output, path: node.path, proto });
  }

  async #readAttribute(range: Range, node: NodeContext): Promise<Attribute> {
    const attribute: Attribute = { name: "", held: [], floats: [], integers: [] };
    const what = () => attributeOf(node);
    const piece = (list: Range[], { begin, end }: Range) => {
      if (node.opType !== "Constant") return;
      if (list.length === MAX_PIECES) throw this.#tooMuch(`a constant in more than ${MAX_PIECES} pieces`);
      list.push({ begin, end });
    };
    await this.#wire.fields(range, what, (field) => {
      const { number } = field;
      if (number === ATTRIBUTE.name) {
        return this.#wire.text(field, what).then((text) => {
          attribute.name = text;
        });
      }
      if (number === ATTRIBUTE.integer) {
        if (field.value < 2 ** 63) node.integers.set(attribute.name, field.value);
        // A negative number takes all of its 64 bits, which are not exact as one of JavaScript's.
        else
          return this.#wire.bytes(field).then((bytes) => void node.integers.set(attribute.name, firstInteger(bytes)));
      }
      if (number === ATTRIBUTE.floats) piece(attribute.floats, field);
      else if (number === ATTRIBUTE.integers) piece(attribute.integers, field);
      else if (HOLDERS.includes(number) && field.wire === BYTES) {
        if (attribute.held.length === MAX_NODES) throw this.#tooMuch(`more than ${MAX_NODES} values in one attribute`);
        attribute.held.push(field);
      }
      return undefined;
    });
    return attribute;
  }

  /** Sparse tensors are listed by the name of their values. */
  async #sparse(range: Range, label: string, path: string): Promise<void> {
    const wire = this.#wire;
    const what = () => "a sparse tensor";
    const sparse: { values: TensorProto | null; indices: TensorProto | null; dims: number[] } = {
      ...{ values: null, indices: null, dims: [] },
    };
    await wire.fields(range, what, (field) => {
      if (field.number === SPARSE_VALUES || field.number === SPARSE_INDICES)
        return readTensorProto(wire, field, what).then((proto) => {
          sparse[field.number === SPARSE_VALUES ? "values" : "indices"] = proto;
        });
      if (field.number !== SPARSE_DIMS) return undefined;
      if (field.wire !== BYTES) return pushSizes(wire, sparse.dims, [field.value]);
      if (field.end - field.begin > 10 * MAX_DIMENSIONS)
        return pushSizes(wire, sparse.dims, new Array(MAX_DIMENSIONS + 1).fill(0));
      return wire.bytes(field).then((bytes) => pushSizes(wire, sparse.dims, packedSizes(bytes)));
    });
    const { values: proto, indices, dims } = sparse;
    if (!proto) throw new UserError(`${wire.file.name}: a sparse tensor has no values. The file is damaged.`);
    this.#add({ name: label || proto.name, path, proto, sparse: { indices, dims } });
  }

  /** What a node holds: single numbers are parts of arithmetic. */
  #addValue(tensor: FoundTensor): void {
    if (tensor.proto.shape.every((size) => size === 1)) {
      if (this.found.singles.length === MAX_TENSORS) throw this.#tooMuch(`more than ${MAX_TENSORS} constants`);
      this.found.singles.push(tensor);
    } else this.#add(tensor);
  }

  #add(tensor: FoundTensor): void {
    if (this.found.tensors.length === MAX_TENSORS) throw this.#tooMuch(`more than ${MAX_TENSORS} tensors`);
    this.found.tensors.push(tensor);
  }

  #tooMuch(what: string): UserError {
    return new UserError(`${this.#wire.file.name}: the ONNX model has ${what}.`);
  }
}

/** What is used of an AttributeProto. */
interface Attribute {
  name: string;
  /** Tensors and graphs in it. */
  held: Field[];
  /** Numbers in it, of Constant nodes only. */
  floats: Range[];
  integers: Range[];
}

function firstInteger(bytes: Uint8Array): number {
  for (const value of packedVarints(bytes)) return Number(value);
  return 0;
}

/** More dimensions of a sparse tensor. Throws UserError beyond the limit. */
function pushSizes(wire: Wire, dims: number[], more: readonly number[]): undefined {
  if (dims.length + more.length > MAX_DIMENSIONS)
    throw new UserError(`${wire.file.name}: a sparse tensor has more than ${MAX_DIMENSIONS} dimensions, the limit.`);
  dims.push(...more);
}

const attributeOf = ({ own }: NodeContext) => `an attribute of ${own.slice(0, 100)}`;

interface NodeContext {
  /** Its name, or what stands for one. */
  own: string;
  opType: string;
  output: string;
  /** The path of the graph it is in. */
  path: string;
  depth: number;
  /** Its integer attributes, filled while they are read. */
  integers: Map<string, number>;
}

/** A list of floats or integers in an attribute, as the tensor it stands for. */
async function listProto(wire: Wire, pieces: Range[], floats: boolean): Promise<TensorProto> {
  const FLOAT = 1;
  const INT64 = 7;
  let count = pieces.reduce((sum, { begin, end }) => sum + end - begin, 0) / 4;
  if (!floats) {
    count = 0;
    const length = pieces.reduce((sum, { begin, end }) => sum + end - begin, 0);
    if (length > MAX_TYPED) {
      throw new UserError(
        `${wire.file.name}: a constant lists ${formatBytes(length)} of integers; the limit is ${formatBytes(MAX_TYPED)}.`,
      );
    }
    // Each number ends with its only byte below 128.
    for (const piece of pieces) count += (await wire.bytes(piece)).reduce((sum, byte) => sum + (byte < 128 ? 1 : 0), 0);
  }
  const type = floats ? FLOAT : INT64;
  const typed = new Map([[floats ? FLOAT_DATA : INT64_DATA, pieces]]);
  return { name: "", shape: [Math.floor(count)], type, raw: null, typed, external: null, segmented: false };
}
