/** What a report of a mix says: plain data, put together from what is on the screen, drawn as a page and as a file. */

export interface ReportRow {
  tensor: string;
  layer: number | null;
  role: string;
  shape: readonly number[];
  elements: number;
  /** Canonical; null where it is kept as stored. */
  recipe: string | null;
  /** Bits that are stored of it, all of them counted. */
  bits: number;
  /** What it adds to the sum, in the signal's unit; null where it has no figure. */
  loss: number | null;
  /** Standard error of the loss; null where it has none. */
  stderr: number | null;
  /** Values that were read of it, as a share: 1 where all were. Null where the signal reads none. */
  read: number | null;
  pinned: boolean;
}

/** A figure or setting with its name. */
export type Line = readonly [label: string, value: string];

export interface ReportPoint {
  label: string;
  bits: number | null;
  predicted: number | null;
  /** As it is written, with its standard error. */
  measured: string;
  notes: readonly string[];
}

export interface MixReport {
  /** The source's name. */
  source: string;
  /** When it was made, as it is written. */
  made: string;
  /** Opens the same mix; `omitted` are sentences on what a link cannot hold. */
  link: string;
  omitted: readonly string[];
  /** The assignment as a model recipe. */
  recipe: string;
  /** What was found, and under what: budget, size, loss, solver, gap, ties. */
  figures: readonly Line[];
  /** How the losses came about: signal, paper, share read, seeds, intervals, versions, device. */
  provenance: readonly Line[];
  rows: readonly ReportRow[];
  /** In the order of the map's columns. */
  roles: readonly string[];
  /** The unit of `loss`. */
  unit: string;
  frontier: { bits: ArrayLike<number>; loss: ArrayLike<number>; chosen: number } | null;
  /** Null where nothing was measured; the reason is among `limits`. */
  measured: { verdict: string; worse: boolean; additivity: string; points: readonly ReportPoint[] } | null;
  /** What was sampled, refused, left out or not measured, in sentences. */
  limits: readonly string[];
  /** Recipes that a tensor could not take, with the reason: each reason once, with how many tensors it met. */
  refused: readonly { recipe: string; why: string; tensors: number }[];
}

/** What of a cell of layers x roles the assignment says. */
export interface Cell {
  column: number;
  row: number;
  /** Bits a weight over its tensors. */
  bits: number;
  /** What they take: a recipe, or how many. */
  words: string;
  tensors: number;
}

export interface Grid {
  roles: string[];
  /** Layers in order; "–" for what belongs to none. */
  layers: string[];
  cells: Cell[];
}

/** Rows by layer and role; experts of one layer and role lie in one cell. `order`: of roles; others come behind. */
export function gridOf(rows: readonly ReportRow[], order: readonly string[] = []): Grid {
  const there = new Set(rows.map(({ role }) => role));
  const roles = [...new Set([...order.filter((role) => there.has(role)), ...there])];
  const layers = [...new Set(rows.map(({ layer }) => layer))].sort((x, y) => (x ?? -1) - (y ?? -1));
  const columnOf = new Map(roles.map((role, i) => [role, i]));
  const rowOf = new Map(layers.map((layer, i) => [layer, i]));
  const places = new Map<number, { bits: number; elements: number; recipes: Set<string>; tensors: number }>();
  for (const { layer, role, bits, elements, recipe } of rows) {
    const at = rowOf.get(layer)! * roles.length + columnOf.get(role)!;
    const place = places.get(at) ?? { bits: 0, elements: 0, recipes: new Set(), tensors: 0 };
    place.bits += bits;
    place.elements += elements;
    place.recipes.add(recipe ?? "keep");
    place.tensors++;
    places.set(at, place);
  }
  const cells = [...places].map(([at, { bits, elements, recipes, tensors }]): Cell => {
    const [only] = recipes;
    return {
      ...{ column: at % roles.length, row: Math.floor(at / roles.length), tensors },
      bits: elements > 0 ? bits / elements : Number.NaN,
      words: recipes.size === 1 ? only : `${recipes.size} recipes`,
    };
  });
  return { roles, layers: layers.map((layer) => (layer === null ? "–" : String(layer))), cells };
}

export interface Share {
  recipe: string;
  tensors: number;
  elements: number;
  bits: number;
}

/** How much of the model each recipe takes, the largest first. */
export function sharesOf(rows: readonly ReportRow[]): Share[] {
  const shares = new Map<string, Share>();
  for (const { recipe, elements, bits } of rows) {
    const name = recipe ?? "keep";
    const share = shares.get(name) ?? { recipe: name, tensors: 0, elements: 0, bits: 0 };
    shares.set(name, {
      recipe: name,
      tensors: share.tensors + 1,
      elements: share.elements + elements,
      bits: share.bits + bits,
    });
  }
  return [...shares.values()].sort((x, y) => y.elements - x.elements || (x.recipe < y.recipe ? -1 : 1));
}
