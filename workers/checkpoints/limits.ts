/**
 * What a file may ask for at most. A hostile file is small and claims much: each limit is far above what real
 * checkpoints need, and low enough that reaching it costs neither minutes nor the memory of the page.
 */

/** Tensors listed from one file: every one is held in memory, here and on the page. */
export const MAX_TENSORS = 1_000_000;

/** Characters of a tensor's name. Frameworks join the names of nested modules; a thousand is beyond any of them. */
export const MAX_NAME = 1024;

/** Dimensions of a tensor. PyTorch and ONNX Runtime themselves end at 64 or before. */
export const MAX_DIMENSIONS = 64;

/** Levels of dicts and lists below which tensors are looked for, and so the depth of the recursion that looks. */
export const MAX_NESTING = 64;

/**
 * Dicts, lists and values visited while tensors are looked for: shared ones are visited once for each way to them, and a
 * few kilobytes of sharing could make 2^1000 ways.
 */
export const MAX_VISITS = 2_000_000;

/** Bytes of a pickle. It holds names and shapes, some 300 bytes a tensor; numbers are outside of it, save for NumPy's. */
export const MAX_PICKLE = 64 * 2 ** 20;

/** Dicts, lists, tuples and calls of a pickle, at about 100 bytes each in memory. A tensor takes seven. */
export const MAX_PICKLE_OBJECTS = 2_000_000;

/** Values that wait on a pickle's stack. Writers put off at most 1,000 items of a container. */
export const MAX_PICKLE_STACK = 1_000_000;

/** Values that a pickle remembers by number: protocol 4 numbers every string and tuple. */
export const MAX_PICKLE_MEMO = 4_000_000;

/** Bytes of an integer in a pickle. Sizes take 8; turning a million digits into an integer would take minutes. */
export const MAX_PICKLE_INTEGER = 256;

/** Storages in a legacy PyTorch file, each with 8 bytes before it that are read one after the other. */
export const MAX_STORAGES = 100_000;

/** Bytes of elements that lie apart in a file and are gathered in memory: the span they are spread over. */
export const MAX_SPAN = 512 * 2 ** 20;

/** Elements of an expanded tensor, which takes no bytes for its repetitions: 2^30 are 4 GB when decoded. */
export const MAX_EXPANDED = 2 ** 30;

/** Times that deflate can make its input longer, by its definition. What claims more is no deflated file. */
export const MAX_DEFLATE_RATIO = 1032;

/** Entries of a zip archive: one a storage, at some 200 bytes each in memory. */
export const MAX_ZIP_ENTRIES = 250_000;

/** Graphs inside of nodes inside of graphs, and so the depth of the recursion. Real ones nest two or three deep. */
export const MAX_GRAPH_DEPTH = 16;

/** Nodes of a model, those of sub-graphs and functions included. The largest have some 100,000. */
export const MAX_NODES = 1_000_000;

/** Bytes of a short text in a message: names, paths. */
export const MAX_TEXT_BYTES = 4096;

/** Entries that place a tensor in another file. Five are defined. */
export const MAX_EXTERNAL_ENTRIES = 32;

/** Bytes of numbers that have to be decoded one by one before any can be used, and are held in memory for it. */
export const MAX_TYPED = 256 * 2 ** 20;

/** Pieces in which the numbers of one tensor may come. Writers use one. */
export const MAX_PIECES = 1_000_000;

/** Bytes of a JSON file that describes a model. Topologies of large graphs take some 20 MB. */
export const MAX_MODEL_JSON = 50_000_000;
