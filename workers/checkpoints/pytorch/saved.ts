/** What a pickle of PyTorch's describes: tensors as views of storages, before any of their bytes is looked for. */
import { MAX_DIMENSIONS } from "../limits.ts";
import type { StorageType, TorchDtype } from "./torch-types.ts";
import { asCount, asItems, PickleMistake, type PyValue, show } from "./values.ts";

/** A storage by its key in the file. */
export class SavedStorage {
  readonly type: StorageType;
  readonly key: string;
  /** Elements it says it has; bytes for one without an element type. */
  readonly count: number;
  /** Elements of the file's storage that come before this one's first: not 0 only for views in legacy files. */
  readonly offset: number;
  constructor(type: StorageType, key: string, count: number, offset = 0) {
    this.type = type;
    this.key = key;
    this.count = count;
    this.offset = offset;
  }
}

/** A tensor over a storage. Offset and strides count elements. */
export class SavedTensor {
  readonly storage: SavedStorage;
  readonly type: TorchDtype;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  /** Why its values are not what its bytes say, where that is so. */
  readonly refusal: string | null;
  quantizer: SavedQuantizer | null = null;
  constructor(
    storage: SavedStorage,
    type: TorchDtype,
    [offset, shape, stride]: readonly [number, readonly number[], readonly number[]],
    refusal: string | null = null,
  ) {
    this.storage = storage;
    this.type = type;
    this.offset = offset;
    this.shape = shape;
    this.stride = stride;
    this.refusal = refusal;
  }
}

/** A tensor that is listed but has no storage of plain values. */
export class UnreadableTensor {
  readonly what: string;
  readonly shape: readonly number[];
  constructor(what: string, shape: readonly number[] = []) {
    this.what = what;
    this.shape = shape;
  }
}

/** A tensor of a class of its own (torchao's for example): the class, its shape and what is set on it. */
export class SavedSubclass {
  readonly path: string;
  readonly shape: readonly number[];
  /** States, in their order. */
  readonly items: PyValue[] = [];
  constructor(path: string, shape: readonly number[]) {
    this.path = path;
    this.shape = shape;
  }
}

/** Numbers of Python's own beside the tensors: a shape, a width in bits. */
export class SavedNumbers {
  readonly values: readonly number[];
  readonly shape: readonly number[];
  constructor(values: readonly number[], shape: readonly number[]) {
    this.values = values;
    this.shape = shape;
  }
}

/** How a tensor that PyTorch quantized itself becomes values. */
export interface SavedQuantizer {
  scales: SavedTensor | SavedNumbers;
  zeros: SavedTensor | SavedNumbers;
  axis: number | null;
}

/** NumPy's element type; its byte order comes with its state. */
export class SavedDescr {
  /** "f4" */
  readonly code: string;
  order = "";
  constructor(code: string) {
    this.code = code;
  }

  /** (version, order, ...) */
  setState(state: PyValue): void {
    const order = asItems(state, "the state of a NumPy dtype")[1];
    if (typeof order === "string" && "<>|=".includes(order)) this.order = order;
  }
}

/** A NumPy array, whose bytes are in the pickle itself. Empty until its state was given. */
export class SavedArray {
  shape: readonly number[] = [];
  /** As in .npy headers: "<f4". */
  descr = "";
  fortranOrder = false;
  bytes: Uint8Array | null = null;

  /** Throws PickleMistake. */
  fill(shape: PyValue | undefined, type: PyValue | undefined, fortranOrder: boolean, bytes: PyValue | undefined): void {
    if (!(type instanceof SavedDescr)) throw new PickleMistake(`a NumPy array has the dtype ${show(type)}`);
    this.shape = asSizes(shape, "the shape of a NumPy array");
    this.descr = type.order + type.code;
    this.fortranOrder = fortranOrder;
    this.bytes = bytes instanceof Uint8Array ? bytes : null;
  }

  /** (version, shape, dtype, whether in Fortran order, bytes) */
  setState(state: PyValue): void {
    const [, shape, type, fortranOrder, bytes] = asItems(state, "the state of a NumPy array");
    this.fill(shape, type, fortranOrder === true, bytes);
  }
}

/** The sizes in a tuple. Throws PickleMistake. */
export function asSizes(value: PyValue | undefined, what: string): number[] {
  const sizes = asItems(value, what);
  if (sizes.length > MAX_DIMENSIONS)
    throw new PickleMistake(`${what} has ${sizes.length} dimensions; the limit is ${MAX_DIMENSIONS}`);
  return sizes.map((size) => asCount(size, what));
}
