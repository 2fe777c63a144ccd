/** The functions of PyTorch that rebuild tensors, as `torch._utils` defines their arguments. */
import { asSizes, SavedNumbers, SavedStorage, SavedSubclass, SavedTensor, UnreadableTensor } from "./saved.ts";
import { StorageType, TorchDtype } from "./torch-types.ts";
import { asCount, asItems, PickleMistake, PyCallable, PyDict, PyInert, PyTuple, type PyValue, show } from "./values.ts";

type Call = (args: readonly PyValue[]) => PyValue;

export function tensorNames(): [string, PyValue][] {
  const calls: [string, Call][] = [
    ["torch._utils._rebuild_tensor", rebuildTensor],
    ["torch._utils._rebuild_tensor_v2", rebuildTensor],
    ["torch._utils._rebuild_tensor_v3", rebuildTypedTensor],
    ["torch._utils._rebuild_parameter", ([data]) => data],
    ["torch._utils._rebuild_parameter_with_state", ([data]) => data],
    ["torch._utils._rebuild_device_tensor_from_numpy", ([array]) => array],
    ["torch._utils._rebuild_device_tensor_from_cpu_tensor", ([tensor]) => tensor],
    ["torch._tensor._rebuild_from_type_v2", rebuildFromType],
    ["torch._utils._rebuild_sparse_tensor", ([, data]) => rebuildSparse(data)],
    ["torch._utils._rebuild_sparse_csr_tensor", ([, data]) => rebuildSparse(data)],
    ["torch._utils._rebuild_qtensor", rebuildQuantized],
    [
      "torch._utils._rebuild_meta_tensor_no_storage",
      ([, shape]) => new UnreadableTensor(META, asSizes(shape, "a shape")),
    ],
    ["torch._utils._rebuild_nested_tensor", () => new UnreadableTensor("is a nested tensor, which is not one matrix")],
    ["torch._utils._rebuild_wrapper_subclass", rebuildSubclass],
    ["torch.nn.parameter.Parameter", ([data]) => data],
    ["torch.Size", ([sizes]) => new PyTuple(asItems(sizes, "a torch.Size"))],
    ["torch.device", () => new PyInert("a device")],
    ["torch.serialization._get_layout", () => new PyInert("a layout")],
  ];
  const words = [
    ...["per_tensor_affine", "per_channel_affine", "per_channel_affine_float_qparams"],
    ...["per_tensor_symmetric", "per_channel_symmetric", "strided", "sparse_coo", "sparse_csr", "sparse_csc"],
    ...["sparse_bsr", "sparse_bsc", "contiguous_format", "preserve_format", "channels_last", "channels_last_3d"],
  ];
  return [
    ...calls.map(([path, call]): [string, PyValue] => [path, new PyCallable(path, checked(path, call))]),
    ...words.map((word): [string, PyValue] => [`torch.${word}`, new PyInert(`torch.${word}`)]),
    // As a type in `_rebuild_from_type_v2`; nothing is called by it.
    ["torch.Tensor", new PyInert("torch.Tensor")],
  ];
}

const META = "was saved without values (on PyTorch's meta device)";

/** What a call gives must be something: a missing argument would show only much later. */
const checked =
  (path: string, call: Call): Call =>
  (args) => {
    const made: PyValue | undefined = call(args);
    if (made === undefined)
      throw new PickleMistake(`${path} is called with ${args.length} arguments, which are too few`);
    return made;
  };

function asStorage(value: PyValue | undefined): SavedStorage {
  if (value instanceof SavedStorage) return value;
  throw new PickleMistake(`a tensor is made of ${show(value)}, not of a storage`);
}

function place(offset: PyValue, shape: PyValue, stride: PyValue): [number, number[], number[]] {
  const sizes = asSizes(shape, "a tensor's shape");
  const strides = asSizes(stride, "a tensor's strides");
  if (sizes.length !== strides.length)
    throw new PickleMistake(`a tensor of ${sizes.length} dimensions has ${strides.length} strides`);
  return [asCount(offset, "a tensor's offset"), sizes, strides];
}

