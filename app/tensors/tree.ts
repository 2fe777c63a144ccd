/** Tensor names as a tree: `blocks.0.attn.wq` is four levels, and levels that never branch are drawn as one. */

import { splitAddress } from "../../workers/layouts/address.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { StoredAs } from "../../workers/tensors/stored.ts";
import { finish, type Steps } from "../widgets/useSteps.ts";

interface Group {
  path: string;
  label: string;
  groups: Group[];
  tensors: TensorInfo[];
  /** Tensors below, at any depth. */
  count: number;
}

export interface TensorTree {
  root: Group;
  total: number;
}

export type TreeRow =
  | { kind: "group"; path: string; label: string; depth: number; open: boolean; count: number }
  | {
      kind: "tensor";
      tensor: TensorInfo;
      label: string;
      depth: number;
      /** Whether the stored parts of a weight stand below it; null for what has none. */
      open: boolean | null;
      /** It is a stored part of the weight above it. */
      part: boolean;
    };

const emptyGroup = (path: string, label: string): Group => ({ path, label, groups: [], tensors: [], count: 0 });

/** Tensors or groups that are gone through between two stops: a millisecond or two. */
const STEP = 4096;
/** From here on a tree is made and searched in steps. */
export const MANY = 20_000;

function* compress(group: Group): Steps<Group> {
  const [groups, single]: [Group[], Group[]] = [[], []];
  if (group.groups.length > 16) yield;
  for (const whole of group.groups) {
    const child = yield* compress(whole);
    (child.groups.length === 0 && child.tensors.length === 1 ? single : groups).push(child);
  }
  const [only] = groups;
  // A group of one tensor is that tensor, under its longer name.
  const tensors = [...single.flatMap((child) => child.tensors), ...group.tensors];
  if (group.path !== "" && groups.length === 1 && tensors.length === 0) {
    return { ...only, label: `${group.label}.${only.label}` };
  }
  return { ...group, groups, tensors };
}

/** Groups tensors by the dots (or slashes) of their names, in the order of the file; time grows with the number of tensors. */
export const buildTree = (tensors: readonly TensorInfo[]): TensorTree => finish(treeSteps(tensors));

/** The same, in steps. */
export function* treeSteps(tensors: readonly TensorInfo[]): Steps<TensorTree> {
  let done = 0;
  const root = emptyGroup("", "");
  const byPath = new Map<string, Group>([["", root]]);
  for (const tensor of tensors) {
    if (++done % STEP === 0) yield;
    const parts = tensor.name.split(/[./]/);
    let group = root;
    let path = "";
    group.count++;
    for (const part of parts.slice(0, -1)) {
      path = path === "" ? part : `${path}.${part}`;
      let next = byPath.get(path);
      if (!next) {
        next = emptyGroup(path, part);
        byPath.set(path, next);
        group.groups.push(next);
      }
      group = next;
      group.count++;
    }
    group.tensors.push(tensor);
  }
  return { root: yield* compress(root), total: tensors.length };
}

/** The key of a weight's parts among what is open; no group has a space before its name. */
export const partsPath = (weight: TensorInfo): string => ` ${weight.name}`;

/** The listed name for an address: a weight read otherwise stands in the list under its plain name. */
export const listedName = (address: string | null): string | null =>
  address === null ? null : (splitAddress(address)?.name ?? address);

const FEW = 2000;

/** Groups that are open at first: all where there are few tensors, else those on the way to the shown one. */
export function firstOpen(tree: TensorTree, shown: string | null): Set<string> {
  const open = new Set<string>();
  const weight = listedName(shown);
  const walk = (group: Group): boolean => {
    const owner = group.tensors.find((t) => t.name !== shown && t.stored?.parts.some((p) => p.info.name === shown));
    if (owner) open.add(partsPath(owner));
    const here = owner !== undefined || group.tensors.some((t) => t.name === weight);
    const below = group.groups.map(walk).some(Boolean);
    if (tree.total <= FEW || here || below) open.add(group.path);
    return here || below;
  };
  walk(tree.root);
  return open;
}

/** The rows to draw, top to bottom. With a filter only matching tensors and the groups above them, all open. */
export const visibleRows = (tree: TensorTree, open: ReadonlySet<string>, filter: string): TreeRow[] =>
  finish(rowSteps(tree, open, filter));

/** The same, in steps. */
export function* rowSteps(tree: TensorTree, open: ReadonlySet<string>, filter: string): Steps<TreeRow[]> {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (t: TensorInfo) => {
    const name = t.name.toLowerCase();
    // Most words are parts of names: the rest is put together only where one is not.
    const others = words.filter((word) => !name.includes(word));
    if (others.length === 0) return true;
    const text = `${t.dtype} ${t.shape.join("x")}`.toLowerCase();
    return others.every((word) => text.includes(word));
  };
  const rows: TreeRow[] = [];
  let done = 0;
  function* add(group: Group, depth: number): Steps<void> {
    const prefix = group.path === "" ? 0 : group.path.length + 1;
    for (const child of group.groups) {
      const at = rows.length;
      const isOpen = words.length > 0 || open.has(child.path);
      rows.push({ kind: "group", path: child.path, label: child.label, depth, open: isOpen, count: child.count });
      if (isOpen) yield* add(child, depth + 1);
      if (words.length > 0 && rows.length === at + 1) rows.pop();
    }
    for (const tensor of group.tensors) {
      if (++done % STEP === 0) yield;
      const found = words.length === 0 || matches(tensor);
      const parts = tensor.stored ? partsOf(tensor, tensor.stored, found) : null;
      if (!found && !parts?.length) continue;
      const label = tensor.name.slice(prefix);
      const module = tensor.name.slice(0, tensor.name.lastIndexOf(".") + 1);
      rows.push({ kind: "tensor", tensor, label, depth, open: parts && parts.length > 0, part: false });
      for (const part of parts ?? []) {
        const own = part.name.startsWith(module) ? part.name.slice(module.length) : part.name.slice(prefix);
        rows.push({ kind: "tensor", tensor: part, label: own, depth: depth + 1, open: null, part: true });
      }
    }
  }
  /** The parts to show below a weight: all where it is open, those that match where it does not itself. */
  function partsOf(weight: TensorInfo, stored: StoredAs, found: boolean): TensorInfo[] {
    if (found && !open.has(partsPath(weight))) return [];
    const parts = stored.parts.map((part) => part.info);
    return found ? parts : parts.filter(matches);
  }
  yield* add(tree.root, 0);
  return rows;
}