/** (storage, offset, shape, stride, requires_grad, hooks, metadata) */
function rebuildTensor([stored, offset, shape, stride, , , metadata]: readonly PyValue[]): PyValue {
  const storage = asStorage(stored);
  const { element } = storage.type;
  if (!element) throw new PickleMistake("a tensor without an element type is made of a storage without one");
  return new SavedTensor(storage, element, place(offset, shape, stride), lazyRefusal(metadata));
}

/** (storage, offset, shape, stride, requires_grad, hooks, dtype, metadata): types that have no storage class. */
function rebuildTypedTensor(args: readonly PyValue[]): PyValue {
  const [stored, offset, shape, stride, , , type, metadata] = args;
  if (!(type instanceof TorchDtype)) throw new PickleMistake(`a tensor has the dtype ${show(type)}`);
  return new SavedTensor(asStorage(stored), type, place(offset, shape, stride), lazyRefusal(metadata));
}

/** Conjugation and negation may be put off by PyTorch: then the bytes are not the values. */
function lazyRefusal(metadata: PyValue | undefined): string | null {
  if (!(metadata instanceof PyDict) || metadata.entries.get("neg") !== true) return null;
  return "is a negation that PyTorch has put off. Save it with tensor.resolve_neg()";
}

/** (class, dtype, shape, stride, offset, layout, device, requires_grad): what is inside comes as its state. */
function rebuildSubclass([type, , shape]: readonly PyValue[]): PyValue {
  return new SavedSubclass(type instanceof PyCallable ? type.path : show(type), asSizes(shape, "a tensor's shape"));
}

/** (function, type, arguments, state) */
function rebuildFromType([rebuild, type, args, state]: readonly PyValue[]): PyValue {
  if (!(rebuild instanceof PyCallable) || !rebuild.path.startsWith("torch._utils._rebuild_"))
    throw new PickleMistake(`a tensor of ${show(type)} is rebuilt by ${show(rebuild)}`);
  const made = rebuild.call(asItems(args, "the arguments of a tensor's rebuilding"));
  if (made instanceof SavedSubclass && state !== undefined) made.items.push(state);
  return made;
}

function rebuildSparse(data: PyValue | undefined): PyValue {
  const shape = asItems(data, "a sparse tensor").find((part) => part instanceof PyTuple);
  return new UnreadableTensor(
    "is sparse, which is not read. Save it with tensor.to_dense()",
    shape === undefined ? [] : asSizes(shape, "a shape"),
  );
}

/** (storage, offset, shape, stride, (scheme, scale, zero) or (scheme, scales, zeros, axis), requires_grad, hooks) */
function rebuildQuantized([stored, offset, shape, stride, quantizer]: readonly PyValue[]): PyValue {
  const storage = asStorage(stored);
  const type = storage.type.element ?? new TorchDtype("quint8");
  const tensor = new SavedTensor(storage, type, place(offset, shape, stride));
  const [scheme, scales, zeros, axis] = quantizer instanceof PyTuple ? quantizer.items : [];
  const name = scheme instanceof PyInert ? scheme.what : "";
  if (/^torch\.per_tensor/.test(name) && typeof scales === "number" && typeof zeros === "number") {
    tensor.quantizer = { scales: new SavedNumbers([scales], []), zeros: new SavedNumbers([zeros], []), axis: null };
  } else if (/^torch\.per_channel/.test(name) && scales instanceof SavedTensor && zeros instanceof SavedTensor) {
    tensor.quantizer = { scales, zeros, axis: asCount(axis, "the axis of a quantizer") };
  }
  return tensor;
}

/** ("storage", class, key, device, elements) and in legacy files the view, ("key", offset, elements), or None. */
export function persistentStorage(id: PyValue): PyValue {
  const [word, type, key, , count, view] = asItems(id, "the name of a storage");
  if (word !== "storage" || typeof key !== "string")
    throw new PickleMistake(`a storage is named by ${show(word)} and ${show(key)}`);
  if (!(type instanceof StorageType)) throw new PickleMistake(`a storage is of the class ${show(type)}`);
  const elements = asCount(count, "the size of a storage");
  if (!(view instanceof PyTuple)) return new SavedStorage(type, key, elements);
  return new SavedStorage(type, key, elements, asCount(view.items[1], "the offset of a storage's view"));
}
